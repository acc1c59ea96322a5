"""Paid: a check mark at once, the amount, what to take along."""

from __future__ import annotations

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import NumericProperty, StringProperty

from kiosk.messages import Leave, Showing
from kiosk.ui.view import View

SLIPS = {"printing": "done.printing", "taken": "done.taken", "failed": "done.failed"}
SAID_ANYWAY = ("money.paid", "todo.take_slip", "todo.slip_failed")
"""What this screen says in its own words."""


class Done(View):
    """Goes by itself; "finish" is for those in a hurry."""

    grown = NumericProperty(1.0)
    slip = StringProperty("")
    parts = NumericProperty(0)

    def update(self, showing: Showing, now: float) -> None:
        ids = self.ids
        if showing.said is not None:
            ids.said.tell(showing.said)
        else:
            ids.said.key = "done.title"
        ids.amount.count_to(showing.total_fen)
        ids.paid.show(showing.paid)
        self.parts = len(showing.paid)
        self.slip = SLIPS.get(showing.slip, "")
        said_anyway = showing.detail is None or showing.detail.key in SAID_ANYWAY
        ids.detail.tell(None if said_anyway else showing.detail)
        ids.number.text = showing.reference
        ids.number_word.opacity = 1 if showing.reference else 0
        ids.countdown.begin(showing.seconds_left, now)

    def enter(self, now: float) -> None:
        super().enter(now)
        self.opacity = 1
        theme = App.get_running_app().theme
        if self.options.reduce_motion:
            return
        self.grown = 0.6
        Animation(grown=1.0, duration=theme.moves, transition="out_back").start(self)

    def tick(self, now: float) -> None:
        self.ids.countdown.tick(now)

    def finish(self) -> None:
        """Make room for the next shopper."""
        self.act(Leave())


VIEW = Done
