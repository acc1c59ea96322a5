"""What an installer does with each kind of device, and what he is told: a sentence a line.

A trial ends quietly when the device did its work, and raises DidNotWork where it did not.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hardware.cameras import v4l2
from hardware.devices import (
    Camera,
    CashDrawer,
    Condition,
    DrawerState,
    DropOutcome,
    Health,
    ItemDispenser,
    Lights,
    NavigatorKey,
    Scale,
    ScaleStatus,
    ScanData,
    Weighing,
)
from kiosk.channels.codes import PaymentCode, classify
from kiosk.device_test import DidNotWork, healthy, kick, print_slip
from kiosk.doctor.devices import contact_word, facts
from kiosk.doctor.opening import Hearing
from kiosk.domain.catalogue import WrongCheckDigit
from kiosk.domain.gs1 import NotElements, read_elements
from kiosk.settings import Driver
from kiosk.statistics import SlipPrinter

_LOOK = 0.1
_OPENS_WITHIN = 2.0  # seconds from the pulse to the switch
_PULSE = 1.0  # seconds; the longest that a driver takes
_LIT = 1.0
_FIRST_FRAME = 5.0
_RATE_OVER = 1.0

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: of which device, how long a person is waited for, of which slot."""

    name: str
    driver: Driver
    seconds: float = 20.0
    slot: int | None = None
    terminal_id: str = ""


Heard = ScanData | bool | Health | NavigatorKey


@dataclass(slots=True)
class Ears:
    """Keeps what a device tells from its own thread, for the one who waits."""

    heard: queue.SimpleQueue[Heard] = field(default_factory=queue.SimpleQueue)

    @property
    def hearing(self) -> Hearing:
        return Hearing(self.heard.put, self.heard.put, self.heard.put, self.heard.put)

    def wait(self, until: float) -> Heard | None:
        """The next word, or None when time is up."""
        try:
            return self.heard.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return None


def printer(device: SlipPrinter, asked: Asked, _ears: Ears, say: Say) -> None:
    """Print the test slip; its facts before and after."""
    say(f"Before: {facts(device.status())}.")
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    number = time.strftime("%y%m%d%H%M%S")
    say(f"{print_slip(device, f'{asked.terminal_id}  {when}', number)}.")
    say(f"After: {facts(device.status())}.")
    say(
        "Look at it: the row of digits fills one line exactly (else set paper or columns), 中文 ￥"
        " is there (else set charset), a bar code and a QR code can be scanned (else set"
        " native_qr = false), and it is cut."
    )


def scanner(_device: Any, asked: Asked, ears: Ears, say: Say) -> None:
    """Wait for one code, and tell what the kiosk reads in it."""
    say(f"Scan something within {asked.seconds:.0f} seconds.")
    end = time.monotonic() + asked.seconds
    while (heard := ears.wait(end)) is not None:
        match heard:
            case Health(cause=cause, mend=mend) if cause:
                say(f"The scanner tells: {cause}. {mend}".strip())
            case ScanData():
                _scanned(heard, say)
                return
    raise DidNotWork(f"nothing was read within {asked.seconds:.0f} seconds")


def _scanned(scan: ScanData, say: Say) -> None:
    what = classify(scan.text, gs1=scan.gs1)
    kind = scan.symbology.value
    if isinstance(what, PaymentCode):
        # It pays once for whoever has it, so it is not shown.
        say(f"Read: a payment code of {what.wallet.value} that ends in {what.ending} ({kind}).")
        return
    say(f"Read: {scan.text!r}, {len(scan.data)} bytes.")
    if scan.symbology.value == "unknown":
        say("The scanner does not tell the kind of code: let it send AIM identifiers.")
    else:
        say(f"Kind of code: {kind}{', with an element string of GS1' if scan.gs1 else ''}.")
    if scan.gs1:
        _elements(scan.text, say)
    say(f"To the kiosk it is: {type(what).__name__}.")


def _elements(text: str, say: Say) -> None:
    try:
        for one in read_elements(text):
            say(f"  ({one.ai}) {one.value}")
    except (NotElements, WrongCheckDigit) as error:
        say(f"  It is not one that can be read: {error}.")


def drawer(device: CashDrawer, asked: Asked, _ears: Ears, say: Say) -> None:
    """Open it, and wait until a person has closed it."""
    state = kick(device)
    say("The drawer was told to open.")
    if state is DrawerState.UNKNOWN:
        time.sleep(_PULSE)  # closing at once would cut it short, or throw its bytes away
        say(healthy(device.check_health()).capitalize() + ".")
        if device.check_health().condition is not Condition.GOOD:
            raise DidNotWork("its switch does not answer")
        say("It has no switch, so only you see whether it opened.")
        return
    if not _until(device, DrawerState.OPEN, _OPENS_WITHIN):
        raise DidNotWork(
            "its switch says that it stayed closed. If it did open, sensor_open is the wrong level"
        )
    say(f"Its switch says: open. Close it within {asked.seconds:.0f} seconds.")
    if not _until(device, DrawerState.CLOSED, asked.seconds):
        raise DidNotWork(
            "its switch says that it is still open. If it is closed, sensor_open is the wrong level"
        )
    say("Its switch says: closed.")


def _until(device: CashDrawer, state: DrawerState, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while device.is_open() is not state:
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK)
    return True


def dispenser(device: ItemDispenser, asked: Asked, _ears: Ears, say: Say) -> None:
    """Drop what is in the slot that was named."""
    if asked.slot is None:
        raise DidNotWork("name the slot that shall drop something: --slot 1")
    result = device.dispense_item(asked.slot)
    if result.outcome is not DropOutcome.DROPPED:
        why = f"{result.outcome.value}: {result.reason}. {result.mend}".strip()
        raise DidNotWork(f"slot {asked.slot} {why}")
    say(f"Slot {asked.slot}: something fell, as the sensor saw.")


def lights(device: Lights, asked: Asked, _ears: Ears, say: Say) -> None:
    """Each for a second; whether it was the right one only a person sees."""
    named = asked.driver.options.get("lights")
    for light in named if isinstance(named, Mapping) else ("green", "amber", "red", "face"):
        say(f"{light} is on.")
        device.switch_on(light)
        time.sleep(_LIT)
        device.switch_off(light)
    say(f"All are off. {healthy(device.check_health()).capitalize()}.")


def contact(_device: Any, asked: Asked, ears: Ears, say: Say) -> None:
    """Tell what is so, and each change."""
    say(f"Make it change within {asked.seconds:.0f} seconds, as often as you like.")
    end = time.monotonic() + asked.seconds
    told = 0
    while (heard := ears.wait(end)) is not None:
        if isinstance(heard, bool):
            told += 1
            say(f"{asked.name}: {contact_word(asked.name, on=heard)}.")
    if told < 2:
        raise DidNotWork(f"it did not change within {asked.seconds:.0f} seconds")


def navigator(_device: Any, asked: Asked, ears: Ears, say: Say) -> None:
    """Tell each key by its name."""
    say(f"Press its keys within {asked.seconds:.0f} seconds.")
    end = time.monotonic() + asked.seconds
    told = 0
    while (heard := ears.wait(end)) is not None:
        if isinstance(heard, NavigatorKey):
            told += 1
            say(f"{asked.name}: {heard.value}.")
    if not told:
        raise DidNotWork(f"no key was pressed within {asked.seconds:.0f} seconds")


def scale(device: Scale, asked: Asked, _ears: Ears, say: Say) -> None:
    """Show what it weighs until something lay still on it and was taken away again."""
    say(f"Lay something on it and take it off again within {asked.seconds:.0f} seconds.")
    end = time.monotonic() + asked.seconds
    shown, lay = "", False
    while time.monotonic() < end:
        seen = device.live_weight()
        lay = lay or seen.status is ScaleStatus.STABLE
        line = _weighing(seen)
        if line != shown:
            say(line)
        shown = line
        if lay and seen.status is ScaleStatus.ZERO:
            return
        time.sleep(_LOOK)
    if not lay:
        raise DidNotWork(f"no weight stood still within {asked.seconds:.0f} seconds")
    raise DidNotWork("it did not come back to zero: empty the pan, and set the scale to zero")


def _weighing(seen: Weighing) -> str:
    if seen.status in (ScaleStatus.STABLE, ScaleStatus.UNSTABLE):
        return f"{seen.status.value}: {seen.grams} g"
    return str(seen.status.value)


def camera(device: Camera, asked: Asked, _ears: Ears, say: Say) -> None:
    """One frame's size, how many come in a second, and what can be set."""
    device.start()
    first = device.read(timeout_s=_FIRST_FRAME)
    height, width = first.pixels.shape[:2]
    say(f"It gives pictures of {width} × {height}.")
    last = first
    while last.captured_at - first.captured_at < _RATE_OVER:
        last = device.read(timeout_s=_FIRST_FRAME)
    frames = last.sequence - first.sequence
    say(f"{frames / (last.captured_at - first.captured_at):.1f} of them a second.")
    _controls(asked.driver, say)
    say(f"{healthy(device.check_health()).capitalize()}.")


def _controls(driver: Driver, say: Say) -> None:
    place = driver.options.get("device", 0)
    path = f"/dev/video{place}" if isinstance(place, int) else str(place)
    if driver.driver != "opencv" or not path.startswith("/dev/"):
        return
    try:
        with v4l2.asking(path) as ask:
            for name, one in v4l2.controls_of(ask).items():
                span = f"{one.minimum} to {one.maximum}"
                say(f"  {name} = {v4l2.get_control(ask, one)} ({span}, usually {one.default})")
    except OSError as error:
        say(f"Its controls cannot be asked: {error.strerror}.")


Trial = Callable[[Any, Asked, Ears, Say], None]

TRIALS: Mapping[str, Trial] = {
    "scanner": scanner,
    "printer": printer,
    "drawer": drawer,
    "dispenser": dispenser,
    "scale": scale,
    "lights": lights,
    "presence": contact,
    "door": contact,
    "help_button": contact,
    "headphones": contact,
    "navigator": navigator,
    "camera": camera,
}
