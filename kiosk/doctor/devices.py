"""What is plugged in: opened as the kiosk would, asked once, and given back.

A device is held by one program. What the running kiosk holds cannot be asked from outside; the
kiosk watches it itself and shows its trouble on the screen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from hardware.devices import Condition, Health, PrinterStatus, ReceiptPrinter
from hardware.errors import Busy, DeviceError
from kiosk import registry
from kiosk.config import Config, device_kind
from kiosk.doctor.finding import Check, Finding, failed, unknown
from kiosk.peripherals import PRINTER, check_kind
from kiosk.settings import Driver

SCALE_ANSWERS = 3.0  # seconds; longer than a scale may be silent
_FACTS = ("online", "paper", "near_end", "cover", "cutter")
_WORDS = {
    "online": {Condition.GOOD: "on line", Condition.BAD: "off line"},
    "paper": {Condition.GOOD: "paper in", Condition.BAD: "paper out"},
    "near_end": {Condition.GOOD: "enough of it", Condition.BAD: "nearly at its end"},
    "cover": {Condition.GOOD: "cover closed", Condition.BAD: "cover open"},
    "cutter": {Condition.GOOD: "cutter free", Condition.BAD: "cutter jammed"},
}


def checks(config: Config, *, running: bool) -> list[Check]:
    """One for each device and station; `running` says whether a kiosk runs on them."""
    devices = [(name, device_kind(name), driver) for name, driver in config.devices.items()]
    stations = [(name, PRINTER, driver) for name, driver in config.stations.items()]
    return [_check(*each, running=running) for each in (*devices, *stations)]


def _check(name: str, kind: str, driver: Driver, *, running: bool) -> Check:
    return Check(name, lambda: looked_at(name, kind, driver, running=running))


def looked_at(name: str, kind: str, driver: Driver, *, running: bool) -> Iterator[Finding]:
    """The state of one device."""
    check_kind(kind)
    with closing(registry.build(kind, driver, name=name)) as device:
        try:
            _open(kind, device)
        except DeviceError as error:
            yield refused(name, error, running=running)
            return
        options = driver.options
        place = str(options.get("path") or options.get("host") or driver.driver)
        if isinstance(device, ReceiptPrinter):
            place = f"{place}: {facts(device.status())}"
        yield of_health(name, device.check_health(), place)


def refused(what: str, error: DeviceError, *, running: bool) -> Finding:
    """A device that did not open."""
    if isinstance(error, Busy) and running:
        says = "in use by the running kiosk, which watches it itself"
        return unknown(what, says, "Stop the kiosk first if it is to be asked here.")
    return failed(what, error)


def of_health(what: str, health: Health, place: str) -> Finding:
    """A device's own word as a finding; `place` and what it told stand behind it."""
    says = f"{health.cause} ({place})" if health.cause else place
    return Finding(what, health.condition, says, health.mend)


def facts(status: PrinterStatus) -> str:
    """Every fact in words; what the printer did not answer is named as such."""
    told = {name: getattr(status, name) for name in _FACTS}
    words = [_WORDS[name][fact] for name, fact in told.items() if fact is not Condition.UNKNOWN]
    silent = [name.replace("_", " ") for name, fact in told.items() if fact is Condition.UNKNOWN]
    if silent:
        words.append(f"not told: {', '.join(silent)}")
    return ", ".join(words)


def _open(kind: str, device: Any) -> None:
    match kind:
        case "scanner":
            device.open(lambda _scan: None)
        case "scale":
            answered = threading.Event()
            device.open(lambda _health: answered.set())
            answered.wait(SCALE_ANSWERS)
        case _:
            device.open()
