"""What a shop offers: campaigns as frozen values that say when, on what and how much.

    NthPiece    第二件半价     every n-th piece for less
    AmountOff   满减           from an amount on, in steps, or for every so much
    GiftFrom    满赠           a piece of another product from an amount on
    RandomOff   随机立减       an amount by lot, within a budget

A campaign that makes no sense cannot be made. What a basket costs with them says `promotion.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from kiosk.domain.catalogue import Product
from kiosk.domain.money import ZERO, Money
from kiosk.domain.order import Discount

MOST_EVERY = 10
MOST_GIFTS = 10  # pieces of one gift in a visit


@dataclass(frozen=True, slots=True)
class When:
    """Days (the last one included), days of the week (1 is Monday), hours; all of it or nothing.

    Hours that end before they begin go on after midnight, on the days that are named. All in the
    shop's time.
    """

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    begins: time | None = None
    ends: time | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.last < self.first:
            raise ValueError("the last day is before the first")
        if (self.begins is None) != (self.ends is None) or (
            self.begins is not None and self.begins == self.ends
        ):
            raise ValueError("hours have a begin and another end")

    def runs(self, at: datetime) -> bool:
        """Whether it is so at this time of the shop."""
        if (self.first and at.date() < self.first) or (self.last and at.date() > self.last):
            return False
        if self.weekdays and at.isoweekday() not in self.weekdays:
            return False
        if self.begins is None or self.ends is None:
            return True
        clock = at.time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True, slots=True)
class NthPiece:
    """Every `every`-th piece costs `percent` of its price, or `price`; at most `most` of them."""

    every: int
    percent: int | None = None
    price: Money | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if not 2 <= self.every <= MOST_EVERY:
            raise ValueError(f"every is 2 to {MOST_EVERY}")
        if (self.percent is None) == (self.price is None):
            raise ValueError("a percent or a price, exactly one of them")
        if self.percent is not None and not 0 <= self.percent < 100:
            raise ValueError("percent is 0 to 99, what is paid")
        if self.most is not None and self.most < 1:
            raise ValueError("most is a number of pieces")

    def off(self, unit_fen: int) -> int:
        """Fen off a piece of `unit_fen`; what is paid of it is rounded half up."""
        if self.price is not None:
            return max(0, unit_fen - self.price.fen)
        return unit_fen - (unit_fen * (self.percent or 0) + 50) // 100


@dataclass(frozen=True, slots=True)
class OffStep:
    """From `minimum` on, `off` less."""

    minimum: Money
    off: Money


@dataclass(frozen=True, slots=True)
class AmountOff:
    """The highest step that is reached; `repeat`: the only step, as often as it fits.

    Never more than `most`. Higher steps take more off, and no step all of it.
    """

    steps: tuple[OffStep, ...]
    repeat: bool = False
    most: Money | None = None

    def __post_init__(self) -> None:
        if not self.steps or (self.repeat and len(self.steps) > 1):
            raise ValueError("there is a step, and only one where it repeats")
        if any(not 0 < step.off.fen < step.minimum.fen for step in self.steps):
            raise ValueError("a step takes off more than nothing and less than its amount")
        pairs = zip(self.steps, self.steps[1:], strict=False)
        if any(low.minimum >= high.minimum or low.off >= high.off for low, high in pairs):
            raise ValueError("each step begins higher than the one before, and takes more off")
        if self.most is not None and self.most.fen < 1:
            raise ValueError("most is an amount")

    def of(self, amount: Money) -> Money:
        """What goes off `amount`."""
        off = ZERO
        for step in self.steps:
            if amount >= step.minimum:
                off = step.off * (amount.fen // step.minimum.fen) if self.repeat else step.off
        return off if self.most is None else min(off, self.most)


@dataclass(frozen=True, slots=True)
class GiftStep:
    """From `minimum` on, a piece of the product with this code."""

    minimum: Money
    code: str


@dataclass(frozen=True, slots=True)
class GiftFrom:
    """A gift for every step that is reached; `repeat`: as often as the amount holds it."""

    steps: tuple[GiftStep, ...]
    repeat: bool = False
    most: int = MOST_GIFTS

    def __post_init__(self) -> None:
        if not self.steps or any(step.minimum.fen < 1 for step in self.steps):
            raise ValueError("there is a step, from an amount on")
        if not 1 <= self.most <= MOST_GIFTS:
            raise ValueError(f"most is 1 to {MOST_GIFTS} pieces")

    def of(self, amount: Money, step: GiftStep) -> int:
        """How many pieces of this step's gift `amount` earns."""
        times = amount.fen // step.minimum.fen
        return min(times, self.most if self.repeat else 1)


@dataclass(frozen=True, slots=True)
class RandomOff:
    """From `least` to `most` off, once a visit, where the basket reaches `minimum`.

    All visits of this kiosk together never get more than `budget`.
    """

    least: Money
    most: Money
    budget: Money
    minimum: Money = ZERO

    def __post_init__(self) -> None:
        if not 0 < self.least.fen <= self.most.fen <= self.budget.fen or self.minimum.fen < 0:
            raise ValueError("least, most and the budget are amounts, each at least the one before")

    @property
    def span(self) -> int:
        """How many different amounts may be drawn."""
        return self.most.fen - self.least.fen + 1


Effect = NthPiece | AmountOff | GiftFrom | RandomOff


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign: on these product codes (none: on all), perhaps for members only."""

    id: str
    name_zh: str
    name_en: str
    effect: Effect
    when: When = When()
    products: frozenset[str] = frozenset()
    members: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.effect, RandomOff) and self.products:
            raise ValueError("a random discount is on the whole basket")

    def covers(self, product: Product) -> bool:
        """Whether the product takes part."""
        return product.offers and (not self.products or product.code in self.products)

    def discount(self, amount: Money) -> Discount:
        """What it takes off, by its name."""
        return Discount(self.name_zh, self.name_en, amount, self.id)
