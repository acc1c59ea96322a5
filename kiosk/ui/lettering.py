"""Lettering: text as a texture that is made once and kept, for cards that are filled again.

A label draws its texture anew for every new text, and nine cards at once hold a frame up. Here a
text with its style is a key; `Inks` makes its texture when there is time and keeps the last few
hundred, so that turning a page and back only hands textures over:

    text + Style ──► Inks ──► Ink (white texture, its size) ──► Lettering (where, which colour)
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.linebreak import break_lines

MOST = 320  # textures that are kept; one of a card's name takes some 70 KB


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: height of the font in pixels, weight, room.

    In `lines` lines of `width` pixels; `smaller` is the size for what does not fit in them, and
    what does not fit then either ends with an ellipsis. Without a width it is one line.
    """

    size: float
    bold: bool = False
    width: float = 0
    lines: int = 1
    smaller: float = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text in a style."""

    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Ink:
    """A text as a white texture, to be tinted where it is drawn; None for no text."""

    wanted: Wanted
    texture: Texture | None
    size: tuple[int, int]
    font_size: float


NO_INK = Ink(Wanted("", Style(1)), None, (0, 0), 1)


class Inks:
    """The textures that were made last; whoever is shown still holds his own."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Wanted, Ink] = OrderedDict()

    def have(self, wanted: Wanted) -> bool:
        """Whether it is made already."""
        return wanted in self._kept

    def get(self, wanted: Wanted) -> Ink:
        """Its texture, made now if it is not there: that takes about a millisecond."""
        ink = self._kept.get(wanted)
        if ink is None:
            ink = self._kept[wanted] = _make(wanted)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(wanted)
        return ink


class Lettering(Widget):
    """Shows an ink in a colour, as large as it is."""

    color = ColorProperty("#000000")
    texture = ObjectProperty(None, allownone=True)
    texture_size = ObjectProperty((0, 0))
    text = StringProperty("")
    font_size = NumericProperty(1)
    reads = StringProperty("")

    def show(self, ink: Ink) -> None:
        """Take it over; nothing is drawn again that is the same."""
        if ink.texture is not self.texture:
            self.text, self.font_size = ink.wanted.text, ink.font_size
            self.texture, self.texture_size = ink.texture, ink.size


def _make(wanted: Wanted) -> Ink:
    style = wanted.style
    if not wanted.text:
        return Ink(wanted, None, (0, 0), style.size)
    font_size = style.size
    label = _label(font_size, style)
    lines = _lines(label, wanted.text, style)
    if len(lines) > style.lines and style.smaller:
        font_size = style.smaller
        label = _label(font_size, style)
        lines = _lines(label, wanted.text, style)
    lines = _short(label, lines, style)
    label.text = "\n".join(lines)
    label.refresh()
    texture = label.texture
    if texture is None:
        return Ink(wanted, None, (0, 0), font_size)
    texture.bind()  # it is filled when it is first bound: now, and not while a frame is drawn
    return Ink(wanted, texture, tuple(texture.size), font_size)


def _label(size: float, style: Style) -> Any:
    label = CoreLabel(font_size=size, font_name="Kiosk", bold=style.bold, line_height=0.94)
    label.resolve_font_name()
    return label


def _lines(label: Any, text: str, style: Style) -> list[str]:
    if not style.width or label.get_extents(text)[0] <= style.width:
        return [text]
    return [
        piece
        for line in break_lines(text, style.width, lambda part: label.get_extents(part)[0])
        for piece in _cut(label, line, style.width)
    ]


def _cut(label: Any, line: str, width: float) -> list[str]:
    """A word that is wider than its line, in pieces that are not."""
    pieces = []
    while len(line) > 1 and label.get_extents(line)[0] > width:
        end = len(line) - 1
        while end > 1 and label.get_extents(line[:end])[0] > width:
            end -= 1
        pieces.append(line[:end])
        line = line[end:]
    return [*pieces, line]


def _short(label: Any, lines: list[str], style: Style) -> list[str]:
    """The first lines, and an ellipsis for what is left."""
    if len(lines) <= style.lines:
        return lines
    between = " " if lines[style.lines][:1].isascii() else ""
    last = between.join(lines[style.lines - 1 :])[:200]
    while last and label.get_extents(f"{last}…")[0] > style.width:
        last = last[:-1].rstrip()
    return [*lines[: style.lines - 1], f"{last}…"]
