"""Expected weights, what is learnt of them, and whose a weight in the bagging area is."""

from __future__ import annotations

import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.bagging import (
    DRIFT,
    ENOUGH,
    FLOOR,
    MOST_COUNT,
    NO_LINE,
    NOISE,
    SETTLED,
    Bagging,
    Expected,
    Learnt,
    Step,
    awaited,
    expected,
    in_bag,
    in_hand,
    own_bag,
    passed,
    settled,
    step,
    taught,
    weighed,
)
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Product, SoldBy
from kiosk.domain.money import Money

MILK = Product("牛奶", "Milk", Money(690), plu=1, grams=260)
RICE = Product("大米", "Rice", Money(3990), plu=2, grams=5000)
GUM = Product("口香糖", "Gum", Money(500), plu=3)  # nobody says what it weighs
PEARS = Product("梨", "Pears", Money(760), plu=4, sold_by=SoldBy.WEIGHT)
PATIENCE = 8.0


def weight(line):
    if line.grams is not None:
        return Expected(line.grams, 20)
    return expected(line.product.grams, Learnt())


class Area:
    """A bagging area with a basket before it, second by second."""

    def __init__(self):
        self.now, self.basket, self.lay = 0.0, Basket(), 0
        self.bagging, self.taught, self.odd = Bagging(), [], []
        self.sees(0)

    def take(self, judged):
        self.bagging = judged.bagging
        self.taught += [(each.product, each.grams) for each in judged.taught]
        self.odd += judged.odd

    def passes(self, seconds):
        self.now += seconds
        self.bagging = awaited(self.bagging, self.basket, weight, self.now)
        self.take(weighed(self.bagging, self.lay, self.now))
        self.take(passed(self.bagging, self.now, PATIENCE))
        return self

    def sees(self, grams):
        self.lay = grams
        return self.passes(0.1)

    def scans(self, *products):
        for product in products:
            self.basket = self.basket.add(product)
        return self.passes(0.1)

    @property
    def step(self):
        return step(self.bagging, self.now, PATIENCE)


@pytest.fixture
def area():
    return Area()


def test_a_piece_is_awaited_and_what_fits_is_in_the_bag_and_learnt(area):
    assert area.step is Step.OFFER
    assert area.scans(MILK).step is Step.PUT
    assert area.sees(270).step is Step.QUIET
    assert area.taught == [(MILK, 270)]
    assert area.odd == []


def test_what_lay_there_at_first_is_accounted_for():
    area = Area()
    area.bagging, area.lay = Bagging(), 1300
    area.passes(0.1)
    assert area.scans(MILK).sees(1560).step is Step.QUIET
    assert area.taught == [(MILK, 260)]


def test_after_some_seconds_he_is_asked_once_and_may_keep_it_in_his_hand(area):
    area.scans(MILK)
    assert area.passes(PATIENCE - 1).step is Step.PUT
    assert area.passes(1.1).step is Step.ASK
    area.take(in_hand(area.bagging))
    assert area.step is Step.QUIET
    assert area.passes(100).step is Step.QUIET, "one question for one piece"
    assert (area.taught, area.odd) == ([], [])


def test_another_weight_is_asked_about_believed_and_counted_as_odd(area):
    area.scans(MILK).sees(900)
    area.passes(PATIENCE)
    assert area.step is Step.ASK
    area.take(in_bag(area.bagging))
    assert area.step is Step.QUIET
    assert area.odd == [1]
    assert area.taught == [], "what did not fit teaches nothing"
    assert area.scans(MILK).sees(1160).step is Step.QUIET, "and the next piece fits again"


def test_several_pieces_may_come_in_any_order_and_at_once(area):
    area.scans(MILK, RICE, MILK)
    assert area.sees(5000).step is Step.PUT
    assert area.sees(5520).step is Step.QUIET
    assert [product for product, _ in area.taught] == [RICE], "two at once teach nothing"


def test_a_weight_that_comes_before_its_scan_is_that_of_the_piece(area):
    assert area.sees(260).passes(SETTLED).step is Step.EXTRA
    assert area.scans(MILK).step is Step.QUIET
    assert (area.taught, area.odd) == ([(MILK, 260)], [])


def test_what_was_not_scanned_is_asked_for_and_never_locks(area):
    area.sees(500)
    assert area.step is Step.OFFER
    assert area.passes(SETTLED).step is Step.EXTRA
    assert area.sees(0).step is Step.OFFER, "he took it out"
    area.sees(500).passes(PATIENCE * 3)
    assert area.odd == [NO_LINE]
    assert area.passes(100).odd == [NO_LINE], "counted once"


def test_what_is_taken_away_is_missed(area):
    area.scans(MILK).sees(260)
    assert area.sees(0).passes(SETTLED).step is Step.BACK
    assert area.sees(262).step is Step.QUIET
    assert area.odd == []


def test_his_own_bag_is_no_goods_and_a_heavy_one_or_a_third_is_odd(area):
    area.sees(300).take(own_bag(area.bagging))
    assert (area.step, area.odd) == (Step.QUIET, [])
    area.sees(700).take(own_bag(area.bagging))
    assert area.odd == []
    area.sees(800).take(own_bag(area.bagging))
    assert area.odd == [NO_LINE]
    heavy = Area().sees(5000)
    heavy.take(own_bag(heavy.bagging))
    assert heavy.odd == [NO_LINE]
    nothing = Area()
    nothing.take(own_bag(nothing.bagging))
    assert nothing.bagging.own == 0


def test_a_line_less_is_awaited_to_be_taken_out(area):
    area.scans(MILK, MILK).sees(520)
    area.basket = area.basket.set_quantity(1, 1)
    assert area.passes(0.1).step is Step.QUIET
    assert area.passes(PATIENCE / 2 + 0.1).step is Step.OUT
    assert area.sees(260).step is Step.QUIET
    assert area.odd == []
    assert area.taught == []


def test_a_line_that_did_not_come_yet_is_simply_not_awaited_any_more(area):
    area.scans(MILK, RICE)
    area.basket = area.basket.remove(1)
    assert area.sees(5000).step is Step.QUIET


def test_what_he_keeps_in_his_hand_need_not_be_taken_out(area):
    area.scans(MILK).take(in_hand(area.bagging))
    area.basket = area.basket.remove(1)
    assert area.passes(PATIENCE).bagging.pieces == ()


def test_goods_that_nobody_knows_are_let_in_and_taught(area):
    assert area.scans(GUM).step is Step.QUIET, "nobody is told to put it there"
    assert area.sees(40).step is Step.QUIET
    assert area.taught == [(GUM, 40)]
    assert area.scans(GUM).passes(PATIENCE * 3).bagging.pieces == (), "and not waited for"
    assert area.odd == []


def test_goods_from_the_scale_have_the_weight_of_their_line(area):
    area.basket = area.basket.add_weighed(PEARS, 1234)
    assert area.passes(0.1).step is Step.PUT
    assert area.sees(1240).step is Step.QUIET
    assert area.taught == [], "a weight that differs each time is no product's"


def test_noise_is_nothing(area):
    area.scans(MILK).sees(260)
    assert area.sees(260 + NOISE).passes(60).step is Step.QUIET
    assert area.odd == []


@pytest.mark.parametrize(("grams", "odd"), [(0, []), (260, []), (700, [1])])
def test_whoever_pays_is_asked_no_more_and_only_what_does_not_fit_is_odd(area, grams, odd):
    area.scans(MILK).sees(grams).take(settled(area.bagging))
    assert area.odd == odd
    assert area.step is Step.QUIET
    area.sees(5000)
    assert area.passes(60).odd == odd, "what lies there when he comes back is accounted for"


def test_a_scale_that_says_nothing_checks_nothing():
    basket = Basket().add(MILK)
    blind = awaited(Bagging(), basket, weight, 0.0)
    assert step(blind, 100.0, PATIENCE) is Step.QUIET
    assert step(weighed(blind, 700, 0.0).bagging, 100.0, PATIENCE) is Step.QUIET


@pytest.mark.parametrize(
    ("told", "learnt", "grams", "tolerance"),
    [
        (100, Learnt(), 100, FLOOR),
        (1000, Learnt(), 1000, 120),
        (1000, Learnt(ENOUGH - 1, 900, 0), 1000, 120),
        (1000, Learnt(ENOUGH, 900, 0), 900, 36),
        (1000, Learnt(ENOUGH, 900, 400 * (ENOUGH - 1)), 900, 80),  # four times 20 g
        (1000, Learnt(50, 4000, 0), 1250, 50),  # no further than a quarter
        (0, Learnt(ENOUGH, 80, 0), 80, FLOOR),
    ],
)
def test_expected_weights_and_their_tolerance(told, learnt, grams, tolerance):
    assert expected(told, learnt) == Expected(pytest.approx(grams), pytest.approx(tolerance))


@pytest.mark.parametrize(
    "learnt", [Learnt(), Learnt(2, 50, 1), Learnt(9, 30, 0), Learnt(9, 500, 1e6)]
)
def test_what_tells_nothing_is_not_checked(learnt):
    assert expected(0, learnt) is None


weights = st.lists(st.integers(1, 30_000), min_size=1, max_size=60)


@given(weights)
def test_mean_and_spread_are_those_of_all_weights(grams):
    learnt = Learnt()
    for each in grams:
        learnt = taught(learnt, each)
    assert learnt.count == len(grams)
    assert learnt.mean == pytest.approx(statistics.fmean(grams))
    if len(grams) > 1:
        assert learnt.spread == pytest.approx(statistics.stdev(grams), rel=1e-6, abs=1e-3)


@given(weights, st.integers(1, 30_000))
def test_however_wrong_the_bags_were_the_book_holds_the_mean(grams, told):
    learnt = Learnt()
    for each in grams * 5:
        learnt = taught(learnt, each)
    assert learnt.count <= MOST_COUNT
    found = expected(told, learnt)
    assert told * (1 - DRIFT) - 1 <= found.grams <= told * (1 + DRIFT) + 1
    assert found.tolerance >= FLOOR


@given(st.integers(10, 20_000), st.integers(MOST_COUNT, 2 * MOST_COUNT))
def test_what_was_long_ago_fades(grams, times):
    learnt = Learnt()
    for _ in range(MOST_COUNT):
        learnt = taught(learnt, 5)
    for _ in range(times * 4):
        learnt = taught(learnt, grams)
    assert learnt.mean == pytest.approx(grams, rel=0.05)


deeds = st.lists(
    st.one_of(
        st.tuples(st.just("scan"), st.sampled_from([MILK, RICE, GUM])),
        st.tuples(st.just("less"), st.integers(1, 3)),
        st.tuples(st.just("lies"), st.integers(0, 12_000)),
        st.tuples(st.just("waits"), st.sampled_from([0.1, 2.0, 10.0, 30.0])),
        st.tuples(st.just("says"), st.sampled_from([in_bag, in_hand, own_bag])),
    ),
    max_size=25,
)


@given(deeds)
def test_whatever_happens_questions_come_to_an_end_by_themselves(deeds):
    area = Area()
    for word, what in deeds:
        match word:
            case "scan":
                area.scans(what)
            case "less":
                area.basket = area.basket.remove(what)
                area.passes(0.1)
            case "lies":
                area.sees(what)
            case "waits":
                area.passes(what)
            case "says":
                area.take(what(area.bagging))
    taught_before = len(area.taught)
    for _ in range(20):
        area.take(in_hand(area.bagging))
        area.passes(PATIENCE)
    for _ in range(5):
        area.passes(PATIENCE * 3)
    assert area.step in (Step.QUIET, Step.OFFER)
    assert area.bagging.over == 0
    assert len(area.taught) == taught_before, "nobody learns from silence"
    assert len(area.odd) <= 3 * len(deeds) + 1


def test_the_basket_alone_decides_what_is_awaited():
    bagging = weighed(Bagging(), 0, 0.0).bagging
    basket = Basket().add(MILK).add(RICE)
    again = awaited(awaited(bagging, basket, weight, 1.0), basket, weight, 2.0)
    assert [piece.product for piece in again.pieces] == [MILK, RICE]
    assert replace(again, pieces=()) == replace(bagging, lines=basket.lines)
