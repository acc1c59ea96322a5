"""Why a trade bill and the account's movements differ, and the one step that mends it."""

from __future__ import annotations

from kiosk.domain.difference import Difference, Reason, Repair, Verdict


class FlowCause(Reason):
    """Every way in which one number of the channel can stand in its own two books.

    "Here" is the trade bill, "there" the account.
    """

    SETTLED = Difference(Verdict.MATCHED, "traded, and moved on the account", Repair.NOTHING)
    NOTHING_DUE = Difference(
        Verdict.MATCHED, "nothing was to move, and nothing did", Repair.NOTHING
    )
    NO_SALE = Difference(
        Verdict.MATCHED, "no sale: a withdrawal, a transfer or the like", Repair.NOTHING
    )

    REFUND_UNDER_WAY = Difference(
        Verdict.MISSING_THERE, "the refund has not left the account on this day", Repair.NEXT_BILL
    )
    MOVED_NEXT_DAY = Difference(
        Verdict.MISSING_THERE, "the day border: it moved after midnight", Repair.NEXT_BILL
    )
    NEVER_MOVED = Difference(
        Verdict.MISSING_THERE, "traded, and never moved on the account", Repair.CALL
    )

    REFUND_OF_BEFORE = Difference(
        Verdict.MISSING_HERE, "a refund that was asked for on a day before", Repair.EARLIER_BILL
    )
    TRADED_DAY_BEFORE = Difference(
        Verdict.MISSING_HERE, "the day border: it was traded before midnight", Repair.EARLIER_BILL
    )
    NO_TRADE = Difference(
        Verdict.MISSING_HERE, "moved on the account, and no trade says why", Repair.CALL
    )

    OTHER_SUM = Difference(
        Verdict.AMOUNT_DIFFERS, "another amount moved than was traded", Repair.CALL
    )
    MOVED_TWICE = Difference(Verdict.AMOUNT_DIFFERS, "moved more than once", Repair.CALL)
    OTHER_FEE = Difference(
        Verdict.AMOUNT_DIFFERS, "another fee was taken than the trade bill says", Repair.CALL
    )
    BALANCE_JUMPS = Difference(
        Verdict.AMOUNT_DIFFERS,
        "the balance does not follow from the row before",
        Repair.CALL,
    )

    FAILED_YET_MOVED = Difference(
        Verdict.STATE_DIFFERS, "given back although the refund failed", Repair.QUERY
    )
