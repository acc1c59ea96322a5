"""The sandbox's time: the machine's, moved forward on request, with the order rules sped up.

`now()` never runs faster than the machine; `span()` shortens the 15 s, 45 s and 7 d rules, so a
demo may wait less while codes and authinfo live as long as they would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


@dataclass(slots=True)
class Clock:
    """Virtual time in Unix seconds; only ever moves forward, until all is forgotten."""

    wall: Callable[[], float]
    usual_speed: float = 1.0
    advanced: float = 0.0
    speed: float = field(init=False)

    def __post_init__(self) -> None:
        self.speed = self.usual_speed

    def start_over(self) -> None:
        """The machine's time again, and the speed it was started with."""
        self.speed, self.advanced = self.usual_speed, 0.0

    def now(self) -> float:
        """Virtual seconds since 1970."""
        return self.wall() + self.advanced

    def span(self, seconds: float) -> float:
        """How many virtual seconds a rule of `seconds` takes at this speed."""
        return seconds / self.speed


def stamp(at: float) -> str:
    """Fourteen digits, year to second, in Beijing time: how the wallet writes times."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y%m%d%H%M%S")


def readable(at: float) -> str:
    """RFC 3339 in Beijing time, to the millisecond, for the audit."""
    return datetime.fromtimestamp(at, BEIJING).isoformat(timespec="milliseconds")


def dashed(at: float) -> str:
    """2026-06-05 14:03:09, in Beijing time: how refunds and bills write times."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def zoned(at: float) -> str:
    """2026-06-05T14:03:09+08:00: RFC 3339 in Beijing time, as the third-version wire writes it."""
    return datetime.fromtimestamp(at, BEIJING).isoformat(timespec="seconds")
