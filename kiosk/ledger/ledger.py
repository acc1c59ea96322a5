"""The ledger: append-only, hash-chained, one file a month (`ledger-2026-03.db`).

    append, open_payment, record,     one transaction each: the entry and what it changes,
    open_refund, record_refund,       on the disk when the call returns
    start_delivery, end_delivery
    unsettled, unsettled_refunds,     the queues: questions, never a second list
    undelivered, unsent

A month begins (China time) when its first entry is written; a clock that jumps back goes on in
the newest file. A person never appears here: no face, no token, no payment code.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kiosk.domain.entry import Entry
from kiosk.domain.payment import (
    Approved,
    Contradiction,
    Event,
    FoundPaid,
    Payment,
    Restarted,
    State,
    advance,
    event_to_json,
)
from kiosk.domain.refund import (
    Refund,
    RefundEvent,
    RefundState,
    advance_refund,
    refund_event_to_json,
)
from kiosk.ledger.errors import Access, LedgerBusy
from kiosk.ledger.rows import Delivery, DeliveryState, RefundDue, payment_to_json, refund_to_json
from kiosk.ledger.shelf import ChainReport, Shelf
from kiosk.ledger.transaction import Transaction

_OURS = frozenset(
    {
        "month",
        "payment_opened",
        "payment",
        "contradiction",
        "refund_opened",
        "refund",
        "refund_due",
        "delivery_started",
        "delivery_ended",
    }
)


class Ledger:
    """The ledger in `directory`; safe for threads, one process at a time.

    `clock_ms` is the wall clock in milliseconds since 1970. Every method raises a LedgerError
    when the disk does not do its part; then nothing of the call was written.
    """

    def __init__(self, directory: Path, clock_ms: Callable[[], int]) -> None:
        """Open or begin it. Raises LedgerBusy, LedgerReadOnly, LedgerFull, LedgerDamaged."""
        self.clock_ms = clock_ms
        self._access = Access(directory)
        with self._access, ExitStack() as undo:
            directory.mkdir(parents=True, exist_ok=True)
            self._held = _hold(directory / "ledger.lock")
            undo.callback(os.close, self._held)
            self._shelf = Shelf(directory, clock_ms)
            undo.callback(self._shelf.close)
            self._shelf.newest.check()
            undo.pop_all()
        self._transaction = Transaction(self._shelf)

    def close(self) -> None:
        """Let go of all files; may be called twice."""
        with self._access:
            self._shelf.close()
            if self._held >= 0:
                os.close(self._held)
                self._held = -1

    # --- writing --------------------------------------------------------------------------------

    def append(self, kind: str, key: str, body: Mapping[str, Any]) -> Entry:
        """Write one entry that no derived table depends on; ValueError for the kinds that do."""
        if kind in _OURS:
            raise ValueError(f"{kind} entries have a method of their own")
        with self._access, self._transaction:
            return self._append(kind, key, body)

    def open_payment(self, payment: Payment, basket_body: Mapping[str, Any]) -> Payment:
        """Write a NEW payment with its priced basket.

        Raises ValueError when the number was ever used, or when the visit still has a payment
        that is not final: a second one could charge the same goods twice.
        """
        with self._access, self._transaction:
            if payment.state is not State.NEW or self._shelf.payment(payment.out_trade_no):
                raise ValueError(f"{payment.out_trade_no} is not a new payment")
            if any(
                each.visit_id == payment.visit_id for each in self._shelf.newest.fold.unsettled()
            ):
                raise ValueError(f"visit {payment.visit_id} has a payment that is not final")
            body = {"payment": payment_to_json(payment), "basket": basket_body}
            self._append("payment_opened", payment.out_trade_no, body, payment)
            return payment

    def record(self, out_trade_no: str, event: Event) -> Payment:
        """The payment after `event`, written; the same fact again writes nothing.

        Raises KeyError for a number never opened, `NotInTable` (nothing is written), and
        `Contradiction`, which is written once for each distinct fact, with a refund due where
        money was taken beside the payment.
        """
        with self._access, self._transaction:
            return self._record(out_trade_no, event)

    def open_refund(self, refund: Refund) -> Refund:
        """Write a REQUESTED refund, of a payment of this or of another till.

        Raises ValueError when the number was ever used, or when more would be asked back than was
        taken: for a payment of another till that is what the refund itself says was paid.
        """
        with self._access, self._transaction:
            number = refund.out_trade_no
            if refund.state is not RefundState.REQUESTED or self._shelf.refund(
                refund.out_refund_no
            ):
                raise ValueError(f"{refund.out_refund_no} is not a new refund")
            taken = self._taken(number)
            asked = [x for x in self._shelf.refunds_of(number) if x.state is not RefundState.CLOSED]
            total = sum(each.amount.fen for each in asked) + refund.amount.fen
            if total > (refund.paid.fen if taken is None else taken):
                raise ValueError(f"{refund.out_refund_no}: {total} fen back of {taken}")
            self._append("refund_opened", refund.out_refund_no, {"refund": refund_to_json(refund)})
            return refund

    def record_refund(self, out_refund_no: str, event: RefundEvent) -> Refund:
        """The refund after `event`, written; the same fact again writes nothing.

        Raises KeyError for a number never opened, `NotInTable` (nothing is written), and
        `Contradiction`, which is written once for each distinct fact.
        """
        with self._access, self._transaction:
            return self._record_refund(out_refund_no, event)

    def recover(self) -> list[Payment]:
        """After a start: what was under way becomes UNKNOWN or CANCELLED, in one transaction.

        Answers every payment that was not final, as it stands now; call it before anything is
        shown. What `Restarted` does not change is not written. A refund that was being sent
        becomes UNKNOWN as well.
        """
        with self._access, self._transaction:
            for refund in self._shelf.newest.fold.unsettled_refunds():
                self._record_refund(refund.out_refund_no, Restarted())
            open_now = self._shelf.newest.fold.unsettled()
            return [self._record(each.out_trade_no, Restarted()) for each in open_now]

    def start_delivery(self, key: str, kind: str, body: Mapping[str, Any]) -> Delivery:
        """Write that a delivery begins; only then may the device be told.

        Raises ValueError when it was started before: nothing is repeated by itself. A copy is a
        delivery with a key of its own.
        """
        with self._access, self._transaction:
            known = self.delivery(key)
            if known is not None and known.state is not DeliveryState.OWED:
                raise ValueError(f"delivery {key} was started before")
            self._append("delivery_started", key, {"kind": kind, "body": body})
            return Delivery(key, kind, DeliveryState.STARTED, body)

    def end_delivery(self, key: str, result: str) -> Delivery:
        """Write how a delivery ended; one that is owed may end without a start ("not wanted").

        The same result again writes nothing. Raises KeyError for an unknown key and ValueError
        for another result.
        """
        with self._access, self._transaction:
            known = self.delivery(key)
            if known is None:
                raise KeyError(key)
            if known.state is DeliveryState.ENDED:
                if known.result != result:
                    raise ValueError(f"delivery {key} ended as {known.result}")
                return known
            self._append("delivery_ended", key, {"result": result})
            return Delivery(key, known.kind, DeliveryState.ENDED, known.body, result)

    def acknowledge(self, reader: str, seq: int) -> None:
        """`reader` has everything up to `seq` for good; never goes back.

        Raises ValueError for a seq that was not written yet.
        """
        with self._access, self._transaction:
            if seq > self._shelf.newest.last().seq:
                raise ValueError(f"{reader} acknowledges {seq}, which does not exist")
            if seq > self._shelf.newest.cursors().get(reader, 0):
                self._shelf.newest.move_cursors({reader: seq})

    # --- asking ---------------------------------------------------------------------------------

    def payment(self, out_trade_no: str) -> Payment | None:
        """The payment with that number, of any month."""
        with self._access:
            return self._shelf.payment(out_trade_no)

    def payment_of(self, transaction_id: str) -> Payment | None:
        """The payment that its channel names so, of any month."""
        with self._access:
            return self._shelf.payment_of(transaction_id)

    def basket_of(self, out_trade_no: str) -> dict[str, Any] | None:
        """The priced basket that the payment was opened with."""
        with self._access:
            return self._shelf.basket(out_trade_no)

    def delivery(self, key: str) -> Delivery | None:
        """The delivery with that key, of any month."""
        with self._access:
            return self._shelf.delivery(key)

    def refund(self, out_refund_no: str) -> Refund | None:
        """The refund with that number, of any month."""
        with self._access:
            return self._shelf.refund(out_refund_no)

    def refunds_of(self, out_trade_no: str) -> list[Refund]:
        """The refunds that this till opened for a payment, oldest first."""
        with self._access:
            return self._shelf.refunds_of(out_trade_no)

    def taken(self, out_trade_no: str) -> int | None:
        """The fen that channels ever took under the number, also beside the payment.

        None for a number that was never opened here. What was refunded is not taken off.
        """
        with self._access:
            return self._taken(out_trade_no)

    def unsettled(self) -> list[Payment]:
        """Every payment that is not final, oldest first."""
        with self._access:
            return self._shelf.newest.fold.unsettled()

    def recent(self, since_ms: int, limit: int) -> list[Payment]:
        """The newest payments made since then, newest first; this month's only (China time)."""
        with self._access:
            return self._shelf.newest.fold.recent(since_ms, limit)

    def undelivered(self) -> list[Delivery]:
        """Every delivery without a result, oldest first.

        OWED: a PAID payment whose slip was not begun (it has the payment's number as its key);
        it may be printed. STARTED: it may or may not have come out, so it is never repeated by
        itself; a slip becomes a copy, a drop is for the attendant.
        """
        with self._access:
            return self._shelf.newest.fold.undelivered()

    def unsettled_refunds(self) -> list[Refund]:
        """Every refund that is not final, oldest first."""
        with self._access:
            return self._shelf.newest.fold.unsettled_refunds()

    def refunds_due(self) -> list[RefundDue]:
        """Money that channels hold and that must go back: PAID_LATE, and paid beside a payment.

        A refund of the payment that is DONE after the money came due counts for it.
        """
        with self._access:
            return self._shelf.newest.fold.refunds_due()

    def unsent(self, reader: str, limit: int) -> list[Entry]:
        """The next entries that `reader` has not acknowledged, at most `limit`, of any month."""
        with self._access:
            after = self._shelf.newest.cursors().get(reader, 0)
            found: list[Entry] = []
            for month in self._shelf.since(after + 1):
                found.extend(month.entries(after, limit - len(found)))
                if len(found) >= limit:
                    break
            return found

    def verify(self) -> ChainReport:
        """Check every hash of every month, and that the derived tables are what they add up to."""
        with self._access:
            return self._shelf.verify()

    def rebuild(self) -> None:
        """Write every derived table anew from the entries, in every month."""
        with self._access:
            self._shelf.rebuild()

    # --- inside ---------------------------------------------------------------------------------

    def _taken(self, out_trade_no: str) -> int | None:
        payment = self._shelf.payment(out_trade_no)
        if payment is None:
            return None
        held = payment.taken_fen if payment.took_money else 0
        return held + sum(
            due.fen
            for due in self._shelf.dues_of(out_trade_no)
            if not payment.took_money or due.transaction_id != payment.transaction_id
        )

    def _record(self, out_trade_no: str, event: Event) -> Payment:
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
        self._append("payment", out_trade_no, event_to_json(event), after)
        if after.state is State.PAID_LATE:
            self._owe(after, after.transaction_id, after.taken_fen, "paid late")
        return after

    def _record_refund(self, out_refund_no: str, event: RefundEvent) -> Refund:
        before = self._shelf.refund(out_refund_no)
        if before is None:
            raise KeyError(out_refund_no)
        try:
            after = advance_refund(before, event)
        except Contradiction as found:
            self._note(out_refund_no, refund_event_to_json(event), str(found))
            raise
        if after != before:
            self._append("refund", out_refund_no, refund_event_to_json(event))
        return after

    def _note(self, number: str, fact: dict[str, object], cause: str) -> bool:
        """Write a contradiction, in a transaction that is kept; whether it was new."""
        for month in self._shelf.newest_first():
            if any(body["fact"] == fact for body in month.contradictions(number)):
                return False
        self._append("contradiction", number, {"fact": fact, "cause": cause})
        return True

    def _owe_beside(self, payment: Payment, event: Event, cause: str) -> None:
        """Owe what a contradiction took."""
        # Before the end, the whole payment is undone; after it, only a refund gives it back.
        if isinstance(event, Approved | FoundPaid) and payment.final:
            beside = event.transaction_id != payment.transaction_id
            if beside or not payment.took_money:
                self._owe(payment, event.transaction_id, event.fen, cause)

    def _owe(self, payment: Payment, transaction_id: str, fen: int, reason: str) -> None:
        body = {"transaction_id": transaction_id, "fen": fen, "reason": reason}
        self._append("refund_due", payment.out_trade_no, body)

    def _append(
        self, kind: str, key: str, body: Mapping[str, Any], after: Payment | None = None
    ) -> Entry:
        return self._shelf.newest.append(self.clock_ms(), kind, key, body, after)


def _hold(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise LedgerBusy(f"{path.parent} is in use by another process") from error
    return handle
