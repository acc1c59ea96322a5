from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.catalogue import (
    Gtin,
    NotAGtin,
    PriceBook,
    Product,
    SoldBy,
    WrongCheckDigit,
    check_digit,
)
from kiosk.domain.label import Label, LabelTemplate, read_label
from kiosk.domain.money import Money

TEA = Product("绿茶", "Green tea", Money(350), Gtin.parse("6901234567892"), tax_bp=1300)
APPLE = Product("苹果", "Apples", Money(1196), plu=101, sold_by=SoldBy.WEIGHT)


@pytest.mark.parametrize(
    ("front", "digit"),
    [
        ("210001200500", 5),
        ("200012301234", 6),
        ("280012300523", 8),
        ("221234501250", 3),
        ("690123456789", 2),
        ("9638507", 4),  # EAN-8
        ("01234567890", 5),  # UPC-A
        ("1001234567890", 2),  # ITF-14
    ],
)
def test_the_check_digit_follows_the_gs1_rule(front, digit):
    assert check_digit(front) == digit
    assert str(Gtin.parse(f"{front}{digit}")).endswith(f"{front}{digit}"[-8:])


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_misread_digit_is_always_noticed(front, place, by):
    right = f"{front}{check_digit(front)}"
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    with pytest.raises(WrongCheckDigit):
        Gtin.parse(wrong)


@pytest.mark.parametrize(
    "text", ["", "123", "690123456789x", "６９０１２３４５６７８９２", "69012345678921", "²" * 13]
)
def test_what_is_no_trade_item_number_is_refused(text):
    with pytest.raises(NotAGtin if len(text) != 14 else WrongCheckDigit):
        Gtin.parse(text)


def test_a_upc_a_and_its_ean_13_are_one_product():
    assert Gtin.parse("012345678905") == Gtin.parse("0012345678905")


def test_unknown_and_misread_are_two_things():
    book = PriceBook([TEA, APPLE])
    assert book.find(Gtin.parse("6901234567892")) == TEA
    assert book.find(Gtin.parse("6901234567908")) is None
    with pytest.raises(WrongCheckDigit):
        Gtin.parse("6901234567893")


def test_a_price_book_finds_by_plu_and_refuses_doubles():
    book = PriceBook([TEA, APPLE])
    assert book.find_plu(101) == APPLE
    assert book.find_plu(102) is None
    assert (len(book), list(book)) == (2, [TEA, APPLE])
    with pytest.raises(ValueError, match="twice"):
        PriceBook([TEA, TEA])


@pytest.mark.parametrize(
    "wrong",
    [
        {"gtin": None, "plu": None},
        {"plu": 5},
        {"price": Money(-1)},
        {"tax_bp": 10_001},
    ],
)
def test_a_product_that_makes_no_sense_is_refused(wrong):
    fields = {"price": Money(100), "gtin": Gtin.parse("96385074"), **wrong}
    with pytest.raises(ValueError, match=r"exactly one|out of range"):
        Product("茶", "Tea", **fields)


@pytest.mark.parametrize(
    ("picture", "text", "label"),
    [
        ("21PPPPPAAAAAC", "2100012005005", Label(12, price=Money(500))),
        ("20PPPPPPAAAAC", None, None),
        ("28PPPPPWWWWWC", "2800123005238", Label(123, grams=523)),
        ("22PPPPPAAAAXC", "2212345012503", Label(12345, price=Money(125))),
        ("20PPPPPAAAAAWWWWWX", "200010101250010459", Label(101, 1045, Money(1250))),
        ("28PPPPPWWWWWC", "2100012005005", None),
        ("28PPPPPWWWWWC", "28001230052", None),
        ("28PPPPPWWWWWC", "２８００１２３００５２３８", None),
    ],
)
def test_a_label_is_read_by_its_template(picture, text, label):
    if text is None:
        with pytest.raises(ValueError, match="template"):
            LabelTemplate(picture.replace("AAAA", "QQQQ"))
    else:
        assert LabelTemplate(picture).read(text) == label


def test_a_misread_label_says_so_and_is_not_unknown():
    with pytest.raises(WrongCheckDigit):
        read_label([LabelTemplate("28PPPPPWWWWWC")], "2800123005239")


def test_the_first_template_that_fits_reads_the_label():
    templates = [LabelTemplate("21PPPPPAAAAAC"), LabelTemplate("28PPPPPWWWWWC")]
    assert read_label(templates, "2800123005238") == Label(123, grams=523)
    assert read_label(templates, "6901234567892") is None


@pytest.mark.parametrize("flag", ["25", "26", "27", "28", "29"])
def test_a_label_of_18_digits_may_not_look_like_a_payment_code(flag):
    with pytest.raises(ValueError, match="20 to 24"):
        LabelTemplate(f"{flag}PPPPPAAAAAWWWWWC")


@pytest.mark.parametrize(
    "picture", ["", "21PPPPPAAAAA", "10PPPPPAAAAAC", "21PPPPPAAAAAP", "21AAAAAPPPPPC", "2" * 13]
)
def test_a_template_that_is_none_is_refused(picture):
    with pytest.raises(ValueError, match="template"):
        LabelTemplate(picture)
