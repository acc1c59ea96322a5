"""A scanner made of software that types like a keyboard: key events, as the kernel passes them on.

    python -m hardware.scanners.keyboard --link PATH [--layout de] [--gs control]
    python -m hardware.scanners.keyboard --uinput    a device of the real kernel, as root

Each line on standard input or the control pipe is scanned. Lines that begin with ``!`` are orders:
``!join A B`` two codes at once, ``!bare A`` without Enter, ``!torn A`` with a long pause inside,
``!drop A`` with events lost inside, ``!held A`` with repetitions, ``!unplug``, ``!plug``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from hardware.scanners.peer import serve
from hardware.scanners.uinput import UinputWire

# What is printed on a US keyboard, and the code of each key (linux/input-event-codes.h).
CODES = {
    **dict(zip("1234567890-=", range(2, 14), strict=True)),
    **dict(zip("qwertyuiop[]", range(16, 28), strict=True)),
    **dict(zip("asdfghjkl;'`", range(30, 42), strict=True)),
    **dict(zip("\\zxcvbnm,./", range(43, 54), strict=True)),
    " ": 57,
    "<": 86,
    "\r": 28,
    "\t": 15,
}
DIGITS = dict(zip("7894561230", (71, 72, 73, 75, 76, 77, 79, 80, 81, 82), strict=True))
SHIFT, CONTROL, ALT, ALT_GR, F8 = 42, 29, 56, 100, 66
SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"?>', "`1234567890-=[]\\;'/.", strict=True))

# By country: the key, as a US keyboard names it, of a character; S with Shift, G with AltGr.
COUNTRIES: dict[str, dict[str, str]] = {
    "us": {each: f"S{key}" for each, key in SHIFTED.items()} | {"<": "S,"},
    "de": {
        "z": "y",
        "y": "z",
        "ü": "[",
        "ö": ";",
        "ä": "'",
        "ß": "-",
        "+": "]",
        "#": "\\",
        "-": "/",
        "_": "S/",
        "/": "S7",
        ":": "S.",
        ";": "S,",
        "=": "S0",
        "?": "S-",
        "*": "S]",
        "!": "S1",
        '"': "S2",
        "§": "S3",
        "$": "S4",
        "%": "S5",
        "&": "S6",
        "(": "S8",
        ")": "S9",
        "'": "S\\",
        ">": "S<",
        "{": "G7",
        "[": "G8",
        "]": "G9",
        "}": "G0",
        "\\": "G-",
        "@": "Gq",
        "€": "Ge",
        "~": "G]",
        "|": "G<",
    },
    "fr": {
        "a": "q",
        "q": "a",
        "z": "w",
        "w": "z",
        "m": ";",
        "ù": "'",
        "$": "]",
        "*": "\\",
        **{str(n): f"S{n}" for n in range(10)},
        "&": "1",
        "é": "2",
        '"': "3",
        "'": "4",
        "(": "5",
        "-": "6",
        "è": "7",
        "_": "8",
        "ç": "9",
        "à": "0",
        ")": "-",
        "°": "S-",
        "+": "S=",
        "%": "S'",
        "£": "S]",
        ">": "S<",
        ",": "m",
        "?": "Sm",
        ";": ",",
        ".": "S,",
        ":": ".",
        "/": "S.",
        "!": "/",
        "§": "S/",
        "~": "G2",
        "#": "G3",
        "{": "G4",
        "[": "G5",
        "|": "G6",
        "\\": "G8",
        "@": "G0",
        "]": "G-",
        "}": "G=",
        "€": "Ge",
    },
}

EV_SYN, EV_KEY, EV_MSC, MSC_SCAN, SYN_DROPPED = 0, 1, 4, 4, 3
Stroke = tuple[tuple[int, ...], int]  # modifiers that are held, and the key


class Wire(Protocol):
    """Where events go: ``FifoWire`` or ``UinputWire``."""

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def write(self, events: bytes) -> None: ...


class FifoWire:
    """A named pipe in the place of /dev/input/by-id/…: a driver reads the same bytes from it."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._fd = -1

    def plug(self) -> None:
        if self._fd < 0:
            self._link.parent.mkdir(parents=True, exist_ok=True)
            self._link.unlink(missing_ok=True)
            os.mkfifo(self._link, 0o600)
            # For reading as well: writing alone cannot be opened before the driver reads.
            self._fd = os.open(self._link, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def unplug(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._link.unlink(missing_ok=True)
            os.close(fd)

    def write(self, events: bytes) -> None:
        """What the driver does not read in time is lost, as in the kernel's buffer."""
        while self._fd >= 0 and events:
            _, writable, _ = select.select([], [self._fd], [], 1.0)
            if not writable:
                return
            with contextlib.suppress(BlockingIOError):
                events = events[os.write(self._fd, events[:4080]) :]


class KeyboardPeer:
    """One scanner. ``gs``: how it types GS: control (Ctrl + ]), alt (Alt 0 2 9), f8, or not at all.

    ``alt``: it types every character as Alt and a number, whatever the country.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        layout: str = "us",
        gs: str = "control",
        alt: bool = False,
        end: str = "\r",
        key_s: float = 0.0,
    ) -> None:
        self._wire = wire
        self._layout = layout
        self._gs = gs
        self._alt = alt
        self._end = end
        self._key_s = key_s
        self._lock = threading.Lock()

    def plug(self) -> None:
        self._wire.plug()

    def unplug(self) -> None:
        self._wire.unplug()

    def scan(self, code: str) -> None:
        """Read one code."""
        self.type(code + self._end)

    def type(self, text: str, *, repeat: bool = False) -> None:
        """Key by key; the last character of a code is pressed and let go like every other one."""
        with self._lock:
            for character in text:
                self._wire.write(b"".join(self._character(character, repeat=repeat)))
                if self._key_s:
                    time.sleep(self._key_s)

    def lose(self) -> None:
        """The kernel's buffer ran over: it says so, and gives what happened since."""
        with self._lock:
            self._wire.write(event(EV_SYN, SYN_DROPPED, 0) + event(EV_KEY, 3, 1) + report())

    def raw(self, events: bytes) -> None:
        """Bytes as they are, for what no keyboard does."""
        with self._lock:
            self._wire.write(events)

    def obey(self, line: str) -> bool:
        """One line of input; False for an order that is not known."""
        match line.split():
            case ["!join", *codes] if codes:
                self.type("".join(code + self._end for code in codes))
            case ["!bare", code]:
                self.type(code)
            case ["!torn", code]:
                self.type(code[:6])
                time.sleep(0.3)
                self.scan(code[6:])
            case ["!drop", code]:
                self.type(code[:6])
                self.lose()
                self.scan(code[6:])
            case ["!held", code]:
                self.type(code + self._end, repeat=True)
            case ["!unplug"]:
                self.unplug()
            case ["!plug"]:
                self.plug()
            case [word, *_] if word.startswith("!"):
                return False
            case _:
                self.scan(line)
        return True

    def _character(self, character: str, *, repeat: bool) -> Iterator[bytes]:
        if character == "\x1d":
            yield from self._group_separator()
        elif self._alt and character not in "\r\t":
            yield from alt_number(str(ord(character)))
        else:
            yield from stroke(*self._keys(character), repeat=repeat)

    def _group_separator(self) -> Iterator[bytes]:
        match self._gs:
            case "control":
                yield from stroke((CONTROL,), CODES["]"])
            case "alt":
                yield from alt_number("029")
            case "f8":
                yield from stroke((), F8)

    def _keys(self, character: str) -> Stroke:
        country = COUNTRIES[self._layout]
        if character.isupper():
            _, key = self._keys(character.lower())
            return (SHIFT,), key
        told = country.get(character, character)
        held = {"S": (SHIFT,), "G": (ALT_GR,)}.get(told[0], ()) if len(told) == 2 else ()
        return held, CODES[told[-1]]


def event(kind: int, code: int, value: int) -> bytes:
    """Struct input_event, at this moment of the monotonic clock."""
    seconds, nanos = divmod(time.monotonic_ns(), 1_000_000_000)
    return struct.pack("@llHHi", seconds, nanos // 1000, kind, code, value)


def report() -> bytes:
    """SYN_REPORT: what belongs together ends here."""
    return event(EV_SYN, 0, 0)


def key(code: int, value: int) -> bytes:
    """A key as HID keyboards tell it: its scan code first."""
    return event(EV_MSC, MSC_SCAN, 0x70000 + code) + event(EV_KEY, code, value) + report()


def stroke(held: tuple[int, ...], code: int, *, repeat: bool = False) -> Iterator[bytes]:
    """A key pressed and let go while others are held."""
    yield from (key(each, 1) for each in held)
    yield key(code, 1)
    if repeat:
        yield event(EV_KEY, code, 2) + report()
    yield key(code, 0)
    yield from (key(each, 0) for each in held)


def alt_number(digits: str) -> Iterator[bytes]:
    """Alt held, a number on the keypad, Alt let go."""
    yield key(ALT, 1)
    for digit in digits:
        yield from stroke((), DIGITS[digit])
    yield key(ALT, 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """The scanner as a process; ends with SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m hardware.scanners.keyboard", description=__doc__
    )
    parser.add_argument("--link", type=Path, help="where the driver finds the named pipe")
    parser.add_argument("--uinput", action="store_true", help="make a device of the kernel")
    parser.add_argument("--layout", choices=sorted(COUNTRIES), default="us")
    parser.add_argument("--gs", choices=["control", "alt", "f8", "no"], default="control")
    parser.add_argument("--control", type=Path, help="named pipe for lines; made when missing")
    options = parser.parse_args(arguments)
    if (options.link is None) != options.uinput:
        parser.error("give either --link or --uinput")
    uinput = UinputWire()
    peer = KeyboardPeer(
        uinput if options.uinput else FifoWire(options.link), layout=options.layout, gs=options.gs
    )
    return serve(peer, options.control, lambda: str(options.link or uinput.path))


if __name__ == "__main__":
    raise SystemExit(main())
