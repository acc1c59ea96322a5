"""Payments, newest first and page by page; one payment with its refunds and its whole history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import and_, false, or_, tuple_

from fleet import tables
from fleet.console.questions.sums import DAY_MS
from fleet.console.view import View
from fleet.who import Who, of
from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.refund import RefundState

SHORTEST = 6  # characters of a number that is looked for
HISTORY = 500


class Outcome(Enum):
    """What became of a payment, in the four words that a shop knows."""

    PAID = "paid"
    FAILED = "failed"
    UNPAID = "unpaid"
    UNKNOWN = "unknown"


OUTCOMES: Mapping[State, Outcome] = {
    State.PAID: Outcome.PAID,
    State.PAID_LATE: Outcome.PAID,
    State.DECLINED: Outcome.FAILED,
    State.REVERSED: Outcome.FAILED,
    State.LOST: Outcome.FAILED,
    State.NEW: Outcome.UNPAID,
    State.AUTHENTICATING: Outcome.UNPAID,
    State.STORED: Outcome.UNPAID,
    State.CANCELLED: Outcome.UNPAID,
    State.PAYING: Outcome.UNKNOWN,
    State.PENDING: Outcome.UNKNOWN,
    State.UNKNOWN: Outcome.UNKNOWN,
    State.REVERSING: Outcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments; what is empty or None narrows nothing.

    `begun_ms` is the midnight of the day on which they began; `number` is the beginning of an
    out_trade_no, or a whole number of the channel's.
    """

    merchant_id: str = ""
    store_id: str = ""
    terminal_id: str = ""
    channel: str = ""
    method: str = ""
    outcome: Outcome | None = None
    begun_ms: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """One payment as the books have it; `trouble` is what they could not make sense of."""

    who: Who
    payment: Payment
    ended_ms: int
    trouble: str

    @property
    def outcome(self) -> Outcome:
        """In the four words."""
        return OUTCOMES[self.payment.state]

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands among all, for `before`."""
        number = self.payment.out_trade_no
        return (str(self.payment.created_ms), self.who.merchant_id, self.who.terminal_id, number)


@dataclass(frozen=True, slots=True)
class Returned:
    """One refund as the books have it."""

    out_refund_no: str
    amount: Money
    state: RefundState
    reason: str
    refund_id: str
    code: str
    created_ms: int
    ended_ms: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry of the terminal's ledger; `branch` above 0 stands on another copy of its disk."""

    branch: int
    seq: int
    at_ms: int
    kind: str
    key: str
    body: Mapping[str, Any]


def payments(
    view: View, wanted: PaymentFilter, before: Sequence[str] = (), limit: int = 50
) -> list[Booked]:
    """Payments, newest first; `before`: the place of the last one that is known."""
    table = tables.payment
    query = view.select(table)
    for name in ("merchant_id", "terminal_id", "channel", "method"):
        if value := getattr(wanted, name):
            query = query.where(table.c[name] == value)
    if wanted.store_id or wanted.terminal_id:
        # The register is small: it says whose they can be before the payments are looked at.
        query = query.where(_of_terminals(view, wanted))
    if wanted.outcome is not None:
        query = query.where(*_of_outcome(wanted.outcome))
    if wanted.begun_ms is not None:
        end_ms = wanted.begun_ms + DAY_MS
        query = query.where(table.c.created_ms >= wanted.begun_ms, table.c.created_ms < end_ms)
    if wanted.number:
        query = query.where(_numbered(wanted.number))
    order = [table.c[name] for name in ("created_ms", "merchant_id", "terminal_id", "out_trade_no")]
    if len(before) == len(order):
        place = (int(before[0]), *before[1:])
        query = query.where(table.c.created_ms <= place[0], tuple_(*order) < tuple_(*place))
    return [
        _booked(row) for row in view.all(query.order_by(*(x.desc() for x in order)).limit(limit))
    ]


def payment(view: View, who: Who, out_trade_no: str) -> Booked:
    """One payment. Raises NotThere."""
    table = tables.payment
    query = view.select(table).where(of(table, who), table.c.out_trade_no == out_trade_no)
    return _booked(view.one(query))


def refunds(view: View, who: Who, out_trade_no: str) -> list[Returned]:
    """The payment's refunds that its merchant's terminals made, oldest first."""
    table = tables.refund
    query = view.select(table).where(
        table.c.merchant_id == who.merchant_id, table.c.out_trade_no == out_trade_no
    )
    return [_returned(row) for row in view.all(query.order_by(table.c.out_refund_no))]


def refundable_fen(booked: Booked, known: Sequence[Returned]) -> int:
    """What is left to give back: what was taken, less every refund that may still be done."""
    asked = sum(x.amount.fen for x in known if x.state is not RefundState.CLOSED)
    return max(0, booked.payment.taken_fen - asked) if booked.payment.took_money else 0


def history(view: View, who: Who, out_trade_no: str) -> list[Noted]:
    """Every entry about the payment, its refunds and what was given out for it, oldest first."""
    table = tables.entry
    # Its refunds are named number + R and an index, what was given out number + / and a name.
    mine = or_(
        table.c.key == out_trade_no,
        and_(table.c.key >= f"{out_trade_no}/", table.c.key < f"{out_trade_no}0"),
        and_(table.c.key >= f"{out_trade_no}R", table.c.key < f"{out_trade_no}S"),
    )
    query = view.select(table).where(of(table, who), mine)
    rows = view.all(query.order_by(table.c.seq, table.c.branch).limit(HISTORY))
    return [
        Noted(row.branch, row.seq, row.at_ms, row.kind, row.key, json.loads(row.body))
        for row in rows
    ]


def _of_terminals(view: View, wanted: PaymentFilter) -> Any:
    table, terminals = tables.payment, tables.terminal
    there = view.select(terminals, terminals.c.merchant_id, terminals.c.terminal_id)
    for name in ("merchant_id", "store_id", "terminal_id"):
        if value := getattr(wanted, name):
            there = there.where(terminals.c[name] == value)
    return tuple_(table.c.merchant_id, table.c.terminal_id).in_(there)


def _of_outcome(outcome: Outcome) -> list[Any]:
    states = [state.value for state, each in OUTCOMES.items() if each is outcome]
    among = tables.payment.c.state.in_(states)
    match outcome:
        case Outcome.PAID:
            return [among]
        case Outcome.UNKNOWN:
            return [tables.payment_unknown]
        case _:
            return [tables.payment_not_paid, among]


def _numbered(number: str) -> Any:
    if len(number) < SHORTEST:
        return false()
    table = tables.payment
    beginning = and_(table.c.out_trade_no >= number, table.c.out_trade_no < f"{number}\U0010ffff")
    return or_(beginning, table.c.transaction_id == number)


def _booked(row: Any) -> Booked:
    paid = Payment(
        row.out_trade_no,
        row.visit_id,
        row.channel,
        Method(row.method),
        Money(row.fen, row.currency),
        row.created_ms,
        State(row.state),
        row.submitted_ms,
        row.transaction_id,
        row.code,
        row.message,
        row.taken_fen,
    )
    return Booked(Who(row.merchant_id, row.terminal_id), paid, row.ended_ms, row.trouble)


def _returned(row: Any) -> Returned:
    amount, state = Money(row.fen, row.currency), RefundState(row.state)
    words = (row.reason, row.refund_id, row.code)
    return Returned(
        row.out_refund_no, amount, state, *words, row.created_ms, row.ended_ms, row.trouble
    )
