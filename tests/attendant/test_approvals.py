"""What the shopper waits for, as the staff see it first, and what their word does."""

from __future__ import annotations

import pytest

from kiosk.domain.catalogue import Gtin, PriceBook, Product
from kiosk.domain.money import Money
from kiosk.goods import Shelf
from kiosk.messages import ChooseTender, Pay, RemoveLine, Screen
from kiosk.messages.staff import CloseStaff, Decide, EnterPin, OpenStaff, StaffPage, TurnTo
from tests.attendant.conftest import MILK, PIN

WINE = Product("红酒", "Wine", Money(8800), Gtin.parse("6921168509256"), age=18)
RADIO = Product("收音机", "Radio", Money(29_900), Gtin.parse("6923000000037"))
CODE = "134567890123456789"


@pytest.fixture
def shop(kiosk):
    kiosk.checkout.restock(Shelf(PriceBook([MILK, WINE, RADIO]), ()), lambda: None)
    return kiosk


def scans(shop, *products):
    for product in products:
        shop.checkout.scanned(str(product.gtin))


def come(shop):
    shop.does(OpenStaff(), EnterPin(PIN))
    shop.works()
    return shop.screen.staff


def did(shop):
    notes = [each for each in shop.ledger.unsent("t", 99) if each.kind == "staff"]
    return [(each.body["did"], each.body.get("goods")) for each in notes]


def test_staff_see_first_what_the_shopper_waits_for_and_one_word_lets_him_go_on(shop):
    scans(shop, WINE, MILK)
    shop.does(Pay())
    staff = come(shop)
    assert staff.page is StaffPage.APPROVALS
    assert [(row.held, row.years, row.fen) for row in staff.held] == [("age", 18, 8800)]
    shop.does(Decide("age", approved=True))
    shop.passes(0.1)
    assert shop.screen.screen is Screen.TENDER
    assert did(shop)[-1] == ("age approved", str(WINE.gtin))


def test_the_payment_keeps_who_let_which_lines_be_bought_and_when(shop):
    scans(shop, MILK, WINE)
    shop.does(Pay())
    come(shop)
    shop.does(Decide("age", approved=True))
    shop.passes(0.1)
    shop.does(ChooseTender("code"))
    shop.checkout.scanned(CODE)
    kept = shop.ledger.basket_of(shop.jobs.paid[0].out_trade_no)["approved"]
    assert (kept["by"], kept["years"], kept["lines"]) == ("staff", 18, [2])
    assert shop.clock.wall_ms() - kept["at_ms"] in range(1000)


def test_goods_for_everybody_leave_no_such_word(shop):
    scans(shop, MILK)
    shop.does(Pay(), ChooseTender("code"))
    shop.checkout.scanned(CODE)
    assert "approved" not in shop.ledger.basket_of(shop.jobs.paid[0].out_trade_no)


def test_refused_goods_are_gone_and_the_shopper_is_back_at_his_basket(shop):
    scans(shop, WINE, MILK)
    shop.does(Pay())
    come(shop)
    shop.does(Decide("age", approved=False))
    shop.passes(0.1)
    assert shop.screen.screen is Screen.BASKET
    assert shop.hinted == "hint.refused"
    assert did(shop)[-1] == ("age refused", str(WINE.gtin))


def test_several_questions_are_answered_one_by_one_or_with_one_word(shop):
    scans(shop, WINE, RADIO)
    shop.does(RemoveLine(2), Pay())
    assert [row.held for row in come(shop).held] == ["age", "removal-2"]
    shop.does(Decide("age", approved=True))
    assert shop.screen.screen is Screen.STAFF
    shop.does(Decide("", approved=True))
    shop.passes(0.1)
    assert [line.names["en"] for line in shop.screen.lines] == ["Wine"]
    assert shop.screen.screen is Screen.TENDER


def test_nobody_answers_without_the_pin(shop):
    scans(shop, WINE)
    shop.does(Pay(), Decide("age", approved=True), OpenStaff(), Decide("age", approved=True))
    shop.does(CloseStaff())
    shop.passes(0.1)
    assert shop.screen.screen is Screen.HELD


def test_with_nothing_to_answer_staff_come_to_their_first_page(shop):
    scans(shop, MILK)
    assert come(shop).page is StaffPage.HOME
    shop.does(Decide("age", approved=True), TurnTo(StaffPage.APPROVALS))
    assert shop.screen.staff.page is StaffPage.APPROVALS
    assert shop.screen.staff.held == ()
