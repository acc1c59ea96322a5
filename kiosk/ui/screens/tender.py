"""How to pay: face as the largest card, the others beside it; what does not work is not there."""

from __future__ import annotations

from kivy.properties import BooleanProperty

from kiosk.messages import Back, ChooseTender, Showing
from kiosk.ui.controls import Choice
from kiosk.ui.view import View

KNOWN = ("face", "code")
"""The tenders this screen has a card for; another name is not shown."""


class Tender(View):
    """The first tender is the large card."""

    nothing = BooleanProperty(False)
    _tenders: tuple[str, ...] | None = None

    def update(self, showing: Showing, now: float) -> None:
        self.ids.due.count_to(showing.due_fen)
        tenders = tuple(name for name in showing.tenders if name in KNOWN)
        self.nothing = not tenders
        if tenders != self._tenders:
            self._tenders = tenders
            self._deal(tenders)

    def choose(self, card: Choice) -> None:
        """Pay this way."""
        self.act(ChooseTender(card.name.removeprefix("tender.")))

    def back(self) -> None:
        """To the basket."""
        self.act(Back())

    def _deal(self, tenders: tuple[str, ...]) -> None:
        cards = self.ids.cards
        cards.clear_widgets()
        for place, name in enumerate(tenders):
            card = Choice(
                name=f"tender.{name}",
                icon=name,
                key=f"tender.{name}",
                below=f"tender.{name}_below",
                first=place == 0,
                size_hint_y=2.4 if place == 0 else 1,
            )
            card.bind(on_tap=self.choose)
            cards.add_widget(card)


VIEW = Tender
