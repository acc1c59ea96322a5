"""What a till has taken since its last day end: a fold over the ledger's entries, to the fen.

    X   the sums since the last Z, at any time; changes nothing
    Z   the same, written as an entry "z" that closes the period; the next begins behind it

    sale            baskets that were paid whole        saved     what campaigns took off them
    gross/900       what of them is taxed at 9 %        tax/900   the tax contained in it
    paid/C/M        payments that were taken, by channel and method
    late, beside    taken after the end of a payment: goes back     abandoned   parts that go back
    back/C          refunds that are done, by channel   reversed, declined      nothing was kept
    cash/WHY        what came into the drawer and went out of it; over, short: what a count found
    drawer          how often staff opened it for no sale

A Z carries over what is open (payments, refunds, parts), the cash that should be in the drawer and
the grand totals, so that a fold may begin at any of them. Each of its sums counts one entry once:
the sums of all Zs and of the X behind them are the sums of the whole ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.domain.entry import Entry
from kiosk.domain.order import totals_from_json
from kiosk.domain.owed import due_after, parts_before
from kiosk.domain.payment import (
    Payment,
    State,
    advance,
    event_from_json,
    payment_from_json,
    payment_to_json,
)
from kiosk.domain.refund import (
    Refund,
    RefundState,
    advance_refund,
    refund_event_from_json,
    refund_from_json,
    refund_to_json,
)

Z = "z"
"""The kind of the entry that closes a period; its key is the period's number."""
CASH_MOVED = "cash_moved"
"""The kind of an entry that changes what the drawer holds, by `fen` that may be negative."""
NO_SALE = "no_sale"
"""Why the drawer is opened where nothing is sold."""


@dataclass(frozen=True, slots=True)
class Sum:
    """So many, and what they come to."""

    count: int = 0
    fen: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.fen + other.fen)


NONE = Sum()
Sums = Mapping[str, Sum]


def add_up(*many: Sums) -> dict[str, Sum]:
    """Several sums as one."""
    total: dict[str, Sum] = {}
    for sums in many:
        for name, each in sums.items():
            total[name] = total.get(name, NONE) + each
    return total


@dataclass(frozen=True, slots=True)
class Opened:
    """A payment that is not final, and the basket it is for."""

    payment: Payment
    basket: Mapping[str, Any]


@dataclass(slots=True)
class Takings:
    """The period that is not closed yet: `take` it every entry, from the first or from a Z on.

    `number` is that of the last Z and `z_seq` its place; `seq` is the newest entry taken. `parts`
    are the fen of payments that wait for the rest of their basket; `cash_fen` is what should be in
    the drawer.
    """

    number: int = 0
    z_seq: int = 0
    seq: int = 0
    since_ms: int = 0
    sums: dict[str, Sum] = field(default_factory=dict)
    grand: Sum = NONE
    grand_back: Sum = NONE
    cash_fen: int = 0
    payments: dict[str, Opened] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Count `entry`, which follows the one that was taken last."""
        if not self.since_ms:
            self.since_ms = entry.at_ms
        match entry.kind:
            case "payment_opened" | "refund_opened" | "month":
                self._open(entry)
            case "payment":
                self._advance(entry)
            case "refund":
                self._advance_refund(entry)
            case "refund_due" | "abandoned":
                self._give_up(entry)
            case "cash_moved" | "delivery_started":
                self._drawer(entry)
            case "z":
                self._begin_after(entry)
            case _:
                pass  # entries that move no money
        self.seq = entry.seq

    def closing(self) -> dict[str, Any]:
        """The body of the Z that closes the period here."""
        return {
            "number": self.number + 1,
            "since_ms": self.since_ms,
            "sums": {name: [each.count, each.fen] for name, each in sorted(self.sums.items())},
            "grand": [self.grand.count, self.grand.fen],
            "grand_back": [self.grand_back.count, self.grand_back.fen],
            "cash_fen": self.cash_fen,
            "open": [
                {**payment_to_json(each.payment), "basket": each.basket}
                for each in self.payments.values()
            ],
            "refunds": [refund_to_json(each) for each in self.refunds.values()],
            "parts": dict(sorted(self.parts.items())),
        }

    # --- inside ---------------------------------------------------------------------------------

    def _add(self, name: str, fen: int) -> None:
        self.sums[name] = self.sums.get(name, NONE) + Sum(1, fen)

    def _open(self, entry: Entry) -> None:
        body = entry.body
        match entry.kind:
            case "payment_opened":
                opened = Opened(payment_from_json(body["payment"]), body["basket"])
                self.payments[entry.key] = opened
            case "refund_opened":
                self.refunds[entry.key] = refund_from_json(body["refund"])
            case _:
                self._carry_over(body)

    def _give_up(self, entry: Entry) -> None:
        """Parts of a basket that nobody pays, and what is due back of it or of another mistake."""
        body = entry.body
        if entry.kind == "abandoned":
            for number in body["parts"]:
                self.parts.pop(number, None)
        elif body["reason"] == "abandoned":
            self._add("abandoned", body["fen"])
        elif body["reason"] != "paid late":  # that is counted where it was paid
            self._add("beside", body["fen"])
            self.grand += Sum(1, body["fen"])

    def _advance(self, entry: Entry) -> None:
        opened = self.payments.get(entry.key)
        if opened is None:
            raise ValueError(f"entry {entry.seq}: no payment {entry.key} was opened")
        after = advance(opened.payment, event_from_json(entry.body))
        if not after.final:
            self.payments[entry.key] = Opened(after, opened.basket)
            return
        del self.payments[entry.key]
        match after.state:
            case State.PAID:
                self._paid(after, opened.basket)
            case State.PAID_LATE:
                self._add("late", after.taken_fen)
                self.grand += Sum(1, after.taken_fen)
            case State.REVERSED | State.LOST | State.DECLINED:
                self._add(after.state.value.lower(), after.amount.fen)
            case _:
                pass  # cancelled: nothing was sent

    def _paid(self, payment: Payment, basket: Mapping[str, Any]) -> None:
        fen = payment.taken_fen
        self._add(f"paid/{payment.channel}/{payment.method.value}", fen)
        self.grand += Sum(1, fen)
        if due_after(payment, basket) > 0:
            self.parts[payment.out_trade_no] = fen
            return
        for number in parts_before(basket):
            self.parts.pop(number, None)
        self._sold(payment, basket)

    def _sold(self, payment: Payment, basket: Mapping[str, Any]) -> None:
        if "lines" not in basket:
            self._add("sale", payment.amount.fen)
            return
        priced = totals_from_json(basket)
        self._add("sale", priced.total.fen)
        if priced.saved:
            self._add("saved", priced.saved.fen)
        for part in priced.taxes:
            self._add(f"gross/{part.rate_bp}", part.gross.fen)
            self._add(f"tax/{part.rate_bp}", part.tax.fen)

    def _advance_refund(self, entry: Entry) -> None:
        before = self.refunds.get(entry.key)
        if before is None:
            raise ValueError(f"entry {entry.seq}: no refund {entry.key} was opened")
        after = advance_refund(before, refund_event_from_json(entry.body))
        if not after.final:
            self.refunds[entry.key] = after
            return
        del self.refunds[entry.key]
        if after.state is RefundState.DONE:
            self._add(f"back/{after.channel}", after.amount.fen)
            self.grand_back += Sum(1, after.amount.fen)

    def _drawer(self, entry: Entry) -> None:
        body = entry.body
        if entry.kind == "delivery_started":
            if body["kind"] == "drawer" and body["body"].get("why") == NO_SALE:
                self._add("drawer", 0)
            return
        why, fen = str(body["why"]), int(body["fen"])
        if why == "count" and fen:
            why = "over" if fen > 0 else "short"
        self._add(f"cash/{why}", fen)
        self.cash_fen += fen

    def _carry_over(self, body: Mapping[str, Any]) -> None:
        """What a month began with; only the first one of a ledger that was cut says news."""
        for each in body["payments"]:
            payment = payment_from_json(each)
            self.payments.setdefault(payment.out_trade_no, Opened(payment, each["basket"]))
        for each in body.get("refunds", ()):
            refund = refund_from_json(each)
            self.refunds.setdefault(refund.out_refund_no, refund)

    def _begin_after(self, entry: Entry) -> None:
        body = entry.body
        self.number, self.z_seq = int(body["number"]), entry.seq
        self.since_ms, self.sums = entry.at_ms, {}
        self.grand, self.grand_back = Sum(*body["grand"]), Sum(*body["grand_back"])
        self.cash_fen, self.parts = int(body["cash_fen"]), dict(body["parts"])
        opened = [(payment_from_json(each), each["basket"]) for each in body["open"]]
        self.payments = {one.out_trade_no: Opened(one, basket) for one, basket in opened}
        refunds = map(refund_from_json, body["refunds"])
        self.refunds = {each.out_refund_no: each for each in refunds}
