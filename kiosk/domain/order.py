"""What a basket costs: `totals`, a pure function, exact to the fen.

    line total − discounts of the line = net of the line
    Σ net = total          Σ discounts = saved          per tax rate: gross = net of tax + tax

Prices include tax. A tax part is taken from the sum of its rate, rounded half up once, so the
rates on the slip add up to what was paid. Rules are asked in their order; each sees what the
earlier ones left, and no line ever goes below zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kiosk.domain.basket import Basket, Line, line_from_json, line_to_json
from kiosk.domain.money import ZERO, Money, share


@dataclass(frozen=True, slots=True)
class Member:
    """Who is known to the shop for this visit; never a person's name or number."""

    tier: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """Money off the whole basket when it comes to at least `minimum`."""

    name_zh: str
    name_en: str
    amount: Money
    minimum: Money = ZERO


@dataclass(frozen=True, slots=True)
class Discount:
    """Why a line costs less, in both languages, and by how much (not negative).

    `campaign` is the name by which the operator knows it; of a gift the amount is zero.
    """

    name_zh: str
    name_en: str
    amount: Money
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A basket line with its discounts; a `gift` is none of the basket, and costs nothing."""

    line: Line
    discounts: tuple[Discount, ...] = ()
    gift: bool = False

    @property
    def discount(self) -> Money:
        """What all its discounts take off."""
        off = sum(each.amount.fen for each in self.discounts)
        return Money(off, self.line.product.price.currency)

    @property
    def net(self) -> Money:
        """What is paid for it; never negative."""
        return self.line.total - self.discount if self.discounts else self.line.total


class Rule(Protocol):
    """A promotion: what it takes off, by line_id; `totals` cuts down what a line cannot bear."""

    def discounts(
        self, lines: Sequence[PricedLine], member: Member | None
    ) -> Mapping[int, Discount]: ...


@dataclass(frozen=True, slots=True)
class TaxPart:
    """All that is taxed at one rate: `gross` is paid, `tax` is contained in it."""

    rate_bp: int
    gross: Money
    tax: Money

    @property
    def net(self) -> Money:
        """The part without the tax."""
        return self.gross - self.tax


@dataclass(frozen=True, slots=True)
class Totals:
    """The priced basket."""

    lines: tuple[PricedLine, ...]

    @property
    def total(self) -> Money:
        """What is to be paid."""
        return sum((line.net for line in self.lines), ZERO)

    @property
    def saved(self) -> Money:
        """What all discounts together take off."""
        return sum((line.discount for line in self.lines), ZERO)

    @property
    def count(self) -> int:
        """How many things; a weighed line is one."""
        return sum(line.line.quantity for line in self.lines)

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        """The tax contained in the total by rate, lowest rate first."""
        gross: dict[int, Money] = {}
        for line in self.lines:
            rate = line.line.product.tax_bp
            gross[rate] = gross.get(rate, ZERO) + line.net
        return tuple(TaxPart(rate, paid, _contained(paid, rate)) for rate, paid in _sorted(gross))


def totals(
    basket: Basket,
    rules: Sequence[Rule] = (),
    member: Member | None = None,
    vouchers: Sequence[Voucher] = (),
) -> Totals:
    """What `basket` costs this shopper; rules first, then vouchers on what is left."""
    lines = ruled([PricedLine(line) for line in basket.lines], rules, member)
    for voucher in vouchers:
        lines = _take_off(lines, _shared(lines, voucher))
    return Totals(lines)


def ruled(
    lines: Sequence[PricedLine], rules: Sequence[Rule], member: Member | None
) -> tuple[PricedLine, ...]:
    """The lines with what the rules take off them, one after the other."""
    for rule in rules:
        lines = _take_off(lines, rule.discounts(lines, member))
    return tuple(lines)


def _take_off(
    lines: Sequence[PricedLine], discounts: Mapping[int, Discount]
) -> tuple[PricedLine, ...]:
    changed = []
    for line in lines:
        discount = discounts.get(line.line.line_id)
        if discount is None or discount.amount.fen <= 0:
            changed.append(line)
            continue
        net = line.net
        if discount.amount > net:
            discount = replace(discount, amount=net)
        more = PricedLine(line.line, (*line.discounts, discount), line.gift)
        changed.append(more if discount.amount else line)
    return tuple(changed)


def _shared(lines: Sequence[PricedLine], voucher: Voucher) -> Mapping[int, Discount]:
    total = sum((line.net for line in lines), ZERO)
    if total.fen <= 0 or total < voucher.minimum:
        return {}
    amount = min(voucher.amount, total)
    parts = share(amount, [line.net.fen for line in lines])
    return {
        line.line.line_id: Discount(voucher.name_zh, voucher.name_en, part)
        for line, part in zip(lines, parts, strict=True)
    }


def _contained(gross: Money, rate_bp: int) -> Money:
    whole = 10_000 + rate_bp
    return Money((gross.fen * rate_bp * 2 + whole) // (whole * 2), gross.currency)


def _sorted(gross: Mapping[int, Money]) -> list[tuple[int, Money]]:
    return sorted(gross.items(), key=lambda pair: pair[0])


# --- the JSON form ------------------------------------------------------------------------------


def totals_to_json(priced: Totals) -> dict[str, object]:
    """The priced basket as the ledger keeps it with the payment."""
    return {
        "lines": [_priced_json(line) for line in priced.lines],
        "total_fen": priced.total.fen,
        "saved_fen": priced.saved.fen,
    }


def totals_from_json(body: Mapping[str, Any]) -> Totals:
    """What `totals_to_json` wrote; raises ValueError for anything else or a wrong sum."""
    try:
        priced = Totals(
            tuple(
                PricedLine(
                    line_from_json(line),
                    tuple(_discount_from(x, line["currency"]) for x in line["discounts"]),
                    bool(line.get("gift", False)),
                )
                for line in body["lines"]
            )
        )
        said = (int(body["total_fen"]), int(body["saved_fen"]))
    except (KeyError, TypeError) as error:
        raise ValueError("not a priced basket") from error
    if (priced.total.fen, priced.saved.fen) != said:
        raise ValueError(f"the lines do not add up to {said[0]} fen with {said[1]} saved")
    return priced


def _priced_json(priced: PricedLine) -> dict[str, object]:
    discounts = [_discount_json(each) for each in priced.discounts]
    body = {**line_to_json(priced.line), "discounts": discounts}
    return {**body, "gift": True} if priced.gift else body


def _discount_json(discount: Discount) -> dict[str, object]:
    body: dict[str, object] = {
        "zh": discount.name_zh,
        "en": discount.name_en,
        "fen": discount.amount.fen,
    }
    return {**body, "campaign": discount.campaign} if discount.campaign else body


def _discount_from(body: Mapping[str, Any], currency: str) -> Discount:
    amount = Money(int(body["fen"]), currency)
    return Discount(body["zh"], body["en"], amount, str(body.get("campaign", "")))
