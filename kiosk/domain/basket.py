"""What is bought: a frozen basket whose every change is a new basket.

Lines keep the `line_id` they were given for the whole visit, so that a touch that was late by one
change never hits another line. A basket also has a JSON form: the ledger keeps it with the
payment, prices included, because the price book may be another one tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kiosk.domain.catalogue import Gtin, Product, SoldBy
from kiosk.domain.choice import Choice, choice_from_json, choice_to_json
from kiosk.domain.money import ZERO, Money


class LimitReached(ValueError):
    """One more would be over a limit of the basket; `limit` names it, `most` is its value."""

    def __init__(self, limit: str, most: int) -> None:
        super().__init__(f"at most {most} ({limit})")
        self.limit = limit
        self.most = most


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one visit may buy; a wrong scan never becomes a wrong payment of any size."""

    lines: int = 200
    quantity: int = 99
    grams: int = 30_000
    drops: int = 50
    total_fen: int = 5_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `quantity` pieces, or one weighed thing of `grams`.

    `stated` is the price that the label of a weighed thing says; it wins over weight × price,
    because the shopper has read it. A label without a weight has `grams` None. `options` were
    chosen with each of the pieces, and add to the price of each.
    """

    line_id: int
    product: Product
    quantity: int = 1
    grams: int | None = None
    stated: Money | None = None
    options: tuple[Choice, ...] = ()

    @property
    def counted(self) -> bool:
        """Whether its quantity may be changed by touch."""
        return self.product.counted

    @property
    def extra(self) -> Money:
        """What the options add to each piece."""
        return sum((option.price for option in self.options), ZERO)

    @property
    def unit(self) -> Money:
        """The price of a piece with its options, or of a kilogram."""
        return self.product.price + self.extra if self.options else self.product.price

    @property
    def total(self) -> Money:
        """The price of the line before discounts; a weighed one is rounded half up to the fen."""
        if self.stated is not None:
            return self.stated
        if self.grams is not None:
            return weighed(self.product.price, self.grams)
        return self.unit * self.quantity

    @property
    def quantity_text(self) -> str:
        """What stands before the price: 3, or 1.234 kg; 1 for a label that tells only a price."""
        if self.grams is None:
            return str(self.quantity)
        return f"{self.grams // 1000}.{self.grams % 1000:03d} kg"


def weighed(price: Money, grams: int) -> Money:
    """What so many grams cost at this price for a kilogram, rounded half up to the fen."""
    return Money((price.fen * grams + 500) // 1000, price.currency)


@dataclass(frozen=True, slots=True)
class Basket:
    """The lines of a visit in the order of their first scan."""

    lines: tuple[Line, ...] = ()
    next_id: int = 1
    limits: Limits = Limits()

    @property
    def total(self) -> Money:
        """The sum of the lines before discounts."""
        return sum((line.total for line in self.lines), ZERO)

    @property
    def count(self) -> int:
        """How many things are in it; a weighed line is one."""
        return sum(line.quantity for line in self.lines)

    def line(self, line_id: int) -> Line | None:
        """The line with that id, or None when it is gone."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    def add(self, product: Product, quantity: int = 1, options: tuple[Choice, ...] = ()) -> Basket:
        """With `quantity` more of a counted product, each with these options.

        The same at the same price, with the same options in the menu's order, is one line.

        Raises LimitReached, and ValueError for a product sold by weight.
        """
        if product.sold_by is not SoldBy.PIECE or quantity < 1:
            raise ValueError(f"{product.code} cannot be counted ({quantity})")
        for line in self.lines:
            if line.product == product and line.options == options:
                return self._replace(replace(line, quantity=line.quantity + quantity))
        return self._append(Line(self.next_id, product, quantity, options=options))

    def add_weighed(
        self, product: Product, grams: int | None, stated: Money | None = None
    ) -> Basket:
        """With one weighed thing more: its weight, the price on its label, or both.

        Raises LimitReached, and ValueError for a product sold by the piece, a weight that is not
        positive, and when both are missing.
        """
        if product.sold_by is not SoldBy.WEIGHT:
            raise ValueError(f"{product.code} is not sold by weight")
        if grams is None and stated is None:
            raise ValueError(f"{product.code}: a weight or a price is needed")
        if (grams is not None and grams <= 0) or (stated is not None and stated.fen <= 0):
            raise ValueError(f"{product.code}: the weight or the price is not positive")
        return self._append(Line(self.next_id, product, 1, grams, stated))

    def set_quantity(self, line_id: int, quantity: int) -> Basket:
        """With another quantity in a counted line; 0 removes it, a line that is gone stays gone.

        Raises LimitReached, and ValueError for a weighed line or a negative quantity.
        """
        line = self.line(line_id)
        if line is None:
            return self
        if not line.counted or quantity < 0:
            raise ValueError(f"line {line_id} cannot have the quantity {quantity}")
        if quantity == 0:
            return self.remove(line_id)
        return self._replace(replace(line, quantity=quantity))

    def remove(self, line_id: int) -> Basket:
        """Without that line; a line that is gone stays gone."""
        return replace(self, lines=tuple(x for x in self.lines if x.line_id != line_id))

    def _append(self, line: Line) -> Basket:
        if len(self.lines) >= self.limits.lines:
            raise LimitReached("lines", self.limits.lines)
        changed = replace(self, lines=(*self.lines, line), next_id=self.next_id + 1)
        return _within_limits(changed, line)

    def _replace(self, line: Line) -> Basket:
        lines = tuple(line if x.line_id == line.line_id else x for x in self.lines)
        return _within_limits(replace(self, lines=lines), line)


def _within_limits(basket: Basket, line: Line) -> Basket:
    limits = basket.limits
    if line.quantity > limits.quantity:
        raise LimitReached("quantity", limits.quantity)
    if line.grams is not None and line.grams > limits.grams:
        raise LimitReached("grams", limits.grams)
    if sum(each.quantity for each in basket.lines if each.product.slot) > limits.drops:
        raise LimitReached("drops", limits.drops)
    if basket.total.fen > limits.total_fen:
        raise LimitReached("total_fen", limits.total_fen)
    return basket


# --- the JSON form ------------------------------------------------------------------------------


def line_to_json(line: Line) -> dict[str, object]:
    """The line with all that its product was at the time."""
    product = line.product
    body: dict[str, object] = {
        "line_id": line.line_id,
        "gtin": product.gtin.digits if product.gtin else None,
        "plu": product.plu,
        "zh": product.name_zh,
        "en": product.name_en,
        "price_fen": product.price.fen,
        "currency": product.price.currency,
        "sold_by": product.sold_by.value,
        "tax_bp": product.tax_bp,
        "quantity": line.quantity,
        "grams": line.grams,
        "stated_fen": line.stated.fen if line.stated is not None else None,
    }
    # Most goods have none of these, and every payment keeps its lines for good.
    if product.station:
        body["station"] = product.station
    if product.slot is not None:
        body["slot"] = product.slot
    if product.member_price is not None:
        body["member_fen"] = product.member_price.fen
    if not product.offers:
        body["offers"] = False
    if product.age:
        body["age"] = product.age
    if line.options:
        body["options"] = [choice_to_json(option) for option in line.options]
    return body


def line_from_json(body: Mapping[str, Any]) -> Line:
    """What `line_to_json` wrote; raises ValueError for anything else."""
    try:
        currency, member = str(body["currency"]), body.get("member_fen")
        product = Product(
            name_zh=body["zh"],
            name_en=body["en"],
            price=Money(int(body["price_fen"]), currency),
            gtin=Gtin.parse(body["gtin"]) if body["gtin"] is not None else None,
            plu=body["plu"],
            sold_by=SoldBy(body["sold_by"]),
            tax_bp=body["tax_bp"],
            station=body.get("station", ""),
            slot=body.get("slot"),
            member_price=None if member is None else Money(int(member), currency),
            offers=bool(body.get("offers", True)),
            age=int(body.get("age", 0)),
        )
        stated = body["stated_fen"]
        price = None if stated is None else Money(int(stated), currency)
        chosen = tuple(choice_from_json(each, currency) for each in body.get("options", ()))
        quantity = int(body["quantity"])
        return Line(int(body["line_id"]), product, quantity, body["grams"], price, chosen)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a basket line: {body!r}") from error


def basket_to_json(basket: Basket) -> dict[str, object]:
    """The basket as the ledger keeps it; the limits are the machine's, not the visit's."""
    return {
        "lines": [line_to_json(line) for line in basket.lines],
        "next_id": basket.next_id,
        "total_fen": basket.total.fen,
    }


def basket_from_json(body: Mapping[str, Any]) -> Basket:
    """What `basket_to_json` wrote; raises ValueError for anything else or a wrong sum."""
    try:
        lines = tuple(line_from_json(line) for line in body["lines"])
        basket = Basket(lines, int(body["next_id"]))
        total = int(body["total_fen"])
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("not a basket") from error
    if basket.total.fen != total:
        raise ValueError(f"the lines add up to {basket.total.fen} fen, the basket says {total}")
    return basket
