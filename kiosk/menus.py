"""The operator's menu from a JSON file: categories of dishes, and the option groups they share.

    the menu   categories  a list of them, in the order of the screen
               groups      a list of option groups                       none
    category   code        small letters, digits and hyphens, at most 30
               zh, en      its name; without en the Chinese one shows
               dishes      a list of them
    dish       plu         the shop's own number, 1 to 999999
               zh, en      its name
               says_zh, says_en    one line on what is in it             nothing
               price       of one; options come on top
               tax         percent contained in the price
               member_price        what a member pays instead of price   price
               offers      false: it takes part in no campaign           true
               station     who prepares it: the name of a printer        nobody
               picture     a PNG or JPEG, its path from the file's folder
               groups      codes of option groups, at most 10            none
               left        how many there are a day, 0 to 9999           nobody counts
    group      code, zh, en
               options     a list of them, 1 to 30
               least, most how many of them are chosen                   0 and 1
               preset      codes of those that are chosen already        none
    option     code, zh, en; no other option of the menu has its code
               price       what it adds to each dish                     nothing

Names have at most 60 characters, lines on what is in it 80. Amounts are yuan, as texts, with at
most two places. The first fault ends the reading, and the error names the file, whose key it is
and the key. A menu that does not fit into one message to the screen is one too many.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk.content import ContentError, read_text
from kiosk.domain.catalogue import Product, is_station
from kiosk.domain.menu import Category, Dish, Menu, Option, OptionGroup
from kiosk.domain.money import ZERO
from kiosk.fields import Fields, decoder
from kiosk.menu_card import card
from kiosk.messages import LIMIT, encode

KEYS: dict[str, tuple[str, ...]] = {
    "menu": ("categories", "groups"),
    "category": ("code", "zh", "en", "dishes"),
    "dish": (
        "plu", "zh", "en", "says_zh", "says_en", "price", "tax", "member_price", "offers",
        "station", "picture", "groups", "left",
    ),
    "group": ("code", "zh", "en", "options", "least", "most", "preset"),
    "option": ("code", "zh", "en", "price"),
}  # fmt: skip
MOST_BYTES = 1 << 20
MOST_CATEGORIES = 40
MOST_DISHES = 500
MOST_GROUPS = 100
MOST_OPTIONS = 30
MOST_GROUPS_OF_A_DISH = 10
MOST_LEFT = 9_999
NAME, SAYS = 60, 80  # characters

_T = TypeVar("_T")
_CODE = re.compile(r"[a-z][a-z0-9-]{0,29}")


def load_menu(path: Path, pictures: Path | None = None) -> Menu:
    """Read the file at `path`; pictures lie beside it, or in the folder `pictures`.

    Raises ContentError; a missing file is one too.
    """
    text = read_text(path, MOST_BYTES)
    try:
        body = decoder().decode(text)
    except (ValueError, RecursionError) as error:
        raise ContentError(f"{path}: {error}") from error
    reading = _Reading(path, pictures or path.resolve().parent)
    menu = reading.menu(reading.fields("the menu", body, "menu"))
    size = len(encode(card(menu)))
    if size > LIMIT:
        raise ContentError(f"{path}: the screen takes {LIMIT} bytes of a menu, this one has {size}")
    return menu


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file on its way to a menu."""

    path: Path
    pictures: Path

    def fields(self, whose: str, body: object, kind: str) -> Fields:
        """The object, once it has no keys but those of its kind."""
        if type(body) is not dict:
            raise ContentError(f"{self.path}, {whose}: not an object")
        found: dict[str, Any] = body
        fields = Fields(found, lambda key: f"{self.path}, {whose}, key {key}")
        fields.only(KEYS[kind])
        return fields

    def menu(self, fields: Fields) -> Menu:
        groups = [
            self._group(f"group {at}", each)
            for at, each in enumerate(fields.listed("groups", MOST_GROUPS), 1)
        ]
        categories = [
            self._category(f"category {at}", each)
            for at, each in enumerate(fields.listed("categories", MOST_CATEGORIES), 1)
        ]
        if not categories:
            raise fields.mistake("categories", "there is no category")
        menu = self._made("the menu", lambda: Menu(categories, groups))
        if len(menu) > MOST_DISHES:
            raise fields.mistake("categories", f"more than {MOST_DISHES} dishes")
        return menu

    def _category(self, place: str, body: object) -> Category:
        fields = self.fields(_known(place, body, "code"), body, "category")
        code, zh, en = self._names(fields)
        dishes = tuple(
            self._dish(f"dish {at} of category {code}", each)
            for at, each in enumerate(fields.listed("dishes", MOST_DISHES), 1)
        )
        return self._made(f"category {code}", lambda: Category(code, zh, en, dishes))

    def _dish(self, place: str, body: object) -> Dish:
        fields = self.fields(whose := _known(place, body, "plu"), body, "dish")
        plu = fields.number("plu", 1, 999_999)
        if plu is None:
            raise fields.mistake("plu", "is missing")
        zh = fields.words("zh", 1, NAME)
        price, member = fields.needed("price"), fields.amount("member_price")
        tax = fields.hundredths("tax", 10_000)
        if tax is None:
            raise fields.mistake("tax", "is missing")
        station = fields.words("station", 0, 20)
        if station and not is_station(station):
            raise fields.mistake("station", f"{station!r} is not a name like kitchen")
        product = self._made(
            whose,
            lambda: Product(
                name_zh=zh,
                name_en=fields.words("en", 0, NAME),
                price=price,
                plu=plu,
                tax_bp=tax,
                station=station,
                member_price=member,
                offers=fields.flag("offers", default=True),
                picture=fields.picture("picture", self.pictures),
            ),
        )
        groups = fields.texts("groups", MOST_GROUPS_OF_A_DISH)
        says = fields.words("says_zh", 0, SAYS), fields.words("says_en", 0, SAYS)
        left = fields.number("left", 0, MOST_LEFT)
        return self._made(whose, lambda: Dish(product, groups, *says, left))

    def _group(self, place: str, body: object) -> OptionGroup:
        fields = self.fields(whose := _known(place, body, "code"), body, "group")
        code, zh, en = self._names(fields)
        options = tuple(
            self._option(f"option {at} of group {code}", each)
            for at, each in enumerate(fields.listed("options", MOST_OPTIONS), 1)
        )
        least, most = fields.number("least", 0, MOST_OPTIONS), fields.number("most", 1, 30)
        preset = fields.texts("preset", MOST_OPTIONS)
        return self._made(
            whose,
            lambda: OptionGroup(
                code, zh, en, options, least or 0, 1 if most is None else most, preset
            ),
        )

    def _option(self, place: str, body: object) -> Option:
        fields = self.fields(_known(place, body, "code"), body, "option")
        return Option(*self._names(fields), fields.amount("price") or ZERO)

    def _names(self, fields: Fields) -> tuple[str, str, str]:
        code = fields.words("code", 0, 30)
        if not _CODE.fullmatch(code):
            raise fields.mistake("code", "small letters, digits and hyphens, at most 30")
        return code, fields.words("zh", 1, NAME), fields.words("en", 0, NAME)

    def _made(self, whose: str, make: Callable[[], _T]) -> _T:
        """What the rules of the menu let be made, or the place where they do not."""
        try:
            return make()
        except ContentError:
            raise
        except ValueError as error:
            raise ContentError(f"{self.path}, {whose}: {error}") from error


def _known(place: str, body: object, key: str) -> str:
    """By its own name, where it has one, else by its place in the list."""
    name = body.get(key) if isinstance(body, dict) else None
    kind = place.partition(" ")[0]
    return f"{kind} {name}" if isinstance(name, str | int) and len(str(name)) <= NAME else place
