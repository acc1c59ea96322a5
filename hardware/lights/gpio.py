"""Lights on pins of this machine, through driver stages: a tower, a ring for faces, a bulb.

    pin ──► transistor or relay ──► lamp with its own supply

Driver name in the configuration: ``gpio``. All are off before and after. When nobody has set a
light for ``stale_s`` seconds the program has stopped: then only ``stale_light`` is on, so that a
screen that stands still does not look ready. Blinking is gpiozero's.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

from hardware.devices import Condition, Health
from hardware.errors import Offline
from hardware.pins import pins_of, release, taking

LOOK_EVERY = 1.0  # seconds between two looks whether somebody still sets the lights
NOT_OPEN = "the lights are not open for use"


class GpioLights:
    """``lights``: a BCM pin, or a line of ``chip``, for each name.

    ``stale_s`` 0: the lights stay as they were set. Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        lights: dict[str, int],
        name: str = "lights",
        active_high: bool = True,
        stale_s: float = 0.0,
        stale_light: str = "amber",
        chip: int | None = None,
        pin_factory: Any = None,
    ) -> None:
        if not lights or len(set(lights.values())) != len(lights):
            raise ValueError(f"lights must name a pin of its own for each light, not {lights!r}")
        if stale_s and (stale_s < 5 or stale_light not in lights):
            raise ValueError("stale_s must be at least 5 and stale_light one of the lights")
        self._name = name
        self._pins = dict(lights)
        self._active_high, self._chip, self._factory = active_high, chip, pin_factory
        self._stale_s, self._stale_light = stale_s, stale_light
        self._lock = threading.Lock()
        self._lamps: dict[str, Any] = {}
        self._set: dict[str, float | None] = {}  # by light: None off, 0 steady, else its blinking
        self._heard = 0.0
        self._stale = False
        self._stopped = threading.Event()

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> None:
        """As ``Lights.open``."""
        from gpiozero import LED

        with taking(self._name, self.close):
            pins = pins_of(self._chip, self._factory)
            for light, pin in self._pins.items():
                self._lamps[light] = LED(pin, active_high=self._active_high, pin_factory=pins)
        self._set = dict.fromkeys(self._pins)
        self._heard, self._stale = time.monotonic(), False
        if self._stale_s:
            self._stopped = threading.Event()
            watch = threading.Thread(target=self._watch, args=(self._stopped,), daemon=True)
            watch.name = self._name
            watch.start()

    def close(self) -> None:
        self._stopped.set()
        with self._lock:
            lamps, self._lamps = self._lamps, {}
            for lamp in lamps.values():
                with contextlib.suppress(OSError):
                    lamp.off()
                release(lamp)

    def check_health(self) -> Health:
        if not self._lamps:
            return Health(Condition.BAD, NOT_OPEN, Offline.default_mend)
        return Health(Condition.GOOD)

    def switch_on(self, light: str, blink_s: float = 0.0) -> None:
        self._switch(light, max(blink_s, 0.0))

    def switch_off(self, light: str) -> None:
        self._switch(light, None)

    # --- inside ---------------------------------------------------------------------------------

    def _switch(self, light: str, blink_s: float | None) -> None:
        with self._lock:
            if not self._lamps:
                raise Offline(self._name, NOT_OPEN)
            self._heard = time.monotonic()
            if self._stale:
                self._stale = False
                self._all_as_set()
            if light in self._lamps and self._set[light] != blink_s:
                self._set[light] = blink_s
                _drive(self._lamps[light], blink_s)

    def _all_as_set(self) -> None:
        for light, lamp in self._lamps.items():
            _drive(lamp, self._set[light])

    def _watch(self, stopped: threading.Event) -> None:
        while not stopped.wait(LOOK_EVERY):
            with self._lock:
                if self._lamps and not self._stale and self._silent():
                    self._stale = True
                    for light, lamp in self._lamps.items():
                        _drive(lamp, 0.0 if light == self._stale_light else None)

    def _silent(self) -> bool:
        return time.monotonic() - self._heard >= self._stale_s


def _drive(lamp: Any, blink_s: float | None) -> None:
    if blink_s is None:
        lamp.off()
    elif blink_s:
        lamp.blink(blink_s / 2, blink_s / 2)
    else:
        lamp.on()
