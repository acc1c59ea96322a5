"""Bags before it is paid: asked for once, never chosen for the shopper, never in his way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.bags import Bags
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.money import Money
from kiosk.messages import Back, Pay, Screen, SetMember
from kiosk.messages.goods import TakeBags
from tests.visits.conftest import MILK, Shop

BAG = Product("购物袋", "Bag", Money(100), Gtin.parse("6989000000019"))
SMALL = Product("小袋", "Small bag", Money(30), plu=901)
RICE = Product("散装米", "Loose rice", Money(500), plu=7)
CODES = (BAG.code, SMALL.code, "12345")  # the last one is not in the price book


class WithBags(Shop):
    goods = (MILK, BAG, SMALL, RICE)

    def restart(self):
        super().restart()
        shopping = self.checkout._shopping
        shopping._bags = Bags(CODES, self.shelf())
        self.counter.bags = shopping._bags.asked


@pytest.fixture
def shop(tmp_path):
    opened = WithBags(tmp_path)
    yield opened
    opened.ledger.close()


def offered(shop):
    return [bag.names["en"] for bag in shop.screen.bags]


def bought(shop):
    return {line.names["en"]: line.quantity for line in shop.screen.lines}


def test_whoever_has_goods_is_offered_the_bags_that_the_book_has(shop):
    shop.scans_milk()
    assert offered(shop) == ["Bag", "Small bag"]
    assert bought(shop) == {"Milk": 1}, "none is chosen for him"


def test_the_bags_that_he_takes_are_in_the_basket_and_he_goes_on_to_pay(shop):
    shop.scans_milk()
    shop.does(TakeBags({BAG.code: 2, SMALL.code: 0}))
    assert shop.screen.screen is Screen.TENDER
    assert bought(shop) == {"Milk": 1, "Bag": 2}
    assert shop.screen.due_fen == 890


def test_no_bag_is_one_touch_and_he_is_not_asked_again(shop):
    shop.scans_milk()
    shop.does(TakeBags({}))
    assert shop.screen.screen is Screen.TENDER
    shop.does(Back())
    assert offered(shop) == []
    assert bought(shop) == {"Milk": 1}


def test_he_may_pay_without_an_answer(shop):
    shop.scans_milk()
    shop.does(Pay())
    assert shop.screen.screen is Screen.TENDER


def test_whoever_scanned_a_bag_is_not_asked(shop):
    shop.scans_milk()
    shop.checkout.scanned("6989000000019")
    assert offered(shop) == []


def test_nothing_else_comes_into_the_basket_as_a_bag(shop):
    shop.scans_milk()
    shop.does(TakeBags({RICE.code: 1, MILK.code: 3, BAG.code: -1, SMALL.code: 999, "x": 1}))
    assert bought(shop) == {"Milk": 1}


def test_more_bags_than_the_basket_holds_are_refused_and_the_basket_is_kept(shop):
    shop.scans_milk()
    visit = shop.counter.visit
    full = replace(visit.basket, limits=replace(visit.basket.limits, lines=1))
    shop.counter.set(visit.with_basket(full))
    shop.does(TakeBags({BAG.code: 1}))
    assert shop.hints[-1] == "hint.limit_reached"
    assert (shop.screen.screen, bought(shop)) == (Screen.BASKET, {"Milk": 1})


def test_a_shop_without_bags_asks_for_none_and_one_without_members_for_no_number(tmp_path):
    shop = Shop(tmp_path)
    shop.scans_milk()
    assert shop.screen.bags == ()
    assert not shop.screen.asks_member
    shop.does(SetMember("13800138000"))
    assert shop.hints[-1] == "hint.member_ask_staff"
    shop.ledger.close()
