"""The ledger: append-only, hash-chained, one file a month (`ledger-2026-03.db`).

    append, open_payment, record,     one transaction each: the entry and what it changes,
    abandon, open_refund,             on the disk when the call returns; `together` makes several
    record_refund, start_delivery     of them one
    end_delivery                      the same, on the disk with the next one
    unsettled, unsettled_refunds,     the queues: questions, never a second list
    undelivered, unsent

A month begins (China time) when its first entry is written; a clock that jumps back goes on in
the newest file. A person never appears here: no face, no token, no payment code.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from kiosk.domain.entry import Entry
from kiosk.domain.payment import Event, Payment, Restarted
from kiosk.domain.refund import Refund, RefundEvent
from kiosk.ledger.errors import Access, LedgerBusy
from kiosk.ledger.recorder import OURS, Recorder
from kiosk.ledger.rows import Delivery, DeliveryState, RefundDue
from kiosk.ledger.shelf import ChainReport, Shelf
from kiosk.ledger.transaction import Transaction


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
        self._hurried = Transaction(self._shelf, wait=False)
        self._recorder = Recorder(self._shelf, clock_ms)

    def close(self) -> None:
        """Let go of all files; may be called twice."""
        with self._access:
            self._shelf.close()
            if self._held >= 0:
                os.close(self._held)
                self._held = -1

    # --- writing --------------------------------------------------------------------------------

    @contextmanager
    def together(self) -> Iterator[None]:
        """All writes of the block in one transaction: one flush, and all of them or none."""
        with self._access, self._transaction:
            yield

    def append(self, kind: str, key: str, body: Mapping[str, Any]) -> Entry:
        """Write one entry that no derived table depends on; ValueError for the kinds that do."""
        if kind in OURS:
            raise ValueError(f"{kind} entries have a method of their own")
        with self._access, self._transaction:
            return self._recorder.append(kind, key, body)

    def append_after(self, seq: int, kind: str, key: str, body: Mapping[str, Any]) -> Entry | None:
        """As `append`, where entry `seq` is still the newest; else None, and nothing is written.

        For an entry that sums up all before it: nothing can come between.
        """
        if kind in OURS:
            raise ValueError(f"{kind} entries have a method of their own")
        with self._access, self._transaction:
            if self._shelf.newest.last().seq != seq:
                return None
            return self._recorder.append(kind, key, body)

    def open_payment(self, payment: Payment, basket_body: Mapping[str, Any]) -> Payment:
        """Write a NEW payment with its priced basket.

        Raises ValueError when the number was ever used, when the visit still has a payment that
        is not final (a second one could charge the same goods twice), and when the parts that the
        basket says were paid are not those of the visit, or are with this one more than its total.
        """
        with self._access, self._transaction:
            return self._recorder.open_payment(payment, basket_body)

    def abandon(self, visit_id: str, reason: str) -> list[Payment]:
        """The visit's basket will not be paid: the parts that were paid are due back from now on.

        Answers them; none, and nothing is written, where there are none. Raises ValueError while a
        payment of the visit is not final.
        """
        with self._access, self._transaction:
            return self._recorder.abandon(visit_id, reason)

    def record(self, out_trade_no: str, event: Event) -> Payment:
        """The payment after `event`, written; the same fact again writes nothing.

        Raises KeyError for a number never opened, `NotInTable` (nothing is written), and
        `Contradiction`, which is written once for each distinct fact, with a refund due where
        money was taken beside the payment.
        """
        with self._access, self._transaction:
            return self._recorder.record(out_trade_no, event)

    def open_refund(self, refund: Refund) -> Refund:
        """Write a REQUESTED refund, of a payment of this or of another till.

        Raises ValueError when the number was ever used, or when more would be asked back than was
        taken: for a payment of another till that is what the refund itself says was paid.
        """
        with self._access, self._transaction:
            return self._recorder.open_refund(refund)

    def record_refund(self, out_refund_no: str, event: RefundEvent) -> Refund:
        """The refund after `event`, written; the same fact again writes nothing.

        Raises KeyError for a number never opened, `NotInTable` (nothing is written), and
        `Contradiction`, which is written once for each distinct fact.
        """
        with self._access, self._transaction:
            return self._recorder.record_refund(out_refund_no, event)

    def recover(self) -> list[Payment]:
        """After a start: what was under way becomes UNKNOWN or CANCELLED, in one transaction.

        Answers every payment that was not final, as it stands now; call it before anything is
        shown. What `Restarted` does not change is not written. A refund that was being sent
        becomes UNKNOWN as well.
        """
        with self._access, self._transaction:
            for refund in self._shelf.newest.fold.unsettled_refunds():
                self._recorder.record_refund(refund.out_refund_no, Restarted())
            open_now = self._shelf.newest.fold.unsettled()
            return [self._recorder.record(each.out_trade_no, Restarted()) for each in open_now]

    def start_delivery(self, key: str, kind: str, body: Mapping[str, Any]) -> Delivery:
        """Write that a delivery begins; only then may the device be told.

        Raises ValueError when it was started before: nothing is repeated by itself. A copy is a
        delivery with a key of its own.
        """
        with self._access, self._transaction:
            known = self.delivery(key)
            if known is not None and known.state is not DeliveryState.OWED:
                raise ValueError(f"delivery {key} was started before")
            self._recorder.append("delivery_started", key, {"kind": kind, "body": body})
            return Delivery(key, kind, DeliveryState.STARTED, body)

    def end_delivery(self, key: str, result: str) -> Delivery:
        """Write how a delivery ended; one that is owed may end without a start ("not wanted").

        It is on the disk with the next write: a power cut may forget it, and then the delivery is
        one without a result, which nobody repeats. The same result again writes nothing. Raises
        KeyError for an unknown key and ValueError for another result.
        """
        with self._access, self._hurried:
            known = self.delivery(key)
            if known is None:
                raise KeyError(key)
            if known.state is DeliveryState.ENDED:
                if known.result != result:
                    raise ValueError(f"delivery {key} ended as {known.result}")
                return known
            self._recorder.append("delivery_ended", key, {"result": result})
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

    def times(self, kind: str, since_ms: int) -> list[int]:
        """When entries of that kind were written since then, newest first, of any month."""
        with self._access:
            return self._shelf.times(kind, since_ms)

    def noted(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """The body of the newest entry of that kind and key, of any month; looks from the end."""
        with self._access:
            return self._shelf.noted(kind, key)

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
            return self._recorder.taken(out_trade_no)

    def parts(self) -> list[Payment]:
        """Every part of a basket that is paid and waits for the rest, oldest first."""
        with self._access:
            return self._recorder.parts()

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
        it may be printed; or a part of a basket that is not paid yet. STARTED: it may or may not
        have come out, so it is never repeated by itself; a slip becomes a copy, a drop is for the
        attendant.
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
        """The next entries that `reader` has not acknowledged, at most `limit`, of any month.

        They are on the disk: what another machine has seen, a power cut here never takes back.
        """
        with self._access:
            return self._entries(self._shelf.newest.cursors().get(reader, 0), limit)

    def entries(self, after: int, limit: int) -> list[Entry]:
        """The entries behind place `after`, at most `limit`, of any month; on the disk as well."""
        with self._access:
            return self._entries(after, limit)

    def verify(self) -> ChainReport:
        """Check every hash of every month, and that the derived tables are what they add up to."""
        with self._access:
            return self._shelf.verify()

    def rebuild(self) -> None:
        """Write every derived table anew from the entries, in every month."""
        with self._access:
            self._shelf.rebuild()

    def _entries(self, after: int, limit: int) -> list[Entry]:
        self._shelf.newest.flush()
        found: list[Entry] = []
        for month in self._shelf.since(after + 1):
            found.extend(month.entries(after, limit - len(found)))
            if len(found) >= limit:
                break
        return found


def _hold(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise LedgerBusy(f"{path.parent} is in use by another process") from error
    return handle
