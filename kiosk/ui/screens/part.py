"""How much is paid now, of what is due: a preset or digits, which shift in from the right as fen.

    5       ¥0.05
    5 0 0   ¥5.00          as on a terminal: nobody looks for a point

The rest is paid after it; all of it is not a part, so the amount stays below what is due.
"""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.messages import Back, PayPart, Showing
from kiosk.ui.controls import Tap
from kiosk.ui.view import View
from kiosk.ui.words import yuan

MOST = 9_999_999  # fen that can be typed


def share_of(due_fen: int, parts: int) -> int:
    """One of so many equal parts, rounded to the fen; 0 where that could not be paid as a part."""
    fen = (due_fen + parts // 2) // parts
    return fen if 1 <= fen < due_fen else 0


class Preset(Tap):
    """An amount that is one touch away; not there where it is 0."""

    key = StringProperty("")
    fen = NumericProperty(0)


class Part(View):
    """Asks for an amount that is a part of what is due."""

    fen = NumericProperty(0)
    payable = BooleanProperty(False)
    said = StringProperty("")
    _due = 0
    _visit = ""
    _begins_anew = False
    """A preset is no beginning of a number: the next digit takes its place."""

    def update(self, showing: Showing, now: float) -> None:
        if showing.visit_id != self._visit:
            self._visit = showing.visit_id
            self.set_to(0)
        self._due = showing.due_fen
        self.ids.due.count_to(showing.due_fen)
        self.ids.half.fen = share_of(showing.due_fen, 2)
        self.ids.third.fen = share_of(showing.due_fen, 3)
        self._judge()

    def leave(self) -> None:
        self.set_to(0)

    def kept(self) -> str:
        return str(int(self.fen))

    def resume(self, kept: str) -> None:
        self.set_to(int(kept or 0))

    def add(self, digits: str) -> None:
        """Digits from the right; those that find no room are not taken."""
        before = 0 if self._begins_anew else self.fen
        fen = before * 10 ** len(digits) + int(digits)
        if fen <= MOST:
            self.set_to(fen)

    def erase(self) -> None:
        """Take the last digit back, or the preset."""
        self.set_to(0 if self._begins_anew else self.fen // 10)

    def take(self, preset: Preset) -> None:
        """Pay this much."""
        self.set_to(int(preset.fen))
        self._begins_anew = True

    def set_to(self, fen: int) -> None:
        """This much, and nothing begun."""
        self.fen, self._begins_anew = fen, False
        self.ids.amount.set_to(fen)
        self._judge()

    def done(self) -> None:
        """Pay it."""
        if self.payable:
            self.act(PayPart(int(self.fen)))

    def back(self) -> None:
        """To the tenders, with the whole amount."""
        self.act(Back())

    def _judge(self) -> None:
        self.payable = 1 <= self.fen < self._due
        self.said = "part.too_much" if self.fen >= max(self._due, 1) else "part.below"
        self.ids.said.args = {"amount": yuan(self._due)}

    def on_payable(self, _: object, _payable: bool) -> None:  # noqa: FBT001 - the toolkit's
        """The button can be touched from now on, or not any more."""
        App.get_running_app().stage.change_in_place()


VIEW = Part
