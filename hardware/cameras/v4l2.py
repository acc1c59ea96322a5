"""What the kernel says of a camera and lets be set: V4L2's calls, as linux/videodev2.h has them.

    QUERYCAP   who it is, and whether it captures     QUERYCTRL   its controls, one after the other
    G_CTRL     what a control is at                   S_CTRL      set it
    REQBUFS    whether another program streams from it

Controls go by the names that v4l2-ctl prints: "White Balance, Automatic" is
white_balance_automatic. OpenCV streams; this only asks and sets, beside it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# struct v4l2_capability, v4l2_queryctrl, v4l2_control, v4l2_requestbuffers
_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_QUERY = struct.Struct("=II32siiiiI8x")
_CONTROL = struct.Struct("=Ii")
_REQUEST = struct.Struct("=III8x")


def _code(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("V") << 8 | number


QUERYCAP = _code(2, 0, _CAPABILITY.size)
QUERYCTRL = _code(3, 36, _QUERY.size)
G_CTRL = _code(3, 27, _CONTROL.size)
S_CTRL = _code(3, 28, _CONTROL.size)
REQBUFS = _code(3, 8, _REQUEST.size)

NEXT = 0x80000000  # the control after this one
CAPTURES, HAS_DEVICE_CAPS = 0x1, 0x80000000
FOR_CAPTURE, MAPPED = 1, 1
DISABLED, READ_ONLY = 0x1, 0x4
NUMBERS = frozenset({1, 2, 3, 8, 9})  # integer, boolean, menu, bit mask, integer menu
MOST = 256  # controls of one camera; a driver that goes on is not believed

Ask = Callable[[int, bytearray], None]
"""One call to the device: its code, and the structure that goes in and out. Raises OSError."""


class ControlError(Exception):
    """A control that cannot be set so; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Card:
    """Who a video device is, and whether pictures come from it."""

    driver: str
    name: str
    bus: str
    captures: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One control that takes a number."""

    id: int
    name: str
    minimum: int
    maximum: int
    step: int
    default: int


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera that is plugged in, under the path that stays the same when it is replugged."""

    path: str
    card: Card


@contextmanager
def asking(path: str | Path) -> Iterator[Ask]:
    """A device to ask. Raises OSError."""
    device = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield lambda code, buffer: fcntl.ioctl(device, code, buffer) and None
    finally:
        os.close(device)


def card_of(ask: Ask) -> Card:
    """Who it is. Raises OSError where it is no video device."""
    buffer = bytearray(_CAPABILITY.size)
    ask(QUERYCAP, buffer)
    driver, name, bus, _, whole, here = _CAPABILITY.unpack(buffer)
    able = here if whole & HAS_DEVICE_CAPS else whole
    return Card(_text(driver), _text(name), _text(bus), bool(able & CAPTURES))


def controls_of(ask: Ask) -> dict[str, Control]:
    """By name, what can be set to a number. Raises OSError."""
    found: dict[str, Control] = {}
    last = 0
    for _ in range(MOST):
        buffer = bytearray(_QUERY.size)
        _QUERY.pack_into(buffer, 0, last | NEXT, 0, b"", 0, 0, 0, 0, 0)
        try:
            ask(QUERYCTRL, buffer)
        except OSError:
            break  # that was the last one
        number, kind, name, low, high, step, default, flags = _QUERY.unpack(buffer)
        if number <= last:
            break
        last = number
        if kind in NUMBERS and not flags & (DISABLED | READ_ONLY):
            control = Control(number, _plain(_text(name)), low, high, max(step, 1), default)
            found[control.name] = control
    return found


def get_control(ask: Ask, control: Control) -> int:
    """What it is at. Raises OSError."""
    buffer = bytearray(_CONTROL.pack(control.id, 0))
    ask(G_CTRL, buffer)
    value: int = _CONTROL.unpack(buffer)[1]
    return value


def set_controls(ask: Ask, wanted: Mapping[str, int]) -> None:
    """Set them in this order, since one may free another (manual before exposure).

    Raises ControlError for the first that there is not, or that does not take its number, when
    all others are set; OSError where the device is gone.
    """
    known = controls_of(ask)
    trouble = ""
    for name, value in wanted.items():
        try:
            _set(ask, known, name, value)
        except ControlError as error:
            trouble = trouble or str(error)
    if trouble:
        raise ControlError(trouble)


def is_held(ask: Ask) -> bool:
    """Whether another program streams from it: to that one alone it gives buffers.

    None are asked for, which changes nothing. Raises no error: one that is gone is not held.
    """
    try:
        ask(REQBUFS, bytearray(_REQUEST.pack(0, FOR_CAPTURE, MAPPED)))
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def find_cameras(devices: Path = Path("/dev")) -> list[FoundCamera]:
    """The video devices that give pictures, by id where that is one camera's, else by place."""
    found = []
    for path in sorted(devices.glob("video*")):
        try:
            with asking(path) as ask:
                card = card_of(ask)
        except OSError:
            continue
        if card.captures:
            found.append(FoundCamera(stable_path(path), card))
    return found


def stable_path(path: Path) -> str:
    """What names this device after the next start, too; its number where nothing does."""
    for folder in ("by-id", "by-path"):
        links = sorted((path.parent / "v4l" / folder).glob("*"))
        for link in links:
            if link.resolve() == path.resolve():
                return str(link)
    return str(path)


def _set(ask: Ask, known: Mapping[str, Control], name: str, value: int) -> None:
    control = known.get(name)
    if control is None:
        raise ControlError(f"the camera has no control {name}; it has {', '.join(sorted(known))}")
    if not control.minimum <= value <= control.maximum:
        span = f"{control.minimum} to {control.maximum}"
        raise ControlError(f"{name} is {span}, not {value}")
    try:
        ask(S_CTRL, bytearray(_CONTROL.pack(control.id, value)))
    except OSError as error:
        raise ControlError(f"{name} does not take {value}: {error.strerror}") from error


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
