"""Looks at every device again and again, each on a thread of its own, and notices one that hangs.

    every EVERY seconds  check_health ─► what it says of itself
    no answer in WITHIN  ─────────────► BAD, until it answers again

A driver has deadlines of its own; this is for the one whose library or kernel keeps them not. So no
device that hangs keeps another from being looked at, and none ever holds a thread of the payments.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hardware.devices import Condition, Device, Health

EVERY = 10.0  # seconds between two looks
WITHIN = 5.0  # seconds a device may take for its answer
HANGS = Health(
    Condition.BAD,
    "it does not answer the watchdog",
    "Unplug it, wait a moment, and plug it in again.",
)


class Watchdog:
    """`tell` hears what each device says, and that one hangs; on the watchdog's threads."""

    def __init__(
        self,
        tell: Callable[[str, Health], object],
        every: float = EVERY,
        within: float = WITHIN,
    ) -> None:
        self._tell = tell
        self._every, self._within = every, within
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}  # since when a device owes an answer
        self._told: set[str] = set()  # those that hang
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def watch(self, name: str, device: Device) -> None:
        """Look at it from now on."""
        if not self._threads:
            self._begin("watchdog", self._look_after)
        self._begin(f"watch {name}", lambda: self._look_at(name, device))

    def stop(self) -> None:
        """Look no more; what hangs is left behind."""
        self._stopped.set()

    # --- inside ---------------------------------------------------------------------------------

    def _begin(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _look_at(self, name: str, device: Device) -> None:
        while not self._stopped.wait(self._every):
            with self._lock:
                self._asked[name] = time.monotonic()
            health = device.check_health()
            with self._lock:
                del self._asked[name]
                self._told.discard(name)
            if not self._stopped.is_set():
                self._tell(name, health)

    def _look_after(self) -> None:
        while not self._stopped.wait(self._within / 2):
            late = time.monotonic() - self._within
            with self._lock:
                hanging = {name for name, since in self._asked.items() if since < late}
                hanging -= self._told
                self._told |= hanging
            for name in hanging:
                self._tell(name, HANGS)
