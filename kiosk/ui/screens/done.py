"""Paid: a check mark at once, the amount, what to take along; what for a receipt, and an offer.

plain                       with a choice, a code or an offer
       ✓                    ✓  Paid
      Paid                     ¥ 12.30
    ¥ 12.30                 receipt, goods
  receipt, goods            paper | on the phone | none      or the code
                            the shop's banner
"""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import BannerShown, ChooseReceipt, Leave, Showing, Text
from kiosk.ui.album import Photo
from kiosk.ui.controls import Tap
from kiosk.ui.view import View
from kiosk.ui.widgets import Card
from kiosk.ui.words import named

SLIPS = {
    "asked": "done.asked",
    "printing": "done.printing",
    "taken": "done.taken",
    "failed": "done.failed",
    "shown": "done.shown",
}
SAID_ANYWAY = ("money.paid", "todo.take_slip", "todo.slip_failed")
"""What this screen says in its own words."""
NUMBERED = {"todo.pick_up": "done.pick_up", "todo.to_table": "done.table"}
"""What names the diner's number, and what the number is called."""


class Ticket(Card):
    """The number by which the diner gets what he ordered, and what happens next."""


MOST_PARTS = 2  # of a payment, with a banner beside them
LONGEST = 1200  # characters of a code's text
RECEIPTS = {"paper": "receipt", "qr": "phone", "none": "close"}
"""The icon of each kind of receipt; another name is not shown."""


class ReceiptChoice(Tap):
    """One kind of receipt."""

    icon = StringProperty("")
    key = StringProperty("")


class Banner(BoxLayout):
    """What the shop offers: a picture, a sentence, the code of a coupon; nothing without it."""

    texture = ObjectProperty(None, allownone=True)
    said = StringProperty("")
    coupon = StringProperty("")
    _photo = Photo("")

    def show(self, banner: BannerShown | None, language: str) -> None:
        """Take over what the core says."""
        self.said = "" if banner is None else named(banner.names, language)
        self.coupon = "" if banner is None else banner.coupon
        self._photo = Photo("" if banner is None else banner.picture)
        App.get_running_app().album.want(self._photo)
        self.look()

    def look(self) -> None:
        """Show the picture, once it has come."""
        found = App.get_running_app().album.find(self._photo)
        self.texture = None if found is None else found.texture


class Done(View):
    """Goes by itself; "finish" is for those in a hurry."""

    grown = NumericProperty(1.0)
    slip = StringProperty("")
    parts = NumericProperty(0)
    numbered = BooleanProperty(False)
    code = StringProperty("")
    choosing = BooleanProperty(False)
    compact = BooleanProperty(False)
    """There is more to see than the payment."""
    _offered: tuple[str, ...] = ()

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
        self.code = showing.qr[:LONGEST] if showing.slip == "shown" else ""
        self._offer(showing.receipts)
        # What to take comes first, and beside many parts there is no room for more.
        most = 0 if App.get_running_app().theme.wide else MOST_PARTS
        crowded = bool(self.code) or self.parts > most
        banner = None if crowded else showing.banner
        ids.banner.show(banner, showing.language)
        self.compact = bool(self.numbered or self.choosing or self.code or banner)
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

    def leave(self) -> None:
        self.code = ""

    def tick(self, now: float) -> None:
        self.ids.countdown.tick(now)
        self.ids.banner.look()

    def choose(self, choice: ReceiptChoice) -> None:
        """This kind of receipt."""
        self.act(ChooseReceipt(choice.name.removeprefix("receipt.")))

    def finish(self) -> None:
        """Make room for the next shopper."""
        self.act(Leave())

    def _offer(self, receipts: tuple[str, ...]) -> None:
        offered = tuple(name for name in receipts if name in RECEIPTS)
        self.choosing = bool(offered)
        if offered == self._offered:
            return
        self._offered = offered
        self.ids.receipts.clear_widgets()
        for name in offered:
            choice = ReceiptChoice(
                name=f"receipt.{name}", icon=RECEIPTS[name], key=f"done.receipt.{name}"
            )
            choice.bind(on_tap=self.choose)
            self.ids.receipts.add_widget(choice)


VIEW = Done
