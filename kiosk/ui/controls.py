"""What can be touched: each has a stable `name`, shows a press at once, fires `on_tap`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kivy.app import App
from kivy.input import MotionEvent
from kivy.properties import (
    AliasProperty,
    BooleanProperty,
    ColorProperty,
    DictProperty,
    NumericProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.shadow import Shaded

SIDE_BY_SIDE = 2  # languages that stand beside each other in the bar


class Tap(ButtonBehavior, FloatLayout):
    """Anything that can be tapped; deaf while the screen has only just changed.

    A second tap of a hurried finger would else hit whatever the next screen has in that place.
    """

    name = StringProperty("")
    says = StringProperty("")
    """What it is called where it is spoken of: a key, where its own words would not do."""
    about_fen = NumericProperty(0)
    """An amount that is said with it."""
    __events__ = ("on_tap",)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if self.collide_point(*touch.pos) and not App.get_running_app().stage.listening:
            return True
        return bool(super().on_touch_down(touch))

    def on_release(self) -> None:
        """A finger came down and went up on it."""
        self.dispatch("on_tap")

    def on_tap(self) -> None:
        """What it does stands in the rules."""


class WideButton(Tap):
    """A wide button with a word and perhaps an icon.

    `kind` is "primary" (one a screen), "danger" (the same, for what cannot be undone), "outline"
    (the way out) or "quiet" (a word in a row).
    """

    key = StringProperty("")
    args = DictProperty({})
    icon = StringProperty("")
    kind = StringProperty("primary")
    rest = ColorProperty("#000000")
    held = ColorProperty("#000000")
    ink = ColorProperty("#FFFFFF")
    corner = NumericProperty(24)


class RoundButton(Tap):
    """A square target with an icon: one more, one less, the next page."""

    icon = StringProperty("")
    rest = ColorProperty("#000000")


class Choice(Shaded, Tap):
    """A large card that is a choice: icon, title, a sentence below."""

    icon = StringProperty("")
    key = StringProperty("")
    below = StringProperty("")
    first = BooleanProperty(False)
    """The largest card, in the shop's colour."""
    small = BooleanProperty(False)
    """Half as wide: the icon above one or two words, no sentence."""
    upright = BooleanProperty(False)
    """The first card where it is high enough: the icon stands above the words."""
    roomy = BooleanProperty(True)
    """There is a place for the sentence below."""


class Segment(Tap):
    """One language of the switch, written in itself."""

    language = StringProperty("")
    title = StringProperty("")
    icon = StringProperty("")
    """Of the one segment that leads to all languages."""
    chosen = BooleanProperty(False)
    rest = ColorProperty("#FFFFFF")


class LanguageSwitch(BoxLayout):
    """中文 | English, in the same place on every screen; `on_choose` has the language.

    Of more languages it shows the one that is spoken; a touch lists all (`on_list`).
    """

    __events__ = ("on_choose", "on_list")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        app = App.get_running_app()
        self._names = dict(app.catalogue.names())
        if len(self._names) > SIDE_BY_SIDE:
            one = Segment(name="languages", icon="globe")
            one.bind(on_tap=lambda _: self.dispatch("on_list"))
            self.add_widget(one)
            app.bind(language=self._name)
            self._name(app, app.language)
        elif len(self._names) > 1:
            for language in self._names:
                self.add_widget(language_segment(self._names, language, self._choose))

    def _name(self, _app: App, language: str) -> None:
        self.children[0].title = self._names.get(language, language)

    def _choose(self, language: str) -> None:
        self.dispatch("on_choose", language)

    def on_choose(self, language: str) -> None:
        """What it does stands in the rules."""

    def on_list(self) -> None:
        """What it does stands in the rules."""


def language_segment(
    names: Mapping[str, str], language: str, choose: Callable[[str], object]
) -> Segment:
    """A button for one language; `choose` is called with it."""
    segment = Segment(name=f"language.{language}", language=language, title=names[language])
    segment.bind(on_tap=lambda touched: choose(touched.language))
    return segment


class HelpButton(Tap):
    """Calls the attendant; says so once somebody is on the way."""

    called = BooleanProperty(False)
    coming = BooleanProperty(False)


class Stepper(BoxLayout):
    """Less, how many, more. One piece less than one is none: then `less` shows a bin."""

    line_id = NumericProperty(-1)
    quantity = NumericProperty(1)
    wanted = NumericProperty(1)
    """What the finger has asked for, ahead of the core's answer."""
    counted = BooleanProperty(True)
    __events__ = ("on_want",)

    def _less_icon(self) -> str:
        return "minus" if self.counted and self.quantity > 1 else "bin"

    less_icon = AliasProperty(_less_icon, bind=("quantity", "counted"))

    def show(self, line_id: int, quantity: int, *, counted: bool) -> None:
        """Take over what the core says."""
        self.line_id, self.counted = line_id, counted
        self.quantity = self.wanted = quantity

    def step(self, by: int) -> None:
        """Ask for one more or one less; weighed goods go as a whole."""
        self.wanted = max(self.wanted + by, 0) if self.counted else 0
        self.dispatch("on_want", self.line_id, self.wanted)

    def on_want(self, line_id: int, quantity: int) -> None:
        """What it does stands in the rules."""
