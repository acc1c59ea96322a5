"""Campaigns: what a basket costs less, and what comes with it, exact to the fen.

    1  member price    the product's own, for whoever is known as a member
    2  nth piece       every second (third …) piece for less: the dearest pieces are counted first;
                       of several campaigns that name a product the first in the file has it
    3  amount off      from an amount on; of several campaigns the one that takes most off counts
    4  random          drawn once a visit, within a budget, on the whole basket
    +  gifts           from an amount on; lines at zero, each of which the shopper may refuse

The amounts of 3, 4 and gifts are reached by what is left after 1 and 2, so no campaign of them
takes another one's step away. A member for whom everybody's price is lower pays that one. Goods
with `offers` false take part in nothing but their member price. 1 and 2 are on a dish without what
its options add; the amounts of 3, 4 and gifts are reached with it.

Laws: no line is negative; a basket of which something is to be paid never becomes free by 3 and 4;
one product more never makes the total rise by more than its price; the order of the lines changes
no total. What runs, is drawn or was refused is fixed in `Terms` when the visit begins: showing the
basket again never changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from kiosk.domain.basket import Basket, Line, weighed
from kiosk.domain.campaign import AmountOff, Campaign, GiftFrom, NthPiece, RandomOff
from kiosk.domain.catalogue import Product
from kiosk.domain.money import ZERO, Money, share
from kiosk.domain.order import Discount, Member, PricedLine, Rule, Totals, ruled


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn for this visit in a random campaign, within the budget that was left."""

    campaign: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a visit buys, from its begin to its end.

    `campaigns` run, in the order of the file; `gifts` are the products to give that are there;
    `unwanted` names the campaigns whose gift the shopper refused.
    """

    campaigns: tuple[Campaign, ...] = ()
    gifts: tuple[Product, ...] = ()
    member: Member | None = None
    draw: Draw | None = None
    unwanted: frozenset[str] = frozenset()


FIRST_GIFT = -1000  # line ids of gifts go down from here; those of what was scanned go up from 1

Find = Callable[[str], Product | None]
"""The product with this code, or None when the shop does not have it."""


def running(campaigns: Iterable[Campaign], at: datetime, find: Find) -> Terms:
    """The terms of a visit that begins at this time of the shop; nothing is drawn yet."""
    return _of([each for each in campaigns if each.when.runs(at)], find)


def to_draw(terms: Terms) -> Campaign | None:
    """The first campaign in which something is drawn."""
    return next((each for each in terms.campaigns if isinstance(each.effect, RandomOff)), None)


@lru_cache(4)  # one change of a basket is shown, counted and written in several places
def priced(basket: Basket, terms: Terms) -> Totals:
    """What `basket` costs on these terms, gifts included."""
    anybody = _priced(basket, replace(terms, member=None))
    if terms.member is None:
        return anybody
    known = _priced(basket, terms)
    return known if known.total <= anybody.total else anybody


# --- the rules ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MemberPrice:
    """The product's own price for members; a label that tells a price keeps it."""

    def discounts(
        self, lines: Sequence[PricedLine], member: Member | None
    ) -> Mapping[int, Discount]:
        """By line."""
        if member is None:
            return {}
        return {
            each.line.line_id: Discount("会员价", "Member price", each.line.total - cost)
            for each in lines
            if (cost := _member_cost(each.line)) is not None
        }


@dataclass(frozen=True, slots=True)
class Pieces:
    """All campaigns of nth pieces."""

    campaigns: Sequence[Campaign]

    def discounts(
        self, lines: Sequence[PricedLine], member: Member | None
    ) -> Mapping[int, Discount]:
        """By line; each line is one campaign's."""
        dearest_first = sorted(
            (each for each in lines if each.line.counted),
            key=lambda each: (-_unit(each), each.line.line_id),
        )
        counted: dict[str, int] = {}
        found: dict[int, Discount] = {}
        for each in dearest_first:
            of = next((c for c in self.campaigns if c.covers(each.line.product)), None)
            if of is None or not isinstance(of.effect, NthPiece):
                continue
            before = counted.get(of.id, 0)
            after = counted[of.id] = before + each.line.quantity
            hits = _hits(of.effect, after) - _hits(of.effect, before)
            off = Money(hits * of.effect.off(_unit(each)), each.net.currency)
            found[each.line.line_id] = of.discount(off)
        return found


@dataclass(frozen=True, slots=True)
class Shared:
    """An amount off all that a campaign covers, by what each line costs."""

    campaign: Campaign
    amount: Money

    def discounts(
        self, lines: Sequence[PricedLine], member: Member | None
    ) -> Mapping[int, Discount]:
        """By line; at most what the lines cost less a fen, for nobody can pay nothing."""
        covered = [each for each in lines if self.campaign.covers(each.line.product)]
        amount = min(self.amount, _net(covered) - Money(1))
        if amount.fen <= 0:
            return {}
        parts = share(amount, [each.net.fen for each in covered])
        return {
            each.line.line_id: self.campaign.discount(part)
            for each, part in zip(covered, parts, strict=True)
        }


def _priced(basket: Basket, terms: Terms) -> Totals:
    mine = [each for each in terms.campaigns if terms.member is not None or not each.members]
    pieces = Pieces([each for each in mine if isinstance(each.effect, NthPiece)])
    plain = [PricedLine(line) for line in basket.lines]
    items = ruled(plain, [MemberPrice(), pieces], terms.member)
    reached = {each.id: _net(items, each) for each in mine}
    rules: list[Rule] = []
    off = [
        Shared(each, each.effect.of(reached[each.id]))
        for each in mine
        if isinstance(each.effect, AmountOff)
    ]
    if off:
        rules.append(max(off, key=lambda each: each.amount.fen))
    for each in mine:
        if terms.draw is not None and terms.draw.campaign == each.id:
            assert isinstance(each.effect, RandomOff)
            if reached[each.id] >= each.effect.minimum:
                rules.append(Shared(each, terms.draw.amount))
    return Totals((*ruled(items, rules, terms.member), *_gifts(mine, reached, terms)))


def _gifts(
    campaigns: Sequence[Campaign], reached: Mapping[str, Money], terms: Terms
) -> Iterator[PricedLine]:
    there = {product.code: product for product in terms.gifts}
    for at, campaign in enumerate(terms.campaigns):
        effect = campaign.effect
        if not isinstance(effect, GiftFrom) or campaign not in campaigns:
            continue
        for nth, step in enumerate(effect.steps):
            product = there.get(step.code)
            pieces = effect.of(reached[campaign.id], step)
            if product is None or not pieces or campaign.id in terms.unwanted:
                continue
            line_id = FIRST_GIFT - at * 100 - nth  # its own for the whole visit
            free = replace(product, price=Money(0, product.price.currency), member_price=None)
            name = campaign.discount(ZERO)
            yield PricedLine(Line(line_id, free, pieces), (name,), gift=True)


def _member_cost(line: Line) -> Money | None:
    price = line.product.member_price
    if price is None or line.stated is not None:
        return None
    if line.grams is not None:
        return weighed(price, line.grams)
    return (price + line.extra) * line.quantity


def _unit(each: PricedLine) -> int:
    """Fen of one piece without its options.

    Before this, whatever went off a line went off each piece alike.
    """
    return each.net.fen // each.line.quantity - each.line.extra.fen


def _hits(effect: NthPiece, pieces: int) -> int:
    """How many of so many pieces cost less."""
    times = pieces // effect.every
    return times if effect.most is None else min(times, effect.most)


def _net(lines: Iterable[PricedLine], campaign: Campaign | None = None) -> Money:
    """What those of the lines cost that take part."""
    covered = (each for each in lines if campaign is None or campaign.covers(each.line.product))
    return Money(sum(each.net.fen for each in covered))


def _of(campaigns: Iterable[Campaign], find: Find) -> Terms:
    run = tuple(campaigns)
    codes = dict.fromkeys(
        step.code for each in run if isinstance(each.effect, GiftFrom) for step in each.effect.steps
    )
    found = (find(code) for code in codes)
    return Terms(run, tuple(each for each in found if each is not None and each.counted))


# --- the JSON form ------------------------------------------------------------------------------


def terms_to_json(terms: Terms) -> dict[str, object]:
    """The terms for a restart in the middle of the visit: the campaigns by their names only."""
    return {
        "campaigns": [each.id for each in terms.campaigns],
        "tier": terms.member.tier if terms.member else None,
        "draw": [terms.draw.campaign, terms.draw.amount.fen] if terms.draw else None,
        "unwanted": sorted(terms.unwanted),
    }


def terms_from_json(body: Mapping[str, Any], campaigns: Iterable[Campaign], find: Find) -> Terms:
    """What `terms_to_json` wrote, of the campaigns that there still are.

    Raises ValueError for anything else.
    """
    try:
        known = {each.id: each for each in campaigns}
        terms = _of([known[name] for name in body["campaigns"] if name in known], find)
        tier, drawn = body["tier"], body["draw"]
        draw = None if drawn is None else Draw(str(drawn[0]), Money(int(drawn[1])))
        if draw is not None:
            of = known.get(draw.campaign)
            draw = draw if of is not None and isinstance(of.effect, RandomOff) else None
        return replace(
            terms,
            member=None if tier is None else Member(str(tier)),
            draw=draw,
            unwanted=frozenset(map(str, body["unwanted"])),
        )
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError("no terms of a visit") from error
