"""What a restaurant serves: categories of dishes, and the options that go with them.

    Menu ─┬─ Category ── Dish ── Product     the price, the tax, the station that prepares it
          └─ OptionGroup ── Option           shared: a dish names its groups by their codes

A dish is known by the shop's number (PLU), an option by a code that no other option of the menu
has, so that one list names all that is sold out. An option costs nothing or more. `fault` says
which rule a choice breaks, `choose` makes of it what a line of the basket keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from kiosk.domain.catalogue import Product
from kiosk.domain.choice import Choice
from kiosk.domain.money import ZERO, Money

_CODE = re.compile(r"[a-z][a-z0-9-]{0,29}")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a group; `price` is added to the price of the dish, for each dish."""

    code: str
    name_zh: str
    name_en: str = ""
    price: Money = ZERO

    def __post_init__(self) -> None:
        _check_code(self.code)
        if self.price.fen < 0:
            raise ValueError(f"{self.code}: an option never makes a dish cheaper")


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Options of which at least `least` and at most `most` are chosen, each of them once.

    `preset` are chosen before anybody touched anything.
    """

    code: str
    name_zh: str
    name_en: str
    options: tuple[Option, ...]
    least: int = 0
    most: int = 1
    preset: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_code(self.code)
        codes = [option.code for option in self.options]
        if not codes or len(set(codes)) < len(codes):
            raise ValueError(f"{self.code}: there are options, and each is there once")
        if not 0 <= self.least <= self.most <= len(codes) or self.most < 1:
            said = f"{self.least} to {self.most} of {len(codes)} options cannot be chosen"
            raise ValueError(f"{self.code}: {said}")
        if len(set(self.preset)) < len(self.preset) or not set(self.preset) <= set(codes):
            raise ValueError(f"{self.code}: what is preset are options of it, each once")
        if len(self.preset) > self.most:
            raise ValueError(f"{self.code}: more than {self.most} are preset")


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish: what is sold, its option groups by code, and one line on what is in it.

    `left` is how many there are a day (None: nobody counts them).
    """

    product: Product
    groups: tuple[str, ...] = ()
    says_zh: str = ""
    says_en: str = ""
    left: int | None = None

    def __post_init__(self) -> None:
        if self.product.plu is None or not self.product.counted:
            raise ValueError(f"{self.code}: a dish has a number of the shop's, and is no weight")
        if self.product.price.fen < 1:
            raise ValueError(f"{self.code}: a dish costs something")
        if len(set(self.groups)) < len(self.groups):
            raise ValueError(f"{self.code}: a group is there twice")
        if self.left is not None and self.left < 0:
            raise ValueError(f"{self.code}: fewer than none are left")

    @property
    def code(self) -> str:
        """The number of its product, as five digits or more."""
        return self.product.code


@dataclass(frozen=True, slots=True)
class Category:
    """One heading of the menu, with its dishes in their order."""

    code: str
    name_zh: str
    name_en: str
    dishes: tuple[Dish, ...]

    def __post_init__(self) -> None:
        _check_code(self.code)
        if not self.dishes:
            raise ValueError(f"{self.code}: there are no dishes in it")


class Rule(Enum):
    """What a choice can break."""

    UNKNOWN = "no option of this dish"
    TWICE = "chosen twice"
    TOO_FEW = "fewer than the group wants"
    TOO_MANY = "more than the group allows"


@dataclass(frozen=True, slots=True)
class Fault:
    """The rule that is broken, and by what: the code of an option or of a group."""

    rule: Rule
    code: str


class Menu:
    """All that can be ordered; never changes (a new menu replaces it whole)."""

    def __init__(self, categories: Sequence[Category], groups: Sequence[OptionGroup] = ()) -> None:
        """Raises ValueError where a code is there twice, or a dish names a group that is not."""
        self.categories = tuple(categories)
        self.groups = tuple(groups)
        self._groups = {group.code: group for group in groups}
        self._dishes = {dish.code: dish for dish in self}
        self._options = {option.code: option for group in groups for option in group.options}
        _once("category", [category.code for category in categories])
        _once("group", [group.code for group in groups])
        _once("dish", [dish.code for dish in self])
        _once("option", [option.code for group in groups for option in group.options])
        for dish in self:
            for code in dish.groups:
                if code not in self._groups:
                    raise ValueError(f"dish {dish.code}: there is no group {code}")

    def __len__(self) -> int:
        return len(self._dishes)

    def __iter__(self) -> Iterator[Dish]:
        for category in self.categories:
            yield from category.dishes

    def dish(self, code: str) -> Dish | None:
        """The dish with that code, or None."""
        return self._dishes.get(code)

    def option(self, code: str) -> Option | None:
        """The option with that code, or None."""
        return self._options.get(code)

    def groups_of(self, dish: Dish) -> tuple[OptionGroup, ...]:
        """The option groups of a dish, in its order."""
        return tuple(self._groups[code] for code in dish.groups)


def fault(groups: Sequence[OptionGroup], options: Sequence[str]) -> Fault | None:
    """The first rule of a dish's groups that a choice breaks, or None where it may be had so."""
    known = {option.code for group in groups for option in group.options}
    for at, code in enumerate(options):
        if code not in known:
            return Fault(Rule.UNKNOWN, code)
        if code in options[:at]:
            return Fault(Rule.TWICE, code)
    for group in groups:
        chosen = sum(option.code in options for option in group.options)
        if chosen < group.least:
            return Fault(Rule.TOO_FEW, group.code)
        if chosen > group.most:
            return Fault(Rule.TOO_MANY, group.code)
    return None


def choose(groups: Sequence[OptionGroup], options: Sequence[str]) -> tuple[Choice, ...]:
    """What was chosen, in the order of the menu, however it was touched.

    Raises ValueError where `fault` finds one.
    """
    found = fault(groups, options)
    if found is not None:
        raise ValueError(f"{found.code}: {found.rule.value}")
    return tuple(
        Choice(group.code, option.code, option.name_zh, option.name_en, option.price)
        for group in groups
        for option in group.options
        if option.code in options
    )


def _once(what: str, codes: Sequence[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise ValueError(f"{what} {code} is there twice")
        seen.add(code)


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no code: small letters, digits and hyphens, at most 30")
