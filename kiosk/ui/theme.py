"""The tokens of the screen, in the form of its panel; another form is another theme.

    portrait     1080 x 1920 is the scale 1; larger and smaller panels show the same
    landscape    1920 x 1080 is the scale 1; a page has 1600 x 1080 at least
    low          landscape with less than 900 of its height, as 800 x 480: smaller headings

The values stand in theme.kv and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty
from kivy.uix.widget import Widget

from kiosk.ui.colours import COLOURS, with_shades
from kiosk.ui.shadow import shadow_texture

PORTRAIT, LANDSCAPE = (1080, 1920), (1600, 1080)
"""The least of a panel at the scale 1, in pixels; nothing is letterboxed."""
LEAST_SCALE = 0.6
"""In landscape: the smallest text is 18 pixels high, and a target 57, however small the panel."""
LOW = 900
"""Design pixels of height below which headings are smaller."""

SIZES = (
    "step", "corner", "touch", "button", "stroke", "amount", "title", "body", "second", "least",
    "ticket", "bar", "bar_least",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """What a panel is for the screens: how many pixels a design pixel takes, and its shape."""

    scale: float = 1.0
    wide: bool = False
    low: bool = False


def form_of(width: float, height: float, factor: float = 1.0) -> Form:
    """The form of a window of this size; `factor` is the operator's, for unusual panels.

    Portrait has no smaller headings to fall back on, so nothing becomes larger there.
    """
    if width <= height:
        return Form(min(width / PORTRAIT[0], height / PORTRAIT[1]) * min(factor, 1.0))
    scale = max(min(width / LANDSCAPE[0], height / LANDSCAPE[1]), LEAST_SCALE) * factor
    return Form(scale, wide=True, low=height / scale < LOW)


class Theme(Widget):
    """Colours, sizes and durations by name; see theme.kv for what each is for."""

    scale = NumericProperty(1.0)
    wide = BooleanProperty(False)
    """Landscape: two columns."""
    low = BooleanProperty(False)
    """Landscape with little height."""
    letters = NumericProperty(1.0)
    """How many times as large letters are; the small ones grow most."""
    moves = NumericProperty(0.2)
    count_up = NumericProperty(0.2)
    for _name in COLOURS:
        locals()[_name] = ColorProperty("#000000")
    for _name in SIZES:
        locals()[_name] = NumericProperty(1)
    del _name
    _shade: Texture | None = None

    def shade(self) -> Texture:
        """The picture of the shadow, made once and shared by all cards."""
        if self._shade is None:
            self._shade = shadow_texture()
        return self._shade


class DarkTheme(Theme):
    """The same tokens for dark rooms and for people who need the contrast."""


def build_theme(
    form: Form | float = 1.0,
    *,
    dark: bool = False,
    brand: Mapping[str, str] | None = None,
    letters: float = 1.0,
) -> Theme:
    """A theme with the operator's colours over ours; ValueError names an unknown token.

    A number instead of a form is the scale of a portrait panel.
    """
    if not isinstance(form, Form):
        form = Form(form)
    kind = DarkTheme if dark else Theme
    theme = kind(scale=form.scale, wide=form.wide, low=form.low, letters=letters)
    for token, value in with_shades(brand or {}, dark=dark).items():
        if token not in COLOURS:
            raise ValueError(f"brand names no such colour: {token!r}; known: {', '.join(COLOURS)}")
        setattr(theme, token, value)
    return theme
