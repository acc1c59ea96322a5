"""A menu, what may be chosen from it, and what an order with options costs, prints and keeps."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.basket import Basket, Line, basket_from_json, basket_to_json, line_from_json
from kiosk.domain.campaign import AmountOff, Campaign, NthPiece, OffStep
from kiosk.domain.catalogue import Product, SoldBy
from kiosk.domain.choice import Choice, names_of
from kiosk.domain.menu import Category, Dish, Fault, Menu, Option, OptionGroup, Rule, choose, fault
from kiosk.domain.money import Money
from kiosk.domain.order import Member, totals, totals_from_json, totals_to_json
from kiosk.domain.owed import basket_to_keep
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.promotion import Terms, priced
from kiosk.domain.receipt import Receipt, Shop, slip
from kiosk.domain.serving import EAT_IN, NOBODY, TAKE_AWAY, Serving, serving_of
from kiosk.domain.slip import Columns, TextLine
from kiosk.domain.ticket import Ticket, ticket
from kiosk.messages import menu as words

NUMBER = "000126030112345648151623"
BEEF = Product(
    "牛肉面", "Beef noodles", Money(2600), plu=101, tax_bp=600, station="kitchen",
    member_price=Money(2300),
)  # fmt: skip
TEA = Product("柠檬茶", "Lemon tea", Money(1200), plu=401, tax_bp=600, station="bar")
SIZE = OptionGroup(
    "size", "份量", "Size",
    (Option("small", "小份", "Small"), Option("large", "大份", "Large", Money(600))),
    least=1, preset=("small",),
)  # fmt: skip
EXTRAS = OptionGroup(
    "extras", "加料", "Extras",
    (Option("egg", "卤蛋", "Egg", Money(300)), Option("greens", "时蔬", "", Money(333)),
     Option("coriander", "香菜", "Coriander")),
    most=2,
)  # fmt: skip
GROUPS = (SIZE, EXTRAS)
NOODLES, DRINK = Dish(BEEF, ("size", "extras")), Dish(TEA)


def menu(*dishes, groups=GROUPS, code="all"):
    return Menu([Category(code, "全部", "All", dishes or (NOODLES, DRINK))], groups)


def test_dishes_options_and_groups_are_found_by_their_codes():
    served = menu()
    assert (len(served), served.dish("00101"), served.dish("101")) == (2, NOODLES, None)
    assert served.groups_of(NOODLES) == GROUPS
    assert served.groups_of(DRINK) == ()
    assert served.option("egg") == EXTRAS.options[0]
    assert served.option("size") is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: menu(NOODLES, NOODLES),
        lambda: menu(groups=(SIZE, SIZE, EXTRAS)),
        lambda: menu(groups=(SIZE,)),
        lambda: menu(groups=(SIZE, EXTRAS, OptionGroup("g", "g", "", (Option("egg", "蛋"),)))),
        lambda: Menu([Category("a", "a", "", (DRINK,)), Category("a", "b", "", (NOODLES,))]),
        lambda: Category("a", "a", "", ()),
        lambda: Option("Egg", "蛋"),
        lambda: Option("1", "蛋"),
        lambda: Option("egg", "蛋", price=Money(-1)),
        lambda: Choice("extras", "egg", "蛋", price=Money(-1)),
        lambda: OptionGroup("g", "g", "", ()),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, least=2),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, most=0),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, most=4),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, least=-1),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, preset=("salt",)),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, preset=("egg", "greens")),
        lambda: OptionGroup("g", "g", "", EXTRAS.options, most=2, preset=("egg", "egg")),
        lambda: OptionGroup("g", "g", "", (*EXTRAS.options, EXTRAS.options[0])),
        lambda: Dish(TEA, ("size", "size")),
        lambda: Dish(TEA, left=-1),
        lambda: Dish(Product("鱼", "Fish", Money(100), plu=5, sold_by=SoldBy.WEIGHT)),
        lambda: Dish(Product("水", "Water", Money(0), plu=5)),
    ],
)
def test_a_menu_that_makes_no_sense_cannot_be_made(make):
    with pytest.raises(ValueError):  # noqa: PT011 - the rule is the lambda
        make()


@pytest.mark.parametrize(
    ("options", "broken"),
    [
        (("small",), None),
        (("large", "egg", "coriander"), None),
        (("egg", "small"), None),
        ((), Fault(Rule.TOO_FEW, "size")),
        (("egg",), Fault(Rule.TOO_FEW, "size")),
        (("small", "large"), Fault(Rule.TOO_MANY, "size")),
        (("small", "egg", "greens", "coriander"), Fault(Rule.TOO_MANY, "extras")),
        (("small", "egg", "egg"), Fault(Rule.TWICE, "egg")),
        (("small", "salt"), Fault(Rule.UNKNOWN, "salt")),
        (("size",), Fault(Rule.UNKNOWN, "size")),
    ],
)
def test_the_rule_is_named_that_a_choice_breaks(options, broken):
    assert fault(GROUPS, options) == broken
    if broken is None:
        assert {each.code for each in choose(GROUPS, options)} == set(options)
    else:
        with pytest.raises(ValueError, match=broken.code):
            choose(GROUPS, options)


def test_options_are_named_in_one_text_and_in_chinese_where_there_is_no_other():
    chosen = choose(GROUPS, ("greens", "large"))
    assert names_of(chosen) == {"zh": "大份、时蔬", "en": "Large, 时蔬"}


def test_options_add_to_the_price_of_each_dish():
    (line,) = Basket().add(BEEF, 2, choose(GROUPS, ("large", "egg"))).lines
    assert (line.extra.fen, line.unit.fen, line.total.fen) == (900, 3500, 7000)


def test_the_same_dish_with_other_options_is_another_line():
    plain, large = choose(GROUPS, ("small",)), choose(GROUPS, ("large",))
    basket = Basket().add(BEEF, 1, plain).add(BEEF, 1, large).add(BEEF, 2, plain).add(BEEF)
    assert [(x.line_id, x.quantity) for x in basket.lines] == [(1, 3), (2, 1), (3, 1)]


def test_a_line_of_the_time_before_options_is_read():
    (line,) = Basket().add(TEA).lines
    body = basket_to_json(Basket().add(TEA))["lines"][0]
    assert "options" not in body
    assert line_from_json(body) == line


@pytest.mark.parametrize("damage", [{"fen": -1}, {"fen": "x"}, {"zh": None, "fen": None}])
def test_a_damaged_option_is_no_basket(damage):
    body = basket_to_json(Basket().add(BEEF, 1, choose(GROUPS, ("large",))))
    body["lines"][0]["options"][0].update(damage)
    with pytest.raises(ValueError):  # noqa: PT011 - any reason
        basket_from_json(body)


# ---- what it costs


def costs(basket, *campaigns, member=None):
    found = priced(basket, Terms(tuple(campaigns), member=member))
    return [(line.net.fen, line.discount.fen) for line in found.lines]


def test_a_member_pays_for_options_what_anybody_pays():
    basket = Basket().add(BEEF, 2, choose(GROUPS, ("large", "egg")))
    assert costs(basket, member=Member("gold")) == [(2 * (2300 + 900), 600)]


def test_every_second_dish_is_cheaper_without_its_options():
    half = Campaign("half", "半价", "Half", NthPiece(2, percent=50))
    two = Basket().add(BEEF, 2, choose(GROUPS, ("large", "egg")))
    assert costs(two, half) == [(7000 - 1300, 1300)]
    free = Campaign("free", "免", "Free", NthPiece(2, price=Money(0)))
    assert costs(two, free) == [(3500 + 900, 2600)]
    mixed = Basket().add(TEA).add(BEEF, 1, choose(GROUPS, ("large", "greens")))
    assert costs(mixed, half) == [(600, 600), (3533, 0)]  # the dearer one is counted first


def test_an_amount_off_is_reached_with_options():
    off = Campaign("off", "减", "Off", AmountOff((OffStep(Money(3500), Money(500)),)))
    assert costs(Basket().add(BEEF, 1, choose(GROUPS, ("large",))), off) == [(3200, 0)]
    assert costs(Basket().add(BEEF, 1, choose(GROUPS, ("large", "egg"))), off) == [(3000, 500)]


# ---- on paper


def paid(number=NUMBER, fen=7000):
    return Payment(number, "v", "wechatpay", Method.CODE, Money(fen), 1_772_340_896_000, State.PAID)


ORDER = totals(Basket().add(BEEF, 2, choose(GROUPS, ("large", "coriander", "egg"))).add(TEA))


def test_a_slip_has_the_options_under_the_dish_and_no_price_where_there_is_none():
    shop = Shop({"zh": "面馆", "en": "Noodles"}, {"zh": ""})
    receipt = Receipt(shop, "0001", 0, ORDER, paid(), serving=Serving(EAT_IN, "12"), language="en")
    lines = list(slip(receipt))
    at = lines.index(TextLine("Beef noodles"))
    assert lines[at : at + 5] == [
        TextLine("Beef noodles"),
        Columns("    Large", "+¥6.00"),
        Columns("    Egg", "+¥3.00"),
        TextLine("    Coriander"),
        Columns("  2 × ¥35.00", "¥70.00"),
    ]
    assert Columns("Table", "12", bold=True, large=True) in lines
    assert Columns("Service", "Eat in") in lines
    assert not [x for x in lines if isinstance(x, Columns) and x.left == "Pick up"]


@pytest.mark.parametrize("serving", [Serving(TAKE_AWAY), Serving(EAT_IN)])
def test_without_a_table_a_slip_has_the_number_to_pick_up_by(serving):
    water = totals(Basket().add(Product("水", "Water", Money(200), plu=9)))
    receipt = Receipt(Shop({"zh": "面馆"}, {}), "0001", 0, water, paid(fen=200), serving=serving)
    assert Columns("取餐号", "1623", bold=True, large=True) in slip(receipt)


def large(elements):
    return [x.text for x in elements if isinstance(x, TextLine) and x.large]


@pytest.mark.parametrize(
    ("serving", "language", "says"),
    [
        (Serving(EAT_IN, "12"), "zh", ["桌号 12", "取餐号 1623"]),
        (Serving(TAKE_AWAY), "zh", ["外带", "取餐号 1623"]),
        (Serving(EAT_IN), "zh", ["堂食", "取餐号 1623"]),
        (Serving(TAKE_AWAY), "en", ["Take away", "Order 1623"]),
        (NOBODY, "zh", ["取餐号 1623"]),
        (Serving("by-drone"), "zh", ["by-drone", "取餐号 1623"]),
    ],
)
def test_a_kitchen_ticket_says_first_where_it_goes(serving, language, says):
    made = ticket(Ticket("kitchen", NUMBER, 0, ORDER, language, serving=serving))
    assert large(made)[: len(says)] == says


def test_a_kitchen_ticket_has_the_options_of_its_dishes_and_no_prices():
    made = ticket(Ticket("kitchen", NUMBER, 0, ORDER))
    assert large(made)[1:] == ["2 × 牛肉面", "  大份", "  卤蛋", "  香菜"]
    assert large(ticket(Ticket("bar", NUMBER, 0, ORDER)))[1:] == ["1 × 柠檬茶"]
    assert "¥" not in str(made)


def test_how_it_is_served_is_kept_with_the_basket():
    kept = json.loads(json.dumps(basket_to_keep(ORDER, Serving(EAT_IN, "12"))))
    assert serving_of(kept) == Serving(EAT_IN, "12")
    assert totals_from_json(kept) == ORDER
    assert serving_of(basket_to_keep(ORDER)) == NOBODY
    assert "service" not in basket_to_keep(ORDER)


def test_screens_and_shop_have_the_same_words_for_it():
    assert (words.EAT_IN, words.TAKE_AWAY) == (EAT_IN, TAKE_AWAY)


# ---- laws


GOODS = st.sampled_from([BEEF, TEA])
OPTIONS = st.tuples(
    st.sampled_from(["small", "large"]),
    st.lists(st.sampled_from(["egg", "greens", "coriander"]), unique=True, max_size=2),
).map(lambda chosen: [*chosen[1], chosen[0]])
ORDERS = st.lists(st.tuples(GOODS, st.integers(1, 5), OPTIONS), max_size=8)


def ordered(rows):
    basket = Basket()
    for product, quantity, options in rows:
        basket = basket.add(product, quantity, choose(GROUPS, options))
    return basket


@given(ORDERS)
def test_dishes_and_options_add_up_to_the_total(rows):
    price = {option.code: option.price.fen for group in GROUPS for option in group.options}
    expected = sum(
        quantity * (product.price.fen + sum(price[code] for code in options))
        for product, quantity, options in rows
    )
    basket = ordered(rows)
    assert basket.total.fen == totals(basket).total.fen == expected
    gross = sum(part.gross.fen for part in totals(basket).taxes)
    assert gross == expected


@given(ORDERS)
def test_an_order_comes_back_from_its_json_form(rows):
    basket = ordered(rows)
    assert basket_from_json(json.loads(json.dumps(basket_to_json(basket)))) == basket
    assert totals_from_json(json.loads(json.dumps(totals_to_json(totals(basket))))) == totals(
        basket
    )


def counted(basket):
    return {(x.product.code, x.options): x.quantity for x in basket.lines}


@given(ORDERS, st.randoms(use_true_random=False))
def test_the_order_in_which_it_was_chosen_changes_no_line(rows, chance):
    mixed = [(a, b, chance.sample(options, len(options))) for a, b, options in rows]
    chance.shuffle(mixed)
    assert counted(ordered(mixed)) == counted(ordered(rows))
    assert len(ordered(rows).lines) == len(counted(ordered(rows)))


@given(ORDERS, st.sampled_from([None, Member("gold")]))
def test_no_campaign_ever_takes_an_option_off(rows, member):
    half = Campaign("half", "半价", "Half", NthPiece(2, price=Money(0)))
    for line in priced(ordered(rows), Terms((half,), member=member)).lines:
        assert line.net.fen >= line.line.extra.fen * line.line.quantity


@given(st.lists(st.sampled_from(["small", "large", "egg", "greens", "coriander", "salt"])))
def test_what_breaks_no_rule_keeps_every_limit(options):
    broken = fault(GROUPS, options)
    fits = (
        len(set(options)) == len(options)
        and "salt" not in options
        and len({"small", "large"} & {*options}) == 1
        and len({"egg", "greens", "coriander"} & {*options}) <= 2
    )
    assert (broken is None) == fits


def test_a_line_is_equal_to_another_with_the_same_options_only():
    made = [Line(1, BEEF, options=choose(GROUPS, (size,))) for size in ("small", "large")]
    assert all(a != b for a, b in itertools.combinations(made, 2))
