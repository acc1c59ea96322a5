"""What is plugged in: opened as the kiosk would, asked once, and given back.

A device is held by one program. What the running kiosk holds cannot be asked from outside; the
kiosk watches it itself and shows its trouble on the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from hardware.devices import Condition, Health, PrinterStatus, ReceiptPrinter
from hardware.errors import Busy, DeviceError
from kiosk import registry
from kiosk.config import Config, Driver
from kiosk.doctor.finding import Check, Finding, failed, unknown
from kiosk.errors import ConfigError
from kiosk.peripherals import KINDS

_FACTS = ("online", "paper", "near_end", "cover", "cutter")
_WORDS = {
    "online": {Condition.GOOD: "on line", Condition.BAD: "off line"},
    "paper": {Condition.GOOD: "paper in", Condition.BAD: "paper out"},
    "near_end": {Condition.GOOD: "enough of it", Condition.BAD: "nearly at its end"},
    "cover": {Condition.GOOD: "cover closed", Condition.BAD: "cover open"},
    "cutter": {Condition.GOOD: "cutter free", Condition.BAD: "cutter jammed"},
}


def checks(config: Config, *, running: bool) -> list[Check]:
    """One for each device of the settings; `running` says whether a kiosk runs on them."""
    return [_check(kind, driver, running=running) for kind, driver in config.devices.items()]


def _check(kind: str, driver: Driver, *, running: bool) -> Check:
    return Check(kind, lambda: looked_at(kind, driver, running=running))


def looked_at(kind: str, driver: Driver, *, running: bool) -> Iterator[Finding]:
    """The state of one device."""
    if kind not in KINDS:
        raise ConfigError(f"devices.{kind} is not a device", f"Known: {', '.join(KINDS)}")
    with closing(registry.build(kind, driver, name=kind)) as device:
        try:
            _open(kind, device)
        except DeviceError as error:
            yield refused(kind, error, running=running)
            return
        place = str(driver.options.get("path", driver.driver))
        if isinstance(device, ReceiptPrinter):
            place = f"{place}: {facts(device.status())}"
        yield of_health(kind, device.check_health(), place)


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
        case _:
            device.open()
