"""A slip as ESC/POS bytes: native text in the printer's own Chinese font, never a picture of text.

    1B 40  1C 26  [1D 57 area] | lines … | bar code, QR | feed, cut | drawer

``Slip`` is a builder: each call appends whole lines and returns the slip. Sources: Epson ESC/POS
application programming guide; Citizen and HPRT command manuals where they agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from hardware.printers import code128
from hardware.printers.columns import pair_lines, printable, text_lines, width
from hardware.printers.profile import Profile
from hardware.printers.realtime import find_realtime, harmless_dots

INITIALISE = b"\x1b\x40\x1c\x26"  # ESC @ drops Chinese mode on some makes, so FS & always follows
GAP = b"\x1b\x4a\x08"  # one millimetre, where the line spacing of 30 dots leaves none
STRIP_ROWS = 128  # small receive buffers: tall pictures go in strips


class Align(Enum):
    """The argument of ESC a."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How characters look. Only double sizes: FS ! has no others for hanzi."""

    bold: bool = False
    underline: bool = False
    reverse: bool = False
    wide: bool = False
    tall: bool = False


PLAIN = Style()
BOLD = Style(bold=True)
LARGE = Style(bold=True, wide=True, tall=True)


class Slip:
    """One job for one kind of printer. The same calls give the same bytes."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._bytes = bytearray(INITIALISE)
        if profile.narrowed:  # so that centred and right-hand text keeps to it
            self._bytes += b"\x1d\x57" + profile.dots.to_bytes(2, "little")
        self._style = PLAIN
        self._align = Align.LEFT

    def text(self, text: str, style: Style = PLAIN, align: Align = Align.LEFT) -> Slip:
        """Paragraphs, wrapped at the paper's width."""
        for line in text_lines(text, self._columns(style), self._profile.charset):
            self._line(line, style, align)
        return self

    def pair(self, left: str, right: str, style: Style = PLAIN) -> Slip:
        """``left`` at the left edge, ``right`` at the right edge of the same line."""
        for line in pair_lines(left, right, self._columns(style), self._profile.charset):
            self._line(line, style, Align.LEFT)
        return self

    def rule(self, char: str = "-") -> Slip:
        """A line across the paper."""
        one = printable(char) or "-"
        line = one * (self._profile.columns // max(1, width(one)))
        self._line(self._profile.charset.encode(line), PLAIN, Align.LEFT)
        return self

    def feed(self, lines: int = 1) -> Slip:
        """Empty lines (ESC d)."""
        if not 0 <= lines <= 255:
            raise ValueError(f"a feed has 0 to 255 lines, not {lines}")
        self._bytes += b"\x1b\x64" + bytes([lines])
        return self

    def barcode(self, code: str, *, height: int = 72, module: int = 2) -> Slip:
        """CODE128 with its text below, centred; plain text when it is wider than the paper.

        ``height`` in dots, ``module`` the width of the thinnest bar in dots (2 to 6). A symbol that
        is too wide makes the printer feed and print nothing, so the number is printed instead.
        """
        if not 1 <= height <= 255 or not 2 <= module <= 6:
            raise ValueError("a bar code has a height of 1 to 255 and a module of 2 to 6 dots")
        symbol = code128.encode(code)
        quiet = 20
        fitting = self._profile.dots // (symbol.modules + quiet)
        if fitting < 2:
            return self.text(code, align=Align.CENTRE)
        self._set(PLAIN, Align.CENTRE)
        self._bytes += b"\x1d\x68" + bytes([height]) + b"\x1d\x77" + bytes([min(module, fitting)])
        self._bytes += b"\x1d\x48\x02\x1d\x66\x00"
        self._bytes += b"\x1d\x6b\x49" + bytes([len(symbol.data)]) + symbol.data
        return self

    def qr(self, text: str, *, module: int = 6, level: str = "M") -> Slip:
        """A QR code (model 2) of ``text`` in UTF-8, centred, with its quiet zone above and below.

        ``module`` in dots (1 to 16), ``level`` one of L, M, Q, H.
        """
        data = text.encode()
        if level not in {"L", "M", "Q", "H"} or not 1 <= module <= 16:
            raise ValueError("a QR code has a level of L, M, Q or H and a module of 1 to 16 dots")
        if not 1 <= len(data) <= 1000 or any(byte < 0x20 for byte in data):
            raise ValueError("a QR code takes 1 to 1000 bytes without control characters")
        self._set(PLAIN, Align.CENTRE)
        quiet = b"\x1b\x4a" + bytes([4 * module])
        self._bytes += quiet
        if self._profile.native_qr:
            self._bytes += _native_qr(data, module, level)
        else:
            self.raster(_drawn_qr(data, module, level, self._profile.dots), Align.CENTRE)
        self._bytes += quiet
        return self

    def raster(self, dots: NDArray[np.bool_], align: Align = Align.CENTRE) -> Slip:
        """A picture, H x W, True is black (GS v 0). Wider than the paper raises ValueError."""
        if dots.ndim != 2 or not 1 <= dots.shape[1] <= self._profile.dots:
            raise ValueError(f"a picture is H x W with W of 1 to {self._profile.dots} dots")
        self._set(PLAIN, align)
        packed = np.packbits(dots, axis=1)
        across = packed.shape[1]
        for top in range(0, len(packed), STRIP_ROWS):
            strip = packed[top : top + STRIP_ROWS]
            head = b"\x1d\x76\x30\x00" + bytes([across % 256, across // 256, len(strip), 0])
            self._bytes += harmless_dots(head + strip.tobytes())
        self._bytes += GAP + b"\x1c\x26"  # some makes lose their code page after a picture
        return self

    def cut(self) -> Slip:
        """Feed to the knife and cut, leaving a tab (GS V B): the form that every make knows.

        A label printer moves on to its next label.
        """
        self._set(PLAIN, Align.LEFT)
        self._bytes += self._profile.label_end or b"\x1d\x56\x42\x00"
        return self

    def kick(self, pin: int = 2, on_ms: int = 100) -> Slip:
        """Open the drawer when the printer comes to this place."""
        self._bytes += kick(pin, on_ms)
        return self

    def encode(self) -> bytes:
        """The whole job."""
        return bytes(self._bytes)

    def _columns(self, style: Style) -> int:
        return self._profile.columns // (2 if style.wide else 1)

    def _line(self, line: bytes, style: Style, align: Align) -> None:
        if style is not self._style or align is not self._align:
            self._set(style, align)
        self._bytes += line
        self._bytes += b"\n" + GAP if style.tall else b"\n"

    def _set(self, style: Style, align: Align) -> None:
        """Send what differs from the state the printer is in; only ever at a line's beginning."""
        old, self._style = self._style, style
        if align is not self._align:
            self._align = align
            self._bytes += b"\x1b\x61" + bytes([align.value])
        if style.bold != old.bold:
            self._bytes += b"\x1b\x45" + bytes([style.bold])
        if style.underline != old.underline:
            self._bytes += b"\x1b\x2d" + bytes([style.underline])
        if style.reverse != old.reverse:
            self._bytes += b"\x1d\x42" + bytes([style.reverse])
        if (style.wide, style.tall, style.underline) != (old.wide, old.tall, old.underline):
            self._bytes += _size(style)


def kick(pin: int, on_ms: int) -> bytes:
    """ESC p with both times, always: a printer that misses one swallows the next job's bytes.

    ``pin`` 2 or 5 of the socket; ``on_ms`` 2 to 120. The pause is four times the pulse, as coils
    are rated for a fifth of the time (Citizen command manual).
    """
    if pin not in {2, 5} or not 2 <= on_ms <= 120:
        raise ValueError("a drawer pulse goes to pin 2 or 5 and lasts 2 to 120 ms")
    on = on_ms // 2
    return b"\x1b\x70" + bytes([0 if pin == 2 else 1, on, min(255, on * 4)])


def _size(style: Style) -> bytes:
    """GS ! for ASCII and FS ! for hanzi: clones scale only one kind by each."""
    ascii_size = 0x10 * style.wide + 0x01 * style.tall
    hanzi_size = 0x04 * style.wide + 0x08 * style.tall + 0x80 * style.underline
    return b"\x1d\x21" + bytes([ascii_size]) + b"\x1c\x21" + bytes([hanzi_size])


def _native_qr(data: bytes, module: int, level: str) -> bytes:
    start = b"\x1d\x28\x6b"
    store = (len(data) + 3).to_bytes(2, "little")
    job = (
        start
        + b"\x04\x00\x31\x41\x32\x00"
        + start
        + b"\x03\x00\x31\x43"
        + bytes([module])
        + start
        + b"\x03\x00\x31\x45"
        + bytes([0x30 + "LMQH".index(level)])
        + start
        + store
        + b"\x31\x50\x30"
        + data
        + start
        + b"\x03\x00\x31\x51\x30"
    )
    if find_realtime(job) is not None:
        raise ValueError("this QR code would contain a real-time request")
    return job


def _drawn_qr(data: bytes, module: int, level: str, dots: int) -> NDArray[np.bool_]:
    """For printers without GS ( k: the same symbol as dots, shrunk until it fits the paper."""
    import segno

    symbol = segno.make_qr(data, error=level, mode="byte")
    matrix = np.array(symbol.matrix, dtype=np.bool_)
    scale = max(1, min(module, dots // len(matrix)))
    return np.kron(matrix, np.ones((scale, scale), dtype=np.bool_)).astype(np.bool_)
