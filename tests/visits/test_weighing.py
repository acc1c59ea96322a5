"""Goods by weight in a visit: what the scale refuses, and what becomes of a weight too late."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hardware.devices import ScaleStatus, Weighing
from hardware.errors import Offline, Overweight, SameWeight, TimedOut, UnderZero
from kiosk.domain.catalogue import Gtin, PriceBook, Product, SoldBy
from kiosk.domain.money import Money
from kiosk.goods import Shelf
from kiosk.messages import Hinting, Leave, Pay, Screen
from kiosk.messages.goods import LiveWeight, PickGoods, StopWeighing
from kiosk.weighing import ScaleWork, whole_grams
from tests.visits.conftest import MILK

APPLES = Product("苹果", "Apples", Money(1196), plu=101, sold_by=SoldBy.WEIGHT)
NUTS = Product("坚果", "Nuts", Money(1000), Gtin.parse("6901000000059"), sold_by=SoldBy.WEIGHT)


class Scale:
    """Answers at once with what a test wants."""

    def __init__(self):
        self.next = Weighing(ScaleStatus.STABLE, Decimal(1234), load=1)
        self.now = Weighing(ScaleStatus.NOT_READY)
        self.released, self.cleared, self.prices = [], 0, []

    def read_weight(self, timeout_s, unit_price):
        self.prices.append(unit_price)
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def live_weight(self):
        return self.now

    def clear_input(self):
        self.cleared += 1

    def release_load(self, load):
        self.released.append(load)


@pytest.fixture
def scale(shop):
    scale = Scale()
    till = shop.checkout._till
    till.weighing = ScaleWork(scale, lambda: True, shop.time.put, shop.calls.append)
    shop.checkout.restock(Shelf(PriceBook([MILK, APPLES, NUTS]), ()), lambda: None)
    shop.scans_milk()
    return scale


def test_a_weighed_line_has_the_price_of_the_domain_and_the_scale_hears_it(shop, scale):
    shop.does(PickGoods("00101"))
    assert shop.screen.weighing.names["en"] == "Apples"
    shop.passes()
    assert [line.total_fen for line in shop.screen.lines] == [690, 1476]
    assert shop.screen.weighing is None
    assert scale.prices == [1196]
    assert scale.released == []


def test_scanned_goods_that_are_sold_by_weight_are_weighed(shop, scale):
    shop.checkout.scanned("6901000000059")
    shop.passes()
    assert [line.quantity_text for line in shop.screen.lines] == ["1", "1.234 kg"]


@pytest.mark.parametrize(
    ("error", "seen", "key"),
    [
        (SameWeight("scale", "same"), ScaleStatus.STABLE, "hint.weighed_already"),
        (Overweight("scale", "over"), ScaleStatus.OVERWEIGHT, "hint.overweight"),
        (UnderZero("scale", "under"), ScaleStatus.UNDER_ZERO, "hint.scale_under_zero"),
        (TimedOut("scale", "empty"), ScaleStatus.ZERO, "hint.scale_empty"),
        (TimedOut("scale", "moves"), ScaleStatus.UNSTABLE, "hint.not_settled"),
        (Offline("scale", "gone"), ScaleStatus.NOT_READY, "hint.scale_missing"),
    ],
)
def test_each_refusal_has_its_words_and_adds_nothing(shop, scale, error, seen, key):
    scale.next, scale.now = error, Weighing(seen)
    shop.does(PickGoods("00101"))
    shop.passes()
    assert shop.hints[-1] == key
    assert shop.screen.weighing is None
    assert len(shop.screen.lines) == 1
    scale.next = Weighing(ScaleStatus.STABLE, Decimal(500), load=2)
    shop.does(PickGoods("00101"))
    shop.passes()
    assert shop.screen.lines[1].quantity_text == "0.500 kg"


@pytest.mark.parametrize("after", [StopWeighing(), Pay(), Leave()])
def test_a_weight_that_nobody_waits_for_is_not_sold_and_its_load_is_free_again(shop, scale, after):
    shop.does(PickGoods("00101"))
    shop.time.run_due()  # the scale has answered; the core has not heard of it yet
    shop.does(after)
    shop.checkout.tick()
    shop.passes()
    assert scale.released == [1]
    assert len(shop.screen.lines) <= 1
    assert shop.screen.weighing is None


def test_a_weight_over_the_baskets_limit_is_refused_and_its_load_is_free_again(shop, scale):
    scale.next = replace(scale.next, grams=Decimal(30_001))
    shop.does(PickGoods("00101"))
    shop.passes()
    assert shop.hints[-1] == "hint.limit_reached"
    assert scale.released == [1]
    assert len(shop.screen.lines) == 1


def test_what_the_scale_sees_is_told_once_a_change(shop, scale):
    scale.next = TimedOut("scale", "moves")
    shop.does(PickGoods("00101"))
    shop.time._heap.clear()  # the scale still waits
    for grams in (100, 100, 250):
        scale.now = Weighing(ScaleStatus.UNSTABLE, Decimal(grams))
        shop.checkout.tick()
    told = [each for each in shop.shown if isinstance(each, LiveWeight)]
    assert told == [
        LiveWeight("00101", "unstable", 100, 120),
        LiveWeight("00101", "unstable", 250, 299),
    ]


def test_without_a_scale_goods_by_weight_are_not_sold_and_the_rest_is(shop):
    shop.checkout.restock(Shelf(PriceBook([MILK, APPLES]), ()), lambda: None)
    shop.scans_milk()
    assert not shop.screen.scale
    shop.does(PickGoods("00101"))
    assert shop.hints[-1] == "hint.unsold"
    shop.does(Pay())
    assert shop.screen.screen is Screen.TENDER


def test_other_goods_may_be_scanned_while_the_scale_waits(shop, scale):
    shop.does(PickGoods("00101"))
    shop.scans_milk()
    assert shop.screen.weighing is not None
    shop.passes()
    assert [line.quantity_text for line in shop.screen.lines] == ["2", "1.234 kg"]
    assert Hinting(None, "tick") in shop.shown


@pytest.mark.parametrize(
    ("grams", "whole"), [("1234", 1234), ("0.5", 1), ("559.73298458", 560), ("2.4999", 2)]
)
def test_grams_are_whole_rounded_half_up(grams, whole):
    assert whole_grams(Decimal(grams)) == whole
