"""Element strings and Digital Links of GS1, and what the shop makes of them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.codes import (
    CollectCode,
    Doubt,
    Goods,
    Link,
    Member,
    PaymentCode,
    Unknown,
    classify,
    upc_a,
)
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, PriceBook, Product, SoldBy, WrongCheckDigit, check_digit
from kiosk.domain.gs1 import (
    Element,
    NotElements,
    TradeItem,
    last_day,
    read_elements,
    read_link,
    read_trade_item,
)
from kiosk.domain.money import Money
from kiosk.goods import Shelf
from kiosk.messages import Text

GTIN = "06901234567892"
TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        # GTIN, 1.234 kg, batch, use by; the separator only after the batch
        (
            f"01{GTIN}310300123410AB1\x1d17261231",
            [("01", GTIN), ("3103", "001234"), ("10", "AB1"), ("17", "261231")],
        ),
        (f"01{GTIN}3922369", [("01", GTIN), ("3922", "369")]),
        (f"01{GTIN}3932156369\x1d", [("01", GTIN), ("3932", "156369")]),
        (f"\x1d01{GTIN}\x1d10A", [("01", GTIN), ("10", "A")]),
        (f"(01){GTIN}(3103)001234(10)AB1", [("01", GTIN), ("3103", "001234"), ("10", "AB1")]),
        (f"01{GTIN}10A(1)", [("01", GTIN), ("10", "A(1)")]),
        ("00069012345678901238", [("00", "069012345678901238")]),
        ("95123", [("95", "123")]),
        # unknown identifiers end the reading
        (f"01{GTIN}99x\x1d8899", [("01", GTIN), ("99", "x")]),
        (f"01{GTIN}0512", [("01", GTIN)]),
        ("hello", []),
        ("", []),
    ],
)
def test_an_element_string_is_read_up_to_what_is_not_known(text, elements):
    assert read_elements(text) == tuple(Element(ai, value) for ai, value in elements)


@pytest.mark.parametrize(
    "text",
    [
        "01690123456789",  # too short
        f"01{GTIN}310312345",
        f"01{GTIN}3103ABCDEF",
        f"01{GTIN}17261301",  # month 13
        f"01{GTIN}17260230",
        f"01{GTIN}10",  # empty
        f"01{GTIN}10" + "A" * 21,
        f"01{GTIN}10A B",
        f"01{GTIN}10A\x1d10B",  # twice, and not the same
        f"01{GTIN}10苹",
    ],
)
def test_a_malformed_element_is_refused(text):
    with pytest.raises(NotElements):
        read_elements(text)


@pytest.mark.parametrize("text", ["0106901234567893", "0206901234567890", "00069012345678901230"])
def test_a_misread_number_is_told_by_its_check_digit(text):
    with pytest.raises(WrongCheckDigit):
        read_elements(text)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (f"01{GTIN}", TradeItem(Gtin(GTIN))),
        (f"01{GTIN}3100000002", TradeItem(Gtin(GTIN), grams=2000)),
        (f"01{GTIN}3103001234", TradeItem(Gtin(GTIN), grams=1234)),
        (f"01{GTIN}3105000450", TradeItem(Gtin(GTIN), grams=5)),  # 4.5 g: half up
        (f"01{GTIN}3922369", TradeItem(Gtin(GTIN), price=Money(369))),
        (f"01{GTIN}39204", TradeItem(Gtin(GTIN), price=Money(400))),
        (f"01{GTIN}39233690", TradeItem(Gtin(GTIN), price=Money(369))),
        (f"01{GTIN}39233695", TradeItem(Gtin(GTIN), unreadable=True)),  # half a fen
        (f"01{GTIN}3932156369", TradeItem(Gtin(GTIN), price=Money(369))),
        (f"01{GTIN}3932978369", TradeItem(Gtin(GTIN), unreadable=True)),  # euro
        (f"01{GTIN}31030012343102000123", TradeItem(Gtin(GTIN), grams=1234, unreadable=True)),
        (f"01{GTIN}3024", TradeItem(Gtin(GTIN), count=24)),
        (f"02{GTIN}3724", TradeItem(Gtin(GTIN), count=24)),
        (f"02{GTIN}", None),
        ("10ABC", None),
        (
            f"01{GTIN}10B1\x1d21S1\x1d17270100",
            TradeItem(Gtin(GTIN), batch="B1", serial="S1", use_by="270100"),
        ),
    ],
)
def test_a_trade_item_is_what_the_elements_say(text, item):
    assert read_trade_item(text) == item


@pytest.mark.parametrize(
    ("url", "elements"),
    [
        (f"https://id.gs1.org/01/{GTIN}", [("01", GTIN)]),
        ("https://id.gs1.org/01/6901234567892", [("01", GTIN)]),
        ("https://id.gs1.org/01/96385074", [("01", "00000096385074")]),
        (
            f"HTTPS://shop.example/a/b/01/{GTIN}/10/A%2FB/21/7?17=261231&3103=001234&utm=x#top",
            [("01", GTIN), ("10", "A/B"), ("21", "7"), ("17", "261231"), ("3103", "001234")],
        ),
        (f"https://id.gs1.org/01/{GTIN}/about", [("01", GTIN)]),
        ("https://example.cn/p/1", []),
        ("https://example.cn/01", []),
    ],
)
def test_a_digital_link_says_the_same(url, elements):
    assert read_link(url) == tuple(Element(ai, value) for ai, value in elements)


@pytest.mark.parametrize(
    ("digits", "today", "day"),
    [
        ("261231", TODAY, date(2026, 12, 31)),
        ("270200", TODAY, date(2027, 2, 28)),
        ("280200", TODAY, date(2028, 2, 29)),
        ("760101", TODAY, date(2076, 1, 1)),  # 50 years on
        ("770101", TODAY, date(1977, 1, 1)),  # 51 would be too many
        ("010101", date(2060, 1, 1), date(2101, 1, 1)),
        ("000229", date(2060, 1, 1), date(2100, 2, 28)),
    ],
)
def test_two_digits_of_a_year_are_within_fifty_years(digits, today, day):
    assert last_day(digits, today) == day


def test_a_thing_may_be_sold_on_its_last_day_and_not_on_the_next():
    item = TradeItem(Gtin(GTIN), use_by="261127")
    assert not item.expired(TODAY)
    assert item.expired(date(2026, 11, 28))
    assert not TradeItem(Gtin(GTIN)).expired(TODAY)


@given(st.text(max_size=80) | st.from_regex(rf"01{GTIN}[0-9\x1d()A-Z]{{0,40}}", fullmatch=True))
def test_no_text_does_anything_but_what_is_declared(text):
    for read in (read_elements, read_link, read_trade_item):
        try:
            read(text)
        except (NotElements, WrongCheckDigit):
            continue


VALUES = st.text("ABCabc0123456789-/.", min_size=1, max_size=20)


@given(VALUES, VALUES, st.integers(0, 999_999), st.permutations(["01", "10", "21", "3103"]))
def test_elements_in_any_order_are_read_as_they_were_written(batch, serial, weight, order):
    values = {"01": GTIN, "10": batch, "21": serial, "3103": f"{weight:06d}"}
    text = "".join(ai + values[ai] + "\x1d" * (ai in ("10", "21")) for ai in order)
    assert {one.ai: one.value for one in read_elements(text)} == values
    link = f"https://x.example/01/{GTIN}?" + "&".join(f"{ai}={values[ai]}" for ai in order[::-1])
    if order[-1] != "01":
        assert {one.ai: one.value for one in read_link(link)} == values


# ---- what a scan is


@pytest.mark.parametrize(
    ("scan", "gs1", "kind"),
    [
        (f"01{GTIN}101", True, TradeItem(Gtin(GTIN), batch="1")),
        (f"01{GTIN}101", False, PaymentCode),  # 19 digits: only the symbol tells
        (f"]C101{GTIN}101", False, TradeItem(Gtin(GTIN), batch="1")),
        (f"01{GTIN}", False, TradeItem(Gtin(GTIN))),
        (f"01{GTIN}10A\x1d17261231", False, TradeItem(Gtin(GTIN), batch="A", use_by="261231")),
        (f"(01){GTIN}", False, TradeItem(Gtin(GTIN))),
        (f"https://id.gs1.org/01/{GTIN}", False, TradeItem(Gtin(GTIN))),
        (f"https://qr.alipay.com/01/{GTIN}", False, CollectCode),
        ("https://example.cn/01/a", False, Link),
        ("134567890123456789", True, PaymentCode),
        ("6901234567892", True, Goods("6901234567892")),
        ("0106901234567893", True, Unknown("0106901234567893", Doubt.CHECK_DIGIT)),
        ("9156000000000001", False, Member("9156000000000001")),
        ("0206901234567890", False, Member("0206901234567890")),
        ("01234565", False, Goods("01234565")),  # a right EAN-8 and a right UPC-E
        ("04252614", False, Goods("042100005264")),  # UPC-E
        ("96385074", False, Goods("96385074")),
    ],
)
def test_a_scan_of_gs1_is_told_from_the_others(scan, gs1, kind):
    found = classify(scan, ("9156", "02"), gs1=gs1)
    assert isinstance(found, kind) if isinstance(kind, type) else found == kind


@given(st.from_regex(r"[01][0-9]{6}", fullmatch=True))
def test_of_ten_last_digits_one_makes_a_upc_e(seven):
    (whole,) = filter(None, (upc_a(f"{seven}{last}") for last in range(10)))
    assert re.fullmatch(r"[01][0-9]{11}", whole)
    assert check_digit(whole[:-1]) == int(whole[-1])
    assert whole.startswith(seven[0])


# ---- what the shop makes of it

PIECE = Product("牛奶", "Milk", Money(690), gtin=Gtin(GTIN))
CHEESE = Product("奶酪", "Cheese", Money(9900), gtin=Gtin("96901234567895"), sold_by=SoldBy.WEIGHT)
COLA = Product("可乐", "Cola", Money(300), gtin=Gtin.parse("012345000065"))
SHELF = Shelf(PriceBook([PIECE, CHEESE, COLA]), ())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"01{GTIN}", [("06901234567892", 1, None, 690)]),
        (f"01{GTIN}3024", [("06901234567892", 24, None, 16560)]),
        (f"01{GTIN}3103001234", [("06901234567892", 1, None, 690)]),  # a net weight, no price
        (f"01{GTIN}17261127", [("06901234567892", 1, None, 690)]),
        ("01969012345678953103000250", [("96901234567895", 1, 250, 2475)]),
        ("01969012345678953922369", [("96901234567895", 1, None, 369)]),
        ("019690123456789531030002503922369", [("96901234567895", 1, 250, 369)]),
        ("01234565", [("00012345000065", 1, None, 300)]),  # UPC-E, and no such EAN-8 in the book
        ("https://id.gs1.org/01/96901234567895?3103=000250", [("96901234567895", 1, 250, 2475)]),
    ],
)
def test_a_code_puts_what_it_says_into_the_basket(text, lines):
    basket = SHELF.put(Basket(), classify(text, gs1=True), TODAY)
    found = [
        (one.product.gtin.digits, one.quantity, one.grams, one.total.fen) for one in basket.lines
    ]
    assert found == lines


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f"01{GTIN}17261126", "hint.expired"),
        ("019690123456789531030002503922369\x1d17261126", "hint.expired"),
        (f"01{GTIN}3922500", "hint.unsold"),  # the label's price is not the book's
        (f"01{GTIN}300", "hint.unsold"),
        (f"01{GTIN}30100", "hint.limit_reached"),
        ("0196901234567895", "hint.unsold"),  # sold by weight, and none is said
        ("01969012345678953932978369", "hint.unsold"),
        ("01969012345678953103000250302", "hint.unsold"),
        ("01" + "6901234567899".zfill(14), "hint.bad_check_digit"),
        ("0100000096385074", "hint.unknown_barcode"),
    ],
)
def test_what_cannot_be_sold_is_said_and_loses_nothing(text, hint):
    said = SHELF.put(Basket(), classify(text, gs1=True), TODAY)
    assert isinstance(said, Text)
    assert said.key == hint
