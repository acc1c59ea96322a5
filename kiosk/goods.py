"""From a scan to a basket line, or to the sentence that says why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk.channels.codes import (
    CollectCode,
    Doubt,
    Goods,
    Link,
    Member,
    PaymentCode,
    Scan,
    Unknown,
    WeighedLabel,
    upc_a,
)
from kiosk.domain.basket import Basket, LimitReached
from kiosk.domain.campaign import Campaign
from kiosk.domain.catalogue import Gtin, PriceBook, Product, SoldBy, WrongCheckDigit
from kiosk.domain.gs1 import TradeItem
from kiosk.domain.label import LabelTemplate, read_label
from kiosk.domain.menu import Menu
from kiosk.messages import Text


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is for sale here, in which campaigns, and how the shop's own labels are read.

    `menu` is a restaurant's; what is on it is in the book as well.
    """

    book: PriceBook
    templates: Sequence[LabelTemplate]
    campaigns: Sequence[Campaign] = ()
    menu: Menu | None = None

    def put(self, basket: Basket, scan: Scan, today: date) -> Basket | Text:
        """The basket with what was scanned, or a hint for the shopper; either loses nothing."""
        try:
            match scan:
                case Goods(digits=digits):
                    return self._piece(basket, digits)
                case TradeItem():
                    return self._marked(basket, scan, today)
                case WeighedLabel(digits=digits):
                    return self._labelled(basket, digits)
                case Unknown(doubt=Doubt.CHECK_DIGIT):
                    return Text("hint.bad_check_digit")
                case Unknown(text=text):
                    return Text("hint.unknown_barcode", {"code": text[:20]})
                case PaymentCode() | Member():
                    return Text("hint.payment_code_in_basket")
                case CollectCode() | Link():
                    return Text("hint.wrong_qr")
        except LimitReached:
            return Text("hint.limit_reached")
        except WrongCheckDigit:
            return Text("hint.bad_check_digit")

    def loose(self) -> Iterator[Product]:
        """What has no bar code, in the order of the price book."""
        return (product for product in self.book if product.loose)

    def named(self, code: str) -> Product | None:
        """What has this GTIN or this number of the shop's own; None: nothing has."""
        try:
            return self.book.find(Gtin.parse(code))
        except ValueError:
            plu = code.isascii() and code.isdigit() and len(code) <= 6
            return self.book.find_plu(int(code)) if plu else None

    def to_weigh(self, code: str) -> Product | None:
        """Goods sold by weight, by their number; None: there are none such."""
        product = self.named(code)
        return product if product and product.sold_by is SoldBy.WEIGHT else None

    def _piece(self, basket: Basket, digits: str) -> Basket | Text:
        product = self.book.find(Gtin.parse(digits))
        whole = upc_a(digits) if product is None else None
        if whole is not None:  # eight digits may be a right EAN-8 and a right UPC-E
            product = self.book.find(Gtin.parse(whole))
        if product is None or product.sold_by is not SoldBy.PIECE:
            return Text("hint.unknown_barcode", {"code": digits})
        return basket.add(product)

    def _marked(self, basket: Basket, item: TradeItem, today: date) -> Basket | Text:
        """A code that says more than the number: nothing that it says is passed over."""
        product = self.book.find(item.gtin)
        if product is None:
            return Text("hint.unknown_barcode", {"code": str(item.gtin)})
        if item.expired(today):
            return Text("hint.expired")
        if item.unreadable:
            return Text("hint.unsold")
        if product.sold_by is SoldBy.PIECE:
            if item.price is not None or item.count == 0:
                return Text("hint.unsold")  # its label says another price than the book
            return basket.add(product, item.count or 1)
        if (not item.grams and not item.price) or item.count not in (None, 1):
            return Text("hint.unsold")
        return basket.add_weighed(product, item.grams or None, item.price or None)

    def _labelled(self, basket: Basket, digits: str) -> Basket | Text:
        label = read_label(self.templates, digits)
        product = None if label is None else self.book.find_plu(label.plu)
        if label is None or product is None or product.sold_by is not SoldBy.WEIGHT:
            return Text("hint.unknown_barcode", {"code": digits})
        if not label.grams and not label.price:
            return Text("hint.unknown_barcode", {"code": digits})
        return basket.add_weighed(product, label.grams, label.price)
