"""What staff are asked, and what becomes of the basket when they answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.approval import (
    Clearance,
    Free,
    Reason,
    Removal,
    clearance_from_json,
    clearance_to_json,
    decided,
    held,
    kept,
    lowered,
)
from kiosk.domain.basket import Basket, basket_from_json, basket_to_json
from kiosk.domain.catalogue import Product, SoldBy
from kiosk.domain.money import Money

MILK = Product("牛奶", "Milk", Money(690), plu=1)
WINE = Product("红酒", "Wine", Money(8800), plu=2, age=18)
LIGHTER = Product("打火机", "Lighter", Money(200), plu=3, age=16)
APPLES = Product("苹果", "Apples", Money(1200), plu=4, sold_by=SoldBy.WEIGHT)
TV = Product("电视", "Television", Money(300_000), plu=5)
GOODS = (MILK, WINE, LIGHTER, TV)
FREE = Free(10_000, 5)
NEW = Clearance()


def basket(*products):
    bought = Basket()
    for product in products:
        bought = bought.add(product)
    return bought


def test_goods_for_adults_are_held_and_the_others_are_not():
    bought = basket(MILK, WINE, LIGHTER)
    (question,) = held(bought, NEW)
    assert (question.reason, question.name, question.years) == (Reason.AGE, "age", 18)
    assert [line.product for line in question.lines] == [WINE, LIGHTER]
    assert question.fen == 9000
    assert held(basket(MILK), NEW) == ()


def test_staff_look_once_for_all_that_needs_no_more_years():
    change = decided(basket(WINE), NEW, "age", approved=True)
    later = change.basket.add(LIGHTER).add(WINE)
    assert held(later, change.clearance) == ()
    young = decided(basket(LIGHTER), NEW, "age", approved=True)
    assert [x.years for x in held(young.basket.add(WINE), young.clearance)] == [18]


def test_refused_goods_are_taken_out_and_he_is_to_be_told():
    change = decided(basket(MILK, WINE), NEW, "age", approved=False)
    assert [line.product for line in change.basket.lines] == [MILK]
    assert change.clearance.refused
    assert held(change.basket, change.clearance) == ()


def test_what_is_held_for_his_age_he_takes_out_freely():
    bought = basket(MILK, TV, replace(TV, plu=6, age=18))
    change = lowered(bought, Clearance(removals=99), Removal(3, 0), Free(0, 0))
    assert [line.line_id for line in change.basket.lines] == [1, 2]


@pytest.mark.parametrize(
    ("free", "quantity", "left", "asked"),
    [
        (Free(690, 1), 1, 1, 0),  # one of two, as much as is free
        (Free(689, 1), 1, 2, 1),  # a fen too much
        (Free(10_000, 0), 1, 2, 1),  # never without staff
        (Free(1380, 1), 0, 0, 0),  # the whole line
        (Free(1379, 1), 0, 2, 1),
    ],
)
def test_less_is_free_up_to_a_limit_and_asked_for_above_it(free, quantity, left, asked):
    change = lowered(basket(MILK, MILK), NEW, Removal(1, quantity), free)
    assert change.basket.count == left
    assert len(held(change.basket, change.clearance)) == asked


def test_several_small_removals_are_counted_together():
    bought, cleared = basket(*GOODS[:1] * 20), NEW
    for left in (19, 18, 17):
        change = lowered(bought, cleared, Removal(1, left), Free(1500, 9))
        bought, cleared = change.basket, change.clearance
    assert bought.count == 18
    assert held(bought, cleared)[0].fen == 690


def test_a_weighed_line_goes_as_a_whole():
    bought = Basket().add_weighed(APPLES, 1000)
    assert lowered(bought, NEW, Removal(1, 0), FREE).basket.lines == ()
    asked = lowered(bought, NEW, Removal(1, 0), Free(100, 1))
    assert decided(asked.basket, asked.clearance, "removal-1", approved=True).basket.lines == ()


def test_a_granted_removal_is_done_and_he_may_take_out_freely_again():
    asked = lowered(basket(TV, MILK), Clearance(removed_fen=9000, removals=4), Removal(1, 0), FREE)
    assert [each.name for each in held(asked.basket, asked.clearance)] == ["removal-1"]
    change = decided(asked.basket, asked.clearance, "removal-1", approved=True)
    assert [line.product for line in change.basket.lines] == [MILK]
    assert (change.clearance.removed_fen, change.clearance.removals) == (0, 0)
    assert held(change.basket, change.clearance) == ()


def test_a_refused_removal_leaves_the_line():
    asked = lowered(basket(TV), NEW, Removal(1, 0), FREE)
    change = decided(asked.basket, asked.clearance, "removal-1", approved=False)
    assert change.basket == asked.basket
    assert held(change.basket, change.clearance) == ()
    assert not change.clearance.refused


def test_whoever_keeps_the_line_after_all_is_not_waited_for():
    asked = lowered(basket(TV), NEW, Removal(1, 0), FREE)
    assert held(asked.basket, kept(asked.clearance, 1)) == ()


def test_an_answer_to_nothing_changes_nothing():
    bought = basket(MILK)
    for name in ("age", "removal-1", "", "removal-x"):
        assert decided(bought, NEW, name, approved=True).basket == bought
    assert lowered(bought, NEW, Removal(9, 0), FREE).basket == bought


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(GOODS)),
        st.tuples(st.just("lower"), st.tuples(st.integers(1, 6), st.integers(0, 3))),
        st.tuples(st.just("answer"), st.tuples(st.integers(0, 2), st.booleans())),
    ),
    max_size=25,
)


@given(steps)
def test_nothing_held_is_ever_lost_or_taken_out_above_the_limit_without_staff(steps):
    bought, cleared, free = Basket(), NEW, Free(20_000, 3)
    for word, what in steps:
        before = bought.total.fen
        match word:
            case "add":
                bought = bought.add(what)
            case "lower":
                line = bought.line(what[0])
                if line is None or what[1] >= line.quantity:
                    continue
                freely = cleared.asks_for(line) is Reason.AGE
                change = lowered(bought, cleared, Removal(*what), free)
                if not freely:
                    assert change.clearance.removed_fen <= free.fen
                    assert change.clearance.removals <= free.times
                    gone = before - change.basket.total.fen
                    assert change.clearance.removed_fen == cleared.removed_fen + gone
                bought, cleared = change.basket, change.clearance
            case "answer":
                questions = held(bought, cleared)
                if what[0] < len(questions):
                    name = questions[what[0]].name
                    change = decided(bought, cleared, name, approved=what[1])
                    bought, cleared = change.basket, change.clearance
                    assert name not in [each.name for each in held(bought, cleared)]
        assert all(
            line.product.age <= cleared.years
            or any(line in question.lines for question in held(bought, cleared))
            for line in bought.lines
        )
        again = clearance_from_json(clearance_to_json(cleared))
        assert replace(again, refused=cleared.refused) == cleared


def test_the_age_is_kept_with_the_line():
    kept_basket = basket_from_json(basket_to_json(basket(WINE, MILK)))
    assert [line.product.age for line in kept_basket.lines] == [18, 0]


@pytest.mark.parametrize(
    "body", [{}, {"years": "x"}, {"years": 1, "asked": [[1]]}, {"years": None}]
)
def test_anything_else_is_no_clearance(body):
    with pytest.raises(ValueError, match=r"not a clearance|invalid literal|not enough values"):
        clearance_from_json(body)
