"""One visit as a diner makes it: noodles as he likes them and a drink, at a table, paid by face.

attract ─► service ─► table ─► menu ─► a dish ─► order ─► tender … ─► done ─► attract
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from kiosk.demo.finger import Finger, Seen
from kiosk.demo.shopper import pay_by_face

TABLE = "12"
NOODLES, TEA = "00101", "00403"
RISES = 1.0  # seconds until a sheet lies where it stays
OPTIONS = ("option.portion.portion-large", "option.spice.spice-hot", "option.extras.extra-egg")


def play_meal(finger: Finger, reached: Callable[[str], object]) -> None:
    """Play it from ATTRACT to ATTRACT; `reached` is told the name of each step.

    Raises KioskError for a step that does not come.
    """
    finger.wait_for("ATTRACT", timeout=30)
    reached("attract")
    finger.touch("start")
    finger.wait_for("SERVICE")
    reached("service")
    finger.touch("service.eat-in")
    finger.wait_for("TABLE")
    for digit in TABLE:
        finger.touch(f"pad.{digit}")
    reached("table")
    finger.touch("table.done")
    order(finger, reached)
    finger.touch("order")
    finger.wait_for("BASKET")
    reached("basket")
    pay_by_face(finger, reached)


def order(finger: Finger, reached: Callable[[str], object]) -> None:
    """From the menu: noodles with options from their sheet, and a drink as it comes."""
    finger.wait_for("MENU")
    finger.wait_until(lambda seen: seen.can_touch(f"dish.{NOODLES}"), "the menu")
    reached("menu")
    finger.touch(f"dish.{NOODLES}")
    finger.wait_until(lambda seen: seen.can_touch("dish.add"), "the sheet of a dish")
    time.sleep(RISES)
    for option in OPTIONS:
        _choose(finger, option)
    reached("dish")
    finger.touch("dish.add")
    finger.wait_until(lambda seen: seen.can_touch("category.drinks"), "the menu again")
    finger.touch("category.drinks")
    finger.wait_until(lambda seen: seen.can_touch(f"dish.{TEA}.add"), "the drinks")
    before = finger.wait_for("MENU").changes
    finger.touch(f"dish.{TEA}.add")
    finger.wait_until(lambda seen: seen.changes > before, "another line")
    reached("drinks")


def _choose(finger: Finger, option: str) -> None:
    """An option of the sheet, turned to where it is not on the page that is shown."""
    seen = finger.wait_for("MENU")
    while not seen.can_touch(option):
        before = _options(seen)
        finger.touch("dish.down")
        seen = finger.wait_until(partial(_turned, before), "another page")
    finger.touch(option)


def _turned(before: frozenset[str], seen: Seen) -> bool:
    return _options(seen) not in (before, frozenset())


def _options(seen: Seen) -> frozenset[str]:
    return frozenset(name for name in seen.widgets if name.startswith("option."))
