"""A device opened as the core opens it, by whoever stands before the kiosk, and given back.

A drawer in the printer's socket opens the printer with it: a line is one program's, and within it
one device's. So whoever looks at both looks at the drawer while he has the printer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

from hardware.devices import Health, NavigatorKey, ScanData
from kiosk import registry
from kiosk.config import Config
from kiosk.device_kinds import device_kind
from kiosk.errors import ConfigError
from kiosk.peripherals import CONTACTS, PRINTER, build_device, check_kind, hangs_on_the_printer
from kiosk.settings import Driver

CAMERA = "camera"
SCALE_ANSWERS = 3.0  # seconds; longer than a scale may be silent


@dataclass(frozen=True, slots=True)
class Hearing:
    """What hears of a device while it is open; called on the device's thread."""

    scan: Callable[[ScanData], object] = lambda _scan: None
    contact: Callable[[bool], object] = lambda _on: None
    health: Callable[[Health], object] = lambda _health: None
    key: Callable[[NavigatorKey], object] = lambda _key: None


DEAF = Hearing()


def configured(config: Config) -> dict[str, Driver]:
    """All that is plugged in, by the names that a person types; the camera among them."""
    camera = {} if config.faces.camera is None else {CAMERA: config.faces.camera}
    return {**config.devices, **config.stations, **camera}


def kind_of(config: Config, name: str) -> str:
    """What kind of device it is: a station's is a printer."""
    return PRINTER if name in config.stations else device_kind(name)


@contextmanager
def opened(config: Config, name: str, hear: Hearing = DEAF) -> Iterator[Any]:
    """The device of that name, with the printer where it hangs on that.

    Raises ConfigError, and DeviceError where it does not open.
    """
    driver = configured(config)[name]
    with ExitStack() as held:
        printer = None
        if hangs_on_the_printer(kind_of(config, name), driver) and PRINTER in config.devices:
            printer = held.enter_context(opened(config, PRINTER))
        yield held.enter_context(opened_alone(config, name, printer, hear))


@contextmanager
def opened_alone(
    config: Config, name: str, printer: Any = None, hear: Hearing = DEAF
) -> Iterator[Any]:
    """The same with a `printer` that is open already."""
    kind, driver = kind_of(config, name), configured(config)[name]
    if kind == CAMERA:
        device = registry.build(kind, driver, name=name)
    else:
        check_kind(kind)
        device = build_device(kind, driver, printer, name=name)
    with closing(device):
        match kind:
            case "scanner":
                device.open(hear.scan, hear.health)
            case _ if kind in CONTACTS:
                device.open(hear.contact)
            case "navigator":
                device.open(hear.key, hear.health)
            case "scale":
                _open_scale(device, hear)
            case _ if kind in (PRINTER, "drawer"):
                device.open(hear.health)
            case _:
                device.open()
        yield device


def _open_scale(device: Any, hear: Hearing) -> None:
    """A scale is asked all the time; what it is like is known with its first answer."""
    answered = threading.Event()

    def report(health: Health) -> None:
        hear.health(health)
        answered.set()

    device.open(report)
    answered.wait(SCALE_ANSWERS)


def known(config: Config, name: str) -> None:
    """Raises ConfigError for a name that the settings do not have."""
    names = configured(config)
    if name not in names:
        mend = f"There are: {', '.join(names)}" if names else "The settings name no device"
        raise ConfigError(f"the settings name no device {name}", mend)
