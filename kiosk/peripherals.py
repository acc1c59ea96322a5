"""What is plugged into the core: opened, watched, and never waited for.

A device that is not there is looked for again; its health stands beside its name, with the cause
and the mend for the attendant, and whatever it serves leaves the screen meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from hardware.devices import Condition, Device, Health, ReceiptPrinter
from hardware.errors import DeviceError
from hardware.loop import DeviceLoop
from hardware.printers.profile import Profile
from kiosk import registry
from kiosk.config import Driver
from kiosk.errors import ConfigError
from kiosk.timer import Timer

LOOK_AGAIN = 2.0  # seconds
KINDS = ("scanner", "printer", "drawer")

log = logging.getLogger(__name__)


class SlipPrinter(ReceiptPrinter, Protocol):
    """A receipt printer that tells what its slips must be encoded for."""

    @property
    def profile(self) -> Profile: ...


class Peripherals:
    """The devices of one kiosk by name, on one selector loop."""

    def __init__(
        self,
        settings: Mapping[str, Driver],
        timer: Timer,
        on_scan: Callable[[str], None],
        on_change: Callable[[], None],
    ) -> None:
        """Raises ConfigError for a driver or an option that there is not."""
        self._timer = timer
        self._on_scan = on_scan
        self._on_change = on_change
        self._lock = threading.Lock()
        self._health: dict[str, Health] = {}
        self._loop = DeviceLoop()
        self._devices: dict[str, Any] = {}
        # In this order: a drawer may hang on the printer's port.
        for kind, driver in sorted(settings.items(), key=_rank):
            if kind not in KINDS:
                raise ConfigError(f"devices.{kind} is not a device", f"Known: {', '.join(KINDS)}")
            given: dict[str, Any] = {"name": kind}
            if kind in ("scanner", "printer"):
                given["loop"] = self._loop
            if (kind, driver.driver) == ("drawer", "printer"):
                given["port"] = self._devices.get("printer")
            self._devices[kind] = registry.build(kind, driver, **given)

    def open(self) -> None:
        """Begin to open every device; none of them is waited for."""
        self._loop.start()
        for name in self._devices:
            self._set(name, Health(Condition.UNKNOWN, "not opened yet"))
            self._timer.put(f"open {name}", partial(self._open, name))

    def close(self) -> None:
        """Close all."""
        for device in self._devices.values():
            device.close()
        self._loop.stop()

    @property
    def printer(self) -> SlipPrinter | None:
        """The receipt printer, if one is configured."""
        return self._devices.get("printer")

    def device(self, name: str) -> Device | None:
        """A device by its name in the config."""
        return self._devices.get(name)

    def health(self) -> Mapping[str, Health]:
        """What was last seen of each device."""
        with self._lock:
            return dict(self._health)

    def works(self, name: str) -> bool:
        """Whether it is there and nothing is known to be wrong with it."""
        health = self.health().get(name)
        return health is not None and health.condition is not Condition.BAD

    def _open(self, name: str, now: float) -> float | None:
        device = self._devices[name]

        def report(health: Health) -> None:
            self._set(name, health)

        try:
            match name:
                case "scanner":
                    device.open(lambda scan: self._on_scan(scan.text), report)
                case "printer":
                    device.open(report)
                case _:
                    device.open()
        except DeviceError as error:
            self._set(name, Health(Condition.BAD, error.cause, error.mend))
            return now + LOOK_AGAIN
        self._set(name, device.check_health())
        return None

    def _set(self, name: str, health: Health) -> None:
        with self._lock:
            before = self._health.get(name)
            self._health[name] = health
        if before != health:
            if health.condition is Condition.BAD:
                log.warning("device %s: %s", name, health.cause)
            self._on_change()


def _rank(setting: tuple[str, Driver]) -> int:
    kind, _ = setting
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
