"""What is plugged into the core: opened, watched, and never waited for.

A device that is not there is looked for again, one that is there is looked at; its health stands
beside its name, with the cause and the mend for the attendant, and whatever it serves leaves the
screen meanwhile. The printer of a station is a device like the receipt printer, under its name.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hardware.devices import (
    CashDrawer,
    Condition,
    Device,
    Health,
    ItemDispenser,
    Lights,
    NavigatorKey,
    ScanData,
)
from hardware.errors import DeviceError
from hardware.loop import DeviceLoop
from kiosk import registry
from kiosk.device_kinds import BAGGING, DEVICE_KINDS, device_kind
from kiosk.errors import ConfigError
from kiosk.settings import Driver
from kiosk.statistics import CountedPrinter, CountedScale, SlipPrinter, Statistics
from kiosk.timer import Timer
from kiosk.watchdog import Watchdog

LOOK_AGAIN = 2.0  # seconds
PRINTER, DRAWER, DISPENSER, SCALE, DOOR = "printer", "drawer", "dispenser", "scale", "door"
NAVIGATOR = "navigator"
CONTACTS = frozenset({"presence", DOOR, "help_button", "headphones"})
OPEN_DOOR = Health(Condition.BAD, "the door of the housing is open", "Close and lock it.")
NO_PRINTER = "Add a table [devices.printer], or name the drawer's own driver"

_NOT_YET = Health(Condition.UNKNOWN, "not opened yet")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of devices; called on their threads.

    `contact` hears the name of a contact and whether it is on; `health`: that of one has changed;
    `key`: one of a navigator was pressed.
    """

    scan: Callable[[ScanData], None]
    contact: Callable[[str, bool], None]
    health: Callable[[], None]
    key: Callable[[NavigatorKey], None] = lambda _key: None


class Peripherals:
    """The devices of one kiosk by name, on one selector loop."""

    def __init__(
        self,
        settings: Mapping[str, Driver],
        stations: Mapping[str, Driver],
        timer: Timer,
        counts: Path,
        listeners: Listeners,
    ) -> None:
        """`counts` is the file of the statistics.

        Raises ConfigError for a driver or an option that there is not.
        """
        self._timer = timer
        self._statistics = Statistics(counts)
        self._listeners = listeners
        self._lock = threading.Lock()
        self._health: dict[str, Health] = {}
        self._loop = DeviceLoop()
        self._watchdog = Watchdog(self._seen)
        self._devices: dict[str, Any] = {}
        # In this order: a drawer may hang on the printer's port.
        for name, driver in sorted(settings.items(), key=_rank):
            check_kind(device_kind(name))
            self._devices[name] = self._build(device_kind(name), name, driver)
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
        self._watchdog.stop()
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

    @property
    def drawer(self) -> CashDrawer | None:
        """The cash drawer, if it is configured."""
        return self._devices.get(DRAWER)

    @property
    def lights(self) -> Lights | None:
        """The lights of the housing, if they are configured."""
        return self._devices.get("lights")

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
        self._seen(name, self._devices[name].check_health())

    def opened(self, name: str) -> bool:
        """Whether its opening has come to an end, good or bad; so has that of no device at all."""
        return name not in self._devices or self.health().get(name, _NOT_YET) != _NOT_YET

    def works(self, name: str) -> bool:
        """Whether it, or another of its kind, is there and nothing is known to be wrong with it."""
        return any(
            health.condition is not Condition.BAD
            for each, health in self.health().items()
            if name == each or (name == device_kind(each) and each != BAGGING)
        )

    def _build(self, kind: str, name: str, driver: Driver) -> Any:
        given: dict[str, Any] = {"name": name}
        if kind in ("scanner", PRINTER, SCALE, NAVIGATOR):
            given["loop"] = self._loop
        return build_device(kind, driver, self._devices.get(PRINTER), **given)

    def _open(self, name: str, now: float) -> float | None:
        device = self._devices[name]

        def report(health: Health) -> None:
            self._set(name, health)

        def dropped(health: Health) -> None:
            if health.condition is Condition.GOOD and health.cause:
                self._statistics.count(name, "M_DroppedScanCount")
            report(health)

        try:
            match device_kind(name):
                case "scanner":
                    device.open(partial(self._scanned, name), dropped)
                case _ if name in self._printers or device_kind(name) in (DRAWER, SCALE):
                    device.open(report)
                case _ if name in CONTACTS:
                    device.open(partial(self._changed, name))
                case "navigator":
                    device.open(self._listeners.key, report)
                case _:
                    device.open()
        except DeviceError as error:
            self._set(name, Health(Condition.BAD, error.cause, error.mend))
            return now + LOOK_AGAIN
        self._seen(name, device.check_health())
        self._watchdog.watch(name, device)
        return None

    def _scanned(self, name: str, scan: ScanData) -> None:
        self._statistics.count(name, "GoodScanCount")
        self._listeners.scan(scan)

    def _changed(self, name: str, on: bool) -> None:  # noqa: FBT001 - as a contact tells
        if name == DOOR:
            self._set(name, OPEN_DOOR if on else Health(Condition.GOOD))
        self._listeners.contact(name, on)

    def _seen(self, name: str, health: Health) -> None:
        """What a device says of itself; of an open door it knows nothing bad."""
        is_open = name == DOOR and self._devices[DOOR].is_on()
        self._set(name, OPEN_DOOR if is_open and health.condition is Condition.GOOD else health)

    def _set(self, name: str, health: Health) -> None:
        with self._lock:
            before = self._health.get(name)
            self._health[name] = health
        if before != health:
            if health.condition is Condition.BAD:
                self._statistics.count(name, "CommunicationErrorCount")
                log.warning("device %s: %s", name, health.cause)
            self._listeners.health()


def check_kind(kind: str) -> None:
    """Raises ConfigError for a table of devices that is no device."""
    if kind not in DEVICE_KINDS:
        mend = f"Known: {', '.join(DEVICE_KINDS)}; a kitchen's printer is [stations.{kind}]"
        raise ConfigError(f"devices.{kind} is not a device", mend)


def build_device(kind: str, driver: Driver, printer: Any, **given: Any) -> Any:
    """One device, not yet open; `printer` is the receipt printer, on which a drawer may hang.

    Raises ConfigError.
    """
    if hangs_on_the_printer(kind, driver):
        if printer is None:
            raise ConfigError("the drawer hangs on the printer, and there is none", NO_PRINTER)
        given["port"] = printer
    return registry.build("contact" if kind in CONTACTS else kind, driver, **given)


def hangs_on_the_printer(kind: str, driver: Driver) -> bool:
    """Whether it is a drawer in the socket of the receipt printer."""
    return (kind, driver.driver) == (DRAWER, PRINTER)


def _rank(setting: tuple[str, Driver]) -> int:
    kind = device_kind(setting[0])
    return DEVICE_KINDS.index(kind) if kind in DEVICE_KINDS else len(DEVICE_KINDS)
