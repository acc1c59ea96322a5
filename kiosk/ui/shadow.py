"""The one soft shadow below cards: a picture of it is made once, and only its rim is drawn.

A shader that blurs in every frame costs a small kiosk more than all the rest of a screen. What lies
under the card itself is never seen, so eight strips around it are enough.

    ┌──┬──────┬──┐
    ├──┼──────┼──┤   corners keep their size, edges stretch, the middle is left out
    └──┴──────┴──┘
"""

from __future__ import annotations

import numpy as np
from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

SIDE = 96
"""Pixels of the picture; its middle lines are what the edges repeat."""
_THIRDS = (0.0, 0.5, 0.5, 1.0)


def cover() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """How dark the shadow of a round square is: SIDE x SIDE, densest in the middle."""
    axis = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid(np.abs(axis), np.abs(axis))
    inner = 0.36
    beyond = np.hypot(np.maximum(x - inner, 0), np.maximum(y - inner, 0)) / (1 - inner)
    soft: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = (
        np.clip(1 - beyond, 0, 1) ** 2 * 255
    ).astype(np.uint8)
    return soft


def shadow_texture() -> Texture:
    """White with the shadow as its opacity."""
    pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
    pixels[..., 3] = cover()
    texture = Texture.create(size=(SIDE, SIDE), colorfmt="rgba")
    texture.blit_buffer(pixels.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    return texture


class Shaded(Widget):
    """Lies on the ground with a shadow; mixed into what has a surface of its own."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._strips: list[Rectangle] = []
        lay = Clock.create_trigger(self._lay_shadow, -1)
        self.bind(pos=lay, size=lay)
        lay()

    def _lay_shadow(self, _elapsed: float) -> None:
        if not self._strips:
            self._make_strips()
        step = App.get_running_app().theme.step
        reach, drop = step * 2.2, step * 0.6
        left, right = self.x - reach, self.right + reach
        low, high = self.y - reach - drop, self.top + reach - drop
        corner = min(reach * 2, (right - left) / 2, (high - low) / 2)
        xs = (left, left + corner, right - corner, right)
        ys = (low, low + corner, high - corner, high)
        strips = iter(self._strips)
        for row in range(3):
            for column in range(3):
                if row == column == 1:
                    continue
                strip = next(strips)
                strip.pos = (xs[column], ys[row])
                strip.size = (xs[column + 1] - xs[column], ys[row + 1] - ys[row])

    def _make_strips(self) -> None:
        theme = App.get_running_app().theme
        texture = theme.shade()
        group = InstructionGroup()
        group.add(Color(*theme.shadow))
        for row in range(3):
            for column in range(3):
                if row == column == 1:
                    continue
                u, u_end = _THIRDS[column], _THIRDS[column + 1]
                v, v_end = _THIRDS[row], _THIRDS[row + 1]
                corners = (u, v, u_end, v, u_end, v_end, u, v_end)
                strip = Rectangle(texture=texture, tex_coords=corners)
                self._strips.append(strip)
                group.add(strip)
        self.canvas.before.insert(0, group)
