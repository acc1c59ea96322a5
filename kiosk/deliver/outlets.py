"""The devices that give something out, as deliveries need them, and the lane of each.

All that one device does runs under its name in the timer, one after the other: a slow kitchen
printer never holds up a slip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hardware.devices import CashDrawer, ItemDispenser
from kiosk.statistics import SlipPrinter
from kiosk.timer import Timer

OPENING = 10.0  # seconds that a device is waited for which is just being opened
LOOK_AGAIN = 0.1


class Outlets(Protocol):
    """What is plugged in; see `Peripherals`."""

    @property
    def dispenser(self) -> ItemDispenser | None: ...

    @property
    def drawer(self) -> CashDrawer | None: ...

    def printer(self, station: str = ...) -> SlipPrinter | None: ...

    def opened(self, name: str) -> bool: ...

    def look(self, name: str) -> None: ...


def in_lane(timer: Timer, outlets: Outlets, name: str, act: Callable[[], object]) -> None:
    """Do it on the device's lane, once the device has been opened or could not be."""
    first_tried: list[float] = []

    def work(now: float) -> float | None:
        first_tried.append(now)
        if not outlets.opened(name) and now - first_tried[0] < OPENING:
            return now + LOOK_AGAIN
        act()
        return None

    timer.put(name, work)
