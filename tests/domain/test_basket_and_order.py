from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.basket import (
    Basket,
    LimitReached,
    Limits,
    basket_from_json,
    basket_to_json,
)
from kiosk.domain.catalogue import Gtin, Product, SoldBy, check_digit
from kiosk.domain.money import ZERO, Money, share
from kiosk.domain.order import (
    Discount,
    Voucher,
    totals,
    totals_from_json,
    totals_to_json,
)

TEA = Product("绿茶", "Green tea", Money(350), Gtin.parse("6901234567892"), tax_bp=1300)
RICE = Product("大米", "Rice", Money(3990), Gtin.parse("96385074"), tax_bp=900)
APPLE = Product("苹果", "Apples", Money(1196), plu=101, sold_by=SoldBy.WEIGHT, tax_bp=900)


def test_the_same_goods_are_one_line_and_the_id_of_a_line_stays():
    basket = Basket().add(TEA).add(RICE).add(TEA)
    assert [(x.line_id, x.quantity) for x in basket.lines] == [(1, 2), (2, 1)]
    basket = basket.remove(1).add(TEA)
    assert [(x.line_id, x.product) for x in basket.lines] == [(2, RICE), (3, TEA)]
    assert basket.count == 2


def test_a_basket_that_changes_is_a_new_basket():
    first = Basket().add(TEA)
    assert first.add(TEA).total == Money(700)
    assert first.total == Money(350)


def test_the_same_number_at_another_price_is_another_line():
    dearer = Product("绿茶", "Green tea", Money(400), TEA.gtin, tax_bp=1300)
    assert [x.total.fen for x in Basket().add(TEA).add(dearer).lines] == [350, 400]


def test_a_quantity_is_set_and_nought_removes():
    basket = Basket().add(TEA).set_quantity(1, 7)
    assert basket.total == Money(2450)
    assert basket.set_quantity(1, 0) == Basket(next_id=2)


def test_a_touch_on_a_line_that_is_gone_changes_nothing():
    basket = Basket().add(TEA)
    assert basket.set_quantity(9, 3) is basket
    assert basket.remove(9) == basket


@pytest.mark.parametrize(
    ("grams", "price", "total"),
    [(1000, 1196, 1196), (523, 1196, 626), (1, 1196, 1), (5, 100, 1), (4, 100, 0), (125, 100, 13)],
)
def test_a_weighed_line_is_rounded_half_up_to_the_fen(grams, price, total):
    product = Product("苹果", "Apples", Money(price), plu=101, sold_by=SoldBy.WEIGHT)
    assert Basket().add_weighed(product, grams).total == Money(total)


def test_the_price_on_a_label_wins_over_weight_times_price():
    line = Basket().add_weighed(APPLE, 1045, Money(1251)).lines[0]
    assert (line.total, line.quantity_text) == (Money(1251), "1.045 kg")
    assert Basket().add_weighed(APPLE, None, Money(99)).total == Money(99)


def test_every_weighed_thing_has_its_own_line():
    assert len(Basket().add_weighed(APPLE, 500).add_weighed(APPLE, 500).lines) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.add(APPLE),
        lambda b: b.add(TEA, 0),
        lambda b: b.add_weighed(TEA, 100),
        lambda b: b.add_weighed(APPLE, None),
        lambda b: b.add_weighed(APPLE, 0),
        lambda b: b.add_weighed(APPLE, 5, ZERO),
        lambda b: b.set_quantity(1, -1),
        lambda b: b.add_weighed(APPLE, 500).set_quantity(2, 2),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValueError, match=r"."):
        change(Basket().add(TEA))


@pytest.mark.parametrize(
    ("limits", "change", "name"),
    [
        (Limits(lines=1), lambda b: b.add(RICE), "lines"),
        (Limits(quantity=2), lambda b: b.add(TEA).add(TEA), "quantity"),
        (Limits(quantity=2), lambda b: b.set_quantity(1, 3), "quantity"),
        (Limits(grams=999), lambda b: b.add_weighed(APPLE, 1000), "grams"),
        (Limits(total_fen=4000), lambda b: b.add(RICE), "total_fen"),
    ],
)
def test_a_limit_says_which_it_is(limits, change, name):
    with pytest.raises(LimitReached) as caught:
        change(Basket(limits=limits).add(TEA))
    assert caught.value.limit == name


def _gtin(at):
    front = f"{at:013d}"
    return Gtin.parse(f"{front}{check_digit(front)}")


def _basket(rows):
    basket = Basket()
    for at, (kind, price, amount) in enumerate(rows):
        rate = (0, 600, 900, 1300)[at % 4]
        if kind == "count":
            gtin = _gtin(at)
            basket = basket.add(Product("货", "Goods", Money(price), gtin, tax_bp=rate), amount)
        else:
            product = Product(
                "秤", "Weighed", Money(price), plu=at + 1, sold_by=SoldBy.WEIGHT, tax_bp=rate
            )
            basket = basket.add_weighed(product, amount)
    return basket


baskets = st.lists(
    st.one_of(
        st.tuples(st.just("count"), st.integers(0, 20_000), st.integers(1, 9)),
        st.tuples(st.just("weigh"), st.integers(1, 9_999), st.integers(1, 9_999)),
    ),
    min_size=1,
    max_size=12,
).map(_basket)


@dataclass(frozen=True)
class Off:
    """A rule for these tests: the same sum off every line, whether it can bear it or not."""

    fen: int

    def discounts(self, lines, member):
        return {x.line.line_id: Discount("减", "Off", Money(self.fen)) for x in lines}


@given(baskets, st.integers(-50, 5000), st.integers(1, 100_000), st.integers(0, 50_000))
def test_totals_add_up_to_the_fen(basket, off, voucher_fen, minimum):
    voucher = Voucher("券", "Voucher", Money(voucher_fen), Money(minimum))
    priced = totals(basket, [Off(off)], None, [voucher])
    assert priced.total + priced.saved == basket.total
    assert priced.total == sum((line.net for line in priced.lines), ZERO)
    assert all(line.net.fen >= 0 for line in priced.lines)
    assert all(each.amount.fen > 0 for line in priced.lines for each in line.discounts)
    assert sum((part.gross for part in priced.taxes), ZERO) == priced.total
    assert all(part.net + part.tax == part.gross for part in priced.taxes)
    after_rule = totals(basket, [Off(off)]).total
    used = min(voucher_fen, after_rule.fen) if after_rule.fen >= minimum else 0
    assert after_rule.fen - priced.total.fen == used


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1).filter(sum))
def test_a_sum_that_is_shared_stays_whole(fen, weights):
    parts = share(Money(fen), weights)
    assert sum(part.fen for part in parts) == fen
    for part, weight in zip(parts, weights, strict=True):
        exact = fen * weight / sum(weights)
        assert abs(part.fen - exact) < len(weights)


@pytest.mark.parametrize("weights", [[], [0], [1, -1], [2, -1]])
def test_weights_that_share_nothing_are_refused(weights):
    with pytest.raises(ValueError, match=r".*"):
        share(Money(1), weights)


def test_tax_is_taken_out_of_the_sum_of_its_rate_once():
    priced = totals(Basket().add(TEA, 3).add(RICE).add_weighed(APPLE, 523))
    assert [(x.rate_bp, x.gross.fen, x.tax.fen) for x in priced.taxes] == [
        (900, 4616, 381),  # 4616 × 900 / 10900 = 381.14
        (1300, 1050, 121),  # 1050 × 1300 / 11300 = 120.79
    ]


def test_a_voucher_in_a_basket_of_a_few_fen_is_honoured_whole():
    cheap = [Product("糖", "Sweet", Money(1), _gtin(at)) for at in range(3)]
    basket = Basket().add(cheap[0]).add(cheap[1]).add(cheap[2])
    priced = totals(basket, vouchers=[Voucher("券", "Voucher", Money(2))])
    assert (priced.total.fen, sorted(x.net.fen for x in priced.lines)) == (1, [0, 0, 1])


@given(baskets, st.integers(1, 500))
def test_baskets_and_prices_come_back_from_their_json_form(basket, off):
    kept = json.loads(json.dumps(basket_to_json(basket)))
    assert basket_from_json(kept) == basket
    priced = totals(basket, [Off(off)])
    assert totals_from_json(json.loads(json.dumps(totals_to_json(priced)))) == priced


@pytest.mark.parametrize("spoil", ["total_fen", "lines", "next_id"])
def test_a_kept_basket_that_was_spoiled_is_refused(spoil):
    kept = basket_to_json(Basket().add(TEA))
    kept[spoil] = 1 if spoil == "total_fen" else None
    with pytest.raises(ValueError, match=r"basket"):
        basket_from_json(kept)
    priced = totals_to_json(totals(Basket().add(TEA)))
    priced["saved_fen"] = 1
    with pytest.raises(ValueError, match="add up"):
        totals_from_json(priced)
