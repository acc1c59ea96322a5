"""Draws a slip from its bytes alone, dot for dot as a thermal head would burn it.

    python -m hardware.printers.render IN.bin OUT.png [--width 58|80] [--label MM] [--font PATH]

It reads the stream as a printer does and shares no code with the encoder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hardware.printers.glyphs import CELL_HEIGHT, Glyphs
from hardware.printers.paper import paper_picture
from hardware.printers.stream import Token, TokenStream
from hardware.printers.symbols import UnprintableSymbolError, code128, ean13, qr

Dots = NDArray[np.bool_]
DOTS = {58: 384, 80: 576}
DOTS_A_MM = 8
ENDLESS = 65535
KNIFE_DOTS = 96  # from head to knife, 12 mm


@dataclass(slots=True)
class Look:
    """What ESC @ resets."""

    align: int = 0
    bold: bool = False
    underline: int = 0
    reverse: bool = False
    size: tuple[int, int] = (1, 1)  # ASCII: width, height
    hanzi_size: tuple[int, int] = (1, 1)
    spacing: int = 30
    area: int = ENDLESS  # dots of the line that are printed on
    barcode_height: int = 162
    barcode_module: int = 3
    barcode_text: int = 0
    qr_module: int = 3
    qr_level: str = "L"
    qr_data: bytes = b""


@dataclass(slots=True)
class Head:
    """The print head over an endless roll: ``pieces`` are the slips that have been cut off."""

    glyphs: Glyphs
    dots: int
    label: int = 0  # dots from one label to the next
    pieces: list[Dots] = field(default_factory=list)
    _look: Look = field(default_factory=Look)
    _rows: list[Dots] = field(default_factory=list)
    _line: list[Dots] = field(default_factory=list)

    def print(self, data: bytes) -> list[Dots]:
        """Burn ``data``; returns H x ``dots`` arrays, one for each piece of paper."""
        stream = TokenStream()
        stream.feed(data)
        for token in stream:
            if token.is_text:
                self._character(token.args)
            else:
                self._command(token)
        self._end_line(only_if_written=True)
        if self._rows:
            self._tear_off()
        return self.pieces

    def _command(self, token: Token) -> None:
        args = token.args
        match token.op:
            case b"\x0a":
                self._end_line()
            case b"\x1b\x40":
                self._look = Look()
                self._line.clear()
            case b"\x1b\x64":
                for _ in range(args[0]):
                    self._end_line()
            case b"\x1b\x4a":
                self._end_line(only_if_written=True)
                self._rows.append(self._blank(args[0]))
            case b"\x1d\x56" | b"\x1d\x0c":
                self._cut(args)
            case b"\x1d\x76\x30":
                self._raster(args)
            case b"\x1d\x6b":
                self._barcode(args)
            case b"\x1d\x28\x6b":
                self._qr(args[2:])
            case op:
                _set_text_look(self._look, op, args)
                _set_barcode_look(self._look, op, args)

    def _cut(self, args: bytes) -> None:
        """Function B (41, 42) feeds to the knife first, function A cuts where it is.

        GS FF, which has no argument, feeds to the gap behind this label.
        """
        self._end_line(only_if_written=True)
        if not args:
            printed = sum(len(rows) for rows in self._rows)
            self._rows.append(self._blank(-printed % self.label if self.label else KNIFE_DOTS))
        elif args[0] in {0x41, 0x42}:
            self._rows.append(self._blank(KNIFE_DOTS + args[1]))
        self._tear_off()

    def _character(self, code: bytes) -> None:
        char = code.decode("gb18030", errors="replace")
        wide = len(code) > 1
        across, up = self._look.hanzi_size if wide else self._look.size
        cell = self.glyphs.cell(char, 24 if wide else 12)
        if self._look.bold:
            cell = cell | np.roll(cell, 1, axis=1)
        cell = np.kron(cell, np.ones((up, across), dtype=np.bool_)).astype(np.bool_)
        if self._look.underline:
            cell = cell.copy()
            cell[-self._look.underline :] = True
        if self._look.reverse:
            cell = ~cell
        if sum(c.shape[1] for c in self._line) + cell.shape[1] > min(self.dots, self._look.area):
            self._end_line()
        self._line.append(cell)

    def _end_line(self, *, only_if_written: bool = False) -> None:
        if only_if_written and not self._line:
            return
        height = max([CELL_HEIGHT, *(cell.shape[0] for cell in self._line)])
        cells = [np.pad(c, ((height - c.shape[0], 0), (0, 0))) for c in self._line]
        self._line.clear()
        dots = np.hstack(cells) if cells else np.zeros((height, 0), dtype=np.bool_)
        self._place(dots)
        self._rows.append(self._blank(max(0, self._look.spacing - height)))

    def _place(self, dots: Dots) -> None:
        """A band across the paper, aligned; what is too wide is lost at the right edge."""
        area = min(self.dots, self._look.area)
        dots = dots[:, :area]
        free = area - dots.shape[1]
        left = (0, free // 2, free)[self._look.align]
        right = self.dots - dots.shape[1] - left
        self._rows.append(np.pad(dots, ((0, 0), (left, right))))

    def _blank(self, height: int) -> Dots:
        return np.zeros((height, self.dots), dtype=np.bool_)

    def _tear_off(self) -> None:
        self.pieces.append(np.vstack([self._blank(0), *self._rows]))
        self._rows.clear()

    def _raster(self, args: bytes) -> None:
        across = args[1] + 256 * args[2]
        packed = np.frombuffer(args[5:], dtype=np.uint8).reshape(-1, max(1, across))
        dots = np.unpackbits(packed, axis=1).astype(np.bool_)
        wide, tall = (2 if args[0] & 1 else 1), (2 if args[0] & 2 else 1)
        self._place(np.kron(dots, np.ones((tall, wide), dtype=np.bool_)).astype(np.bool_))

    def _barcode(self, args: bytes) -> None:
        look = self._look
        kind, data = args[0], args[1:].rstrip(b"\x00") if args[0] <= 6 else args[2:]
        draw: dict[int, Callable[[], tuple[Dots, str]]] = {
            0x49: lambda: code128(data, look.barcode_module, look.barcode_height),
            0x43: lambda: ean13(data.decode("latin-1"), look.barcode_module, look.barcode_height),
        }
        draw[0x02] = draw[0x43]
        try:
            bars, text = draw[kind]()
        except (KeyError, UnprintableSymbolError):
            return
        if bars.shape[1] > self.dots:
            return
        if look.barcode_text & 1:
            self._caption(text)
        self._place(bars)
        if look.barcode_text & 2:
            self._rows.append(self._blank(4))
            self._caption(text)

    def _caption(self, text: str) -> None:
        self._place(np.hstack([self.glyphs.cell(char, 12) for char in text or " "]))

    def _qr(self, args: bytes) -> None:
        look = self._look
        match args[:2]:
            case b"\x31\x43":
                look.qr_module = args[2]
            case b"\x31\x45":
                look.qr_level = "LMQH"[(args[2] - 0x30) % 4]
            case b"\x31\x50":
                look.qr_data = args[3:]
            case b"\x31\x51" if look.qr_data:
                dots = qr(look.qr_data, look.qr_module, look.qr_level)
                if dots.shape[1] <= self.dots:
                    self._place(dots)
            case _:
                pass


def _set_text_look(look: Look, op: bytes, args: bytes) -> None:
    """Commands that change how characters look; all others leave no trace."""
    n = args[0] if args else 0
    match op:
        case b"\x1b\x61":
            look.align = n % 0x30 if n % 0x30 < 3 else 0
        case b"\x1b\x45":
            look.bold = bool(n & 1)
        case b"\x1b\x2d":
            look.underline = n % 0x30
        case b"\x1d\x42":
            look.reverse = bool(n & 1)
        case b"\x1d\x21":
            look.size = look.hanzi_size = ((n >> 4 & 7) + 1, (n & 7) + 1)
        case b"\x1c\x21":
            look.hanzi_size = (2 if n & 4 else 1, 2 if n & 8 else 1)
        case b"\x1b\x21":
            look.size = (2 if n & 0x20 else 1, 2 if n & 0x10 else 1)
            look.bold, look.underline = bool(n & 8), n >> 7
        case b"\x1d\x57":
            look.area = args[0] + 256 * args[1]
        case b"\x1b\x32" | b"\x1b\x33":
            look.spacing = n if args else 30
        case _:
            pass


def _set_barcode_look(look: Look, op: bytes, args: bytes) -> None:
    match op:
        case b"\x1d\x68":
            look.barcode_height = args[0]
        case b"\x1d\x77":
            look.barcode_module = args[0]
        case b"\x1d\x48":
            look.barcode_text = args[0] & 3
        case _:
            pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw one file of bytes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m hardware.printers.render", description=__doc__)
    parser.add_argument("bytes", type=Path, help="the job as it was sent to the printer")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument("--width", type=int, choices=sorted(DOTS), default=80, help="paper in mm")
    parser.add_argument("--label", type=int, default=0, help="height of the labels in mm")
    parser.add_argument("--font", type=Path, help="a font file with hanzi")
    options = parser.parse_args(arguments)
    try:
        head = Head(Glyphs(options.font), DOTS[options.width], options.label * DOTS_A_MM)
        pieces = head.print(options.bytes.read_bytes())
    except OSError as error:
        print(f"not drawn: {error}", file=sys.stderr)
        return 1
    paper_picture(pieces, options.width * DOTS_A_MM).save(options.picture)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
