"""Goods without a bar code: cards to touch, and letters to find one of many.

What is typed goes to the core, which knows the price book; the answer to it fills the cards.
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.messages import Back, Showing
from kiosk.messages.goods import FindGoods, GoodsFound, GoodsShown, PickGoods
from kiosk.ui.goods import GoodsCard
from kiosk.ui.view import View

MOST_TYPED = 16  # characters; the field holds no more


class Pick(View):
    """A page of cards, a field, and a keyboard of letters or digits."""

    typed = StringProperty("")
    digits = BooleanProperty(False)
    nothing = BooleanProperty(False)
    """Nothing is called as was typed."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        # The tree holds only one of the two at a time, and ids are weak.
        self._letters: Widget = self.ids.letters.__self__
        self._keypad: Widget = self.ids.keypad.__self__
        self._language = ""
        self._asked: tuple[object, ...] = ()
        self._goods: tuple[GoodsShown, ...] = ()
        self._lay_keys()
        self.ids.cards.begin(self._card)

    def update(self, showing: Showing, now: float) -> None:
        self._language = showing.language
        asked = (showing.visit_id, showing.lines, showing.scale)
        if asked[:2] != self._asked[:2]:  # what was looked for is in the basket
            self.clear()
        if asked != self._asked:  # the scale may have come or gone
            self._asked = asked
            self._ask()
        self.ids.cards.fill(self._goods, self._language)

    def found(self, found: GoodsFound) -> None:
        if found.text != self.typed:
            return  # more was typed meanwhile
        self._goods = found.goods
        self.nothing = not found.goods
        self.ids.cards.fill(found.goods, self._language)
        App.get_running_app().stage.change_in_place()

    def tick(self, now: float) -> None:
        self.ids.cards.tick()

    def leave(self) -> None:
        """What was typed stays while the goods are weighed: that may end without a weight."""
        showing = App.get_running_app().stage.showing
        if showing is None or showing.weighing is None:
            self.clear()
            self._asked = ()

    def kept(self) -> str:
        return str(self.typed)

    def resume(self, kept: str) -> None:
        if kept:
            self.type(kept)

    def type(self, letters: str) -> None:
        """A key was touched."""
        if len(self.typed) < MOST_TYPED:
            self.typed += letters
            self._ask()

    def erase(self) -> None:
        """Take the last letter back."""
        if self.typed:
            self.typed = self.typed[:-1]
            self._ask()

    def wipe(self) -> None:
        """Look for something else."""
        self.typed = ""
        self._ask()

    def switch(self) -> None:
        """Digits instead of letters, or letters again."""
        self.digits = not self.digits
        self._lay_keys()
        App.get_running_app().stage.change_of_place()

    def clear(self) -> None:
        """As nobody had typed anything."""
        self.typed, self.nothing, self._goods = "", False, ()
        if self.digits:
            self.digits = False
            self._lay_keys()

    def pick(self, goods: GoodsShown) -> None:
        """Have a piece of it, or have it weighed."""
        self.act(PickGoods(goods.code))

    def back(self) -> None:
        """To the basket."""
        self.act(Back())

    def _card(self) -> GoodsCard:
        card = GoodsCard()
        card.bind(on_tap=lambda touched: self.pick(touched.goods))
        return card

    def _ask(self) -> None:
        self.act(FindGoods(self.typed))

    def _lay_keys(self) -> None:
        """Only what is seen is in the tree."""
        place, wanted = self.ids.board, self._keypad if self.digits else self._letters
        if place.children != [wanted]:
            place.clear_widgets()
            place.add_widget(wanted)


VIEW = Pick
