"""Carrier bags, asked for once a visit: none is chosen for the shopper, and nothing waits for it.

    Pay ──► which bags, how many? ── TakeBags ──► the basket with them, and on to the tender

The settings name the bags by the numbers of the price book; what the book does not have is not
offered. Whoever has one in his basket already is not asked.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Product
from kiosk.goods import Shelf
from kiosk.visit import Visit

MOST_BAGS = 20  # of one kind in one visit

log = logging.getLogger(__name__)


class Bags:
    """The bags of this shelf."""

    def __init__(self, codes: Sequence[str], shelf: Shelf) -> None:
        self._codes = codes
        self.stock(shelf)

    def stock(self, shelf: Shelf) -> None:
        """Offer the bags of this shelf from now on."""
        found = {code: shelf.named(code) for code in self._codes}
        for code in (code for code, product in found.items() if product is None):
            log.warning("no such bag in the price book code=%s", code)
        self._bags = tuple(each for each in found.values() if each is not None and each.counted)

    def asked(self, visit: Visit) -> tuple[Product, ...]:
        """The bags that are offered to this shopper before he pays; none: he is not asked."""
        if visit.bags_asked or not visit.basket.lines:
            return ()
        codes = {bag.code for bag in self._bags}
        has_one = any(line.product.code in codes for line in visit.basket.lines)
        return () if has_one else self._bags

    def put(self, basket: Basket, counts: Mapping[str, int]) -> Basket:
        """With so many bags of each number; of others, and of odd counts, none.

        Raises LimitReached.
        """
        for bag in self._bags:
            count = counts.get(bag.code, 0)
            if 0 < count <= MOST_BAGS:
                basket = basket.add(bag, count)
        return basket
