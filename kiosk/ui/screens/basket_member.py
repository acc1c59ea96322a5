"""The number of a member, typed on a sheet over the basket; it leaves the screen when it is sent.

What was typed is shown while it is typed, and of it only the last four digits after that. A number
that is not known is said so, and the next digit begins anew.
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty

from kiosk.messages import Command, SetMember
from kiosk.ui.keypad import Keypad
from kiosk.ui.overlays import Cover

PARTS = (Keypad,)
"""What the rules name, so that it is known when they are read."""
LEAST, MOST = 4, 20  # digits
SHOWN = 4  # of a number that was sent


def grouped(digits: str) -> str:
    """As such numbers are written: 138 0013 8000, and a card by fours."""
    if len(digits) <= 11 and digits.startswith("1"):
        parts = [digits[:3], *(digits[at : at + 4] for at in range(3, len(digits), 4))]
    else:
        parts = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return " ".join(part for part in parts if part)


class MemberSheet(Cover):
    """Asks for the number; `act` sends it."""

    shown = StringProperty("")
    said = StringProperty("member.below")
    ready = BooleanProperty(False)
    wrong = BooleanProperty(False)

    def __init__(self, act: Callable[[Command], object], **kwargs: object) -> None:
        self._act = act
        self._typed, self._sent = "", ""
        super().__init__(**kwargs)

    @property
    def ends(self) -> str:
        """The last digits of the number that was sent last."""
        return self._sent[-SHOWN:]

    def type(self, digits: str) -> None:
        """A key was touched."""
        if len(self._typed) < MOST:
            self._show(self._typed + digits)

    def erase(self) -> None:
        """Take the last digit back; of what was sent, all."""
        self._show(self._typed[:-1])

    def done(self) -> None:
        """Send it; from here on nobody can read it off the screen."""
        if not self.ready:
            return
        number, self._typed = self._typed, ""
        self._sent = number
        self.shown = f"···· {self.ends}"
        self.ready = False
        self._act(SetMember(number))

    def refused(self) -> None:
        """The core did not find a member."""
        if self._sent:
            self.said, self.wrong = "member.unknown", True
            stage = App.get_running_app().stage
            stage.ids.toast.clear()  # said here already, and not over the digits
            stage.change_in_place()

    def close(self) -> None:
        """Not a member after all."""
        App.get_running_app().stage.close_sheet()

    def _show(self, typed: str) -> None:
        self._typed, self._sent = typed, ""
        self.shown = grouped(typed)
        self.said, self.wrong = "member.below", False
        ready = len(typed) >= LEAST
        if ready != self.ready:
            self.ready = ready
            App.get_running_app().stage.change_in_place()
