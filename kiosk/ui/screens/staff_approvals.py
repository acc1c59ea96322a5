"""What the shopper needs the staff's word for: each question with its goods, and two answers.

    ┌ wine, lighter ─────────── ¥ 128.00 ┐
    │ Check the age: 18 or over          │
    │ [do not sell it]  [is 18 or over]  │
    └────────────────────────────────────┘

It is what staff see first when something waits; with the last answer the shopper goes on.
"""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command
from kiosk.messages.staff import Decide, HeldRow, StaffShowing
from kiosk.ui.screens.staff_payment import Deed
from kiosk.ui.widgets import Card
from kiosk.ui.words import named

PARTS = (Deed,)
"""What the rules name, so that it is known when they are read."""
MOST = 2  # questions that are shown; the next comes when one is answered
ICONS = {"age": "shield", "removal": "bin"}


class Question(Card):
    """One question; `on_say` has whether it is approved."""

    place = NumericProperty(0)
    icon = StringProperty("shield")
    word = StringProperty("")
    """The end of the keys of its answers, where they are not those of all."""
    __events__ = ("on_say",)

    def show(self, row: HeldRow, language: str) -> None:
        """Take over a question."""
        ids, args = self.ids, {"years": row.years}
        self.icon = ICONS.get(row.reason, "warn")
        self.word = "_age" if row.reason == "age" else ""
        ids.names.title = named(row.names, language)
        ids.amount.fen = ids.amount.shown = row.fen
        ids.why.args = args
        ids.why.key = f"staff.held.{row.reason}"
        ids.approve.args = args

    def on_say(self, approved: bool) -> None:  # noqa: FBT001 - an event's argument
        """What it does stands with its owner."""


class ApprovalsPage(BoxLayout):
    """`on_act` has a command for the core; `on_home` goes to the first page."""

    more = NumericProperty(0)
    count = NumericProperty(0)
    __events__ = ("on_act", "on_home")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows: tuple[HeldRow, ...] = ()
        self._questions = [Question(place=place) for place in range(MOST)]
        for question in self._questions:
            question.bind(on_say=lambda asked, approved: self._say(int(asked.place), approved))

    def show(self, staff: StaffShowing, language: str) -> None:
        """Take over what the core says."""
        self._rows, self.count = staff.held, len(staff.held)
        self.more = max(len(staff.held) - MOST, 0)
        seen = self._questions[: len(staff.held)]
        for question, row in zip(seen, staff.held, strict=False):
            question.show(row, language)
        if list(reversed(self.ids.questions.children)) != seen:
            self.ids.questions.clear_widgets()
            for question in seen:
                self.ids.questions.add_widget(question)

    def _say(self, place: int, approved: bool) -> None:  # noqa: FBT001 - an event's argument
        if place < len(self._rows):
            self.dispatch("on_act", Decide(self._rows[place].held, approved))

    def approve_all(self) -> None:
        """One word for everything."""
        self.dispatch("on_act", Decide("", approved=True))

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""
