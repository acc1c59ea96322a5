"""What the shopper waits for is the first that staff see, and with the last answer he goes on."""

from __future__ import annotations

import pytest

from kiosk.domain.catalogue import Gtin, PriceBook, Product
from kiosk.domain.money import Money
from kiosk.goods import Shelf
from kiosk.messages import ChooseTender, Pay, RemoveLine, Screen
from kiosk.messages.staff import Decide, EnterPin, OpenStaff, StaffPage, TurnTo

PIN = "246810"
WINE = Product("红酒", "Wine", Money(8800), Gtin.parse("6921168509256"), age=18)
RADIO = Product("收音机", "Radio", Money(29_900), Gtin.parse("6923000000037"))


@pytest.fixture
def held(kiosk):
    """Staff before a kiosk on which wine and a wish to take out a radio wait."""
    kiosk.checkout.restock(Shelf(PriceBook([WINE, RADIO]), ()), lambda: None)
    kiosk.passes(1)
    for product in (WINE, RADIO):
        kiosk.checkout.scanned(str(product.gtin))
    kiosk.does(RemoveLine(2), Pay())
    assert kiosk.screen.screen is Screen.HELD
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    return kiosk


def names(kiosk):
    return [row.held for row in kiosk.screen.staff.held]


def test_staff_see_first_what_the_shopper_waits_for(held):
    assert held.screen.staff.page is StaffPage.APPROVALS
    assert names(held) == ["age", "removal-2"]
    row = held.screen.staff.held[0]
    assert (row.reason, row.names["en"], row.fen, row.years) == ("age", "Wine", 8800, 18)


def test_with_the_last_answer_the_staffs_screen_is_gone_and_the_shopper_at_his_tender(held):
    held.does(Decide("age", approved=True))
    assert names(held) == ["removal-2"]
    held.does(Decide("removal-2", approved=True))
    held.passes(0.5)
    assert (held.screen.screen, held.screen.due_fen) == (Screen.TENDER, 8800)


def test_what_they_said_stands_in_the_ledger_without_a_person(held):
    held.does(Decide("age", approved=False), Decide("removal-2", approved=False))
    said = [entry.body for entry in held.ledger.entries(0, 999) if entry.kind == "staff"]
    assert [body["did"] for body in said][-2:] == ["age refused", "removal refused"]


def test_other_pages_are_one_touch_away_and_nothing_is_answered_by_leaving(held):
    held.does(TurnTo(StaffPage.HOME))
    assert held.screen.staff.page is StaffPage.HOME
    assert names(held) == ["age", "removal-2"]


def test_without_the_pin_nothing_is_answered(kiosk, held):
    before = names(held)
    held.passes(120)
    held.does(Decide("age", approved=True))
    held.does(OpenStaff(), EnterPin(PIN))
    held.works()
    assert names(held) == before


def test_an_answer_to_what_is_gone_changes_nothing(held):
    total = held.counter.visit.basket.total
    held.does(Decide("removal-7", approved=True), Decide("", approved=False))
    assert held.counter.visit.basket.total == total
    assert names(held) == ["age", "removal-2"]


def test_the_payment_keeps_who_let_which_lines_be_bought_and_when(held):
    held.does(Decide("age", approved=True), Decide("removal-2", approved=True))
    held.passes(0.5)
    held.does(ChooseTender("code"))
    held.checkout.scanned("134567890123456789")
    kept = held.ledger.basket_of(held.jobs.paid[0].out_trade_no)["approved"]
    assert (kept["by"], kept["years"], kept["lines"]) == ("staff", 18, [1])
    assert held.clock.wall_ms() - kept["at_ms"] in range(1000)
    said = [entry.body for entry in held.ledger.entries(0, 999) if entry.kind == "staff"]
    assert ("age approved", str(WINE.gtin), 8800) in [
        (body["did"], body.get("goods"), body.get("fen")) for body in said
    ]


def test_goods_for_everybody_leave_no_such_word(kiosk):
    kiosk.checkout.scanned("6901000000042")
    kiosk.does(Pay(), ChooseTender("code"))
    kiosk.checkout.scanned("134567890123456789")
    assert "approved" not in kiosk.ledger.basket_of(kiosk.jobs.paid[0].out_trade_no)
