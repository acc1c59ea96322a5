"""The number of the table that the diner sits at, as it stands on its sign."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty

from kiosk.messages import Back, Showing
from kiosk.messages.menu import SetTable
from kiosk.ui.view import View

MOST = 4  # digits


class Table(View):
    """Digits, large enough to be read from the chair beside."""

    typed = StringProperty("")
    complete = BooleanProperty(False)
    _visit = ""

    def update(self, showing: Showing, now: float) -> None:
        if showing.visit_id != self._visit:
            self._visit = showing.visit_id
            self.typed = ""

    def leave(self) -> None:
        self.typed = ""

    def add(self, digits: str) -> None:
        """A digit was touched; no number begins with a zero."""
        if len(self.typed) < MOST and (self.typed or digits.strip("0")):
            self.typed += digits

    def erase(self) -> None:
        """Take the last digit back."""
        self.typed = self.typed[:-1]

    def done(self) -> None:
        """That is the table."""
        if self.complete:
            self.act(SetTable(self.typed))

    def back(self) -> None:
        """To how he eats."""
        self.act(Back())

    def on_typed(self, _: object, typed: str) -> None:
        """The button can be touched from the first digit on."""
        self.complete = bool(typed)

    def on_complete(self, _: object, _complete: bool) -> None:  # noqa: FBT001 - the toolkit's
        """Something else can be touched."""
        App.get_running_app().stage.change_in_place()


VIEW = Table
