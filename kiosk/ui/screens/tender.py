"""How to pay: face as the largest card, the others beside it; what does not work is not there.

to pay          a part asked          parts paid              a part of the rest
── cards ──     ── cards ──           ── cards ──             ── cards ──
pay in parts    another amount        pay in parts            another amount · all of the rest
to the basket   all of it at once     stop, money goes back   stop, money goes back
"""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Back, ChooseTender, Leave, Showing, Split
from kiosk.ui.controls import Choice
from kiosk.ui.overlays import Sheet
from kiosk.ui.view import View, asked
from kiosk.ui.words import yuan

KNOWN = ("face", "code", "qr", "card", "cash")
"""The tenders this screen has a card for; another name is not shown."""
LARGE, LESS_LARGE, HARDLY = 2.4, 1.5, 1.25
"""How much higher the first card is than the others: with much height, with little, with least."""
WIDE = 2
"""The most cards below the first that have a line of their own."""


class Tender(View):
    """The first tender is the large card."""

    nothing = BooleanProperty(False)
    part = BooleanProperty(False)
    """The next payment takes only a part of what is due."""
    may_split = BooleanProperty(False)
    due_fen = NumericProperty(0)
    paid_fen = NumericProperty(0)
    _dealt: tuple[tuple[str, ...], float] | None = None

    def update(self, showing: Showing, now: float) -> None:
        ids = self.ids
        ids.due.count_to(asked(showing))
        ids.paid.show(showing.paid)
        self.due_fen = showing.due_fen
        self.paid_fen = sum(part.fen for part in showing.paid)
        ids.paid_total.count_to(self.paid_fen)
        self.part = asked(showing) < showing.due_fen
        self.may_split = showing.may_split
        tenders = tuple(name for name in showing.tenders if name in KNOWN)
        self.nothing = not tenders
        dealt = (tenders, self._first_is(bool(showing.paid)))
        if dealt != self._dealt:
            self._dealt = dealt
            self._deal(*dealt)

    def choose(self, card: Choice) -> None:
        """Pay this way."""
        self.act(ChooseTender(card.name.removeprefix("tender.")))

    def split(self) -> None:
        """Say how much of it is paid next."""
        self.act(Split())

    def whole(self) -> None:
        """All that is due, after a part of it was asked for."""
        self.act(Back())

    def back(self) -> None:
        """To the basket, to the whole amount, or out: asked once more where money would go back."""
        if not self.paid_fen:
            self.act(Back())
            return
        App.get_running_app().stage.open_sheet(
            Sheet(
                self._stop,
                title="tender.stop_title",
                sentences=["tender.stop_text"],
                accept="tender.stop_yes",
                close="tender.stop_no",
                kind="danger",
                args={"amount": yuan(int(self.paid_fen))},
            )
        )

    def _stop(self) -> None:
        self.act(Leave())

    @staticmethod
    def _first_is(paid: bool) -> float:  # noqa: FBT001 - one fact, one answer
        theme = App.get_running_app().theme
        return HARDLY if theme.low else LESS_LARGE if paid or theme.wide else LARGE

    def _deal(self, tenders: tuple[str, ...], first: float) -> None:
        cards = self.ids.cards
        cards.clear_widgets()
        for place, row in enumerate(rows_of(tenders)):
            line = BoxLayout(spacing=cards.spacing, size_hint_y=first if place == 0 else 1)
            for name in row:
                line.add_widget(self._card(name, first=place == 0, small=len(row) > 1))
            cards.add_widget(line)

    def _card(self, name: str, *, first: bool, small: bool) -> Choice:
        card = Choice(
            name=f"tender.{name}",
            icon=name,
            key=f"tender.{name}",
            below=f"tender.{name}_below",
            first=first,
            small=small,
        )
        card.bind(on_tap=self.choose)
        return card


def rows_of(tenders: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The first alone; up to two others below it, more of them in rows of two."""
    first, others = tenders[:1], tenders[1:]
    wide = 2 if len(others) > WIDE else 1
    rows = [others[at : at + wide] for at in range(0, len(others), wide)]
    return [first, *rows] if first else []


VIEW = Tender
