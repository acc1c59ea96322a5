"""Why the ledger and a channel's bill differ, and the one step that mends it.

A `Cause` is one row of the table below: what the two books look like side by side, why, and what
somebody does about it. `Difference` is the row; the pain it answers is a list of amounts without
reasons, which sends an accountant to every party in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How the two books stand to each other for one number; exactly one of them holds."""

    MATCHED = "matched"
    MISSING_HERE = "missing here"  # in the bill, not in the ledger
    MISSING_THERE = "missing there"  # in the ledger, not in the bill
    AMOUNT_DIFFERS = "amount differs"
    STATE_DIFFERS = "state differs"


class Repair(Enum):
    """The one next step; its value is what a person reads."""

    NOTHING = "nothing to do"
    QUERY = "query the channel"
    REFUND = "refund the shopper"
    BOOK_PAYMENT = "book the payment"
    BOOK_REFUND = "book the refund"
    NEXT_BILL = "wait for tomorrow's bill"
    EARLIER_BILL = "look in the bill of the day before"
    CALL = "call the service provider"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a cause means: the verdict, the sentence for staff, and the step."""

    verdict: Verdict
    words: str
    repair: Repair


class Reason(Enum):
    """Why one number stands as it does in two books; whichever they are, each has its causes."""

    value: Difference

    @property
    def verdict(self) -> Verdict:
        """How the two books stand to each other."""
        return self.value.verdict

    @property
    def words(self) -> str:
        """The sentence for staff."""
        return self.value.words

    @property
    def repair(self) -> Repair:
        """The one next step."""
        return self.value.repair


class Cause(Reason):
    """Every way in which one number can stand in the ledger and in a channel's bill."""

    AGREES = Difference(Verdict.MATCHED, "both say the same", Repair.NOTHING)
    NOT_TAKEN = Difference(Verdict.MATCHED, "no money moved, and both say so", Repair.NOTHING)
    TAKEN_AND_UNDONE = Difference(
        Verdict.MATCHED, "taken, and undone on the same day", Repair.NOTHING
    )

    ANOTHER_TERMINAL = Difference(Verdict.MISSING_HERE, "another terminal's", Repair.NOTHING)
    NO_TRACE = Difference(
        Verdict.MISSING_HERE,
        "this terminal's number, and no trace of it in the ledger",
        Repair.BOOK_PAYMENT,
    )
    REFUNDED_ELSEWHERE = Difference(
        Verdict.MISSING_HERE,
        "refunded at another till or by the merchant at the channel",
        Repair.BOOK_REFUND,
    )
    UNDONE_UNSEEN = Difference(
        Verdict.MISSING_HERE, "undone at the channel, and not by this ledger", Repair.QUERY
    )

    NEXT_DAY = Difference(
        Verdict.MISSING_THERE,
        "the day border: the channel took it after midnight",
        Repair.NEXT_BILL,
    )
    DAY_BEFORE = Difference(
        Verdict.MISSING_THERE,
        "the day border: the channel took it before midnight",
        Repair.EARLIER_BILL,
    )
    NOT_IN_BILL = Difference(
        Verdict.MISSING_THERE, "the ledger says done, the channel's bill does not", Repair.QUERY
    )
    UNSETTLED = Difference(
        Verdict.MISSING_THERE, "not settled yet, and not in the bill", Repair.QUERY
    )
    NOT_FORWARDED = Difference(
        Verdict.MISSING_THERE, "accepted offline and not forwarded yet", Repair.NEXT_BILL
    )

    OTHER_AMOUNT = Difference(
        Verdict.AMOUNT_DIFFERS, "the channel moved another amount", Repair.CALL
    )
    PAID_TWICE = Difference(
        Verdict.AMOUNT_DIFFERS, "paid more than once under one number", Repair.REFUND
    )
    ROW_TWICE = Difference(
        Verdict.AMOUNT_DIFFERS, "the bill has the same row more than once", Repair.CALL
    )

    LOST_ANSWER = Difference(
        Verdict.STATE_DIFFERS, "an answer that was lost and never settled", Repair.QUERY
    )
    PAID_AFTER_REVERSAL = Difference(
        Verdict.STATE_DIFFERS, "paid after the reversal was confirmed", Repair.REFUND
    )
    REVERSED_NEXT_DAY = Difference(
        Verdict.STATE_DIFFERS, "the day border: undone after midnight", Repair.NEXT_BILL
    )
    PAID_EARLIER = Difference(
        Verdict.STATE_DIFFERS, "undone on this day, paid on one before", Repair.EARLIER_BILL
    )
    PAID_AFTER_DECLINE = Difference(
        Verdict.STATE_DIFFERS, "paid after the channel had declined it", Repair.REFUND
    )
    PAID_THOUGH_CANCELLED = Difference(
        Verdict.STATE_DIFFERS, "paid although it was cancelled before it was sent", Repair.REFUND
    )
    PAID_AFTER_WRITE_OFF = Difference(
        Verdict.STATE_DIFFERS, "paid after it was written off", Repair.BOOK_PAYMENT
    )
    UNDONE_THERE = Difference(
        Verdict.STATE_DIFFERS, "undone at the channel, paid in the ledger", Repair.QUERY
    )
    REFUND_NOT_HANDED_OVER = Difference(
        Verdict.STATE_DIFFERS, "the channel could not hand the refund over", Repair.QUERY
    )
    REFUND_AFTER_CLOSE = Difference(
        Verdict.STATE_DIFFERS, "given back although the refund was closed", Repair.BOOK_REFUND
    )
    OTHER_TRANSACTION = Difference(
        Verdict.STATE_DIFFERS, "the channel names another transaction", Repair.CALL
    )
    TWICE_HERE = Difference(
        Verdict.STATE_DIFFERS, "the ledger has this number more than once", Repair.CALL
    )
