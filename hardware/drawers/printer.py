"""Cash drawer in the socket of the receipt printer, as most are.

Driver name in the configuration: ``printer``. The switch is read on pin 3; which level means open
depends on the drawer's wiring and is learnt at installation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hardware.devices import Condition, DrawerPort, DrawerState, Health, Report
from hardware.drawers.watch import LEFT_OPEN, DrawerWatch, check_watch_options
from hardware.errors import Offline

STALE_S = 0.5  # makes report the old level for about 0.3 s after a pulse


class PrinterDrawer:
    """``pin`` 2 or 5 of the socket. ``sensor_open``: "high", "low", or "" when there is no switch.

    Opening the port is the printer's business, which must be open before. With a switch, a drawer
    open for ``left_open_s`` is told as its health; a buzzer on ``buzzer_pin`` (BCM number) of this
    machine sounds until it is closed. Raises ValueError.
    """

    def __init__(
        self,
        *,
        port: DrawerPort,
        name: str = "drawer",
        pin: int = 2,
        pulse_ms: int = 100,
        sensor_open: str = "",
        left_open_s: float = 60.0,
        buzzer_pin: int | None = None,
        pin_factory: Any = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if pin not in {2, 5}:
            raise ValueError(f"pin must be 2 or 5, not {pin!r}")
        if not 2 <= pulse_ms <= 120:
            raise ValueError(f"pulse_ms must be 2 to 120, not {pulse_ms!r}")
        if sensor_open not in {"high", "low", ""}:
            raise ValueError(f"sensor_open must be high, low or empty, not {sensor_open!r}")
        check_watch_options(left_open_s, buzzer_pin)
        self._port = port
        self._name = name
        self._pin = pin
        self._pulse_ms = pulse_ms
        self._sensor_open = sensor_open
        self._clock = clock
        self._sleep = sleep
        self._kicked_at = float("-inf")
        self._taken = False
        watched = left_open_s if sensor_open else 0.0
        self._watch = DrawerWatch(name, self.is_open, watched, buzzer_pin, pin_factory)

    @property
    def name(self) -> str:
        return self._name

    def open(self, report: Report | None = None) -> None:
        self._watch.start(report)
        self._taken = True

    def close(self) -> None:
        self._taken = False
        self._watch.stop()

    def check_health(self) -> Health:
        if not self._taken:
            return Health(Condition.BAD, "the drawer is not open for use", Offline.default_mend)
        if self._watch.left_open:
            return LEFT_OPEN
        if self._sensor_open and self._port.sense_high() is None:
            return Health(Condition.UNKNOWN, "the printer does not tell the drawer's state", "")
        return Health(Condition.GOOD)

    def open_drawer(self) -> None:
        if not self._taken:
            raise Offline(self._name, "the drawer is not open for use")
        self._port.kick(self._pin, self._pulse_ms)
        self._kicked_at = self._clock()

    def is_open(self) -> DrawerState:
        """Waits, at most half a second, until the level after a pulse can be trusted."""
        if not self._sensor_open:
            return DrawerState.UNKNOWN
        self._sleep(max(0.0, self._kicked_at + STALE_S - self._clock()))
        high = self._port.sense_high()
        if high is None:
            return DrawerState.UNKNOWN
        return DrawerState.OPEN if high == (self._sensor_open == "high") else DrawerState.CLOSED
