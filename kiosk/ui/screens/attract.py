"""The screen nobody has touched yet: what this is, in one line, and where to begin."""

from __future__ import annotations

from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Showing, Start
from kiosk.ui.view import View
from kiosk.ui.words import named

STEP_LASTS = 1.6  # seconds each of the three steps is lit


class Step(BoxLayout):
    """One of the three things a shopper does here."""

    icon = StringProperty("")
    key = StringProperty("")
    number = NumericProperty(0)
    lit = NumericProperty(0)
    tint = ColorProperty("#000000")


class Attract(View):
    """The whole screen is the button."""

    lit = NumericProperty(0)
    picture = StringProperty("")
    other = StringProperty("en")

    def update(self, showing: Showing, now: float) -> None:
        self.picture = str(self.options.picture or "")
        self.other = "zh" if showing.language == "en" else "en"
        self.ids.shop.text = named(showing.shop, showing.language)

    def tick(self, now: float) -> None:
        if not self.options.reduce_motion:
            self.lit = int(now / STEP_LASTS) % 3

    def start(self) -> None:
        """Begin a visit."""
        self.act(Start())


VIEW = Attract
