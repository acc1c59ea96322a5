"""What is plugged into the core: opened, watched, and never waited for.

A device that is not there is looked for again; its health stands beside its name, with the cause
and the mend for the attendant, and whatever it serves leaves the screen meanwhile. The printer of
a station is a device like the receipt printer, under the station's name.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hardware.devices import Condition, Device, Health, ItemDispenser, ScanData
from hardware.errors import DeviceError
from hardware.loop import DeviceLoop
from kiosk import registry
from kiosk.config import DEVICE_KINDS
from kiosk.errors import ConfigError
from kiosk.settings import Driver
from kiosk.statistics import CountedPrinter, CountedScale, SlipPrinter, Statistics
from kiosk.timer import Timer

LOOK_AGAIN = 2.0  # seconds
PRINTER, DISPENSER, SCALE = "printer", "dispenser", "scale"

_NOT_YET = Health(Condition.UNKNOWN, "not opened yet")

log = logging.getLogger(__name__)


class Peripherals:
    """The devices of one kiosk by name, on one selector loop."""

    def __init__(
        self,
        settings: Mapping[str, Driver],
        stations: Mapping[str, Driver],
        timer: Timer,
        counts: Path,
        on_scan: Callable[[str], None],
        on_change: Callable[[], None],
    ) -> None:
        """`counts` is the file of the statistics.

        Raises ConfigError for a driver or an option that there is not.
        """
        self._timer = timer
        self._statistics = Statistics(counts)
        self._on_scan = on_scan
        self._on_change = on_change
        self._lock = threading.Lock()
        self._health: dict[str, Health] = {}
        self._loop = DeviceLoop()
        self._devices: dict[str, Any] = {}
        # In this order: a drawer may hang on the printer's port.
        for kind, driver in sorted(settings.items(), key=_rank):
            check_kind(kind)
            self._devices[kind] = self._build(kind, kind, driver)
        for station, driver in stations.items():
            self._devices[station] = self._build(PRINTER, station, driver)
        self._printers = {
            name: CountedPrinter(self._devices[name], partial(self._statistics.count, name))
            for name in (*stations, *({PRINTER} & set(settings)))
        }
        scale = self._devices.get(SCALE)
        self.scale = scale and CountedScale(scale, partial(self._statistics.count, SCALE))

    def open(self) -> None:
        """Begin to open every device; none of them is waited for."""
        self._loop.start()
        for name in self._devices:
            self._set(name, _NOT_YET)
            self._timer.put(f"open {name}", partial(self._open, name))

    def close(self) -> None:
        """Close all."""
        for device in self._devices.values():
            device.close()
        self._loop.stop()
        self._statistics.summary()

    @property
    def names(self) -> list[str]:
        """Of all devices and stations."""
        return list(self._devices)

    @property
    def dispenser(self) -> ItemDispenser | None:
        """What drops goods, if it is configured."""
        return self._devices.get(DISPENSER)

    def printer(self, station: str = PRINTER) -> SlipPrinter | None:
        """The printer of a station, or the receipt printer; None where none is configured."""
        return self._printers.get(station)

    def device(self, name: str) -> Device | None:
        """A device by its name in the config."""
        return self._devices.get(name)

    def health(self) -> Mapping[str, Health]:
        """What was last seen of each device."""
        with self._lock:
            return dict(self._health)

    def statistics(self) -> Mapping[str, Mapping[str, int]]:
        """What each device has done, by UnifiedPOS's names."""
        return self._statistics.summary()

    def look(self, name: str) -> None:
        """It was used: ask how it is now."""
        self._set(name, self._devices[name].check_health())

    def opened(self, name: str) -> bool:
        """Whether its opening has come to an end, good or bad; so has that of no device at all."""
        return name not in self._devices or self.health().get(name, _NOT_YET) != _NOT_YET

    def works(self, name: str) -> bool:
        """Whether it is there and nothing is known to be wrong with it."""
        health = self.health().get(name)
        return health is not None and health.condition is not Condition.BAD

    def _build(self, kind: str, name: str, driver: Driver) -> Any:
        given: dict[str, Any] = {"name": name}
        if kind in ("scanner", PRINTER, SCALE):
            given["loop"] = self._loop
        if (kind, driver.driver) == ("drawer", "printer"):
            given["port"] = self._devices.get(PRINTER)
        return registry.build(kind, driver, **given)

    def _open(self, name: str, now: float) -> float | None:
        device = self._devices[name]

        def report(health: Health) -> None:
            self._set(name, health)

        try:
            match name:
                case "scanner":
                    device.open(self._scanned, report)
                case _ if name == SCALE or name in self._printers:
                    device.open(report)
                case _:
                    device.open()
        except DeviceError as error:
            self._set(name, Health(Condition.BAD, error.cause, error.mend))
            return now + LOOK_AGAIN
        self._set(name, device.check_health())
        return None

    def _scanned(self, scan: ScanData) -> None:
        self._statistics.count("scanner", "GoodScanCount")
        self._on_scan(scan.text)

    def _set(self, name: str, health: Health) -> None:
        with self._lock:
            before = self._health.get(name)
            self._health[name] = health
        if before != health:
            if health.condition is Condition.BAD:
                self._statistics.count(name, "CommunicationErrorCount")
                log.warning("device %s: %s", name, health.cause)
            self._on_change()


def check_kind(kind: str) -> None:
    """Raises ConfigError for a table of devices that is no device."""
    if kind not in DEVICE_KINDS:
        mend = f"Known: {', '.join(DEVICE_KINDS)}; a kitchen's printer is [stations.{kind}]"
        raise ConfigError(f"devices.{kind} is not a device", mend)


def _rank(setting: tuple[str, Driver]) -> int:
    kind, _ = setting
    return DEVICE_KINDS.index(kind) if kind in DEVICE_KINDS else len(DEVICE_KINDS)
