"""Shows the code that the shopper scans with the wallet on the phone.

    asked for ──► nothing for 0.4 s ──► "one moment" ──► the code
                                                     └─► "cannot be shown", with another way

The place of the code is held from the first moment, so that nothing jumps when it comes.
"""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from kiosk.messages import Back, Showing
from kiosk.ui.view import View, asked

HELD = 0.4  # seconds of an empty place before words stand in it
LONGEST = 512  # characters of a code's text; no wallet's is longer
SCHEMES = ("weixin://", "https://")


def may_draw(text: str) -> bool:
    """Whether this is a code to pay with; a shopper's phone opens whatever it reads here."""
    return text.startswith(SCHEMES) and len(text) <= LONGEST


class Qr(View):
    """The phone does the rest."""

    code = StringProperty("")
    instead = StringProperty("")
    """What stands in the place of the code."""
    may_leave = BooleanProperty(True)
    _held_from: float | None = None

    def update(self, showing: Showing, now: float) -> None:
        self.ids.due.count_to(asked(showing))
        self.may_leave = showing.may_go_back
        self.ids.countdown.begin(showing.seconds_left, now)
        self.code = showing.qr if may_draw(showing.qr) else ""
        if self.code:
            self._held_from, self.instead = None, ""
        elif showing.qr:
            self._held_from, self.instead = None, "qrcode.wrong"
        elif self._held_from is None:
            self._held_from, self.instead = now, ""

    def tick(self, now: float) -> None:
        self.ids.countdown.tick(now)
        if self._held_from is not None and now - self._held_from >= HELD:
            self.instead = "qrcode.coming"

    def leave(self) -> None:
        self.code, self.instead, self._held_from = "", "", None

    def other_way(self) -> None:
        """Back to the tenders."""
        self.act(Back())


VIEW = Qr
