"""Paid: a check mark at once, the amount, what to take along."""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.messages import Leave, Showing, Text
from kiosk.ui.view import View
from kiosk.ui.widgets import Card

SLIPS = {"printing": "done.printing", "taken": "done.taken", "failed": "done.failed"}
SAID_ANYWAY = ("money.paid", "todo.take_slip", "todo.slip_failed")
"""What this screen says in its own words."""
NUMBERED = {"todo.pick_up": "done.pick_up", "todo.to_table": "done.table"}
"""What names the diner's number, and what the number is called."""


class Ticket(Card):
    """The number by which the diner gets what he ordered, and what happens next."""


class Done(View):
    """Goes by itself; "finish" is for those in a hurry."""

    grown = NumericProperty(1.0)
    slip = StringProperty("")
    parts = NumericProperty(0)
    numbered = BooleanProperty(False)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._ticket = Ticket()

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
        self._number(showing.detail)
        said_anyway = showing.detail is None or showing.detail.key in SAID_ANYWAY
        ids.detail.tell(None if said_anyway or self.numbered else showing.detail)
        ids.number.text = showing.reference
        ids.number_word.opacity = 1 if showing.reference else 0
        ids.countdown.begin(showing.seconds_left, now)

    def _number(self, detail: Text | None) -> None:
        """The ticket is in the tree only where there is one."""
        self.numbered = detail is not None and detail.key in NUMBERED
        place, ticket = self.ids.ticket, self._ticket
        if detail is not None and self.numbered:
            ticket.ids.word.key = NUMBERED[detail.key]
            ticket.ids.number.text = detail.args.get("number", "")
            ticket.ids.next.tell(detail)
        if self.numbered != bool(place.children):
            place.clear_widgets()
            if self.numbered:
                place.add_widget(ticket)

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
