"""Campaigns: tables in fen, and the laws that hold whatever runs at once."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.basket import Basket
from kiosk.domain.campaign import (
    AmountOff,
    Campaign,
    GiftFrom,
    GiftStep,
    NthPiece,
    OffStep,
    RandomOff,
    When,
)
from kiosk.domain.catalogue import Gtin, Product, SoldBy, check_digit
from kiosk.domain.money import ZERO, Money, share
from kiosk.domain.order import Member, totals_from_json, totals_to_json
from kiosk.domain.promotion import (
    Draw,
    Terms,
    priced,
    running,
    terms_from_json,
    terms_to_json,
    to_draw,
)
from kiosk.domain.receipt import CHINA

MEMBER = Member("member")
NOON = datetime(2026, 11, 27, 12, tzinfo=CHINA)  # a Friday


def product(at, price, **more):
    front = f"{at:013d}"
    gtin = Gtin.parse(f"{front}{check_digit(front)}")
    return Product(f"货{at}", f"Goods {at}", Money(price), gtin, tax_bp=1300, **more)


TEA, MILK, RICE = product(1, 350), product(2, 690), product(3, 3990)
CIGARETTES = product(4, 4500, offers=False)
WATER = product(5, 200, member_price=Money(150))
APPLE = Product(
    "苹果", "Apples", Money(1196), plu=101, sold_by=SoldBy.WEIGHT, member_price=Money(996)
)
CUP = product(9, 990)


def off(*steps, **more):
    return AmountOff(tuple(OffStep(Money(a), Money(b)) for a, b in steps), **more)


def gift(*steps, **more):
    return GiftFrom(tuple(GiftStep(Money(a), b) for a, b in steps), **more)


def campaign(effect, name="c", *products, **more):
    codes = frozenset(each.code for each in products)
    return Campaign(name, "活动", "Offer", effect, products=codes, **more)


def terms(*campaigns, member=None, draw=None, gifts=(), unwanted=()):
    return Terms(campaigns, gifts, member, draw, frozenset(unwanted))


def basket(*rows):
    filled = Basket()
    for each, amount in rows:
        counted = each.sold_by is SoldBy.PIECE
        filled = filled.add(each, amount) if counted else filled.add_weighed(each, amount)
    return filled


# --- tables ---------------------------------------------------------------------------------------

HALF = NthPiece(2, percent=50)


@pytest.mark.parametrize(
    ("effect", "rows", "pays"),
    [
        # the second for half: 350 + 175
        (HALF, [(TEA, 1)], 350),
        (HALF, [(TEA, 2)], 525),
        (HALF, [(TEA, 3)], 875),
        (HALF, [(TEA, 4)], 1050),
        # over products the dearest come first: 690, 350 half, 350 → 690 + 175 + 350
        (HALF, [(TEA, 2), (MILK, 1)], 1215),
        # the dear one is counted first, whatever was scanned first: 690, then half of 350
        (HALF, [(TEA, 1), (MILK, 1)], 865),
        # half of 5 fen is rounded half up to 3
        (HALF, [(product(8, 5), 2)], 8),
        # buy two, the third is free; the second for 1 yuan; never more than its own price
        (NthPiece(3, percent=0), [(TEA, 7)], 350 * 5),
        (NthPiece(2, price=Money(100)), [(TEA, 2)], 450),
        (NthPiece(2, price=Money(400)), [(TEA, 2)], 700),
        (NthPiece(2, percent=50, most=1), [(TEA, 6)], 350 * 6 - 175),
        # by weight there are no pieces, and tobacco takes part in nothing
        (HALF, [(APPLE, 1000)], 1196),
        (HALF, [(CIGARETTES, 2)], 9000),
        # off from an amount; the highest step counts; nothing below it
        (off((1000, 200)), [(TEA, 2)], 700),
        (off((1000, 200)), [(TEA, 3)], 850),
        (off((1000, 200), (3000, 900)), [(RICE, 1)], 3090),
        # every 1000 takes 100: 3990 → three times, at most 250
        (off((1000, 100), repeat=True), [(RICE, 1)], 3690),
        (off((1000, 100), repeat=True, most=Money(250)), [(RICE, 1)], 3740),
        (off((1000, 200)), [(CIGARETTES, 1)], 4500),
        # tobacco does not help to reach an amount
        (off((1000, 200)), [(CIGARETTES, 1), (MILK, 1)], 5190),
    ],
)
def test_what_a_campaign_takes_off(effect, rows, pays):
    filled = basket(*rows)
    assert priced(filled, terms(campaign(effect))).total == Money(pays)
    assert filled.total - Money(pays) == priced(filled, terms(campaign(effect))).saved


def test_a_campaign_on_listed_products_counts_and_pays_them_only():
    filled = basket((TEA, 2), (MILK, 1))
    on_tea = terms(campaign(off((700, 101)), "c", TEA))
    lines = priced(filled, on_tea).lines
    assert [line.discount.fen for line in lines] == [101, 0]
    assert priced(basket((MILK, 2)), on_tea).saved == ZERO


def test_an_amount_off_is_shared_by_price_to_the_fen():
    lines = priced(basket((TEA, 1), (MILK, 1), (RICE, 1)), terms(campaign(off((5000, 1000))))).lines
    # 350, 690, 3990 of 5030: 69.58, 137.18, 793.24; the fen left goes where most was lost
    assert [line.discount.fen for line in lines] == [70, 137, 793]
    assert {line.discounts[0].campaign for line in lines} == {"c"}


def test_of_several_amounts_off_the_best_for_the_shopper_counts():
    both = terms(campaign(off((1000, 100)), "a"), campaign(off((3000, 500)), "b"))
    assert priced(basket((TEA, 3)), both).saved == Money(100)
    (line,) = priced(basket((RICE, 1)), both).lines
    assert [(each.campaign, each.amount.fen) for each in line.discounts] == [("b", 500)]


def test_an_amount_is_reached_by_what_the_second_piece_leaves():
    both = terms(campaign(HALF, "half"), campaign(off((700, 100)), "off"))
    assert priced(basket((TEA, 2)), both).total == Money(525)  # 525 is below 700
    assert priced(basket((TEA, 3)), both).total == Money(775)  # 875 is not


def test_of_two_campaigns_on_the_pieces_of_a_product_the_first_has_it():
    free, half = campaign(NthPiece(2, percent=0), "free", TEA), campaign(HALF, "half")
    filled = basket((TEA, 2), (MILK, 2))
    assert priced(filled, terms(free, half)).total == Money(350 + 690 + 345)
    assert priced(filled, terms(half, free)).total == Money(690 + 345 + 350 + 175)


@pytest.mark.parametrize(
    ("rows", "member", "pays"),
    [
        ([(WATER, 3)], None, 600),
        ([(WATER, 3)], MEMBER, 450),
        ([(APPLE, 523)], None, 626),
        ([(APPLE, 523)], MEMBER, 521),
        ([(TEA, 1)], MEMBER, 350),
    ],
)
def test_a_member_pays_the_members_price(rows, member, pays):
    assert priced(basket(*rows), terms(member=member)).total == Money(pays)


def test_a_label_that_tells_a_price_keeps_it_for_members_too():
    labelled = Basket().add_weighed(APPLE, 500, Money(598))
    assert priced(labelled, terms(member=MEMBER)).total == Money(598)


def test_a_member_never_pays_more_than_anybody():
    ten_off = terms(campaign(off((2000, 1000))), member=MEMBER)
    # ten for everybody: 2000 − 1000; at the members' price 1500 reaches nothing
    assert priced(basket((WATER, 10)), ten_off).total == Money(1000)


def test_a_campaign_for_members_is_not_for_others():
    club = campaign(off((1000, 200)), members=True)
    assert priced(basket((RICE, 1)), terms(club)).saved == ZERO
    assert priced(basket((RICE, 1)), terms(club, member=MEMBER)).saved == Money(200)


@pytest.mark.parametrize(
    ("effect", "rice", "pieces"),
    [
        (gift((5000, CUP.code)), 1, []),
        (gift((5000, CUP.code)), 2, [1]),
        (gift((5000, CUP.code)), 9, [1]),
        (gift((3990, CUP.code), (7980, TEA.code)), 1, [1]),
        (gift((3990, CUP.code), (7980, TEA.code)), 2, [1, 1]),
        (gift((3990, CUP.code), repeat=True), 3, [3]),
        (gift((3990, CUP.code), repeat=True, most=2), 9, [2]),
    ],
)
def test_gifts_come_as_lines_at_zero(effect, rice, pieces):
    sold = priced(basket((RICE, rice)), terms(campaign(effect), gifts=(CUP, TEA)))
    given_away = [line for line in sold.lines if line.gift]
    assert [line.line.quantity for line in given_away] == pieces
    assert all(line.net == ZERO and line.line.line_id < 0 for line in given_away)
    assert (sold.total, sold.saved) == (RICE.price * rice, ZERO)


def test_a_gift_may_be_refused_or_out_of_stock():
    one = campaign(gift((100, CUP.code), (200, TEA.code)))
    filled = basket((RICE, 1))
    assert len(priced(filled, terms(one, gifts=(CUP, TEA))).lines) == 3
    assert len(priced(filled, terms(one, gifts=(TEA,))).lines) == 2
    assert len(priced(filled, terms(one, gifts=(CUP, TEA), unwanted=("c",))).lines) == 1
    found = running(
        [one], datetime(2026, 11, 27, 12, tzinfo=CHINA), {CUP.code: CUP, TEA.code: APPLE}.get
    )
    assert found.gifts == (CUP,)  # what is weighed is no gift


RANDOM = campaign(RandomOff(Money(10), Money(500), Money(5000), minimum=Money(600)), "luck")


@pytest.mark.parametrize(
    ("rows", "drawn", "saved"),
    [
        ([(MILK, 1)], 123, 123),
        ([(TEA, 1)], 123, 0),  # below the amount from which it is drawn
        ([(MILK, 1)], 5000, 689),  # one fen stays to be paid
        ([(CIGARETTES, 1)], 123, 0),
    ],
)
def test_what_was_drawn_goes_off_once(rows, drawn, saved):
    lucky = terms(RANDOM, draw=Draw("luck", Money(drawn)))
    assert priced(basket(*rows), lucky).saved == Money(saved)
    assert priced(basket(*rows), terms(RANDOM)).saved == ZERO


def test_an_amount_off_takes_no_step_of_another_campaign_away():
    cup, less = campaign(gift((650, CUP.code)), "cup"), campaign(off((680, 100)), "off")
    both = terms(less, cup, RANDOM, draw=Draw("luck", Money(90)), gifts=(CUP,))
    sold = priced(basket((MILK, 1)), both)
    assert (sold.total.fen, len(sold.lines)) == (690 - 100 - 90, 2)


@pytest.mark.parametrize(
    ("when", "runs"),
    [
        (When(), True),
        (When(first=date(2026, 11, 27), last=date(2026, 11, 27)), True),
        (When(first=date(2026, 11, 28)), False),
        (When(last=date(2026, 11, 26)), False),
        (When(weekdays=frozenset({5})), True),
        (When(weekdays=frozenset({1, 6})), False),
        (When(begins=time(12), ends=time(13)), True),
        (When(begins=time(11), ends=time(12)), False),
        (When(begins=time(22), ends=time(2)), False),
        (When(begins=time(22), ends=time(12, 1)), True),
    ],
)
def test_when_a_campaign_runs(when, runs):
    one = replace(RANDOM, when=when)
    found = running([one], NOON, lambda _code: None)
    assert found.campaigns == ((one,) if runs else ())
    assert to_draw(found) == (one if runs else None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: When(first=date(2026, 2, 1), last=date(2026, 1, 1)),
        lambda: When(begins=time(1)),
        lambda: When(begins=time(1), ends=time(1)),
        lambda: NthPiece(1, percent=50),
        lambda: NthPiece(2),
        lambda: NthPiece(2, percent=50, price=Money(1)),
        lambda: NthPiece(2, percent=100),
        lambda: NthPiece(2, percent=50, most=0),
        off,
        lambda: off((100, 100)),
        lambda: off((100, 0)),
        lambda: off((100, 10), (200, 10)),
        lambda: off((100, 10), (100, 20)),
        lambda: off((100, 10), (200, 20), repeat=True),
        lambda: off((100, 10), most=ZERO),
        gift,
        lambda: gift((0, "1")),
        lambda: gift((1, "1"), most=11),
        lambda: RandomOff(Money(2), Money(1), Money(9)),
        lambda: RandomOff(Money(1), Money(10), Money(9)),
        lambda: campaign(RANDOM.effect, "c", TEA),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(make):
    with pytest.raises(ValueError, match=r"."):
        make()


def test_terms_come_back_after_a_restart_with_the_campaigns_that_there_still_are():
    cups = campaign(gift((100, CUP.code)), "cups")
    before = terms(
        RANDOM,
        cups,
        member=MEMBER,
        draw=Draw("luck", Money(77)),
        gifts=(CUP,),
        unwanted=("cups",),
    )
    kept = json.loads(json.dumps(terms_to_json(before)))
    stock = {CUP.code: CUP}.get
    assert terms_from_json(kept, [cups, RANDOM], stock) == before
    gone = terms_from_json(kept, [cups], stock)
    assert (gone.campaigns, gone.draw) == ((cups,), None)
    for spoiled in ({}, {**kept, "draw": [1]}, {**kept, "unwanted": None}, []):
        with pytest.raises(ValueError, match="terms"):
            terms_from_json(spoiled, [cups, RANDOM], stock)


# --- laws -----------------------------------------------------------------------------------------

GOODS = [
    product(11, 1),
    product(12, 9, member_price=Money(5)),
    product(13, 10, member_price=Money(9)),
    product(14, 33),
    product(15, 100, offers=False),
    APPLE,
]
rows = st.lists(
    st.tuples(st.sampled_from(GOODS), st.integers(1, 9)).map(
        lambda row: (row[0], row[1] * 7 if row[0] is APPLE else row[1])
    ),
    max_size=8,
)
pieces = st.one_of(
    st.builds(
        NthPiece,
        st.integers(2, 4),
        percent=st.integers(0, 99),
        most=st.none() | st.integers(1, 5),
    ),
    st.builds(NthPiece, st.integers(2, 4), price=st.integers(0, 20).map(Money)),
)
steps = st.lists(
    st.tuples(st.integers(2, 90), st.integers(1, 89)).filter(lambda x: x[1] < x[0]),
    min_size=1,
    max_size=3,
    unique_by=(lambda x: x[0], lambda x: x[1]),
).map(
    lambda found: list(zip(sorted(a for a, _ in found), sorted(b for _, b in found), strict=True))
)
amounts_off = st.one_of(
    steps.map(lambda found: off(*found)),
    st.tuples(steps, st.none() | st.integers(1, 50).map(Money)).map(
        lambda x: off(x[0][0], repeat=True, most=x[1])
    ),
)
gifts = st.tuples(st.integers(1, 90), st.booleans()).map(
    lambda x: gift((x[0], CUP.code), repeat=x[1])
)
listed = st.lists(st.sampled_from(GOODS), max_size=3)


@st.composite
def all_terms(draw):
    found = []
    for at, effect in enumerate(draw(st.lists(st.one_of(pieces, amounts_off, gifts), max_size=5))):
        of = draw(listed)
        found.append(campaign(effect, f"c{at}", *of, members=draw(st.booleans())))
    drawn = None
    if draw(st.booleans()):
        minimum = Money(draw(st.integers(0, 90)))
        luck = RandomOff(Money(1), Money(9000), Money(9000), minimum)
        found.append(campaign(luck, "luck"))
        drawn = Draw("luck", Money(draw(st.integers(1, 90))))
    member = draw(st.sampled_from([None, MEMBER]))
    return Terms(tuple(found), (CUP,), member, drawn)


@settings(max_examples=80, deadline=None)
@given(rows, all_terms())
def test_the_lines_add_up_and_none_is_negative(found, on):
    filled = basket(*found)
    sold = priced(filled, on)
    assert sold.total == sum((line.net for line in sold.lines), ZERO)
    assert sold.total + sold.saved == filled.total
    assert all(line.net.fen >= 0 for line in sold.lines)
    assert all(each.amount.fen >= 0 for line in sold.lines for each in line.discounts)
    assert [line.line for line in sold.lines if not line.gift] == list(filled.lines)
    assert sum((part.gross for part in sold.taxes), ZERO) == sold.total
    if filled.total:
        assert sold.total.fen >= 1
    untouched = [line for line in sold.lines if not line.line.product.offers]
    assert all(line.discount == ZERO for line in untouched if not line.gift)


@settings(max_examples=80, deadline=None)
@given(rows, all_terms(), st.sampled_from(GOODS), st.integers(1, 3))
def test_one_more_never_makes_the_total_rise_by_more_than_its_price(found, on, more, times):
    before = basket(*found)
    for _ in range(times):
        after = before.add_weighed(more, 7) if more is APPLE else before.add(more)
        risen = priced(after, on).total - priced(before, on).total
        assert risen <= after.total - before.total
        before = after


@settings(max_examples=80, deadline=None)
@given(rows, all_terms(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_total(found, on, chance: random.Random):
    filled = basket(*found)
    mixed = list(filled.lines)
    chance.shuffle(mixed)
    scanned_so = [replace(line, line_id=at) for at, line in enumerate(mixed, 1)]
    other = replace(filled, lines=tuple(scanned_so))
    assert priced(other, on).total == priced(filled, on).total


@settings(max_examples=80, deadline=None)
@given(rows, all_terms(), st.data())
def test_pieces_cost_the_same_in_one_line_or_in_two(found, on, data):
    filled = basket(*found)
    long = [line for line in filled.lines if line.quantity > 1]
    if not long:
        return
    line = data.draw(st.sampled_from(long))
    first = data.draw(st.integers(1, line.quantity - 1))
    halves = (
        replace(line, quantity=first),
        replace(line, line_id=filled.next_id, quantity=line.quantity - first),
    )
    rest = tuple(each for each in filled.lines if each is not line)
    assert priced(replace(filled, lines=(*rest, *halves)), on).total == priced(filled, on).total


@settings(max_examples=80, deadline=None)
@given(rows, all_terms())
def test_no_campaign_takes_more_than_its_most(found, on):
    sold = priced(basket(*found), on)
    taken: dict[str, int] = {}
    for line in sold.lines:
        for each in line.discounts:
            taken[each.campaign] = taken.get(each.campaign, 0) + each.amount.fen
    for each in on.campaigns:
        fen = taken.get(each.id, 0)
        match each.effect:
            case AmountOff(steps=reached, repeat=repeat, most=most):
                assert most is None or fen <= most.fen
                assert repeat or fen <= reached[-1].off.fen
            case RandomOff():
                assert on.draw is not None
                assert fen <= on.draw.amount.fen
            case GiftFrom():
                assert fen == 0
    assert len({each.id for each in on.campaigns if isinstance(each.effect, AmountOff)
                and taken.get(each.id)}) <= 1  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(rows, all_terms())
def test_a_priced_basket_with_campaigns_comes_back_from_its_json_form(found, on):
    sold = priced(basket(*found), on)
    assert totals_from_json(json.loads(json.dumps(totals_to_json(sold)))) == sold


@settings(max_examples=80, deadline=None)
@given(rows, all_terms())
def test_nobody_pays_more_for_being_a_member(found, on):
    filled = basket(*found)
    known = priced(filled, replace(on, member=MEMBER)).total
    assert known <= priced(filled, replace(on, member=None)).total


@given(st.lists(st.integers(0, 50), min_size=1, max_size=9).filter(sum), st.data())
def test_no_part_is_over_its_weight(weights, data):
    fen = data.draw(st.integers(0, sum(weights)))
    parts = share(Money(fen), weights)
    assert sum(part.fen for part in parts) == fen
    assert all(0 <= part.fen <= weight for part, weight in zip(parts, weights, strict=True))


def test_a_basket_of_the_time_before_campaigns_is_read():
    line = {
        "line_id": 1, "gtin": "06901000000042", "plu": None, "zh": "糖", "en": "Sugar",
        "price_fen": 690, "currency": "CNY", "sold_by": "PIECE", "tax_bp": 1300, "quantity": 2,
        "grams": None, "stated_fen": None, "discounts": [{"zh": "减", "en": "Off", "fen": 80}],
    }  # fmt: skip
    body = {"lines": [line], "total_fen": 1300, "saved_fen": 80}
    read = totals_from_json(body)
    assert (read.total.fen, read.lines[0].discounts[0].campaign) == (1300, "")
    assert totals_to_json(read) == body
