"""Bags, on a sheet before it is paid: how many of each; none is chosen, one touch says none.

With the answer the shopper goes on to pay, whichever it is.
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.app import App
from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command
from kiosk.messages.goods import GoodsShown, TakeBags
from kiosk.ui.overlays import Cover
from kiosk.ui.words import named

MOST = 20  # of one kind


class BagLine(BoxLayout):
    """One kind of bag: name, price, and how many."""

    place = NumericProperty(0)
    count = NumericProperty(0)
    fen = NumericProperty(0)

    def show(self, bag: GoodsShown, language: str) -> None:
        """Take over a kind of bag."""
        self.ids.title.text = named(bag.names, language)
        self.fen = bag.unit_fen

    def step(self, by: int) -> None:
        """One more or one less."""
        self.count = min(max(self.count + by, 0), MOST)
        App.get_running_app().stage.change_in_place()


class BagSheet(Cover):
    """Asks how many bags; `act` sends the answer."""

    count = NumericProperty(0)
    fen = NumericProperty(0)

    def __init__(
        self,
        act: Callable[[Command], object],
        bags: tuple[GoodsShown, ...],
        language: str,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self._act, self._bags = act, bags
        self._lines = [BagLine(place=place) for place in range(len(bags))]
        for line, bag in zip(self._lines, bags, strict=True):
            line.show(bag, language)
            line.bind(count=lambda *_: self._sum())
            self.ids.lines.add_widget(line)

    def none(self) -> None:
        """No bag, and on to pay."""
        self._answer({})

    def take(self) -> None:
        """So many, and on to pay."""
        self._answer(
            {
                bag.code: int(line.count)
                for bag, line in zip(self._bags, self._lines, strict=True)
                if line.count
            }
        )

    def back(self) -> None:
        """To the basket, and asked again when he pays."""
        App.get_running_app().stage.close_sheet()

    def _answer(self, counts: dict[str, int]) -> None:
        App.get_running_app().stage.close_sheet()
        self._act(TakeBags(counts))

    def _sum(self) -> None:
        self.count = sum(line.count for line in self._lines)
        self.fen = sum(line.count * line.fen for line in self._lines)
