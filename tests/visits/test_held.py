"""Goods that staff must see, and removals above the limit: held, answered, and only then paid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.money import Money
from kiosk.messages import Back, ChooseTender, Pay, RemoveLine, Screen, SetQuantity
from kiosk.staff.approvals import Approvals
from tests.visits.conftest import MILK, Shop

WINE = Product("红酒", "Wine", Money(8800), Gtin.parse("6921168509256"), age=18)
RADIO = Product("收音机", "Radio", Money(29_900), Gtin.parse("6923000000037"))


class Guarded(Shop):
    goods = (MILK, WINE, RADIO)

    def restart(self):
        super().restart()
        self.notes = []
        self.staff = Approvals(
            self.counter, lambda did, key, **_: self.notes.append((did, key)), self.time.wall_ms
        )

    def scans(self, *products):
        for product in products:
            self.checkout.scanned(str(product.gtin))

    @property
    def asked(self):
        return [row.held for row in self.staff.rows()]


@pytest.fixture
def shop(tmp_path):
    opened = Guarded(tmp_path)
    yield opened
    opened.ledger.close()


def test_he_scans_on_and_staff_are_called_once_when_he_wants_to_pay(shop):
    shop.scans(WINE, MILK)
    assert [line.held and line.held.key for line in shop.screen.lines] == ["line.held_age", None]
    assert not shop.screen.attendant_called
    shop.does(Pay())
    assert (shop.screen.screen, shop.screen.attendant_called) == (Screen.HELD, True)
    shop.scans(MILK)
    assert shop.screen.screen is Screen.BASKET
    shop.does(Pay())
    shop.staff.decide("age", approved=True)
    shop.passes(0.5)
    assert shop.screen.screen is Screen.TENDER
    assert shop.notes == [("age approved", shop.screen.visit_id)]


def test_what_is_held_cannot_be_paid_by_any_way(shop):
    shop.scans(WINE)
    shop.does(Pay(), ChooseTender("code"))
    shop.scans_code()
    shop.passes(10)
    assert shop.payments == []
    assert shop.screen.screen is Screen.HELD


def test_he_takes_the_held_goods_out_himself_and_pays_the_rest(shop):
    shop.scans(WINE, MILK)
    shop.does(Pay(), RemoveLine(1))
    shop.passes(0.5)
    assert shop.screen.screen is Screen.TENDER
    assert shop.screen.due_fen == 690


def test_he_takes_all_of_it_out_and_is_at_an_empty_basket(shop):
    shop.scans(WINE)
    shop.does(Pay(), RemoveLine(1))
    shop.passes(0.5)
    assert (shop.screen.screen, shop.screen.lines) == (Screen.BASKET, ())


def test_refused_goods_are_gone_and_he_is_told_kindly(shop):
    shop.scans(WINE, MILK)
    shop.does(Pay())
    shop.staff.decide("age", approved=False)
    shop.passes(0.5)
    assert shop.screen.screen is Screen.BASKET
    assert [line.names["en"] for line in shop.screen.lines] == ["Milk"]
    assert shop.hints[-1] == "hint.refused"
    told = len(shop.hints)
    shop.passes(5)
    assert len(shop.hints) == told, "once is enough"


def test_he_may_go_back_from_waiting_and_go_on_scanning(shop):
    shop.scans(WINE)
    shop.does(Pay())
    assert shop.screen.may_go_back
    shop.does(Back())
    assert shop.screen.screen is Screen.BASKET
    assert shop.asked == ["age"]


def test_a_crash_forgets_neither_what_is_held_nor_what_staff_said(shop):
    shop.scans(WINE)
    shop.restart()
    shop.does(Pay())
    assert shop.screen.screen is Screen.HELD
    shop.staff.decide("age", approved=True)
    shop.restart()
    shop.does(Pay())
    assert shop.screen.screen is Screen.TENDER


def test_a_crash_forgets_no_removal_that_waits(shop):
    shop.scans(RADIO)
    shop.does(RemoveLine(1))
    shop.restart()
    assert shop.asked == ["removal-1"]


def test_a_dear_thing_is_taken_out_only_with_the_staff(shop):
    shop.scans(RADIO, MILK)
    shop.does(RemoveLine(1))
    assert shop.hints[-1] == "hint.removal_asked"
    assert shop.screen.attendant_called
    assert [line.held and line.held.key for line in shop.screen.lines] == [
        "line.held_removal",
        None,
    ]
    assert shop.screen.total_fen == 30_590
    shop.staff.decide("removal-1", approved=True)
    assert [line.names["en"] for line in shop.screen.lines] == ["Milk"]
    assert shop.screen.total_fen == 690


def test_a_wish_to_take_out_blocks_paying_until_it_is_answered_or_taken_back(shop):
    shop.scans(RADIO, RADIO)
    shop.does(SetQuantity(1, 1), Pay())
    assert shop.screen.screen is Screen.HELD
    shop.does(Back(), SetQuantity(1, 2))
    assert shop.asked == []
    shop.does(Pay())
    assert shop.screen.screen is Screen.TENDER


def test_cheap_things_go_without_a_word_but_not_any_number_of_times(shop):
    shop.scans_milk(9)
    for left in (8, 7, 6, 5, 4):
        shop.does(SetQuantity(1, left))
    assert shop.screen.count == 4
    assert shop.hints == []
    shop.does(SetQuantity(1, 3))
    assert (shop.screen.count, shop.asked) == (4, ["removal-1"])


def test_nothing_is_asked_of_staff_once_a_part_is_paid(shop):
    shop.scans(MILK)
    visit = shop.counter.visit
    shop.counter.set(replace(visit, basket=visit.basket.add(WINE), parts=()))
    assert shop.asked == ["age"]
