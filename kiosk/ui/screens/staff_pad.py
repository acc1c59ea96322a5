"""Digits to touch: a PIN (shown as dots), a payment's number, an amount that fills from the right.

PIN      ● ● ● ●            6 to 12 digits
number   51623              4 digits of its end, or all of it
amount   ¥ 12.30            1 2 3 0: fen by fen, so that nobody looks for a point
"""

from __future__ import annotations

from dataclasses import dataclass

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty

from kiosk.messages import Text
from kiosk.ui.layout import Page
from kiosk.ui.words import yuan


@dataclass(frozen=True, slots=True)
class Use:
    """What is typed: the sentence above, the one on the button, and how many digits it takes."""

    title: str
    done: str
    least: int
    most: int


USES = {
    "pin": Use("staff.title", "staff.enter", 6, 12),
    "number": Use("staff.type", "staff.find", 4, 32),
    "amount": Use("staff.part", "staff.go_on", 1, 8),
    "float": Use("staff.drawer.float", "staff.go_on", 1, 7),
    "in": Use("staff.drawer.pay_in", "staff.go_on", 1, 7),
    "out": Use("staff.drawer.pay_out", "staff.go_on", 1, 7),
}
MONEY = frozenset({"amount", "float", "in", "out"})


class Pad(Page):
    """`on_digits` has the digits when they are complete; `on_back` leaves without them."""

    use = StringProperty("pin")
    typed = StringProperty("")
    shown = StringProperty("")
    money = BooleanProperty(False)
    held = BooleanProperty(False)
    """Nothing can be typed now."""
    complete = BooleanProperty(False)
    __events__ = ("on_digits", "on_back")

    def begin(self, use: str) -> None:
        """Take digits for this use, from none."""
        self.use, self.money = use, use in MONEY
        self.ids.title.key = USES[use].title
        self.ids.done.key = USES[use].done
        self.clear()

    def say(self, said: Text | None, *, held: bool) -> None:
        """The sentence above the digits, and whether any are taken."""
        self.ids.said.tell(said)
        self.held = held

    def clear(self) -> None:
        """Forget what was typed."""
        self.typed = ""
        self._show()

    def add(self, digits: str) -> None:
        """A digit was touched, or two zeros at once."""
        if not self.held and len(self.typed) < USES[self.use].most:
            self.typed += digits
            self._show()

    def erase(self) -> None:
        """Take the last digit back."""
        if not self.held:
            self.typed = self.typed[:-1]
            self._show()

    def done(self) -> None:
        """Hand over what was typed; a PIN does not stay."""
        if not self.complete or self.held:
            return
        typed = self.typed
        if self.use == "pin":
            self.clear()
        self.dispatch("on_digits", typed)

    def _show(self) -> None:
        match self.use:
            case "pin":
                self.shown = "●" * len(self.typed)
            case use if use in MONEY:
                self.shown = f"¥ {yuan(int(self.typed or 0))}"
            case _:
                self.shown = self.typed
        enough = len(self.typed) >= USES[self.use].least
        self.complete = enough and (self.use not in MONEY or int(self.typed) > 0)

    def on_complete(self, _: object, _complete: bool) -> None:  # noqa: FBT001 - the toolkit's
        """The button can be touched from now on, or not any more."""
        App.get_running_app().stage.change_in_place()

    def on_digits(self, typed: str) -> None:
        """What it does stands with its owner."""

    def on_back(self) -> None:
        """What it does stands with its owner."""
