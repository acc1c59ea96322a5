"""All files of a ledger, as one: the newest takes entries, the older ones are only read.

A month turns over in this order, so that a crash at any point leaves a whole ledger: the new file
is made beside its place with its opening entry (last hash, unfinished payments, cursors) and moved
there; then the old one is sealed. What a crash left undone is done at the next start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from kiosk.domain.entry import Entry, follow, verify
from kiosk.domain.payment import Payment
from kiosk.domain.receipt import CHINA, china_time
from kiosk.domain.refund import Refund
from kiosk.ledger.errors import LedgerDamaged
from kiosk.ledger.migrate import migrate
from kiosk.ledger.month import Month, create, seal
from kiosk.ledger.rows import Delivery, RefundDue


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify` found; each fault names its file and entry."""

    files: int
    entries: int
    faults: tuple[str, ...]
    last_hash: str = ""
    """Of the newest entry that could be read; whoever keeps it elsewhere can tell a cut-off end."""

    @property
    def holds(self) -> bool:
        """Whether every entry is as it was written."""
        return not self.faults


class Shelf:
    """The months in `directory`. Not safe for threads by itself: the Ledger's lock guards it."""

    def __init__(self, directory: Path, clock_ms: Callable[[], int]) -> None:
        """Open the newest month, or begin the first. Raises LedgerDamaged, apsw errors, OSError."""
        self._directory = directory
        self._clock_ms = clock_ms
        self._older: dict[Path, Month] = {}
        for leftover in directory.glob("ledger-*.new*"):
            leftover.unlink()
        paths = self._paths()
        for path in paths:
            migrate(path)
        if not paths:
            nothing: dict[str, object] = {
                "previous": None,
                "payments": [],
                "deliveries": [],
                "refunds": [],
                "refunds_due": [],
            }
            paths = [self._begin(self._month_name(), None, nothing, {})]
        for path in paths[:-1]:
            _seal_if_free(path)
        self.newest = Month(paths[-1], writable=True)
        self._sealed = paths[:-1]
        self._ends_ms = _end_ms(paths[-1])

    def close(self) -> None:
        """Let go of all files; may be called twice."""
        for month in (*self._older.values(), self.newest):
            month.close()
        self._older.clear()

    def turn(self) -> None:
        """Begin the next month where it is due; a clock that jumped back never opens an old one."""
        if self._clock_ms() < self._ends_ms:
            return
        old = self.newest
        body = {"previous": old.path.name, **old.fold.opening()}
        path = self._begin(self._month_name(), old.last(), body, old.cursors())
        self.newest = Month(path, writable=True)
        self._sealed.append(old.path)
        self._ends_ms = _end_ms(path)
        old.close()
        _seal_if_free(old.path)

    def newest_first(self) -> Iterator[Month]:
        """All months, open for reading."""
        yield self.newest
        for path in reversed(self._sealed):
            if path not in self._older:
                self._older[path] = Month(path, writable=False)
            yield self._older[path]

    def since(self, seq: int) -> list[Month]:
        """The months from the one that has entry `seq`, oldest first."""
        found: list[Month] = []
        for month in self.newest_first():
            found.insert(0, month)
            if month.first().seq <= seq:
                break
        return found

    # --- asking all months ----------------------------------------------------------------------

    def times(self, kind: str, since_ms: int) -> list[int]:
        """When entries of that kind were written since then, newest first."""
        found: list[int] = []
        for month in self.newest_first():
            found.extend(month.times(kind, since_ms))
            if month.first().at_ms < since_ms:
                break
        return found

    def noted(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """The body of the newest entry of that kind and key."""
        found = (month.noted(kind, key) for month in self.newest_first())
        return next((each for each in found if each is not None), None)

    def payment(self, out_trade_no: str) -> Payment | None:
        """The payment with that number; a newer month knows it better."""
        found = (month.fold.payment(out_trade_no) for month in self.newest_first())
        return next((each for each in found if each is not None), None)

    def payment_of(self, transaction_id: str) -> Payment | None:
        """The payment that the channel names so; one that has no name yet is not found by it."""
        if not transaction_id:
            return None
        found = (month.fold.payment_of(transaction_id) for month in self.newest_first())
        return next((each for each in found if each is not None), None)

    def basket(self, out_trade_no: str) -> dict[str, Any] | None:
        """The priced basket of a payment."""
        found = (month.fold.basket(out_trade_no) for month in self.newest_first())
        return next((each for each in found if each is not None), None)

    def delivery(self, key: str) -> Delivery | None:
        """The delivery with that key."""
        found = (month.fold.delivery(key) for month in self.newest_first())
        return next((each for each in found if each is not None), None)

    def refund(self, out_refund_no: str) -> Refund | None:
        """The refund with that number."""
        found = (month.fold.refund(out_refund_no) for month in self.newest_first())
        return next((each for each in found if each is not None), None)

    def refunds_of(self, out_trade_no: str) -> list[Refund]:
        """The refunds of a payment, oldest first."""
        found: dict[str, Refund] = {}
        for month in self.newest_first():
            for refund in month.fold.refunds_of(out_trade_no):
                found.setdefault(refund.out_refund_no, refund)
        return sorted(found.values(), key=lambda refund: (refund.created_ms, refund.out_refund_no))

    def dues_of(self, out_trade_no: str) -> list[RefundDue]:
        """What ever had to go back of a payment."""
        found: dict[str, RefundDue] = {}
        for month in self.newest_first():
            for due in month.fold.dues_of(out_trade_no):
                found.setdefault(due.transaction_id, due)
        return list(found.values())

    # --- the whole ------------------------------------------------------------------------------

    def verify(self) -> ChainReport:
        """Check every hash of every month, and that the derived tables are what they add up to."""
        faults: list[str] = []
        count = 0
        last: Entry | None = None
        months = list(self.newest_first())[::-1]
        for month in months:
            try:
                entries = list(month.entries(0))
                found = [f"entry {x.seq} {x.cause}" for x in verify(entries, last)]
                if not month.fold_agrees():
                    found.append("the derived tables do not agree; rebuild them")
            except (apsw.Error, LedgerDamaged, KeyError, TypeError, ValueError) as error:
                entries, found = [], [f"cannot be read: {error}"]
            faults += [f"{month.path.name}: {each}" for each in found]
            count += len(entries)
            last = entries[-1] if entries else last
        return ChainReport(len(months), count, tuple(faults), last.hash if last else "")

    def rebuild(self) -> None:
        """Write the derived tables of every month anew."""
        self.newest.rebuild()
        for path in self._sealed:
            known = self._older.pop(path, None)
            if known is not None:
                known.close()
            month = Month(path, writable=True)
            try:
                month.rebuild()
            finally:
                month.close()
            seal(path)

    def _begin(
        self, name: str, last: Entry | None, body: Mapping[str, Any], cursors: Mapping[str, int]
    ) -> Path:
        path = self._directory / name
        create(path, follow(last, self._clock_ms(), "month", name, body), cursors)
        return path

    def _month_name(self) -> str:
        return f"ledger-{china_time(self._clock_ms())[:7]}.db"

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob("ledger-????-??.db"))


def _end_ms(path: Path) -> int:
    """When the month after the one of this file begins in China, in milliseconds since 1970."""
    try:
        year, month = int(path.stem[7:11]), int(path.stem[12:])
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=CHINA)
    except ValueError as error:
        raise LedgerDamaged(f"{path.name} is not the name of a month") from error
    return int(after.timestamp() * 1000)


def _seal_if_free(path: Path) -> None:
    """Seal a month, unless somebody reads it right now: the next start seals it as well."""
    with suppress(apsw.BusyError):
        seal(path)
