"""What is plugged in: opened as the kiosk would, asked once, and given back.

A device is held by one program. What the running kiosk holds cannot be asked from outside; the
kiosk watches it itself and shows its trouble on the screen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from hardware.devices import Condition, Contact, Health, PrinterStatus, ReceiptPrinter
from hardware.errors import Busy, DeviceError
from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, failed, unknown
from kiosk.doctor.opening import configured, opened_alone
from kiosk.peripherals import DOOR, OPEN_DOOR, PRINTER, hangs_on_the_printer
from kiosk.settings import Driver

_FACTS = ("online", "paper", "near_end", "cover", "cutter")
_WORDS = {
    "online": {Condition.GOOD: "on line", Condition.BAD: "off line"},
    "paper": {Condition.GOOD: "paper in", Condition.BAD: "paper out"},
    "near_end": {Condition.GOOD: "enough of it", Condition.BAD: "nearly at its end"},
    "cover": {Condition.GOOD: "cover closed", Condition.BAD: "cover open"},
    "cutter": {Condition.GOOD: "cutter free", Condition.BAD: "cutter jammed"},
}
_CONTACTS = {
    "presence": ("somebody is there", "nobody is there"),
    "door": ("open", "closed"),
    "help_button": ("pressed", "not pressed"),
    "headphones": ("plugged in", "not plugged in"),
}
_FIRST_WORD = 2.0  # seconds; the longest bouncing that may be set is one


def checks(config: Config, *, running: bool) -> list[Check]:
    """One for each device and station; `running` says whether a kiosk runs on them."""
    hanging = set(_hanging(config)) if PRINTER in config.devices else set()
    names = [name for name in (*config.devices, *config.stations) if name not in hanging]
    return [_check(config, name, running=running) for name in names]


def _check(config: Config, name: str, *, running: bool) -> Check:
    return Check(name, lambda: looked_at(config, name, running=running))


def looked_at(
    config: Config, name: str, *, running: bool, printer: Any = None
) -> Iterator[Finding]:
    """The state of one device, and of what hangs on it."""
    hanging = _hanging(config) if name == PRINTER else []
    with ExitStack() as held:
        try:
            device = held.enter_context(opened_alone(config, name, printer))
        except DeviceError as error:
            yield refused(name, error, running=running)
            for other in hanging:
                yield unknown(other, "hangs on the printer, which does not open")
            return
        yield _told(name, configured(config)[name], device)
        for other in hanging:
            yield from looked_at(config, other, running=running, printer=device)


def _hanging(config: Config) -> list[str]:
    return [name for name, one in config.devices.items() if hangs_on_the_printer(name, one)]


def _told(name: str, driver: Driver, device: Any) -> Finding:
    options = driver.options
    place = str(options.get("path") or options.get("host") or driver.driver)
    if isinstance(device, ReceiptPrinter):
        place = f"{place}: {facts(device.status())}"
    if isinstance(device, Contact):
        on = _is_on(device)
        if on is not None:
            place = f"{place}: {contact_word(name, on=on)}"
        if name == DOOR and on:
            return of_health(name, OPEN_DOOR, place)
    return of_health(name, device.check_health(), place)


def contact_word(name: str, *, on: bool) -> str:
    """What a contact tells, in the words of its name."""
    return _CONTACTS.get(name, ("on", "off"))[not on]


def _is_on(device: Contact) -> bool | None:
    """It tells what is so at first when its contact has stopped bouncing."""
    end = time.monotonic() + _FIRST_WORD
    while device.is_on() is None and time.monotonic() < end:
        time.sleep(0.01)
    return device.is_on()


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
