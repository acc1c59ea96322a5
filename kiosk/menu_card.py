"""The menu as the screens get it, whole and once; what is the same has the same version."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator

import msgspec

from kiosk.domain.menu import Category, Dish, Menu, Option, OptionGroup
from kiosk.messages.menu import (
    CategoryShown,
    DishShown,
    MenuShown,
    OptionGroupShown,
    OptionShown,
)
from kiosk.messages.staff import DishRow

VERSION = 12  # hexadecimal digits


def card(menu: Menu) -> MenuShown:
    """All of the menu, for the diner's screen."""
    categories = tuple(_category(each) for each in menu.categories)
    groups = tuple(_group(each) for each in menu.groups)
    said = hashlib.sha256(msgspec.json.encode([categories, groups])).hexdigest()
    return MenuShown(said[:VERSION], categories, groups)


def rows(menu: Menu, sold_out: Container[str]) -> Iterator[DishRow]:
    """Every dish, then every option, for the staff's."""
    for category in menu.categories:
        for dish in category.dishes:
            names = dict(dish.product.names)
            yield DishRow(dish.code, names, _names(category), dish.code in sold_out)
    for group in menu.groups:
        for option in group.options:
            of = _names(group)
            yield DishRow(option.code, _names(option), of, option.code in sold_out, option=True)


def _category(category: Category) -> CategoryShown:
    dishes = tuple(_dish(each) for each in category.dishes)
    return CategoryShown(category.code, _names(category), dishes)


def _dish(dish: Dish) -> DishShown:
    product = dish.product
    says = {"zh": dish.says_zh, "en": dish.says_en or dish.says_zh} if dish.says_zh else None
    return DishShown(
        code=dish.code,
        names=dict(product.names),
        fen=product.price.fen,
        picture=product.picture,
        groups=dish.groups,
        says=says,
    )


def _group(group: OptionGroup) -> OptionGroupShown:
    return OptionGroupShown(
        code=group.code,
        names=_names(group),
        options=tuple(OptionShown(x.code, _names(x), x.price.fen) for x in group.options),
        least=group.least,
        most=group.most,
        preset=group.preset,
    )


def _names(named: Category | OptionGroup | Option) -> dict[str, str]:
    return {"zh": named.name_zh, "en": named.name_en or named.name_zh}
