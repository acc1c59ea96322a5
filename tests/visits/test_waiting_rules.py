"""How long the kiosk waits: it asks first, counts down, and never ends what is not known.

Every screen of a visit is in one of the tables here, so that none is without a rule.
"""

from __future__ import annotations

import pytest

from kiosk.channels.channel import OutcomeUnknown
from kiosk.domain.payment import State
from kiosk.messages import (
    Back,
    CallAttendant,
    ChooseTender,
    Leave,
    Pay,
    Screen,
    SetLanguage,
    Split,
    StillThere,
)
from kiosk.visit import UNHURRIED
from tests.visits.test_cash import CashShop

IDLE, ANSWER = 60.0, 20.0


@pytest.fixture
def shop(tmp_path):
    opened = CashShop(tmp_path)
    yield opened
    opened.ledger.close()


def reaches(shop, screen):
    """A basket of three, on this screen."""
    shop.scans_milk(3)
    ways = {
        Screen.BASKET: (),
        Screen.TENDER: (Pay(),),
        Screen.PART: (Pay(), Split()),
        Screen.CODE: (Pay(), ChooseTender("code")),
    }
    shop.does(*ways[screen])
    assert shop.screen.screen is screen


UNHURRIED_HERE = (Screen.BASKET, Screen.TENDER, Screen.PART, Screen.CODE)


def test_every_screen_on_which_nobody_is_hurried_asks_before_it_ends():
    elsewhere = {Screen.PICK, Screen.HELD, Screen.NOTICE, Screen.CARD}  # have tests of their own
    restaurant = {Screen.SERVICE, Screen.TABLE, Screen.MENU}
    assert set(UNHURRIED_HERE) | elsewhere <= UNHURRIED
    assert set(UNHURRIED_HERE) | elsewhere | restaurant >= UNHURRIED


@pytest.mark.parametrize("screen", UNHURRIED_HERE, ids=lambda each: each.value)
def test_a_basket_is_never_cleared_without_a_question_and_a_countdown(shop, screen):
    reaches(shop, screen)
    shop.passes(IDLE - 1)
    assert not shop.screen.still_there
    shop.passes(1)
    assert shop.screen.still_there
    assert shop.screen.seconds_left == pytest.approx(ANSWER, abs=0.5)
    assert (shop.screen.screen, shop.screen.count) == (screen, 3)
    shop.passes(ANSWER - 1)
    assert (shop.screen.screen, shop.screen.count) == (screen, 3)
    shop.passes(2)
    assert shop.screen.screen is Screen.ATTRACT


@pytest.mark.parametrize("screen", UNHURRIED_HERE, ids=lambda each: each.value)
def test_whoever_says_that_he_is_there_has_all_the_time_again_as_often_as_he_says_so(shop, screen):
    reaches(shop, screen)
    for _ in range(12):
        shop.passes(IDLE + 1)
        assert shop.screen.still_there
        shop.passes(ANSWER - 2)
        shop.does(StillThere())
        assert not shop.screen.still_there
        assert shop.screen.seconds_left is None
        assert (shop.screen.screen, shop.screen.count) == (screen, 3)


@pytest.mark.parametrize(
    "touch",
    [SetLanguage("en"), CallAttendant(), StillThere()],
    ids=lambda each: type(each).__name__,
)
def test_any_touch_is_an_answer(shop, touch):
    reaches(shop, Screen.TENDER)
    shop.passes(IDLE + 1)
    shop.does(touch)
    assert not shop.screen.still_there
    shop.passes(IDLE - 2)
    assert (shop.screen.screen, shop.screen.still_there) == (Screen.TENDER, False)


def test_a_scan_is_an_answer_as_well(shop):
    reaches(shop, Screen.BASKET)
    shop.passes(IDLE + 1)
    shop.scans_milk()
    assert (shop.screen.still_there, shop.screen.count) == (False, 4)


# --- while an outcome is not known ---------------------------------------------------------------


def test_nobody_is_asked_whether_he_is_there_while_his_money_is_being_asked_for(shop):
    reaches(shop, Screen.CODE)
    shop.paying.line["pay"].append("lost")
    shop.paying.line["query"].extend(["dropped"] * 30)
    shop.paying.line["reverse"].extend(["dropped"] * 6)
    shop.scans_code()
    patience = round(shop.paying.policy.give_up_after + shop.paying.policy.reverse_not_before)
    for _ in range(patience - 1):
        shop.passes(1)
        assert (shop.screen.screen, shop.screen.still_there) == (Screen.WAITING, False)
        shop.does(Back(), Leave())
    shop.passes(2)
    assert shop.screen.screen is Screen.TROUBLE
    assert shop.screen.detail.key == "money.being_checked"
    assert not shop.payments[-1].final  # and it is settled though he leaves
    shop.passes(180)
    assert shop.screen.screen is Screen.ATTRACT
    assert shop.payments[-1].final


def test_a_visit_whose_outcome_is_not_known_is_left_by_nobody_and_by_no_clock(shop):
    shop.scans_milk(3)
    shop.does(Pay(), ChooseTender("qr"))
    shop.passes(1)
    payment = shop.payments[-1]
    shop.scanned.query = _silent
    shop.passes(IDLE + ANSWER + 10)
    assert shop.screen.screen is Screen.QR
    assert not shop.screen.still_there
    shop.does(Leave())
    assert shop.screen.screen is Screen.QR
    assert not shop.ledger.payment(payment.out_trade_no).final


def _silent(_order):
    raise OutcomeUnknown("the line is cut")


def test_cash_waits_for_the_staff_and_for_no_clock(shop):
    shop.goes_to_pay_cash()
    shop.passes(10 * (IDLE + ANSWER))
    assert (shop.screen.screen, shop.screen.still_there) == (Screen.CASH, False)
    assert shop.payments[-1].state is State.PAYING


def test_after_cash_the_tender_has_all_the_time_again(shop):
    shop.goes_to_pay_cash()
    shop.passes(10 * IDLE)
    shop.does(Back())
    shop.passes(IDLE - 1)
    assert (shop.screen.screen, shop.screen.still_there) == (Screen.TENDER, False)


def test_while_staff_are_at_the_screen_no_time_passes_for_the_visit(shop):
    reaches(shop, Screen.TENDER)
    shop.passes(IDLE - 1)
    shop.staff_come()
    shop.passes(30)
    assert shop.screen.screen is Screen.STAFF
    shop.passes(40)  # nobody touches it: the staff's screen closes by itself
    assert shop.screen.screen is Screen.TENDER
    assert (shop.screen.still_there, shop.screen.count) == (False, 3)


# --- the end -------------------------------------------------------------------------------------


def test_paid_goes_by_itself_after_eight_seconds_and_not_before(shop):
    reaches(shop, Screen.CODE)
    shop.scans_code()
    shop.passes(0.5)
    assert shop.screen.screen is Screen.DONE
    shop.passes(7)
    assert shop.screen.screen is Screen.DONE
    shop.passes(1)
    assert shop.screen.screen is Screen.ATTRACT


def test_a_language_belongs_to_the_visit_that_chose_it(shop):
    reaches(shop, Screen.BASKET)
    shop.does(SetLanguage("en"))
    shop.passes(IDLE + ANSWER + 1)
    assert (shop.screen.screen, shop.screen.language) == (Screen.ATTRACT, "zh")
    shop.scans_milk()
    assert shop.screen.language == "zh"


def test_the_language_that_was_chosen_before_the_first_scan_is_the_visits(shop):
    shop.does(SetLanguage("en"))
    shop.scans_milk()
    assert (shop.screen.screen, shop.screen.language) == (Screen.BASKET, "en")
    shop.does(Leave())
    assert shop.screen.language == "zh"


def test_the_next_shopper_who_scans_at_paid_begins_in_the_shops_language(shop):
    reaches(shop, Screen.CODE)
    shop.does(SetLanguage("en"))
    shop.scans_code()
    shop.passes(0.5)
    assert (shop.screen.screen, shop.screen.language) == (Screen.DONE, "en")
    shop.scans_milk()
    assert (shop.screen.screen, shop.screen.language) == (Screen.BASKET, "zh")
