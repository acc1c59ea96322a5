"""The pan of a simulated scale: what lies on it, how it comes to rest, tare and range.

It knows grams and seconds, and nothing of any protocol.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

OVER_BY = 9  # steps above the capacity that are still shown


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scale would show: grams net, and the state of the pan."""

    grams: int
    stable: bool
    over: bool
    under: bool
    zero: bool
    net: bool


class Pan:
    """``settle_s``: how long a load swings. A zeroed scale keeps its new zero."""

    def __init__(
        self,
        settle_s: float = 0.3,
        capacity: int = 15_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settle_s, self.capacity, self._clock = settle_s, capacity, clock
        self.restless = False
        self._load, self._before, self._since = 0, 0, float("-inf")
        self._zero, self._tare = 0, 0

    def put(self, grams: int) -> None:
        """So much lies on it from now on."""
        self._before, self._load, self._since = self._load, grams, self._clock()

    def zero(self) -> None:
        """Within 2 % of the capacity, as scales allow."""
        if abs(self._load) * 50 <= self.capacity:
            self._zero, self._tare = self._load, 0

    def tare(self, grams: int | None = None) -> None:
        """What lies there, or so many grams."""
        self._tare = self._load - self._zero if grams is None else grams

    def see(self) -> Seen:
        """The pan now."""
        past = self._clock() - self._since
        gross, stable = self._load - self._zero, not self.restless
        if past < self.settle_s:
            swing = math.exp(-4 * past / self.settle_s) * math.cos(20 * past / self.settle_s)
            gross += round((self._before - self._load) * swing)
            stable = False
        if self.restless:
            gross += round(30 * math.sin(self._clock() * 40))
        net = gross - self._tare
        over = gross > self.capacity + OVER_BY
        return Seen(net, stable, over, net < 0, stable and net == 0, bool(self._tare))
