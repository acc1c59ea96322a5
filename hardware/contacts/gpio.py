"""A sensor, switch or button on a pin of this machine: presence, a door, a button for help.

Driver name in the configuration: ``gpio``. The pin is pulled up; ``on`` is the level that means
that it is so. What lasts less than ``bounce_ms`` is bouncing of the contact. A presence sensor
lets go between two movements of somebody who stands there: it counts until ``linger_s`` without.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from hardware.devices import Changed, Condition, Health
from hardware.errors import Offline
from hardware.pins import is_high, pins_of, release, taking

LONGEST_BOUNCE_MS = 1_000
LONGEST_LINGER_S = 3_600.0

log = logging.getLogger(__name__)


class GpioContact:
    """One input. ``pin`` is a BCM number, or a line of ``chip``. Raises ValueError."""

    def __init__(
        self,
        *,
        pin: int,
        name: str = "contact",
        on: str = "low",
        bounce_ms: int = 30,
        linger_s: float = 0.0,
        chip: int | None = None,
        pin_factory: Any = None,
    ) -> None:
        if not 0 <= bounce_ms <= LONGEST_BOUNCE_MS or not 0 <= linger_s <= LONGEST_LINGER_S:
            most = f"{LONGEST_BOUNCE_MS} and linger_s 0 to {LONGEST_LINGER_S:.0f}"
            raise ValueError(f"bounce_ms must be 0 to {most}")
        self._name = name
        self._pin, self._chip, self._factory = pin, chip, pin_factory
        self._high = is_high("on", on)
        self._bounce_s, self._linger_s = bounce_ms / 1000, linger_s
        self._input: Any = None
        self._told: bool | None = None
        self._edge = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self._name

    def open(self, changed: Changed) -> None:
        """As ``Contact.open``."""
        from gpiozero import DigitalInputDevice

        if self._input is not None:
            return
        with taking(self._name, self.close):
            pins = pins_of(self._chip, self._factory)
            self._input = DigitalInputDevice(self._pin, pull_up=True, pin_factory=pins)
        self._input.when_activated = self._edge.set
        self._input.when_deactivated = self._edge.set
        self._stopped = threading.Event()
        self._edge.set()  # what is so at first
        self._thread = threading.Thread(
            target=self._watch, args=(self._stopped, changed), name=self._name, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._edge.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(self._bounce_s + 1.0)
        taken, self._input, self._told = self._input, None, None
        if taken is not None:
            release(taken)

    def check_health(self) -> Health:
        if self._input is None:
            return Health(Condition.BAD, "it is not watched", Offline.default_mend)
        return Health(Condition.GOOD)

    def is_on(self) -> bool | None:
        return self._told

    # --- inside ---------------------------------------------------------------------------------

    def _watch(self, stopped: threading.Event, changed: Changed) -> None:
        """Sleeps between two edges, so an input where nothing happens costs nothing."""
        while not stopped.is_set():
            self._edge.wait()
            self._edge.clear()
            if stopped.is_set():
                return
            now = self._settled(stopped)
            if now is not None and now != self._told:
                self._told = now
                try:
                    changed(now)
                except Exception:
                    log.exception("%s: whoever listens failed", self._name)

    def _settled(self, stopped: threading.Event) -> bool | None:
        """What it is after no edge for its time; None: it is being closed."""
        while True:
            on = self._level()
            lingers = self._told and not on
            wait = max(self._bounce_s, self._linger_s) if lingers else self._bounce_s
            end = time.monotonic() + wait
            while (left := end - time.monotonic()) > 0 and not self._edge.is_set():
                self._edge.wait(left)
            if stopped.is_set():
                return None
            if not self._edge.is_set():
                return on
            self._edge.clear()

    def _level(self) -> bool:
        return bool(self._input.pin.state) == self._high
