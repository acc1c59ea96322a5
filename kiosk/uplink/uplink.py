"""Sends what the ledger holds and the fleet has not acknowledged, oldest first.

    ledger.unsent("fleet") ─► POST /v1/entries ─► high-water mark ─► ledger.acknowledge

The cursor moves only as far as the fleet says that everything is on its disk. Where it says that
something below is missing, it is sent again from there. A kiosk that was away for a month sends
batch after batch with a pause between, so that others are not kept waiting.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from kiosk.domain.entry import Entry, entry_to_json
from kiosk.ledger import Ledger, LedgerError
from kiosk.uplink.line import FleetError, FleetLine

READER = "fleet"
LINES = 500
BYTES = 4 * 1024 * 1024
EVERY = 2.0  # seconds between looks at the ledger
PAUSE = 0.2  # between full batches
HEALTH_EVERY = 60.0
AGAIN = (5.0, 15.0, 60.0)  # after a failure; the last one repeats

log = logging.getLogger(__name__)


class Uplink:
    """One piece of work for the timer; `report` is what the kiosk says of its health."""

    def __init__(
        self, ledger: Ledger, line: FleetLine, report: Callable[[], dict[str, Any]]
    ) -> None:
        self._ledger, self._line, self._report = ledger, line, report
        self._after: int | None = None
        self._failures = 0
        self._health_due = 0.0

    def work(self, now: float) -> float:
        """Send one batch, and the health report when it is due; answers when to come again."""
        try:
            full = self._send_entries()
            if now >= self._health_due:
                self._line.post("/v1/health", json.dumps(self._report()).encode())
                self._health_due = now + HEALTH_EVERY
        except (FleetError, LedgerError) as error:
            wait = AGAIN[min(self._failures, len(AGAIN) - 1)]
            self._failures += 1
            log.warning("uplink failed again_in=%.0f cause=%s", wait, error)
            return now + wait
        self._failures = 0
        return now + (PAUSE if full else EVERY)

    def hurry(self) -> None:
        """Report health with the next batch, be it due or not."""
        self._health_due = 0.0

    @property
    def failing(self) -> bool:
        """Whether the last try came to nothing."""
        return self._failures > 0

    def _send_entries(self) -> bool:
        """Whether there is more to send at once."""
        entries = (
            self._ledger.unsent(READER, LINES)
            if self._after is None
            else self._ledger.entries(self._after, LINES)
        )
        if not entries:
            self._after = None
            return False
        batch = _batch(entries)
        answer = self._line.post("/v1/entries", batch)
        last = entries[batch.count(b"\n") - 1].seq
        here = int(answer.get("high_water", 0))
        self._ledger.acknowledge(READER, min(here, last))
        if here < last:
            log.warning("fleet lacks entries from=%d sent_to=%d", here + 1, last)
            stuck = self._after == here
            self._after = here
            return not stuck
        again, self._after = self._after, None if self._after is None else last
        return again is not None or len(entries) == LINES


def _batch(entries: Sequence[Entry]) -> bytes:
    """As many of them, a line each, as one request may have."""
    body = bytearray()
    for entry in entries:
        line = entry_to_json(entry).encode() + b"\n"
        if body and len(body) + len(line) > BYTES:
            break
        body += line
    return bytes(body)
