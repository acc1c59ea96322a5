"""Paying in cash: staff are on their way, and nothing has to be done here but to wait for them."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty

from kiosk.messages import Back, Showing
from kiosk.ui.view import View, asked


class Cash(View):
    """Staff come in by the button; they say that it is paid."""

    restored = BooleanProperty(False)
    """A crash lies between: only staff know whether it was taken."""

    def update(self, showing: Showing, now: float) -> None:
        self.ids.due.count_to(asked(showing))
        self.restored = not showing.may_go_back
        self.ids.number.text = showing.reference if self.restored else ""

    def other_way(self) -> None:
        """Back to the tenders: nothing was handed over."""
        self.act(Back())

    def staff(self) -> None:
        """Staff are here."""
        App.get_running_app().stage.open_staff()


VIEW = Cash
