"""Goods without a bar code in a visit: what is offered, found, added, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hardware.devices import ScaleStatus, Weighing
from hardware.errors import TimedOut
from kiosk.domain.catalogue import PriceBook, Product
from kiosk.domain.money import Money
from kiosk.goods import Shelf
from kiosk.messages import Back, Pay, Screen
from kiosk.messages.goods import MOST_FOUND, Browse, FindGoods, GoodsFound, PickGoods
from kiosk.searching import Searching
from kiosk.weighing import ScaleWork
from tests.visits.conftest import MILK
from tests.visits.test_weighing import APPLES, Scale

BUN = Product("肉包子", "Pork bun", Money(250), plu=201)


@pytest.fixture
def scale(shop):
    scale = Scale()
    scale.works = True
    shop.checkout._till.weighing = ScaleWork(
        scale, lambda: scale.works, shop.time.put, shop.calls.append
    )
    return scale


@pytest.fixture
def picking(shop, scale):
    """On the screen of goods without a bar code, with a bottle of milk in the basket."""
    shop.checkout.restock(Shelf(PriceBook([APPLES, BUN, MILK]), ()), lambda: None)
    shop.scans_milk()
    shop.does(Browse())
    assert shop.screen.screen is Screen.PICK
    return shop


def found(shop, text=""):
    shop.does(FindGoods(text))
    answer = [each for each in shop.shown if isinstance(each, GoodsFound)][-1]
    assert answer.text == text
    return [goods.names["en"] for goods in answer.goods]


def test_without_a_text_all_that_has_no_bar_code_is_there_in_the_books_order(picking):
    assert found(picking) == ["Apples", "Pork bun"]
    assert [goods.weighed for goods in picking.shown[-1].goods] == [True, False]


def test_a_text_finds_whatever_is_in_the_book(picking):
    assert found(picking, "nn") == ["Milk"]
    assert found(picking, "rbz") == ["Pork bun"]
    assert found(picking, "6901000000042") == ["Milk"]
    assert found(picking, "x" * 60) == found(picking, "😀") == []


def test_a_text_without_an_end_is_not_answered(picking):
    picking.shown.clear()
    picking.does(FindGoods("p" * 201), FindGoods(" " * 201))
    assert picking.shown == []


def test_a_piece_is_added_and_the_basket_shows_it(picking):
    picking.does(PickGoods("00201"))
    assert picking.screen.screen is Screen.BASKET
    assert [line.names["en"] for line in picking.screen.lines] == ["Milk", "Pork bun"]


def test_what_has_a_torn_label_is_the_same_line_as_what_was_scanned(picking):
    picking.does(PickGoods("6901000000042"))
    assert [line.quantity for line in picking.screen.lines] == [2]


def test_ten_quick_touches_add_ten_and_no_more_than_there_may_be(picking):
    picking.does(*[PickGoods("00201")] * 10)
    assert picking.screen.lines[1].quantity == 10
    picking.does(*[PickGoods("00201")] * 100)
    assert picking.hints[-1] == "hint.limit_reached"


def test_what_is_weighed_is_in_the_basket_and_what_is_not_leaves_the_list_open(picking, scale):
    scale.next, scale.now = TimedOut("scale", "empty"), Weighing(ScaleStatus.ZERO)
    picking.does(PickGoods("00101"))
    assert picking.screen.weighing.names["en"] == "Apples"
    picking.passes()
    assert picking.hints[-1] == "hint.scale_empty"
    assert picking.screen.screen is Screen.PICK
    scale.next = Weighing(ScaleStatus.STABLE, Decimal(500), load=2)
    picking.does(PickGoods("00101"))
    picking.passes()
    assert picking.screen.screen is Screen.BASKET
    assert picking.screen.lines[1].quantity_text == "0.500 kg"


def test_back_is_the_basket_as_it_was_and_ends_a_weighing(picking, scale):
    picking.does(PickGoods("00101"), Back())
    picking.passes()
    assert picking.screen.screen is Screen.BASKET
    assert picking.screen.weighing is None
    assert len(picking.screen.lines) == 1


def test_goods_scanned_meanwhile_show_the_basket(picking):
    picking.scans_milk()
    assert picking.screen.screen is Screen.BASKET
    assert picking.screen.lines[0].quantity == 2


def test_goods_by_weight_are_not_offered_while_the_scale_is_gone(picking, scale):
    scale.works = False
    assert found(picking) == ["Pork bun"]
    assert found(picking, "pg") == []
    picking.does(PickGoods("00101"))
    assert picking.hints[-1] == "hint.scale_missing"


def test_the_way_there_is_offered_only_while_there_is_something(shop, scale):
    shop.checkout.restock(Shelf(PriceBook([APPLES, MILK]), ()), lambda: None)
    shop.scans_milk()
    assert shop.screen.may_pick
    scale.works = False
    shop.does(Browse())
    shop.counter.refresh()
    assert (shop.screen.screen, shop.screen.may_pick) == (Screen.BASKET, False)


@pytest.mark.parametrize("code", ["99999", "", "apples", "²", "6901000000059", "0" * 4000])
def test_a_number_that_is_not_in_the_book_is_refused(picking, code):
    picking.does(PickGoods(code))
    assert picking.hints[-1] == "hint.unsold"


def test_late_touches_on_other_screens_do_nothing(picking):
    picking.does(Back(), Pay())
    picking.shown.clear()
    picking.does(Browse(), FindGoods(""), PickGoods("00201"))
    assert picking.shown == []


def test_no_more_goods_are_told_than_a_message_may_hold(shop, scale):
    many = [Product(f"包{at}", "", Money(1), plu=at) for at in range(1, 100)]
    shop.checkout.restock(Shelf(PriceBook([*many, MILK]), ()), lambda: None)
    shop.scans_milk()
    shop.does(Browse(), FindGoods(""))
    assert len(shop.shown[-1].goods) == MOST_FOUND
    shop.does(FindGoods("b"))
    assert len(shop.shown[-1].goods) == MOST_FOUND


def test_the_index_is_made_beside_and_what_was_typed_last_is_answered(shop, scale):
    shop.checkout._till.searching = Searching(shop.time.put, shop.calls.append)
    shop.checkout.restock(Shelf(PriceBook([APPLES, BUN, MILK]), ()), lambda: None)
    shop.scans_milk()
    shop.does(Browse(), FindGoods("r"), FindGoods("rb"))
    assert not [each for each in shop.shown if isinstance(each, GoodsFound)]
    shop.passes()
    (answer,) = [each for each in shop.shown if isinstance(each, GoodsFound)]
    assert (answer.text, answer.goods[0].code) == ("rb", "00201")
