"""The words of a restaurant: how the diner eats, what he may order, which orders are ready.

ui ──► core    `ChooseService` `SetTable` `AddDish` `ShowOrder`
core ──► ui    `MenuShown` once a visit and whenever a ui comes up; `SoldOut` when that changes
core ──► orders    `OrdersShown`: the numbers on the screen over the counter, whole, at every change
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EAT_IN, TAKE_AWAY = "eat-in", "take-away"

# --- ui to core --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChooseService:
    """He eats here, or takes it away: `EAT_IN` or `TAKE_AWAY`; "" to be asked again."""

    service: str


@dataclass(frozen=True, slots=True)
class SetTable:
    """The number of the table that he sits at, as he typed it."""

    number: str


@dataclass(frozen=True, slots=True)
class AddDish:
    """So many of a dish by `DishShown.code`, each with these options by `OptionShown.code`."""

    code: str
    options: tuple[str, ...] = ()
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class ShowOrder:
    """From the menu to all that he has ordered; `Back` leads to the menu again."""


# --- core to ui --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OptionShown:
    """One choice of a group; `fen` is what it adds to the price of the dish, per dish."""

    code: str
    names: Mapping[str, str]
    fen: int = 0


@dataclass(frozen=True, slots=True)
class OptionGroupShown:
    """Choices of which at least `least` and at most `most` are made; `preset` are made already."""

    code: str
    names: Mapping[str, str]
    options: tuple[OptionShown, ...]
    least: int = 0
    most: int = 1
    preset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DishShown:
    """A dish; `groups` are its option groups by code, `picture` a path ("": there is none)."""

    code: str
    names: Mapping[str, str]
    fen: int
    picture: str = ""
    groups: tuple[str, ...] = ()
    says: Mapping[str, str] | None = None
    """One line on what is in it, by language."""


@dataclass(frozen=True, slots=True)
class CategoryShown:
    """One heading of the menu and its dishes, in the menu's order."""

    code: str
    names: Mapping[str, str]
    dishes: tuple[DishShown, ...]


@dataclass(frozen=True, slots=True)
class MenuShown:
    """The menu, whole. The same `version` is the same menu, so that nothing is built twice."""

    version: str
    categories: tuple[CategoryShown, ...]
    groups: tuple[OptionGroupShown, ...] = ()


@dataclass(frozen=True, slots=True)
class SoldOut:
    """The codes of the dishes and options that cannot be had now: all of them."""

    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrdersShown:
    """The pick-up and table numbers of the orders being prepared, and of those that are ready.

    Oldest first; `language` is the shop's, and `shop` its name by language.
    """

    preparing: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    language: str = "zh"
    shop: Mapping[str, str] | None = None


MenuCommand = ChooseService | SetTable | AddDish | ShowOrder
