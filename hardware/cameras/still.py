"""Notices a camera that hangs: it goes on giving the very same picture.

A sensor's noise never repeats, so identical pixels mean that the camera, its driver or its cable
has stopped. A person who stands still does not cause this.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from hardware.errors import TimedOut

HELPLESS = 3  # times the limit
SKIP = 4  # every fourth pixel both ways is enough to see noise


class StillWatch:
    """Counts how long the picture has not changed by a single bit; ``limit_s`` 0 never ends."""

    def __init__(self, name: str, limit_s: float) -> None:
        if limit_s < 0:
            raise ValueError(f"stuck_s must not be negative, not {limit_s!r}")
        self._name = name
        self._limit_s = limit_s
        self._checksum = -1
        self._since = 0.0

    def reset(self) -> None:
        """Begin anew, as after a reconnection."""
        self._checksum = -1

    def lasts(self, now: float) -> bool:
        """Whether it has hung for so long that nobody looks at the fault any more."""
        return bool(self._limit_s) and now - self._since >= HELPLESS * self._limit_s

    def fault(self, pixels: NDArray[np.uint8], now: float) -> TimedOut | None:
        """The error to raise when ``pixels``, taken at ``now`` (seconds), are still the same."""
        checksum = zlib.adler32(pixels[::SKIP, ::SKIP].tobytes())
        if checksum != self._checksum:
            self._checksum, self._since = checksum, now
        if not self._limit_s or now - self._since < self._limit_s:
            return None
        return TimedOut(
            self._name,
            "the picture stands still to the last bit",
            "Unplug the camera, wait a moment, and plug it in again.",
        )
