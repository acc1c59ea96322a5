"""Goods without a bar code: lists them, finds them, and puts the one that was chosen where it goes.

BASKET ── Browse ──► PICK ── PickGoods ──► a piece: BASKET, with a line more
└── Back ──► BASKET   by weight: the weigher
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from kiosk.counter import Counter
from kiosk.domain.basket import LimitReached
from kiosk.domain.catalogue import Product, SoldBy
from kiosk.domain.search import Search
from kiosk.goods import Shelf
from kiosk.messages import Hinting, Screen
from kiosk.messages.goods import MOST_FOUND, GoodsFound
from kiosk.searching import index
from kiosk.showing import goods
from kiosk.till import Till
from kiosk.visit import Visit
from kiosk.weigher import Weigher

MOST_TEXT = 200  # characters; a name has 60


class Picker:
    """What can be chosen from this shelf; used by the checkout's thread only."""

    def __init__(self, counter: Counter, till: Till, weigher: Weigher, shelf: Shelf) -> None:
        self._counter, self._till, self._weigher = counter, till, weigher
        counter.may_pick = self.offers
        self.stock(shelf)

    def stock(self, shelf: Shelf) -> None:
        """Choose from this shelf from now on."""
        self._shelf = shelf
        self._search: Search | None = None
        self._asked = False
        self._waits: str | None = None
        self._pieces = any(product.sold_by is SoldBy.PIECE for product in shelf.loose())
        self._weighed = any(product.sold_by is SoldBy.WEIGHT for product in shelf.loose())

    def offers(self) -> bool:
        """Whether anything without a bar code can be had now."""
        return self._pieces or (self._weighed and self._till.weighs())

    def browse(self, visit: Visit) -> None:
        """To the screen of goods without a bar code."""
        if self.offers():
            self._counter.set(replace(visit, screen=Screen.PICK))
            self._begin()

    def find(self, text: str) -> None:
        """Tell what is called so, as soon as the index is there."""
        if len(text) > MOST_TEXT:
            return  # an answer holds the text, and a message holds only so much
        if not text.strip():
            loose = filter(self._sold, self._shelf.loose())
            self._tell(text, list(islice(loose, MOST_FOUND)))
            return
        self._begin()
        if self._search is None:
            self._waits = text
        else:
            self._waits = None
            self._tell(text, self._search.find(text, MOST_FOUND, self._sold))

    def pick(self, visit: Visit, code: str) -> None:
        """Add a piece of what has this number, or have it weighed."""
        product = self._shelf.named(code)
        if product is None:
            self._counter.hint("hint.unsold")
        elif product.sold_by is SoldBy.WEIGHT:
            self._weigher.begin(visit, product)
        else:
            try:
                basket = visit.basket.add(product)
            except LimitReached:
                self._counter.hint("hint.limit_reached")
                return
            self._counter.set(replace(visit.with_basket(basket), screen=Screen.BASKET))
            self._counter.show(Hinting(None, "tick"))

    def _sold(self, product: Product) -> bool:
        """Whether it can be had without its label now."""
        return product.sold_by is SoldBy.PIECE or self._till.weighs()

    def _tell(self, text: str, found: list[Product]) -> None:
        self._counter.show(GoodsFound(text, tuple(goods(product) for product in found)))

    def _begin(self) -> None:
        """Have the index made, once for each price book."""
        if self._asked:
            return
        self._asked, shelf = True, self._shelf
        if self._till.searching is None:
            self._search = index(shelf.book)
        else:
            self._till.searching.begin(shelf.book, lambda search: self._indexed(shelf, search))

    def _indexed(self, shelf: Shelf, search: Search) -> None:
        if shelf is not self._shelf:
            return
        self._search = search
        if self._waits is not None:
            self.find(self._waits)
