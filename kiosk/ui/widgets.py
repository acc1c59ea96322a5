"""What screens are made of: words, money, icons, cards, rings, codes; their looks: widgets.kv."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import segno
from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.core.image import Image as CoreImage
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import (
    ColorProperty,
    DictProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.messages import Text
from kiosk.ui import code128
from kiosk.ui.icons import icon_texture
from kiosk.ui.linebreak import break_lines
from kiosk.ui.shadow import Shaded
from kiosk.ui.words import yuan

log = logging.getLogger(__name__)

SAME_END = 1.0  # seconds two ends may lie apart and be one, said twice


class Spoken(Label):
    """A sentence of the catalogue in the visit's language; follows a change of language.

    `of` names the language where it is not the visit's; `reads` how it is read aloud (reading.py).
    """

    key = StringProperty("")
    args = DictProperty({})
    of = StringProperty("")
    reads = StringProperty("")
    sentence = StringProperty("")

    def tell(self, said: Text | None) -> None:
        """Say what the core says; nothing for None."""
        self.args = dict(said.args) if said else {}
        self.key = said.key if said else ""


class Word(Spoken):
    """One line, as wide as it is."""


class Words(Spoken):
    """As wide as its place and as high as its lines, which end where the language lets them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._break = Clock.create_trigger(self._break_lines, -1)
        self.bind(sentence=self._break, width=self._break, font_size=self._break, bold=self._break)
        self._break()

    def _break_lines(self, _elapsed: float) -> None:
        if self.shorten:
            self.text = self.sentence
            return
        self._label.options.update(font_size=self.font_size, bold=self.bold)
        self._label.resolve_font_name()
        lines = break_lines(
            self.sentence, self.width, lambda part: self._label.get_extents(part)[0]
        )
        self.text = "\n".join(lines)


class Tag(Label):
    """One line of text that is the same in every language, as wide as it is: numbers, amounts."""

    reads = StringProperty("")


class Plain(Label):
    """Text that is the same in every language, in the width of its place: names of goods."""

    reads = StringProperty("")


class Icon(Widget):
    """One icon in one colour, as large as the smaller side."""

    icon = StringProperty("")
    color = ColorProperty("#000000")
    texture = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._draw = Clock.create_trigger(self._redraw, -1)
        self.bind(icon=self._draw, size=self._draw)
        self._draw()

    def _redraw(self, _elapsed: float) -> None:
        size = int(min(self.size))
        self.texture = icon_texture(self.icon, size) if self.icon and size > 0 else None


class Logo(Widget):
    """The operator's mark, `high` pixels high; nothing where there is none that can be read."""

    path = StringProperty("")
    high = NumericProperty(0)
    texture = ObjectProperty(None, allownone=True)

    def on_path(self, _: Widget, path: str) -> None:
        """Another mark."""
        try:
            self.texture = CoreImage(path, mipmap=True).texture if path else None
        except Exception:  # noqa: BLE001  (the toolkit's loaders raise whatever they like)
            log.warning("logo unreadable path=%s", path)
            self.texture = None


class Money(FloatLayout):
    """An amount with a smaller currency sign; it counts to a new value and never jumps."""

    fen = NumericProperty(0)
    digits = NumericProperty(48)
    """Height of the digits' font in pixels."""
    color = ColorProperty("#000000")
    sign = StringProperty("¥")
    align = StringProperty("right")
    shown = NumericProperty(0)
    figures = StringProperty("0.00")

    def on_shown(self, _: Widget, value: float) -> None:
        """Set the figures while counting."""
        self.figures = yuan(round(value))

    def count_to(self, fen: int) -> None:
        """Go to a new amount by counting, or at once when nobody saw the old one."""
        Animation.cancel_all(self, "shown")
        theme = App.get_running_app().theme
        if self.get_root_window() is None or fen == self.fen or not theme.count_up:
            self.shown = fen
        else:
            Animation(shown=fen, duration=theme.count_up, transition="out_quad").start(self)
        self.fen = fen

    def set_to(self, fen: int) -> None:
        """Show a new amount at once: what a finger types does not count up."""
        Animation.cancel_all(self, "shown")
        self.fen = self.shown = fen


class Card(Shaded, BoxLayout):
    """A surface with round corners and a soft shadow."""

    fill = ColorProperty("#FFFFFF")


class Known(BoxLayout):
    """One thing to know, with its icon."""

    icon = StringProperty("")
    key = StringProperty("")


class Ring(Widget):
    """A ring that fills clockwise from the top: progress, or the time that is left."""

    part = NumericProperty(0.0)
    """0 to 1."""
    thickness = NumericProperty(12)
    color = ColorProperty("#000000")
    track = ColorProperty("#CCCCCC")


class Countdown(FloatLayout):
    """Seconds that are left, as a ring with the number in it; hidden when nothing ends."""

    part = NumericProperty(1.0)
    seconds = NumericProperty(0)
    _whole = 1.0
    _until: float | None = None

    def begin(self, seconds: float | None, now: float) -> None:
        """Count down from `seconds`; None hides it. The same end said again does not refill it."""
        until = None if seconds is None else now + seconds
        if until is None or self._until is None or abs(until - self._until) > SAME_END:
            self._whole = max(seconds or 0.0, 0.1)
        self._until = until
        self.opacity = 0 if seconds is None else 1
        self.tick(now)

    def tick(self, now: float) -> None:
        """Show what is left, in steps a person can see."""
        if self._until is None:
            return
        left = max(self._until - now, 0.0)
        self.part = round(left / self._whole, 2)
        self.seconds = int(left + 0.99)


class Modules(Widget):
    """Black modules on a white card, whole pixels each, so that a scanner reads them."""

    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._draw = Clock.create_trigger(self._redraw, -1)
        self.bind(text=self._draw, pos=self._draw, size=self._draw)

    def rows(self) -> Sequence[Sequence[bool]]:
        """The modules, top row first, quiet zones included; each kind of code has its own."""
        return []

    def box(self, columns: int, rows: int) -> tuple[float, float, float, float]:
        """Where the code goes within the widget: x, y, width, height."""
        module = max(int(min(self.width / columns, self.height / rows)), 1)
        width, height = columns * module, rows * module
        return int(self.center_x - width / 2), int(self.center_y - height / 2), width, height

    def _redraw(self, _elapsed: float) -> None:
        self.canvas.clear()
        rows = self.rows() if self.text else []
        if not rows:
            return
        texture = Texture.create(size=(len(rows[0]), len(rows)), colorfmt="luminance")
        pixels = bytes(0 if dark else 255 for row in reversed(rows) for dark in row)
        texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
        texture.mag_filter = texture.min_filter = "nearest"
        x, y, width, height = self.box(len(rows[0]), len(rows))
        with self.canvas:
            Color(1, 1, 1)
            Rectangle(texture=texture, pos=(x, y), size=(width, height))


class Barcode(Modules):
    """The number that staff scan, as CODE128, as high as the widget."""

    def rows(self) -> Sequence[Sequence[bool]]:
        quiet = [False] * code128.QUIET
        return [[*quiet, *(module == "1" for module in code128.encode(self.text)), *quiet]]

    def box(self, columns: int, rows: int) -> tuple[float, float, float, float]:
        width = columns * max(int(self.width / columns), 1)
        return int(self.center_x - width / 2), int(self.y), width, int(self.height)


class QrCode(Modules):
    """A QR code with its quiet zone of four modules; error correction M, better where it is free.

    A long text takes some 50 ms to encode, so it is encoded once and not at every new place.
    """

    _encoded = ""
    _rows: tuple[tuple[bool, ...], ...] = ()

    def rows(self) -> Sequence[Sequence[bool]]:
        if self.text != self._encoded:
            code = segno.make(self.text, error="m", micro=False)
            modules = code.matrix_iter(border=4)
            self._rows = tuple(tuple(bool(module) for module in row) for row in modules)
            self._encoded = self.text
        return self._rows
