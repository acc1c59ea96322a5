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
from kiosk.domain.difference import Cause
from kiosk.domain.judge import Scope, judge, moved_there
from kiosk.domain.ledger_line import LedgerLine
from kiosk.domain.money import Money
from kiosk.domain.receipt import china_time


@dataclass(frozen=True, slots=True)
class Finding:
    """All that both books say of one number, and why they say it; one side may be empty.

    `here` and `there` are what moved by the ledger and by the bill: payments count up, what went
    back counts down.
    """

    cause: Cause
    ledger: tuple[LedgerLine, ...]
    bill: tuple[BillLine, ...]
    here: Money = field(init=False, compare=False)
    there: Money = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ours, theirs, currency = self.ledger, self.bill, self.currency
        # Once, since a sum, a table and a sheet ask for them; most numbers have one line a side.
        here = ours[0].moved if len(ours) == 1 else sum([line.moved for line in ours])
        there = moved_there(theirs[0]) if len(theirs) == 1 else sum(map(moved_there, theirs))
        object.__setattr__(self, "here", Money(here, currency))
        object.__setattr__(self, "there", Money(there, currency))

    @property
    def out_trade_no(self) -> str:
        """The number of the payment."""
        return self._first.out_trade_no

    @property
    def out_refund_no(self) -> str:
        """The number of the refund, "" for a payment."""
        return self._first.out_refund_no if self._first.kind is LineKind.REFUND else ""

    @property
    def number(self) -> str:
        """The number that it is about, of the refund if it is one."""
        return self.out_refund_no or self.out_trade_no

    @property
    def at(self) -> str:
        """When, in Beijing: as the bill says, else the ledger."""
        return self.bill[0].at if self.bill else china_time(self.ledger[0].at_ms)

    @property
    def currency(self) -> str:
        """The one currency of all its lines."""
        return self._first.amount.currency

    @property
    def difference(self) -> Money:
        """What the bill says beyond the ledger."""
        return self.there - self.here

    @property
    def _first(self) -> LedgerLine | BillLine:
        return self.ledger[0] if self.ledger else self.bill[0]


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
        yield Finding(judge(mine, rows, scope), mine, rows)


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
