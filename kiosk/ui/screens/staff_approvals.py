"""What the shopper waits for: goods to be seen, removals to be granted; yes or no to each."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command
from kiosk.messages.staff import Decide, HeldRow, StaffShowing
from kiosk.ui.screens.staff_list import Pages
from kiosk.ui.screens.staff_payment import Deed
from kiosk.ui.words import named

PARTS = (Pages, Deed)
"""What the rules name, so that it is known when they are read."""


class HeldQuestion(BoxLayout):
    """One question, and its two answers; `on_answer` has whether it is granted."""

    name = StringProperty("")
    reason = StringProperty("age")
    __events__ = ("on_answer",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.row: HeldRow | None = None
        self.language = "zh"

    def show(self, row: HeldRow) -> None:
        """Take over a question."""
        self.row, self.reason = row, row.reason
        ids = self.ids
        ids.asks.args = {"years": row.years}
        ids.goods.text = named(row.names, self.language)
        ids.amount.fen = ids.amount.shown = row.fen

    def on_answer(self, granted: bool) -> None:  # noqa: FBT001 - the toolkit's
        """What it does stands with its owner."""


class ApprovalsPage(BoxLayout):
    """`on_act` has a command for the core; `on_home` goes back."""

    empty = BooleanProperty(False)
    __events__ = ("on_act", "on_home")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.ids.rows.begin(self._question)
        self._questions: list[HeldQuestion] = []

    def show(self, staff: StaffShowing, language: str) -> None:
        """Take over what the core says."""
        self.empty = not staff.held
        for question in self._questions:
            question.language = language
        self.ids.rows.show(staff.held)

    def _question(self, place: int) -> HeldQuestion:
        question = HeldQuestion(name=str(place))
        question.bind(on_answer=lambda _, granted: self._answer(question.row, granted=granted))
        self._questions.append(question)
        return question

    def _answer(self, row: HeldRow | None, *, granted: bool) -> None:
        if row is not None:
            self.dispatch("on_act", Decide(row.held, granted))

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""
