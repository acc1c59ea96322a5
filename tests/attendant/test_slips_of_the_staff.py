"""The slips that staff print: their bytes are those that are kept, and each fits its paper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hardware.printers.profile import profile_for
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.money import Money
from kiosk.domain.order import totals
from kiosk.domain.parked import is_parked_number, parked_slip
from kiosk.domain.receipt import Shop
from kiosk.domain.slip import Barcode, TextLine
from kiosk.domain.takings import Sum
from kiosk.domain.till_report import _WORDS, Report, ReportSlip, lines, report_slip
from kiosk.paper import job

GOLDEN = Path(__file__).with_name("golden")
SHOP = Shop({"zh": "街角便利店", "en": "Corner Shop"}, {"zh": ""})
MILK = Product("牛奶", "Milk", Money(690), Gtin.parse("6901000000042"), tax_bp=900)
MARCH = 1_772_340_896_000
REPORT = Report(
    closed=True,
    number=127,
    since_ms=MARCH - 40_000_000,
    until_ms=MARCH,
    sums={
        "sale": Sum(412, 2_143_250),
        "saved": Sum(61, 18_240),
        "gross/900": Sum(300, 912_040),
        "tax/900": Sum(300, 75_306),
        "gross/1300": Sum(350, 1_231_210),
        "tax/1300": Sum(350, 141_643),
        "paid/wechatpay/CODE": Sum(318, 1_612_000),
        "paid/wechatpay/FACE": Sum(88, 481_250),
        "paid/cash/CASH": Sum(14, 50_000),
        "late": Sum(1, 690),
        "beside": Sum(1, 690),
        "back/wechatpay": Sum(3, 12_300),
        "reversed": Sum(4, 23_400),
        "declined": Sum(12, 61_200),
        "lost": Sum(1, 100),
        "abandoned": Sum(2, 5_200),
        "cash/float": Sum(1, 50_000),
        "cash/sale": Sum(14, 50_000),
        "cash/refund": Sum(1, -690),
        "cash/pay_in": Sum(1, 20_000),
        "cash/pay_out": Sum(2, -80_000),
        "cash/over": Sum(1, 100),
        "cash/short": Sum(1, -250),
        "cash/count": Sum(1, 0),
        "drawer": Sum(3, 0),
    },
    grand=Sum(60_412, 312_144_630),
    grand_back=Sum(312, 1_412_300),
    cash_fen=39_160,
    open=Sum(1, 4_826),
    refunds_open=Sum(1, 690),
    parts=Sum(1, 500),
)
PRICED = totals(Basket().add(MILK, 2))
SLIPS = {
    "z-80": (report_slip(REPORT, ReportSlip("0001")), 80),
    "z-en-58": (report_slip(REPORT, ReportSlip("0001", "en", test=True, copy=True)), 58),
    "parked-80": (parked_slip(SHOP, "P00010042", MARCH, PRICED, "zh"), 80),
    "parked-en-58": (parked_slip(SHOP, "P00010042", MARCH, PRICED, "en"), 58),
}


@pytest.mark.parametrize("name", SLIPS)
def test_the_kept_bytes_are_those_that_are_made(name):
    elements, paper = SLIPS[name]
    made, kept = job(elements, profile_for(paper)), GOLDEN / f"{name}.bin"
    if os.environ.get("KEEP_SLIPS"):
        kept.write_bytes(made)
    assert made == kept.read_bytes()


def test_every_line_of_a_report_has_its_words_in_both_languages():
    keys = {each.key for each in lines(REPORT)}
    assert keys <= _WORDS["zh"].keys() == _WORDS["en"].keys()
    assert _WORDS["zh"].keys() - keys <= {
        "test", "copy", "x", "z", "number", "next", "terminal", "since", "until", "cash_other",
    }  # fmt: skip


def test_a_parked_slip_is_no_receipt_and_has_a_number_that_only_staff_take():
    found = parked_slip(SHOP, "P00010042", MARCH, PRICED, "fr")
    assert Barcode("P00010042") in found
    assert any(isinstance(each, TextLine) and "未付款" in each.text for each in found)
    assert is_parked_number("P00010042")
    assert not any(map(is_parked_number, ("P1", "6901000000042", "P0001004", "p00010042")))
