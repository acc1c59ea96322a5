"""What is said of the bagging area: one line over the foot of the basket, and the answers to it.

It lies beside the goods and never over them: whoever scans on need not care for it.
"""

from __future__ import annotations

from kivy.properties import BooleanProperty, DictProperty, ListProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Showing
from kiosk.messages.goods import SayBagged
from kiosk.ui.controls import WideButton
from kiosk.ui.words import named

ICONS = {"offer": "bag", "put": "bag", "ask": "bag", "out": "bag", "extra": "warn", "back": "warn"}
CALM = frozenset({"offer", "put"})


class BaggingBar(BoxLayout):
    """An icon, a sentence, and up to two answers; `on_say` has the command."""

    icon = StringProperty("")
    key = StringProperty("")
    args = DictProperty({})
    may = ListProperty([])
    calm = BooleanProperty(True)
    """Nothing is wrong."""
    __events__ = ("on_say",)

    def show(self, showing: Showing) -> bool:
        """Take over what the core says; answers whether there is anything to say."""
        shown = showing.bagging
        if shown is None:
            return False
        self.args = {"name": named(shown.names, showing.language)}
        self.key, self.icon = f"bagging.{shown.step}", ICONS.get(shown.step, "warn")
        self.calm = shown.step in CALM
        if self.may != list(shown.may):
            self.may = list(shown.may)
            self.ids.answers.clear_widgets()
            for how in self.may:
                self.ids.answers.add_widget(self._answer(how))
        return True

    def _answer(self, how: str) -> WideButton:
        button = WideButton(name=f"bagging.{how}", key=f"bagging.{how}", kind="outline")
        button.bind(on_tap=lambda *_: self.dispatch("on_say", SayBagged(how)))
        return button

    def on_say(self, command: SayBagged) -> None:
        """What it does stands with its owner."""
