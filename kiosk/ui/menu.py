"""The menu as the screen thinks of it, without a widget: prices, rules of choice, pages.

A dish has groups of options; of each group at least `least` and at most `most` are chosen:

    least 1, most 1   one of them: another choice takes the place of the first
    least 0, most 3   up to three: a fourth is not taken
    least 2, most 2   just two

Prices are integer fen. What is sold out cannot be chosen, and a choice of it falls away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from kiosk.messages import LineShown, Text
from kiosk.messages.menu import (
    AddDish,
    CategoryShown,
    DishShown,
    MenuShown,
    OptionGroupShown,
    OptionShown,
)

MOST_OF_A_DISH = 99  # in one go
T = TypeVar("T")


class Menu:
    """A menu that was shown, by code; immutable."""

    def __init__(self, shown: MenuShown) -> None:
        self.version = shown.version
        self.categories: Sequence[CategoryShown] = shown.categories
        self._groups = {group.code: group for group in shown.groups}
        self._dishes = {dish.code: dish for one in shown.categories for dish in one.dishes}

    def dish(self, code: str) -> DishShown | None:
        """The dish of this code, if there is one."""
        return self._dishes.get(code)

    def groups(self, dish: DishShown) -> tuple[OptionGroupShown, ...]:
        """The option groups of a dish; one that the menu does not know is left out."""
        return tuple(self._groups[code] for code in dish.groups if code in self._groups)

    def least_fen(self, dish: DishShown) -> int:
        """The least that a dish costs: with the cheapest of what must be chosen."""
        return dish.fen + sum(
            sum(sorted(option.fen for option in group.options)[: group.least])
            for group in self.groups(dish)
        )

    def varies(self, dish: DishShown) -> bool:
        """Whether what must be chosen changes the price, so that it is told as "from"."""
        return any(
            group.least and len({option.fen for option in group.options}) > 1
            for group in self.groups(dish)
        )

    def choice(self, dish: DishShown, sold: frozenset[str]) -> Choice:
        """What is chosen before anybody has: the presets, where they can be had."""
        groups = self.groups(dish)
        chosen = {group.code: tuple(group.preset[: group.most]) for group in groups}
        return Choice(dish, groups, chosen).without(sold)

    def unobtainable(self, dish: DishShown, sold: frozenset[str]) -> bool:
        """Whether it is sold out, or too little is left of what must be chosen with it."""
        return dish.code in sold or any(
            sum(option.code not in sold for option in group.options) < group.least
            for group in self.groups(dish)
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A dish with what is chosen of each group, and how many; a value, changed by making anew."""

    dish: DishShown
    groups: tuple[OptionGroupShown, ...]
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quantity: int = 1

    def of(self, group: OptionGroupShown) -> tuple[str, ...]:
        """What is chosen of a group, in the order it was chosen."""
        return self.chosen.get(group.code, ())

    def full(self, group: OptionGroupShown) -> bool:
        """Whether no more can be chosen of a group where several may be."""
        return group.most > 1 and len(self.of(group)) >= group.most

    def toggle(self, group: OptionGroupShown, code: str) -> Choice:
        """With the option chosen, or not any more; unchanged where the group's rule forbids it.

        The only one that must be chosen is not taken back by touching it again.
        """
        now = self.of(group)
        if code in now:
            if group.least == group.most == 1:
                return self
            after = tuple(one for one in now if one != code)
        elif group.most == 1:
            after = (code,)
        elif len(now) >= group.most:
            return self
        else:
            after = (*now, code)
        return replace(self, chosen={**self.chosen, group.code: after})

    def without(self, sold: frozenset[str]) -> Choice:
        """The choice that is left when these cannot be had any more."""
        left = {
            code: tuple(one for one in options if one not in sold)
            for code, options in self.chosen.items()
        }
        return self if left == self.chosen else replace(self, chosen=left)

    def times(self, quantity: int) -> Choice:
        """So many of it, at least one."""
        return replace(self, quantity=min(max(quantity, 1), MOST_OF_A_DISH))

    def lacking(self, group: OptionGroupShown) -> int:
        """How many are still to be chosen of a group."""
        return max(group.least - len(self.of(group)), 0)

    @property
    def first_lacking(self) -> OptionGroupShown | None:
        """The first group of which too little is chosen."""
        return next((group for group in self.groups if self.lacking(group)), None)

    @property
    def fen(self) -> int:
        """What all of it costs, with the options."""
        return self.quantity * (
            self.dish.fen
            + sum(
                option.fen
                for group in self.groups
                for option in group.options
                if option.code in self.of(group)
            )
        )

    @property
    def command(self) -> AddDish:
        """What is sent for it: the options in the order of the menu."""
        options = tuple(
            option.code
            for group in self.groups
            for option in group.options
            if option.code in self.of(group)
        )
        return AddDish(self.dish.code, options, self.quantity)


def rule(group: OptionGroupShown) -> Text:
    """The rule of a group in words."""
    least, most = group.least, min(group.most, len(group.options))
    args = {"least": str(least), "most": str(most)}
    if least == 0:
        return Text("dish.optional_one" if most == 1 else "dish.optional", args)
    if least >= most:
        return Text("dish.choose_one" if least == 1 else "dish.choose", args)
    return Text("dish.choose_range", args)


def ordered(lines: Iterable[LineShown]) -> dict[str, int]:
    """How many of each dish are ordered, by its code."""
    counts: dict[str, int] = {}
    for line in lines:
        if line.dish:
            counts[line.dish] = counts.get(line.dish, 0) + line.quantity
    return counts


def page_of(items: Sequence[T], page: int, each: int) -> tuple[int, int, Sequence[T]]:
    """The page that there is nearest to the one asked for, how many there are, and what is on it.

    Pages count from 0; there is always one, which may be empty.
    """
    pages = max(-(-len(items) // each), 1)
    page = min(max(page, 0), pages - 1)
    return page, pages, items[page * each : (page + 1) * each]


@dataclass(frozen=True, slots=True)
class Block:
    """A group, or the part of it that fits on a page; its head is said on each page."""

    group: OptionGroupShown
    options: tuple[OptionShown, ...]


def blocks(
    groups: Sequence[OptionGroupShown], room: float, head: float, row: float, columns: int
) -> list[list[Block]]:
    """Pages of groups in `room` of height, where a head and a row of options take so much.

    A group is broken over two pages only where it is longer than a page; there is always a page.
    """
    most = max(int((room - head) // row), 1)  # rows below one head
    pages: list[list[Block]] = [[]]
    left = room
    for group in groups:
        rows = [group.options[at : at + columns] for at in range(0, len(group.options), columns)]
        while rows:
            take = min(len(rows), most)
            high = head + take * row
            if high > left and pages[-1]:
                pages.append([])
                left = room
            taken, rows = rows[:take], rows[take:]
            pages[-1].append(Block(group, tuple(option for one in taken for option in one)))
            left -= high
    return pages
