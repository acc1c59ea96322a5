"""What writing means, inside one transaction of the ledger: the rules, the entry, its consequences.

A payment that was paid late, or beside another end, is written together with the money that is due
back; a contradiction is written once, and raised each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.domain.entry import Entry
from kiosk.domain.owed import due_after, parts_before
from kiosk.domain.payment import (
    Approved,
    Contradiction,
    Event,
    FoundPaid,
    Payment,
    State,
    advance,
    event_to_json,
    payment_to_json,
)
from kiosk.domain.refund import (
    Refund,
    RefundEvent,
    RefundState,
    advance_refund,
    refund_event_to_json,
    refund_to_json,
)
from kiosk.ledger.owing import PART, part_key
from kiosk.ledger.shelf import Shelf

# The kinds of entries that are written here or by the shelf, never as they come.
OURS = frozenset(
    {
        "month",
        "payment_opened",
        "payment",
        "abandoned",
        "contradiction",
        "refund_opened",
        "refund",
        "refund_due",
        "delivery_started",
        "delivery_ended",
    }
)


class Recorder:
    """Writes to the newest month; every method is called inside the caller's transaction.

    Their rules and errors are those of the Ledger's methods of the same names.
    """

    def __init__(self, shelf: Shelf, clock_ms: Callable[[], int]) -> None:
        self._shelf = shelf
        self._clock_ms = clock_ms

    def open_payment(self, payment: Payment, basket_body: Mapping[str, Any]) -> Payment:
        """A number is used once, and a visit has one payment at a time."""
        if payment.state is not State.NEW or self._shelf.payment(payment.out_trade_no):
            raise ValueError(f"{payment.out_trade_no} is not a new payment")
        if any(each.visit_id == payment.visit_id for each in self._shelf.newest.fold.unsettled()):
            raise ValueError(f"visit {payment.visit_id} has a payment that is not final")
        self._check_parts(payment, basket_body)
        body = {"payment": payment_to_json(payment), "basket": basket_body}
        self.append("payment_opened", payment.out_trade_no, body, payment)
        return payment

    def abandon(self, visit_id: str, reason: str) -> list[Payment]:
        """What was paid of a basket that will not be paid is due back."""
        if any(each.visit_id == visit_id for each in self._shelf.newest.fold.unsettled()):
            raise ValueError(f"visit {visit_id} has a payment that is not final")
        parts = self._parts_of(visit_id)
        if parts:
            numbers = [each.out_trade_no for each in parts]
            self.append("abandoned", visit_id, {"reason": reason, "parts": numbers})
        for each in parts:
            self._owe(each, each.transaction_id, each.taken_fen, "abandoned")
        return parts

    def parts(self) -> list[Payment]:
        """Every part of a basket that waits for the rest."""
        waiting = [x for x in self._shelf.newest.fold.undelivered() if x.kind == PART]
        found = [self._shelf.payment(each.key.removesuffix(part_key(""))) for each in waiting]
        return [payment for payment in found if payment is not None]

    def open_refund(self, refund: Refund) -> Refund:
        """A number is used once, and no more is asked back than was taken."""
        number = refund.out_trade_no
        if refund.state is not RefundState.REQUESTED or self._shelf.refund(refund.out_refund_no):
            raise ValueError(f"{refund.out_refund_no} is not a new refund")
        here = self.taken(number)
        taken = refund.paid.fen if here is None else here
        asked = [x for x in self._shelf.refunds_of(number) if x.state is not RefundState.CLOSED]
        total = sum(each.amount.fen for each in asked) + refund.amount.fen
        if total > taken:
            raise ValueError(f"{refund.out_refund_no}: {total} fen back of {taken}")
        self.append("refund_opened", refund.out_refund_no, {"refund": refund_to_json(refund)})
        return refund

    def record(self, out_trade_no: str, event: Event) -> Payment:
        """Write what happened to a payment, and what is due back because of it."""
        before = self._shelf.payment(out_trade_no)
        if before is None:
            raise KeyError(out_trade_no)
        try:
            after = advance(before, event)
        except Contradiction as found:
            if self._note(out_trade_no, event_to_json(event), str(found)):
                self._owe_beside(before, event, str(found))
            raise
        if after is before:
            return before
        self.append("payment", out_trade_no, event_to_json(event), after)
        if after.state is State.PAID_LATE:
            self._owe(after, after.transaction_id, after.taken_fen, "paid late")
        return after

    def record_refund(self, out_refund_no: str, event: RefundEvent) -> Refund:
        """Write what happened to a refund."""
        before = self._shelf.refund(out_refund_no)
        if before is None:
            raise KeyError(out_refund_no)
        try:
            after = advance_refund(before, event)
        except Contradiction as found:
            self._note(out_refund_no, refund_event_to_json(event), str(found))
            raise
        if after != before:
            self.append("refund", out_refund_no, refund_event_to_json(event))
        return after

    def taken(self, out_trade_no: str) -> int | None:
        """The fen that were ever taken under the number; None: never opened here."""
        payment = self._shelf.payment(out_trade_no)
        if payment is None:
            return None
        held = payment.taken_fen if payment.took_money else 0
        return held + sum(
            due.fen
            for due in self._shelf.dues_of(out_trade_no)
            if not payment.took_money or due.transaction_id != payment.transaction_id
        )

    def append(
        self, kind: str, key: str, body: Mapping[str, Any], after: Payment | None = None
    ) -> Entry:
        """Write one entry; `after` is the payment as it leaves it, where that is known."""
        return self._shelf.newest.append(self._clock_ms(), kind, key, body, after)

    def _note(self, number: str, fact: dict[str, object], cause: str) -> bool:
        """Write a contradiction, in a transaction that is kept; whether it was new."""
        for month in self._shelf.newest_first():
            if any(body["fact"] == fact for body in month.contradictions(number)):
                return False
        self.append("contradiction", number, {"fact": fact, "cause": cause})
        return True

    def _check_parts(self, payment: Payment, basket: Mapping[str, Any]) -> None:
        """No part is forgotten or made up, and all together are not more than the basket."""
        known = {each.out_trade_no: each.amount.fen for each in self._parts_of(payment.visit_id)}
        if parts_before(basket) != known:
            raise ValueError(f"visit {payment.visit_id} was paid by other parts")
        if due_after(payment, basket) < 0:
            raise ValueError(f"{payment.out_trade_no}: more than is due of the basket")

    def _parts_of(self, visit_id: str) -> list[Payment]:
        return [each for each in self.parts() if each.visit_id == visit_id]

    def _owe_beside(self, payment: Payment, event: Event, cause: str) -> None:
        """Owe what a contradiction took."""
        # Before the end, the whole payment is undone; after it, only a refund gives it back.
        if isinstance(event, Approved | FoundPaid) and payment.final:
            beside = event.transaction_id != payment.transaction_id
            if beside or not payment.took_money:
                self._owe(payment, event.transaction_id, event.fen, cause)

    def _owe(self, payment: Payment, transaction_id: str, fen: int, reason: str) -> None:
        body = {"transaction_id": transaction_id, "fen": fen, "reason": reason}
        self.append("refund_due", payment.out_trade_no, body)
