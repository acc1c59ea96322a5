"""Time as the core needs it: steady for deadlines, wall time for records.

A kiosk's clock may be set while it runs (no battery, late time server). Deadlines therefore count
on the monotonic clock; records carry the wall clock at the moment of writing.
"""

from __future__ import annotations

import time


class Clock:
    """Seconds and milliseconds of this machine."""

    def now(self) -> float:
        """Seconds that only ever go forward, on a scale near the epoch's (for deadlines)."""
        return self._epoch + time.monotonic() - self._started

    def wall_ms(self) -> int:
        """Milliseconds since the epoch, as the clock says now (for records)."""
        return time.time_ns() // 1_000_000

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._epoch = time.time()
