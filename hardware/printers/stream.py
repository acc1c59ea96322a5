"""Cuts an ESC/POS byte stream into commands and characters, as a printer's firmware does.

    text   1 byte ASCII, 2 or 4 bytes GB18030 while Chinese mode is on
    0A     single controls
    1B x, 1C x, 1D x   commands; how many bytes follow depends on x and on the first of them

For the simulated printer and for drawing slips; the encoder knows nothing of it. Sources: Epson,
Citizen and Zijiang command manuals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10

# Parameter bytes after the two bytes of the command, where that number is fixed.
FIXED: Mapping[int, Mapping[int, int]] = {
    ESC: {
        **dict.fromkeys(b"\x32\x3c\x40\x4c\x53\x69\x6d\x0c", 0),
        **dict.fromkeys(b"\x20\x21\x2d\x33\x3d\x45\x47\x4a\x4d\x52\x54\x56\x61\x64", 1),
        **dict.fromkeys(b"\x65\x72\x74\x7b", 1),
        **dict.fromkeys(b"\x24\x42\x5c\x63", 2),
        0x70: 3,
        0x57: 8,
    },
    FS: {
        **dict.fromkeys(b"\x26\x2e", 0),
        **dict.fromkeys(b"\x21\x2d\x43\x57", 1),
        **dict.fromkeys(b"\x53\x70", 2),
        0x32: 74,
    },
    GS: {
        **dict.fromkeys(b"\x21\x42\x48\x49\x61\x66\x68\x72\x77", 1),
        **dict.fromkeys(b"\x24\x4c\x50\x57\x5c", 2),
        0x0C: 0,
    },
}
REALTIME = {0x04: 3, 0x05: 3}  # DLE EOT n, DLE ENQ n
REALTIME_DC4 = {0x01: 5, 0x02: 5, 0x08: 10}  # DLE DC4 fn, by fn
BARCODE_B = range(0x41, 0x4F)


@dataclass(frozen=True, slots=True)
class Token:
    """One command or character. ``op`` is empty for text; ``args`` is what follows ``op``."""

    op: bytes
    args: bytes

    @property
    def raw(self) -> bytes:
        return self.op + self.args

    @property
    def is_text(self) -> bool:
        return not self.op


class TokenStream:
    """Feed bytes, iterate tokens; an unfinished command waits for its rest."""

    def __init__(self, *, chinese: bool = True) -> None:
        self._power_on = chinese
        self._chinese = chinese
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def pending(self) -> int:
        """Bytes received and not yet taken."""
        return len(self._buffer)

    def clear(self) -> None:
        """Lose everything not yet taken, as DLE ENQ 2 does."""
        self._buffer.clear()

    def __iter__(self) -> Iterator[Token]:
        while (token := self.take()) is not None:
            yield token

    def take(self) -> Token | None:
        """The next whole token, or None."""
        if not self._buffer:
            return None
        first = self._buffer[0]
        if first in FIXED:
            return self._take_command()
        if first == DLE:
            return self._cut(1, _realtime_length(self._buffer))
        if first < 0x20 or first == 0x7F:
            return self._cut(1, 1)
        return self._cut(0, self._character_length())

    def _take_command(self) -> Token | None:
        if len(self._buffer) < 2:
            return None
        op_size = 3 if bytes(self._buffer[:2]) in {b"\x1d\x28", b"\x1d\x76"} else 2
        token = self._cut(op_size, _command_length(self._buffer))
        if token is not None:
            match token.op:
                case b"\x1c\x26":
                    self._chinese = True
                case b"\x1c\x2e":
                    self._chinese = False
                case b"\x1b\x40":
                    self._chinese = self._power_on
        return token

    def _cut(self, op_size: int, size: int) -> Token | None:
        """Take ``size`` bytes; 0 means that more must come."""
        if size == 0 or len(self._buffer) < size:
            return None
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return Token(data[:op_size], data[op_size:])

    def _character_length(self) -> int:
        buffer = self._buffer
        if buffer[0] < 0x81 or not self._chinese:
            return 1
        if len(buffer) < 2:
            return 0
        return 4 if 0x30 <= buffer[1] <= 0x39 else 2


def find_realtime(data: bytes, start: int = 0) -> tuple[int, bytes] | None:
    """The first real-time request at or after ``start``: its place and its bytes.

    Recognised by value wherever it stands, also inside graphics, as serial printers do.
    """
    at = data.find(DLE, start)
    while at >= 0:
        size = _realtime_length(data[at:])
        if size > 1 and len(data) >= at + size:
            return at, data[at : at + size]
        at = data.find(DLE, at + 1)
    return None


def _realtime_length(buffer: bytes | bytearray) -> int:
    """Length of the request at the front: 1 if it is none, 0 if more must come."""
    if len(buffer) < 2:
        return 0
    second = buffer[1]
    if second == 0x14:
        return REALTIME_DC4.get(buffer[2], 1) if len(buffer) > 2 else 0
    return REALTIME.get(second, 1)


def _command_length(buffer: bytearray) -> int:
    """Length of the command at the front, 0 if it cannot be told yet; unknown ones have two."""
    first, second = buffer[0], buffer[1]
    fixed = FIXED[first].get(second)
    if fixed is not None:
        return 2 + fixed
    match first, second:
        case 0x1B, 0x2A:  # column picture
            return _counted(buffer, 5, lambda b: (3 if b[2] >= 32 else 1) * (b[3] + 256 * b[4]))
        case 0x1B, 0x44:  # tab stops
            return buffer.find(0, 2) + 1
        case 0x1D, 0x28:  # GS ( x
            return _counted(buffer, 5, lambda b: b[3] + 256 * b[4])
        case 0x1D, 0x76:  # raster picture
            return _counted(buffer, 8, lambda b: (b[4] + 256 * b[5]) * (b[6] + 256 * b[7]))
        case 0x1D, 0x56:  # cut: function A has no n
            return _counted(buffer, 3, lambda b: 0 if b[2] in b"\x00\x01\x02\x03\x30\x31" else 1)
        case 0x1D, 0x6B:
            return _barcode_length(buffer)
        case _:
            return 2


def _counted(buffer: bytearray, head: int, count: Callable[[bytearray], int]) -> int:
    return head + count(buffer) if len(buffer) >= head else 0


def _barcode_length(buffer: bytearray) -> int:
    """Form A ends with 00, form B counts; any other m ends the command there."""
    if len(buffer) < 3:
        return 0
    if buffer[2] <= 6:
        return buffer.find(0, 3) + 1
    if buffer[2] in BARCODE_B:
        return 4 + buffer[3] if len(buffer) > 3 else 0
    return 3
