"""Looks whether a drawer was left open, says so, and sounds a buzzer until it is closed.

closed ──seen open──► open ──left_open_s──► LEFT OPEN, buzzer ──seen closed──► closed
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from hardware.devices import Condition, DrawerState, Health, Report
from hardware.drawers.pins import taking_pins

LOOK_EVERY = 1.0  # seconds
LONGEST = 3600.0
LEFT_OPEN = Health(Condition.BAD, "the drawer was left open", "Close the drawer.")

log = logging.getLogger(__name__)


def check_watch_options(left_open_s: float, buzzer_pin: int | None, *pins: int | None) -> None:
    """Raises ValueError with what is allowed; ``pins`` are those in use for something else."""
    if not 0 <= left_open_s <= LONGEST:
        raise ValueError(f"left_open_s must be 0 (never) to {LONGEST:g}, not {left_open_s!r}")
    if buzzer_pin is not None and buzzer_pin in pins:
        raise ValueError("buzzer_pin must differ from the other pins")


class DrawerWatch:
    """A thread that asks ``is_open`` every second; none where nobody is to be told.

    An unknown state changes nothing: it neither begins the time nor ends the alarm.
    """

    def __init__(
        self,
        name: str,
        is_open: Callable[[], DrawerState],
        left_open_s: float,
        buzzer_pin: int | None,
        pin_factory: Any = None,
    ) -> None:
        self._name = name
        self._is_open = is_open
        self._left_open_s = left_open_s
        self._every = max(0.01, min(LOOK_EVERY, left_open_s / 4))
        self._buzzer_pin = buzzer_pin
        self._factory = pin_factory
        self._buzzer: Any = None
        self._lock = threading.Lock()
        self._ended: threading.Event | None = None
        self._since: float | None = None
        self.left_open = False

    def start(self, report: Report | None) -> None:
        """Take the buzzer's pin and look from now on. Raises NotFound or Busy."""
        if not self._left_open_s or self._ended is not None:
            return
        if self._buzzer_pin is not None:
            from gpiozero import OutputDevice

            with taking_pins(self._name, self.stop):
                self._buzzer = OutputDevice(self._buzzer_pin, pin_factory=self._factory)
        ended = self._ended = threading.Event()
        threading.Thread(
            target=self._run, args=(ended, report), name=f"watch {self._name}", daemon=True
        ).start()

    def stop(self) -> None:
        """The buzzer is silent when this returns, and nothing is told any more."""
        with self._lock:
            if self._ended is not None:
                self._ended.set()
            self._ended = self._since = None
            self.left_open = False
            buzzer, self._buzzer = self._buzzer, None
            if buzzer is not None:
                with contextlib.suppress(OSError):
                    buzzer.off()
                    buzzer.close()

    def _run(self, ended: threading.Event, report: Report | None) -> None:
        while not ended.wait(self._every):
            try:
                self._look(ended, report)
            except Exception:
                log.exception("a drawer could not be looked at")

    def _look(self, ended: threading.Event, report: Report | None) -> None:
        state, now = self._is_open(), time.monotonic()
        with self._lock:
            if ended.is_set() or not self._changed(state, now):
                return
            if self._buzzer is not None:
                self._buzzer.value = self.left_open
            health = LEFT_OPEN if self.left_open else Health(Condition.GOOD)
        if report is not None:
            report(health)

    def _changed(self, state: DrawerState, now: float) -> bool:
        before = self.left_open
        if state is DrawerState.CLOSED:
            self._since, self.left_open = None, False
        elif state is DrawerState.OPEN:
            self._since = now if self._since is None else self._since
            self.left_open = now - self._since >= self._left_open_s
        return self.left_open is not before
