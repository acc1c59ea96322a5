"""Cash for the staff: what was handed over, what goes back, a refund out of the drawer.

TAKE, ASKED   due · received · change      likely amounts, or digits from the right as fen
TAKEN         the change, as large as it gets
PAY_OUT       the amount, and the word that it was handed over
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.domain.cash import change_of
from kiosk.messages import Command
from kiosk.messages.staff import CashShown, CashStep, PayOut, RefuseCash, TakeCash
from kiosk.ui.controls import Tap
from kiosk.ui.words import yuan

MOST = 9_999_999  # fen that can be typed
PLACES = 6  # likely amounts


class Likely(Tap):
    """An amount that is one touch away; not there where it is 0."""

    fen = NumericProperty(0)


class CashEntry(BoxLayout):
    """How much was handed over; `on_done` has the fen, `on_refuse` says that nothing was."""

    asked = BooleanProperty(False)
    """A crash lies between."""
    fen = NumericProperty(0)
    due = NumericProperty(0)
    enough = BooleanProperty(False)
    said = StringProperty("")
    __events__ = ("on_done", "on_refuse", "on_list")
    _begins_anew = False

    def show(self, cash: CashShown, *, anew: bool) -> None:
        """Take over what is to be taken; `anew`: nothing was typed for it yet."""
        self.asked = cash.step is CashStep.ASKED
        self.due = cash.fen
        self.ids.due.set_to(cash.fen)
        for place in range(PLACES):
            likely = self.ids[f"likely_{place}"]
            likely.fen = cash.quick[place] if place < len(cash.quick) else 0
        if anew:
            self.set_to(0)

    def add(self, digits: str) -> None:
        """Digits from the right; those that find no room are not taken."""
        before = 0 if self._begins_anew else self.fen
        fen = before * 10 ** len(digits) + int(digits)
        if fen <= MOST:
            self.set_to(fen)

    def erase(self) -> None:
        """Take the last digit back, or the likely amount."""
        self.set_to(0 if self._begins_anew else self.fen // 10)

    def take(self, likely: Likely) -> None:
        """So much, it seems."""
        self.set_to(int(likely.fen))
        self._begins_anew = True

    def set_to(self, fen: int) -> None:
        """This much, and what goes back of it."""
        self.fen, self._begins_anew = fen, False
        self.ids.received.set_to(fen)
        change = change_of(int(self.due), fen)
        self.enough = change is not None
        self.ids.change.set_to(change or 0)
        short = 0 < fen < self.due
        self.said = "staff.cash.short" if short else "staff.cash.much" if fen > self.due else ""
        if self.enough:
            self.said = ""
        self.ids.said.args = {"amount": yuan(max(int(self.due) - fen, 0))}

    def done(self) -> None:
        """It was handed over."""
        if self.enough:
            self.dispatch("on_done", int(self.fen))

    def on_enough(self, _: object, _enough: bool) -> None:  # noqa: FBT001 - the toolkit's
        """The button can be touched from now on, or not any more."""
        if self.get_root_window() is not None:
            App.get_running_app().stage.change_in_place()

    def on_done(self, fen: int) -> None:
        """What it does stands with its owner."""

    def on_refuse(self) -> None:
        """What it does stands with its owner."""

    def on_list(self) -> None:
        """What it does stands with its owner."""


class CashWord(BoxLayout):
    """One amount that goes from the drawer to the shopper, and the word that it did."""

    step = StringProperty("TAKEN")
    fen = NumericProperty(0)
    """What goes to the shopper."""
    __events__ = ("on_yes", "on_no", "on_list")

    def show(self, cash: CashShown) -> None:
        """Take over what is to be handed out."""
        self.step = cash.step.value
        taken = cash.step is CashStep.TAKEN
        self.fen = cash.change_fen if taken else cash.fen
        self.ids.amount.set_to(int(self.fen))
        self.ids.due.set_to(cash.fen)
        self.ids.received.set_to(cash.tendered_fen)

    def on_yes(self) -> None:
        """What it does stands with its owner."""

    def on_no(self) -> None:
        """What it does stands with its owner."""

    def on_list(self) -> None:
        """What it does stands with its owner."""


class CashPage(BoxLayout):
    """`on_act` has a command for the core; `on_list` goes back, `on_close` ends it."""

    __events__ = ("on_act", "on_list", "on_close")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shown: CashShown | None = None
        self._entry, self._word = CashEntry(), CashWord()
        self._entry.bind(
            on_done=lambda _, fen: self._say(TakeCash(self._number, fen)),
            on_refuse=lambda _: self._say(RefuseCash(self._number)),
            on_list=lambda _: self.dispatch("on_list"),
        )
        self._word.bind(
            on_yes=lambda _: self._yes(),
            on_no=lambda _: self._pay_out(paid=False),
            on_list=lambda _: self.dispatch("on_list"),
        )

    def show(self, cash: CashShown) -> None:
        """Take over what the core says."""
        anew = self.shown is None or self.shown.out_trade_no != cash.out_trade_no
        self.shown = cash
        entry = cash.step in (CashStep.TAKE, CashStep.ASKED)
        wanted = self._entry if entry else self._word
        if self.children != [wanted]:
            self.clear_widgets()
            self.add_widget(wanted)
            anew = True
        if entry:
            self._entry.show(cash, anew=anew)
        else:
            self._word.show(cash)

    def forget(self) -> None:
        """The page is not seen any more."""
        self.shown = None
        self._entry.set_to(0)

    @property
    def _number(self) -> str:
        return "" if self.shown is None else self.shown.out_trade_no

    def _yes(self) -> None:
        if self.shown is not None and self.shown.step is CashStep.TAKEN:
            self.dispatch("on_close")
        else:
            self._pay_out(paid=True)

    def _pay_out(self, *, paid: bool) -> None:
        if self.shown is not None:
            self._say(PayOut(self._number, self.shown.out_refund_no, paid))

    def _say(self, command: Command) -> None:
        self.dispatch("on_act", command)

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_list(self) -> None:
        """What it does stands with its owner."""

    def on_close(self) -> None:
        """What it does stands with its owner."""
