"""The bagging area in a visit: what the shopper is told, what is learnt, and when staff look."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hardware.devices import ScaleStatus, Weighing
from kiosk.bagging_area import BaggingArea, Weights
from kiosk.domain.basket import Line
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.money import Money
from kiosk.messages import Back, Leave, Pay, Screen
from kiosk.messages.goods import BaggingShown, SayBagged
from kiosk.staff.approvals import Approvals
from tests.visits.conftest import Shop

MILK = Product("牛奶", "Milk", Money(690), Gtin.parse("6901000000042"), grams=260)
RICE = Product("大米", "Rice", Money(3990), Gtin.parse("6901000000011"), grams=5000)
GUM = Product("口香糖", "Gum", Money(500), Gtin.parse("6945000000022"))


class Pan:
    """What lies on the scale under the bags."""

    def __init__(self):
        self.now, self.there = Weighing(ScaleStatus.ZERO), True

    def live_weight(self):
        return self.now


class Bagging(Shop):
    goods = (MILK, RICE, GUM)

    def restart(self):
        super().restart()
        self.pan = Pan()
        self.weights = Weights(self.place / "weights.json", self.time.put)
        till = self.checkout._till
        till.bagging = BaggingArea(self.pan, lambda: self.pan.there, self.weights)
        self.staff = Approvals(self.counter, lambda *_, **__: None, self.time.wall_ms)
        self.lay = 0

    def scans(self, *products):
        for product in products:
            self.checkout.scanned(str(product.gtin))
        self.passes(0.5)

    def lies(self, grams, status=ScaleStatus.STABLE):
        self.pan.now = Weighing(status, Decimal(grams)) if grams else Weighing(ScaleStatus.ZERO)
        self.passes(0.5)

    @property
    def told(self):
        shown = self.screen.bagging
        return shown.step if shown else ""


@pytest.fixture
def shop(tmp_path):
    opened = Bagging(tmp_path)
    yield opened
    opened.ledger.close()


@pytest.fixture
def begun(shop):
    """A visit whose bagging area is empty; milk is in the basket and not yet in the bag."""
    shop.passes(0.5)
    shop.scans(GUM)
    shop.lies(30)
    shop.scans(MILK)
    return shop


def test_he_is_told_to_bag_it_and_after_it_lies_there_nothing(begun):
    assert begun.screen.bagging == BaggingShown("put", {"zh": "牛奶", "en": "Milk"})
    begun.lies(295)
    assert begun.told == ""
    assert begun.weights.of(Line(1, MILK)).grams == 260, "one weight is not enough to be believed"


def test_after_enough_weights_what_was_learnt_is_expected_and_kept_over_a_restart(begun):
    lay = 30
    for _ in range(6):
        lay += 285
        begun.lies(lay)
        begun.scans(MILK)
    assert begun.weights.of(Line(1, MILK)).grams == pytest.approx(285)
    begun.does(Leave())
    begun.passes(1)
    kept = begun.weights.of(Line(1, MILK))
    begun.restart()
    assert begun.weights.of(Line(1, MILK)) == kept


def test_what_does_not_come_is_asked_for_once_and_he_goes_on_either_way(begun):
    begun.passes(9)
    assert begun.screen.bagging.may == ("bag", "hand")
    begun.scans(RICE)
    begun.does(SayBagged("hand"))
    assert begun.screen.bagging.names["en"] == "Rice"
    begun.does(Pay())
    assert begun.screen.screen is Screen.TENDER


def test_the_first_thing_of_a_visit_is_awaited_and_what_a_crash_leaves_there_is_not(shop):
    shop.lies(1200)  # somebody's umbrella
    shop.scans(MILK)
    assert shop.told == "put"
    shop.lies(1460)
    assert shop.told == ""
    shop.restart()
    shop.lies(1460)
    assert shop.told == ""
    shop.scans(RICE)
    shop.lies(6460)
    assert (shop.told, shop.counter.visit.clearance.odd) == ("", ())


def test_an_answer_that_nobody_asked_for_is_a_late_touch(begun):
    begun.does(SayBagged("bag"), SayBagged("hand"), SayBagged("own"), SayBagged("x"))
    assert begun.told == "put"
    assert begun.counter.visit.clearance.odd == ()


def test_a_few_wrong_weights_stop_nobody_and_many_are_for_the_staff(begun):
    for nth in range(1, 5):
        begun.lies(30 + 900 * nth)
        begun.passes(9)
        assert begun.told == "ask"
        begun.does(SayBagged("bag"))
        if nth == 3:
            begun.does(Pay())
            assert begun.screen.screen is Screen.TENDER
            begun.does(Back())
            begun.passes(0.5)
        begun.scans(MILK)
    begun.lies(30 + 900 * 4 + 260)
    begun.does(Pay())
    assert (begun.screen.screen, begun.screen.attendant_called) == (Screen.HELD, True)
    assert [row.reason for row in begun.staff.rows()] == ["weight"]
    assert [line.held.key for line in begun.screen.lines if line.held] == ["line.held_weight"]
    begun.staff.decide("weight", approved=True)
    begun.passes(0.5)
    assert begun.screen.screen is Screen.TENDER


def held(shop):
    visit = shop.counter.visit
    shop.counter.set(replace(visit, clearance=replace(visit.clearance, odd=(2, 2, 0, 0))))
    shop.does(Pay())
    assert shop.screen.screen is Screen.HELD


def test_goods_of_an_odd_weight_that_staff_take_out_are_to_be_scanned_again(begun):
    held(begun)
    begun.staff.decide("weight", approved=False)
    begun.passes(0.5)
    assert begun.screen.screen is Screen.BASKET
    assert [line.names["en"] for line in begun.screen.lines] == ["Gum"]
    assert begun.hints[-1] == "hint.rescan"
    begun.does(Pay())
    assert begun.screen.screen is Screen.TENDER


def test_a_crash_forgets_not_that_staff_are_to_look(begun):
    held(begun)
    begun.restart()
    assert begun.screen.screen is Screen.BASKET
    assert [row.held for row in begun.staff.rows()] == ["weight"]
    begun.does(Pay())
    assert begun.screen.screen is Screen.HELD


def test_what_was_not_scanned_is_spoken_of_and_may_be_a_bag_of_his(shop):
    shop.passes(0.5)
    shop.scans(GUM)
    shop.lies(30)
    shop.lies(430)
    shop.passes(2)
    assert shop.told == "extra"
    shop.does(SayBagged("own"))
    assert shop.told == ""
    assert shop.counter.visit.clearance.odd == ()


def test_a_weight_that_moves_says_nothing(begun):
    begun.lies(290, ScaleStatus.UNSTABLE)
    assert begun.told == "put"
    begun.lies(290)
    assert begun.told == ""


def test_a_scale_that_is_gone_checks_nothing_and_one_that_is_back_counts_from_there(begun):
    begun.pan.there = False
    begun.passes(0.5)
    assert begun.told == ""
    begun.scans(RICE)
    assert begun.told == ""
    begun.pan.there = True
    begun.lies(7777)
    assert begun.told == ""
    begun.scans(MILK)
    begun.lies(7777 + 260)
    assert begun.told == ""
    assert begun.counter.visit.clearance.odd == ()


@pytest.mark.parametrize("switch", ["no scale", "off"])
def test_without_a_scale_and_where_it_is_switched_off_nobody_is_told_anything(shop, switch):
    till = shop.checkout._till
    if switch == "off":
        till.config = replace(till.config, bagging=replace(till.config.bagging, check=False))
    else:
        till.bagging = None
    shop.scans(RICE)
    shop.lies(100)
    shop.passes(20)
    assert shop.told == ""
    shop.does(Pay())
    assert shop.screen.screen is Screen.TENDER


def test_a_file_of_weights_that_cannot_be_read_begins_anew(tmp_path):
    for text in ("", "[]", '{"1": 3}', '{"1": [1, -5, 0]}', '{"1": ["x", 1, 1]}'):
        (tmp_path / "weights.json").write_text(text, "utf-8")
        assert Weights(tmp_path / "weights.json", lambda *_: None).of(Line(1, GUM)) is None
