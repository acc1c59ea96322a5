"""Why the two books of a day say what they say of one number.

The ledger's lines come first: what it was sure of, what it was not, or nothing. Then the bill's
rows: what they add up to, and whether they can be of another terminal or another day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.difference import Cause
from kiosk.domain.ledger_line import LedgerLine, Stance
from kiosk.domain.number import new_trade_no
from kiosk.domain.payment import State
from kiosk.domain.refund import RefundState

BORDER_MS = 15 * 60 * 1000
"""How far the channel's time of a payment may lie from ours: the wait for the shopper, an undoing
that takes some tries, and a clock that nobody has set for a while."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose books are compared, and of when: [start_ms, end_ms) is the bill's day in Beijing.

    `terminals` are those whose ledger it is; empty: all of the merchant's.
    """

    start_ms: int
    end_ms: int
    terminals: frozenset[str] = frozenset()

    def ours(self, line: BillLine) -> bool:
        """Whether the bill's line belongs to these terminals: by its device, else by its number."""
        if not self.terminals or line.terminal in self.terminals:
            return True
        if line.terminal:
            return False
        # All numbers of one terminal begin alike, whatever the time and the dice.
        heads = {new_trade_no(one, 0, lambda _: 0)[:4] for one in self.terminals}
        return line.out_trade_no[:4] in heads


def moved_there(line: BillLine) -> int:
    """The fen that moved by the bill, signed."""
    return line.amount.fen if line.kind is LineKind.PAYMENT else -line.amount.fen


def judge(here: tuple[LedgerLine, ...], there: tuple[BillLine, ...], scope: Scope) -> Cause:
    """Why the lines of one number, at least one of them, are as they are in the two books."""
    if len(here) == len(there) == 1 and _plainly_agree(here[0], there[0]):
        return Cause.AGREES
    refund = (here or there)[0].kind is LineKind.REFUND
    return (_judge_refund if refund else _judge_payment)(here, there, scope)


# Paid all the same: what the ledger was sure of says why. A state that is not here was not sure.
_YET_PAID: Mapping[State | RefundState, Cause] = {
    State.DECLINED: Cause.PAID_AFTER_DECLINE,
    State.CANCELLED: Cause.PAID_THOUGH_CANCELLED,
    State.LOST: Cause.PAID_AFTER_WRITE_OFF,
}

NOT_HANDED_OVER = frozenset({"FAIL", "CHANGE"})
"""WeChat's words for a refund that reached nobody (trade bill, column 退款状态)."""


def _plainly_agree(line: LedgerLine, row: BillLine) -> bool:
    """What holds for nearly every number of a day, asked first."""
    return (
        line.state is State.PAID
        and row.kind is LineKind.PAYMENT
        and line.amount.fen == row.amount.fen
        and line.transaction_id == row.transaction_id
    )


def _judge_payment(
    here: tuple[LedgerLine, ...], there: tuple[BillLine, ...], scope: Scope
) -> Cause:
    payments = [line for line in here if line.kind is LineKind.PAYMENT]
    reversals = [line for line in here if line.kind is LineKind.REVERSAL]
    if len(payments) > 1 or len(reversals) > 1:
        return Cause.TWICE_HERE
    paid = [row for row in there if row.kind is LineKind.PAYMENT]
    if not here:
        return _unknown_here(there, scope, Cause.NO_TRACE if paid == list(there) else None)
    line = (payments or reversals)[0]
    if not there:
        return _unknown_there(line, scope)
    match line.stance:
        case Stance.OPEN:
            return Cause.LOST_ANSWER
        case Stance.MOVED:
            return _judge_paid(line, there)
    if not sum(map(moved_there, there)):
        return Cause.TAKEN_AND_UNDONE
    if not paid:
        return Cause.PAID_EARLIER
    if len(paid) < len(there):
        return Cause.OTHER_AMOUNT
    if line.state is State.REVERSED:
        late = bool(reversals) and reversals[0].at_ms >= scope.end_ms - BORDER_MS
        return Cause.REVERSED_NEXT_DAY if late else Cause.PAID_AFTER_REVERSAL
    return _YET_PAID.get(line.state, Cause.LOST_ANSWER)


def _judge_paid(line: LedgerLine, there: tuple[BillLine, ...]) -> Cause:
    named = {row.transaction_id for row in there}
    if sum(map(moved_there, there)) == line.moved:
        known = not line.transaction_id or line.transaction_id in named or "" in named
        return Cause.AGREES if known else Cause.OTHER_TRANSACTION
    if any(row.kind is LineKind.REVERSAL for row in there):
        return Cause.UNDONE_THERE
    if len(there) > 1:
        return Cause.ROW_TWICE if len(named) == 1 else Cause.PAID_TWICE
    return Cause.OTHER_AMOUNT


def _judge_refund(here: tuple[LedgerLine, ...], there: tuple[BillLine, ...], scope: Scope) -> Cause:
    if len(here) > 1:
        return Cause.TWICE_HERE
    if not here:
        return _unknown_here(there, scope, Cause.REFUNDED_ELSEWHERE)
    line = here[0]
    if not there:
        return _unknown_there(line, scope)
    if line.state is RefundState.CLOSED:
        return Cause.REFUND_AFTER_CLOSE
    if line.stance is not Stance.MOVED:
        return Cause.LOST_ANSWER
    if sum(map(moved_there, there)) == line.moved:
        failed = any(row.state in NOT_HANDED_OVER for row in there)
        late = failed and line.state is RefundState.DONE
        return Cause.REFUND_NOT_HANDED_OVER if late else Cause.AGREES
    return Cause.ROW_TWICE if len(there) > 1 else Cause.OTHER_AMOUNT


def _unknown_here(there: tuple[BillLine, ...], scope: Scope, cause: Cause | None) -> Cause:
    if not any(map(scope.ours, there)):
        return Cause.ANOTHER_TERMINAL
    return cause or Cause.UNDONE_UNSEEN


def _unknown_there(line: LedgerLine, scope: Scope) -> Cause:
    match line.stance:
        case Stance.NOT_MOVED:
            return Cause.NOT_TAKEN
        case Stance.OPEN:
            return Cause.NOT_FORWARDED if line.state is State.STORED else Cause.UNSETTLED
    if line.at_ms >= scope.end_ms - BORDER_MS:
        return Cause.NEXT_DAY
    return Cause.DAY_BEFORE if line.at_ms < scope.start_ms + BORDER_MS else Cause.NOT_IN_BILL
