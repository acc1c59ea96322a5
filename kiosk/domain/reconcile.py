"""The ledger beside a channel's bill of one day: every line of both gets a verdict and a cause.

    ledger lines ─┐ both sorted by (number, refund?, refund number, currency)
                  ├─► merged number by number ─► Finding(cause, ledger lines, bill lines)
    bill lines  ──┘

Nothing is kept but the lines of one number, so a year reconciles in the memory of a row. A payment
and its reversal are one finding, since only both together say whether money moved. For each
currency, Σ bill − Σ ledger = Σ differences, and no line is in two findings or in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.difference import Cause, Verdict
from kiosk.domain.ledger_line import LedgerLine, Stance
from kiosk.domain.money import Money
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


@dataclass(frozen=True, slots=True)
class Finding:
    """All that both books say of one number, and why they say it; one side may be empty."""

    cause: Cause
    ledger: tuple[LedgerLine, ...]
    bill: tuple[BillLine, ...]

    @property
    def out_trade_no(self) -> str:
        """The number of the payment."""
        return self._first.out_trade_no

    @property
    def out_refund_no(self) -> str:
        """The number of the refund, "" for a payment."""
        return self._first.out_refund_no if self._first.kind is LineKind.REFUND else ""

    @property
    def currency(self) -> str:
        """The one currency of all its lines."""
        return self._first.amount.currency

    @property
    def here(self) -> Money:
        """What moved by the ledger: payments count up, what went back counts down."""
        return Money(sum(line.moved for line in self.ledger), self.currency)

    @property
    def there(self) -> Money:
        """What moved by the bill."""
        return Money(sum(map(moved_there, self.bill)), self.currency)

    @property
    def difference(self) -> Money:
        """What the bill says beyond the ledger."""
        return self.there - self.here

    @property
    def _first(self) -> LedgerLine | BillLine:
        return self.ledger[0] if self.ledger else self.bill[0]


@dataclass(slots=True)
class Sum:
    """So many findings, and the fen that moved by ledger and bill."""

    numbers: int = 0
    here: int = 0
    there: int = 0


@dataclass(slots=True)
class Tally:
    """The findings added up, by cause and currency."""

    sums: dict[tuple[Cause, str], Sum] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count one more."""
        here = finding.here
        key = (finding.cause, here.currency)
        total = self.sums.get(key)
        if total is None:
            total = self.sums[key] = Sum()
        total.numbers += 1
        total.here += here.fen
        total.there += finding.there.fen

    def numbers(self, cause: Cause) -> int:
        """How many findings have this cause."""
        return sum(total.numbers for (each, _), total in self.sums.items() if each is cause)

    def total(self, currency: str, verdict: Verdict | None = None) -> Sum:
        """All of one currency, and of one verdict if it is given."""
        chosen = [
            total
            for (cause, unit), total in self.sums.items()
            if unit == currency and verdict in (None, cause.verdict)
        ]
        return Sum(
            sum(each.numbers for each in chosen),
            sum(each.here for each in chosen),
            sum(each.there for each in chosen),
        )


class OutOfOrder(ValueError):
    """The lines of one side are not sorted by `number_of`; matching them would lose some."""


Number = tuple[str, bool, str, str]


def number_of(line: LedgerLine | BillLine) -> Number:
    """By what both sides are sorted: (out_trade_no, refund?, out_refund_no, currency)."""
    refund = line.kind is LineKind.REFUND
    return line.out_trade_no, refund, line.out_refund_no if refund else "", line.amount.currency


def reconcile(
    ledger: Iterable[LedgerLine], bill: Iterable[BillLine], scope: Scope
) -> Iterator[Finding]:
    """One finding for each number in either book, in the order of the numbers.

    Raises OutOfOrder. Lines of one number may come in any order.
    """
    ours, theirs = _by_number(ledger), _by_number(bill)
    nothing: tuple[None, tuple[()]] = (None, ())
    here, there = next(ours, nothing), next(theirs, nothing)
    while here[0] is not None or there[0] is not None:
        number = min(one for one in (here[0], there[0]) if one is not None)
        mine: tuple[LedgerLine, ...] = ()
        rows: tuple[BillLine, ...] = ()
        if here[0] == number:
            mine, here = here[1], next(ours, nothing)
        if there[0] == number:
            rows, there = there[1], next(theirs, nothing)
        yield Finding(_judge(mine, rows, scope), mine, rows)


def moved_there(line: BillLine) -> int:
    """The fen that moved by the bill, signed."""
    return line.amount.fen if line.kind is LineKind.PAYMENT else -line.amount.fen


# Paid all the same: what the ledger was sure of says why. A state that is not here was not sure.
_YET_PAID: dict[State | RefundState, Cause] = {
    State.DECLINED: Cause.PAID_AFTER_DECLINE,
    State.CANCELLED: Cause.PAID_THOUGH_CANCELLED,
    State.LOST: Cause.PAID_AFTER_WRITE_OFF,
}

# WeChat's words for a refund that reached nobody (trade bill, column 退款状态).
_NOT_HANDED_OVER = frozenset({"FAIL", "CHANGE"})


def _judge(here: tuple[LedgerLine, ...], there: tuple[BillLine, ...], scope: Scope) -> Cause:
    if len(here) == len(there) == 1 and _plainly_agree(here[0], there[0]):
        return Cause.AGREES
    refund = (here or there)[0].kind is LineKind.REFUND
    return (_judge_refund if refund else _judge_payment)(here, there, scope)


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
        failed = any(row.state in _NOT_HANDED_OVER for row in there)
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


Line = TypeVar("Line", LedgerLine, BillLine)


def _by_number(lines: Iterable[Line]) -> Iterator[tuple[Number, tuple[Line, ...]]]:
    before: Number | None = None
    for number, group in groupby(lines, number_of):
        if before is not None and number <= before:
            raise OutOfOrder(f"{number} after {before}")
        before = number
        together = tuple(group)
        # By all that they say, so that the order of a file's rows changes nothing.
        yield number, together if len(together) == 1 else tuple(sorted(together, key=repr))
