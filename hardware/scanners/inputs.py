"""Linux input devices: their events, the few ioctls that are needed, and how one is found.

    struct input_event   seconds, microseconds (native long each), type, code (u16), value (s32)

Sources: linux/input.h, linux/input-event-codes.h, Documentation/input/event-codes.rst.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import Busy, NotFound
from hardware.transport import DescriptorTransport

EVENT = struct.Struct("@llHHi")
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED, REPEATED = 0, 1, 2

KEY_BYTES = 0x300 // 8
LED_BYTES = 2
LED_CAPS_LOCK = 1
CLOCK_MONOTONIC = 1


def _read(number: int, size: int) -> int:
    return 0x80000000 | size << 16 | ord("E") << 8 | number


def _write(number: int) -> int:
    return 0x40000000 | 4 << 16 | ord("E") << 8 | number


EVIOCGKEY = _read(0x18, KEY_BYTES)
EVIOCGLED = _read(0x19, LED_BYTES)
EVIOCGRAB = _write(0x90)
EVIOCSCLOCKID = _write(0xA0)

Ioctl = Callable[[int, int, int | bytes], int | bytes]


def kernel_ioctl(fd: int, request: int, argument: int | bytes) -> int | bytes:
    """The kernel's own. Raises OSError."""
    if isinstance(argument, int):
        return fcntl.ioctl(fd, request, argument)
    return fcntl.ioctl(fd, request, argument)


@dataclass(frozen=True, slots=True)
class Event:
    """``at``: seconds of the monotonic clock when the kernel took it."""

    at: float
    kind: int
    code: int
    value: int


class Events:
    """Cuts bytes into events; keeps at most one unfinished event."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Event]:
        whole = self._rest + data
        end = len(whole) - len(whole) % EVENT.size
        self._rest = whole[end:]
        return [
            Event(seconds + micros / 1e6, kind, code, value)
            for seconds, micros, kind, code, value in EVENT.iter_unpack(whole[:end])
        ]

    def clear(self) -> None:
        self._rest = b""


class Node:
    """An open input device that types for nobody else, or a named pipe in the place of one."""

    def __init__(self, fd: int, *, pipe: bool, ioctl: Ioctl = kernel_ioctl) -> None:
        self._fd = fd
        self._pipe = pipe
        self._ioctl = ioctl

    def grab(self) -> None:
        """Take all events from now on, timed by the monotonic clock. Raises OSError."""
        if not self._pipe:
            self._ioctl(self._fd, EVIOCGRAB, 1)
            self._ioctl(self._fd, EVIOCSCLOCKID, struct.pack("@I", CLOCK_MONOTONIC))

    def pressed(self) -> frozenset[int]:
        """The keys that are down now; none when it cannot be asked."""
        return self._bits(EVIOCGKEY, KEY_BYTES)

    def caps_lock(self) -> bool:
        """Whether the lamp is lit."""
        return LED_CAPS_LOCK in self._bits(EVIOCGLED, LED_BYTES)

    def _bits(self, request: int, size: int) -> frozenset[int]:
        if self._pipe:
            return frozenset()
        try:
            told = self._ioctl(self._fd, request, bytes(size))
        except OSError:  # it has gone, which reading will tell
            return frozenset()
        assert isinstance(told, bytes)
        return frozenset(n for n in range(size * 8) if told[n // 8] >> n % 8 & 1)


def open_node(
    name: str, path: str, ioctl: Ioctl = kernel_ioctl
) -> tuple[Node, DescriptorTransport]:
    """Open and grab. Raises NotFound, or Busy when another program has grabbed it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        mend = "Install the udev rules of the kiosk and plug the scanner in again."
        raise NotFound(name, f"{path} may not be opened", mend) from error
    except OSError as error:
        raise NotFound(name, f"{path} does not open ({error.strerror})") from error
    transport = DescriptorTransport(fd, name, lambda: os.close(fd))
    node = Node(fd, pipe=stat.S_ISFIFO(os.fstat(fd).st_mode), ioctl=ioctl)
    try:
        node.grab()
    except OSError as error:
        transport.close()
        if error.errno == errno.EBUSY:
            raise Busy(name, f"another program has grabbed {path}") from error
        raise NotFound(name, f"{path} is no input device ({error.strerror})") from error
    return node, transport


@dataclass(frozen=True, slots=True)
class Sought:
    """Which keyboard: a path, or what its USB descriptors say (four hex digits each)."""

    path: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""

    def __post_init__(self) -> None:
        if bool(self.path) == bool(self.vendor or self.product or self.serial):
            raise ValueError("give either a path, or vendor, product and serial")
        for option, text in (("vendor", self.vendor), ("product", self.product)):
            if text and (len(text) != 4 or set(text.lower()) - set("0123456789abcdef")):
                raise ValueError(f'{option} must be four hex digits such as "0c2e", not {text!r}')

    def __str__(self) -> str:
        told = {"vendor": self.vendor, "product": self.product, "serial": self.serial}
        return " ".join(f"{word} {text}" for word, text in told.items() if text)


def find_node(name: str, sought: Sought, root: Path = Path("/")) -> str:
    """The path of the one device that is meant.

    Raises NotFound when there is none, and when there are several: then it names the paths by
    socket (/dev/input/by-path), which tell apart even two with one serial number.
    """
    if sought.path:
        return sought.path
    folders = sorted((root / "sys/class/input").glob("event*/device"))
    found = [folder.parent.name for folder in folders if _fits(folder, sought)]
    if not found:
        raise NotFound(name, f"no keyboard has {sought}")
    if len(found) > 1:
        sockets = ", ".join(_by_path(root, event) for event in found)
        raise NotFound(
            name,
            f"{len(found)} keyboards have {sought}: {sockets}",
            "Set path to the one of these names that is the scanner's socket.",
        )
    return str(root / "dev/input" / found[0])


def _fits(folder: Path, sought: Sought) -> bool:
    """Whether it is the device, and the part of it that types: some have parts for media keys."""
    wanted = {"id/vendor": sought.vendor, "id/product": sought.product, "uniq": sought.serial}
    for file, text in wanted.items():
        if text and _line(folder / file).lower() != text.lower():
            return False
    # Words of native length, the highest first: keys 1 to 0 and Enter are all in the lowest.
    words = _line(folder / "capabilities/key").split()
    with contextlib.suppress(ValueError, IndexError):
        lowest = int(words[-1], 16)
        return all(lowest >> key & 1 for key in (*range(2, 12), 28))
    return False


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _by_path(root: Path, event: str) -> str:
    for link in sorted((root / "dev/input/by-path").glob("*")):
        if link.resolve().name == event:
            return f"/dev/input/by-path/{link.name}"
    return f"/dev/input/{event}"
