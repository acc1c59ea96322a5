"""More goods than a basket holds, and names of every kind: a right total, and a way to pay."""

from __future__ import annotations

import pytest

from kiosk.domain.basket import Limits
from kiosk.domain.catalogue import Product
from kiosk.domain.money import Money
from kiosk.messages import LIMIT, Pay, Screen, Start, decode, encode
from kiosk.messages.goods import PickGoods
from tests.visits.conftest import Shop

MOST = Limits().lines
LONG_ZH, LONG_EN = "𰻝" * 40, "W" * 55
GOODS = tuple(
    Product(f"{LONG_ZH[:36]}{nth:04d}", f"{LONG_EN} {nth:04d}", Money(100 + nth), plu=nth, age=18)
    for nth in range(1, 501)
)


class Full(Shop):
    goods = GOODS

    def picks(self, products):
        for product in products:
            self.does(PickGoods(product.code))


@pytest.fixture
def shop(tmp_path):
    opened = Full(tmp_path)
    opened.does(Start())
    yield opened
    opened.ledger.close()


def test_of_500_things_200_are_in_the_basket_he_is_told_and_the_total_is_theirs(shop):
    shop.picks(GOODS)
    assert len(shop.screen.lines) == MOST
    assert shop.screen.total_fen == sum(product.price.fen for product in GOODS[:MOST])
    assert shop.hints.count("hint.limit_reached") == 500 - MOST
    shop.does(Pay())
    assert shop.screen.screen is Screen.HELD
    assert shop.screen.due_fen == shop.screen.total_fen


def test_a_full_basket_with_the_longest_names_fits_into_one_message(shop):
    shop.picks(GOODS)
    said = encode(shop.screen)
    assert len(said) < LIMIT / 2
    assert decode(said) == shop.screen


def test_the_same_thing_500_times_stops_at_the_most_of_a_line_and_is_said(shop):
    shop.picks(GOODS[:1] * 500)
    assert [line.quantity for line in shop.screen.lines] == [Limits().quantity]
    assert shop.screen.total_fen == 101 * Limits().quantity
    assert shop.hints[-1] == "hint.limit_reached"


@pytest.mark.parametrize("name", ["🍎🍏👨‍👩‍👧‍👦", "𠮷野家牛丼", "x" * 60, "\u202eabc", " "])
def test_a_name_is_shown_as_it_is(tmp_path, name):
    class Odd(Shop):
        goods = (Product("货", name, Money(500), plu=1),)

    shop = Odd(tmp_path)
    shop.does(Start())
    shop.does(PickGoods("00001"))
    assert shop.screen.lines[0].names["en"] == name
    assert shop.screen.total_fen == 500
    shop.ledger.close()
