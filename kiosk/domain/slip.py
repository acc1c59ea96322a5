"""What a slip is made of: a short list of elements that no device knows and every printer can do.

The printer's encoder turns them into bytes; the screen's preview turns them into pixels. Wrapping
and column widths are theirs, since only they know the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Align(Enum):
    """Where a text stands on the line."""

    LEFT = "LEFT"
    CENTRE = "CENTRE"
    RIGHT = "RIGHT"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text, wrapped where it is too long; `large` is double width and height."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    large: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """A text at the left and one at the right edge; the left one wraps, the right one does not."""

    left: str
    right: str
    bold: bool = False
    large: bool = False


@dataclass(frozen=True, slots=True)
class Ruler:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """CODE128 of ASCII text; digits in even number come out half as wide."""

    data: str


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code of UTF-8 text."""

    data: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the slip."""


SlipElement = TextLine | Columns | Ruler | Barcode | QrCode | Feed | Cut
