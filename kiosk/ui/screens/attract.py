"""The screen nobody has touched yet: what this is, in one line, and where to begin."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import numpy.typing as npt
from kivy.core.image import Image as CoreImage
from kivy.graphics.texture import Texture
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import Showing, Start
from kiosk.ui.view import View
from kiosk.ui.words import named

log = logging.getLogger(__name__)

STEP_LASTS = 1.6  # seconds each of the three steps is lit


class Step(BoxLayout):
    """One of the three things a shopper does here."""

    icon = StringProperty("")
    key = StringProperty("")
    number = NumericProperty(0)
    lit = NumericProperty(0)
    tint = ColorProperty("#000000")


class Hero(FloatLayout):
    """The operator's picture, cut to its place; without one, what this machine does."""

    picture = StringProperty("")
    icon = StringProperty("face")
    texture = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._whole: npt.NDArray[np.uint8] | None = None
        self.bind(picture=self._load, size=self._cut)

    def _load(self, *_: object) -> None:
        """A picture that cannot be read is not there: the screen must come up without it."""
        try:
            self._whole = _pixels(self.picture) if self.picture else None
        except Exception:  # noqa: BLE001  (the toolkit's loaders raise whatever they like)
            log.warning("attract picture unreadable path=%s", self.picture)
            self._whole = None
        self._cut()

    def _cut(self, *_: object) -> None:
        """The largest middle part of the picture that has the shape of its place."""
        whole = self._whole
        if whole is None or min(self.size) <= 0:
            self.texture = None
            return
        high, wide = whole.shape[:2]
        width = max(int(min(wide, high * self.width / self.height)), 1)
        height = max(int(min(high, wide * self.height / self.width)), 1)
        left, top = (wide - width) // 2, (high - height) // 2
        part = np.ascontiguousarray(whole[top : top + height, left : left + width])
        self.texture = Texture.create(size=(width, height), colorfmt="rgba")
        self.texture.blit_buffer(part.ravel(), colorfmt="rgba", bufferfmt="ubyte")


def _pixels(path: str) -> npt.NDArray[np.uint8]:
    """The picture as H x W x 4, bottom row first, as textures are."""
    texture = CoreImage(path).texture
    return np.frombuffer(texture.pixels, np.uint8).reshape(texture.height, texture.width, 4)


class Attract(View):
    """The whole screen is the button."""

    lit = NumericProperty(0)
    picture = StringProperty("")
    other = StringProperty("en")
    dining = BooleanProperty(False)
    """There is a menu to order from."""

    def update(self, showing: Showing, now: float) -> None:
        self.picture = str(self.options.picture or "")
        self.dining = showing.may_order
        self.other = "zh" if showing.language == "en" else "en"
        self.ids.shop.text = named(showing.shop, showing.language)

    def tick(self, now: float) -> None:
        if not self.options.reduce_motion:
            self.lit = int(now / STEP_LASTS) % 3

    def start(self) -> None:
        """Begin a visit."""
        self.act(Start())


VIEW = Attract
