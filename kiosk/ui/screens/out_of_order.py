"""Calm and clear for the shopper, in both languages; cause and mend for the staff."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty

from kiosk.messages import Showing
from kiosk.ui.view import View

SOON = ("out.starting", "out.core")
"""What goes over by itself: nobody is sent away for it."""


class OutOfOrder(View):
    """There is nothing to touch here but the language."""

    other = StringProperty("en")
    soon = BooleanProperty(True)

    def update(self, showing: Showing, now: float) -> None:
        ids = self.ids
        self.other = App.get_running_app().catalogue.other(showing.language)
        key = showing.said.key if showing.said else ""
        self.soon = key in SOON
        ids.said.tell(showing.said)
        ids.said_other.tell(showing.said if self.other else None)
        ids.staff.tell(showing.detail)
        ids.code.text = "" if self.soon else " · ".join(filter(None, (key, showing.reference)))


VIEW = OutOfOrder
