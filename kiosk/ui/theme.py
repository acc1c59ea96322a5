"""The tokens of the screen, at the scale of its panel; another scale is another theme.

The values stand in theme.kv and nowhere else. Sizes there are those of a 1080 x 1920 panel.
"""

from __future__ import annotations

from collections.abc import Mapping

from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, NumericProperty
from kivy.uix.widget import Widget

from kiosk.ui.shadow import shadow_texture

DESIGN_WIDTH, DESIGN_HEIGHT = 1080, 1920

COLOURS = (
    "ground", "surface", "line", "ink", "soft", "brand", "brand_ink", "brand_tint", "brand_press",
    "accent", "good", "good_tint", "wait", "wait_tint", "stop", "stop_tint", "state_ink", "shadow",
    "scrim", "dark", "dark_ink",
)  # fmt: skip
SIZES = (
    "step", "corner", "touch", "button", "stroke", "amount", "title", "body", "second", "least",
    "ticket", "bar", "bar_least",
)  # fmt: skip


def metric(width: float, height: float) -> float:
    """How many pixels one design pixel takes in a window of this size; nothing is letterboxed."""
    return min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT)


class Theme(Widget):
    """Colours, sizes and durations by name; see theme.kv for what each is for."""

    scale = NumericProperty(1.0)
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
    scale: float, *, dark: bool, brand: Mapping[str, str], letters: float = 1.0
) -> Theme:
    """A theme with the operator's colours over ours; ValueError names an unknown token."""
    theme = (DarkTheme if dark else Theme)(scale=scale, letters=letters)
    for token, value in brand.items():
        if token not in COLOURS:
            raise ValueError(f"brand names no such colour: {token!r}; known: {', '.join(COLOURS)}")
        setattr(theme, token, value)
    return theme
