"""While the outcome is on its way: what happens, how long, that nothing must be done."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.messages import Back, Showing
from kiosk.ui.view import View, asked
from kiosk.ui.widgets import SAME_END

TURN = 1.8  # seconds of one turn of the ring when no end is known

SAID_ANYWAY = ("todo.wait", "money.being_checked")
"""What this screen says in its own words: wait, and do not pay again."""


class Waiting(View):
    """A way out is offered only where the core allows it: never while the outcome is unknown."""

    icon = StringProperty("clock")
    turn = NumericProperty(0.0)
    part = NumericProperty(0.0)
    may_cancel = BooleanProperty(False)
    seconds = NumericProperty(0)
    _until: float | None = None
    _whole = 1.0

    def update(self, showing: Showing, now: float) -> None:
        key = showing.said.key if showing.said else "say.confirming"
        on_phone = key == "say.confirm_on_phone"
        self.icon = "phone" if on_phone else "clock"
        if showing.said is not None:
            self.ids.said.tell(showing.said)
        else:
            self.ids.said.key = key
        said_anyway = showing.detail is None or showing.detail.key in SAID_ANYWAY
        self.ids.detail.tell(None if said_anyway else showing.detail)
        self.ids.nothing.key = "waiting.phone" if on_phone else "waiting.nothing"
        self.may_cancel = showing.may_go_back
        until = None if showing.seconds_left is None else now + showing.seconds_left
        if until is None or self._until is None or abs(until - self._until) > SAME_END:
            self._whole = max(showing.seconds_left or 1.0, 0.1)
        self._until = until
        self.ids.due.count_to(asked(showing))
        self.ids.amount.opacity = 1 if asked(showing) else 0
        self.tick(now)

    def tick(self, now: float) -> None:
        if self._until is not None:
            left = max(self._until - now, 0.0)
            self.seconds = int(left + 0.99)
            self.part = round(left / self._whole, 2)
            self.turn = 0.0
            return
        self.seconds = 0
        self.part = 0.22
        if not self.options.reduce_motion:
            self.turn = round(360 * (now % TURN) / TURN / 12) * 12

    def cancel(self) -> None:
        """Stop waiting for the phone."""
        self.act(Back())


VIEW = Waiting
