"""The X and Z reports of this till: read from the ledger, closed by an entry of it.

    read    every entry behind the last Z, folded; what was read once is not read again
    close   the Z, written only where nothing was written since it was read: nothing comes between
            the sums and the end of the period, and no number is given twice

A crash leaves the Z in the ledger or not; there is no step between. `period.json` only says where
to begin reading: without it, or where it is wrong, the ledger is read from its beginning.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk.disk import write_whole
from kiosk.domain.entry import Entry
from kiosk.domain.takings import Takings, Z
from kiosk.domain.till_report import Report, report_of
from kiosk.ledger import Ledger

AT_ONCE = 500  # entries that are read while nobody else can
TRIES = 20  # entries that may come between reading and closing

log = logging.getLogger(__name__)


class Changed(Exception):
    """The period with that number is closed already, or entries come too fast: look again."""


class DayBook:
    """Safe for threads; a long period takes its time, so nobody asks on the checkout's thread."""

    def __init__(self, ledger: Ledger, path: Path) -> None:
        self._ledger, self._path = ledger, path
        self._lock = threading.Lock()
        self._takings: Takings | None = None

    def read(self) -> Report:
        """The X of now. Raises LedgerError, and ValueError for a ledger that does not add up."""
        with self._lock:
            body = self._upto_date().closing()
            return report_of(body, self._ledger.clock_ms(), closed=False)

    def close(self, number: int) -> Report:
        """Make the Z of this number, which is that of the X. Raises Changed and LedgerError."""

        def closing(takings: Takings) -> Mapping[str, Any]:
            body = takings.closing()
            if body["number"] != number:
                raise Changed
            return body

        entry = self.write(Z, f"{number:04d}", closing)
        log.info("day closed number=%d", number)
        return report_of(entry.body, entry.at_ms, closed=True)

    def write(self, kind: str, key: str, body_of: Callable[[Takings], Mapping[str, Any]]) -> Entry:
        """Write an entry that depends on all before it, with nothing between.

        `body_of` may be asked several times, and what it raises is raised. Raises Changed where
        entries come too fast, and LedgerError.
        """
        with self._lock:
            for _ in range(TRIES):
                takings = self._upto_date()
                entry = self._ledger.append_after(takings.seq, kind, key, body_of(takings))
                if entry is not None:
                    self._take(takings, [entry])
                    return entry
            raise Changed

    def last(self) -> Report | None:
        """The newest Z; None where there is none yet. Raises LedgerError."""
        with self._lock:
            z_seq = self._upto_date().z_seq
            found = self._ledger.entries(z_seq - 1, 1) if z_seq else []
            return report_of(found[0].body, found[0].at_ms, closed=True) if found else None

    def _upto_date(self) -> Takings:
        takings, self._takings = self._takings, None  # a fold that breaks is begun anew
        if takings is None:
            takings = self._begin()
        while entries := self._ledger.entries(takings.seq, AT_ONCE):
            self._take(takings, entries)
        self._takings = takings
        return takings

    def _take(self, takings: Takings, entries: list[Entry]) -> None:
        z_seq = takings.z_seq
        for entry in entries:
            takings.take(entry)
        if takings.z_seq != z_seq:
            self._keep(takings.z_seq)

    def _begin(self) -> Takings:
        takings, seq = Takings(), self._kept()
        found = self._ledger.entries(seq - 1, 1) if seq else []
        if found and found[0].kind == Z:
            takings.take(found[0])
        return takings

    def _kept(self) -> int:
        try:
            return max(0, int(json.loads(self._path.read_text("utf-8"))["z"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return 0

    def _keep(self, seq: int) -> None:
        try:
            write_whole(self._path, json.dumps({"z": seq}))
        except OSError as error:
            log.warning("where the period begins is not kept cause=%s", error.strerror)
