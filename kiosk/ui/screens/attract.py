"""The screen nobody has touched yet: what this is, in one line, and where to begin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.animation import Animation
from kivy.app import App
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
from kiosk.ui.options import PreviewFrame
from kiosk.ui.slides import Cut, Slides, cut
from kiosk.ui.view import View
from kiosk.ui.words import named

FADE = 4.0  # times as long as a movement takes
STEP_LASTS = 1.6  # seconds each of the three steps is lit


class Step(BoxLayout):
    """One of the three things a shopper does here."""

    icon = StringProperty("")
    key = StringProperty("")
    number = NumericProperty(0)
    lit = NumericProperty(0)
    tint = ColorProperty("#000000")


class Hero(FloatLayout):
    """The operator's film, slides or picture, cut to its place; without, what this machine does."""

    picture = StringProperty("")
    icon = StringProperty("face")
    texture = ObjectProperty(None, allownone=True)
    before = ObjectProperty(None, allownone=True)
    """The slide that fades out below the new one."""
    shade = NumericProperty(1.0)
    """0 to 1: how much of the new one is there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.slides: Slides | None = None
        self._sequence = -1
        self._film: Texture | None = None
        self.bind(picture=self._load, size=self._load)

    def tick(self, now: float) -> None:
        """The next slide, when its time has come."""
        part = self.slides.take(now, self.size) if self.slides is not None else None
        if part is not None:
            self._show(part)

    def film(self, frame: PreviewFrame | None) -> None:
        """The newest picture of the film; its middle part that has the shape of the place."""
        if frame is None or frame.sequence == self._sequence or min(self.size) <= 1:
            return
        self._sequence = frame.sequence
        wide, high = frame.width, frame.height
        if self._film is None or tuple(self._film.size) != (wide, high):
            self._film = Texture.create(size=(wide, high), colorfmt="rgb")
            width = min(wide, high * self.width / self.height)
            height = min(high, wide * self.height / self.width)
            left, low = (wide - width) / 2, (high - height) / 2
            self.texture = self._film.get_region(left, low, width, height)
        self._film.blit_buffer(frame.pixels, colorfmt="rgb", bufferfmt="ubyte")
        self.canvas.ask_update()

    def _load(self, *_: object) -> None:
        """A picture that cannot be read is not there: the screen must come up without it."""
        self.texture = self.before = self._film = None
        if self.picture and min(self.size) > 1:
            part = cut(Path(self.picture), self.size)
            if part is not None:
                self._show(part)

    def _show(self, part: Cut) -> None:
        texture = Texture.create(size=part.size, colorfmt="rgba")
        texture.blit_buffer(part.pixels.ravel(), colorfmt="rgba", bufferfmt="ubyte")
        self.before, self.texture = self.texture, texture
        Animation.cancel_all(self, "shade")
        self.shade = 1.0
        moves = App.get_running_app().theme.moves
        if self.before is not None and moves:
            self.shade = 0.0
            Animation(shade=1, duration=moves * FADE, transition="in_out_quad").start(self)


class Attract(View):
    """The whole screen is the button."""

    lit = NumericProperty(0)
    picture = StringProperty("")
    logo = StringProperty("")
    other = StringProperty("en")
    dining = BooleanProperty(False)
    """There is a menu to order from."""

    def update(self, showing: Showing, now: float) -> None:
        options, hero = self.options, self.ids.hero
        self.picture = str(options.picture or "")
        self.logo = str(options.logo or "")
        if options.slides is not None and hero.slides is None:
            hero.slides = Slides(options.slides, options.slide_seconds)
        self.dining = showing.may_order
        self.other = App.get_running_app().catalogue.other(showing.language)
        self.ids.shop.text = named(showing.shop, showing.language)

    def tick(self, now: float) -> None:
        hero, film = self.ids.hero, self.options.film
        still = self.options.reduce_motion
        if not still:
            self.lit = int(now / STEP_LASTS) % 3
        if film is not None and not still:
            hero.film(film.latest())
        else:
            hero.tick(now)

    def enter(self, now: float) -> None:
        super().enter(now)
        if self.options.film is not None and not self.options.reduce_motion:
            self.options.film.play()

    def leave(self) -> None:
        if self.options.film is not None:
            self.options.film.pause()

    def start(self) -> None:
        """Begin a visit."""
        self.act(Start())


VIEW = Attract
