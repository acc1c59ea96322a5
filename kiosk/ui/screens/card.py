"""Shows where to hold a card of the shop's own, which pays from what is stored on it."""

from __future__ import annotations

from kivy.properties import NumericProperty

from kiosk.messages import Back, Showing
from kiosk.ui.view import View, asked

SWEEP = 2.4  # seconds of one movement of the card


class StoreCard(View):
    """The scanner does the rest."""

    drift = NumericProperty(0.0)

    def update(self, showing: Showing, now: float) -> None:
        self.ids.due.count_to(asked(showing))
        self.ids.back.disabled = not showing.may_go_back
        self.ids.countdown.begin(showing.seconds_left, now)

    def tick(self, now: float) -> None:
        self.ids.countdown.tick(now)
        if not self.options.reduce_motion:
            self.drift = round(abs(2 * (now % SWEEP) / SWEEP - 1), 2)

    def other_way(self) -> None:
        """Back to the tenders."""
        self.act(Back())


VIEW = StoreCard
