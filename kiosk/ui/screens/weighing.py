"""Goods on the scale: what it sees, what that costs, and what the shopper should do."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Showing
from kiosk.messages.goods import LiveWeight, StopWeighing
from kiosk.ui.album import Photo
from kiosk.ui.view import View
from kiosk.ui.words import named

# How each state is told: icon, sentence, colour (a token of the theme).
_STATES = {
    "zero": ("arrow", "weigh.waiting", "brand"),
    "unstable": ("clock", "weigh.moving", "wait"),
    "stable": ("check", "weigh.stable", "good"),
    "again": ("warn", "weigh.again", "wait"),
    "overweight": ("warn", "weigh.over", "stop"),
    "under-zero": ("warn", "weigh.under", "wait"),
    "not-ready": ("clock", "weigh.not_ready", "wait"),
}


def kilograms(grams: int) -> str:
    """Grams as the scale shows them: 1.234."""
    return f"{grams // 1000}.{grams % 1000:03d}"


class State(BoxLayout):
    """What the scale says: an icon, a sentence and a colour."""

    icon = StringProperty("")
    key = StringProperty("")
    ink = ColorProperty("#000000")
    ground = ColorProperty("#FFFFFF")


class Weighing(View):
    """Shown in the place of the screen on which the goods were chosen, until they are weighed."""

    title = StringProperty("")
    unit_fen = NumericProperty(0)
    figures = StringProperty(kilograms(0))
    fen = NumericProperty(0)
    weighs = BooleanProperty(False)
    """The figures are those of something that lies there."""
    icon = StringProperty("arrow")
    key = StringProperty("weigh.waiting")
    colour = StringProperty("brand")
    _code = ""

    def update(self, showing: Showing, now: float) -> None:
        goods = showing.weighing
        if goods is None:
            return
        if goods.code != self._code:
            self._code = goods.code
            self._show(LiveWeight(goods.code, "zero"))
        self.title = named(goods.names, showing.language)
        self.unit_fen = goods.unit_fen
        photo = Photo(goods.picture)
        self.ids.picture.show(photo, self.title)
        App.get_running_app().album.want(photo)

    def tick(self, now: float) -> None:
        self.ids.picture.look()

    def weigh(self, live: LiveWeight) -> None:
        if live.code == self._code:
            self._show(live)

    def leave(self) -> None:
        self._code = ""

    def stop(self) -> None:
        """Not these goods after all."""
        self.act(StopWeighing())

    def _show(self, live: LiveWeight) -> None:
        state = "again" if live.again else live.status
        self.icon, self.key, self.colour = _STATES.get(state, _STATES["not-ready"])
        self.figures, self.fen = kilograms(live.grams), live.total_fen
        self.weighs = live.grams > 0


VIEW = Weighing
