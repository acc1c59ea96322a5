"""An input pin that keeps what came and went, so that nothing short is missed between two looks."""

from __future__ import annotations

import threading
import time
from typing import Any

LOOK_EVERY = 0.002  # seconds


class Switch:
    """``on_high``: the pin's level that counts as on. ``came`` and ``went`` stay set."""

    def __init__(self, pin: int, on_high: bool, pin_factory: Any) -> None:  # noqa: FBT001 - a level
        """Takes the pin, pulled up; raises what gpiozero raises."""
        from gpiozero import DigitalInputDevice

        self.came, self.went = threading.Event(), threading.Event()
        self._on_high = on_high
        self._device = DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory)
        # gpiozero calls a pulled-up input active when it is low.
        low, high = (self.went, self.came) if on_high else (self.came, self.went)
        self._device.when_activated = low.set
        self._device.when_deactivated = high.set

    @property
    def on(self) -> bool:
        """Whether it is on now."""
        return bool(self._device.pin.state) == self._on_high

    def settles(self, *, on: bool, within: float) -> bool:
        """Whether it is so, or becomes so in that many seconds."""
        end = time.monotonic() + within
        while self.on != on:
            if time.monotonic() > end:
                return False
            time.sleep(LOOK_EVERY)
        return True

    def forget(self) -> None:
        """What came and went until now counts no more."""
        self.came.clear()
        self.went.clear()

    def close(self) -> None:
        """Give the pin back."""
        self._device.close()
