from __future__ import annotations

import pytest

from kiosk.channels.channel import NotSent, OutcomeUnknown, PaymentTold
from kiosk.domain.payment import Approved, State
from kiosk.messages import Back, ChooseTender, Leave, Pay, Screen
from tests.visits.conftest import QR_LIFE


@pytest.fixture
def number(shop):
    """The number of a payment whose QR is on the screen."""
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("qr"))
    assert (shop.screen.screen, shop.screen.qr, shop.screen.may_go_back) == (Screen.QR, "", False)
    shop.passes()
    return shop.payments[-1].out_trade_no


def test_a_qr_is_shown_scanned_and_paid(shop, number):
    assert shop.screen.qr.endswith(number)
    assert shop.screen.seconds_left == QR_LIFE
    shop.scanned.scan(number)
    shop.passes(2.5)
    assert shop.screen.screen is Screen.DONE
    assert shop.slips.printed == [number]


def test_another_way_closes_the_order_before_anything_else_is_offered(shop, number):
    shop.does(Back())
    shop.passes()
    assert shop.screen.screen is Screen.TENDER
    assert shop.scanned.orders[number][0] == "CLOSED"
    assert shop.ledger.payment(number).state is State.REVERSED
    shop.scanned.scan(number)
    assert shop.held() == 0


def test_whoever_paid_a_moment_before_another_way_gets_his_goods(shop, number):
    shop.scanned.scan(number)
    shop.does(Back())
    shop.passes()
    assert shop.screen.screen is Screen.DONE
    assert shop.ledger.payment(number).state is State.PAID


def test_a_qr_that_nobody_scans_is_over_after_its_time(shop, number):
    shop.does(Leave())
    assert shop.screen.screen is Screen.QR, "an order that can be paid is not left"
    shop.passes(QR_LIFE + 1)
    assert shop.screen.screen is Screen.WAITING
    shop.passes(12)
    assert (shop.screen.screen, shop.screen.said.key) == (Screen.TROUBLE, "say.qr_expired")
    assert shop.screen.may_go_back
    assert shop.scanned.orders[number][0] == "CLOSED"


def test_whoever_pays_in_the_last_second_gets_his_goods(shop, number):
    shop.passes(QR_LIFE - 0.5)
    shop.scanned.scan(number)
    shop.passes(8)
    assert shop.screen.screen is Screen.DONE


def test_an_order_that_never_left_is_no_payment(shop):
    shop.scanned.answer = NotSent("no route")
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("qr"))
    shop.passes()
    assert (shop.screen.screen, shop.screen.said.key) == (
        Screen.TROUBLE,
        "say.channel_unavailable",
    )
    assert shop.payments[-1].state is State.CANCELLED


def test_an_order_that_may_have_been_made_and_cannot_be_shown_is_closed(shop):
    shop.scanned.answer = OutcomeUnknown("time-out")
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("qr"))
    shop.passes(5)
    assert shop.payments[-1].state is State.REVERSED
    assert shop.screen.screen is Screen.TROUBLE
    assert shop.screen.may_go_back


def test_after_a_crash_a_shown_order_is_found_paid(shop, number):
    shop.restart()
    assert shop.screen.screen is Screen.WAITING
    shop.scanned.scan(number)
    shop.passes(3)
    assert shop.screen.screen is Screen.DONE


def test_after_a_crash_an_order_that_nobody_paid_can_be_given_up(shop, number):
    shop.restart()
    shop.passes(1)
    assert shop.screen.said.key == "say.last_payment", "nothing of it may be on a phone"
    assert shop.screen.may_go_back
    shop.does(Back())
    shop.passes(3)
    assert shop.screen.screen is Screen.TENDER
    assert shop.ledger.payment(number).state is State.REVERSED


def test_a_notice_only_makes_it_faster(shop, number):
    told = PaymentTold(number, Approved(f"T{number}", 690))
    shop.core.jobs.told(told)
    shop.passes()
    assert shop.screen.screen is Screen.QR, "what the channel does not confirm is not paid"
    shop.scanned.scan(number)
    for _ in range(3):
        shop.core.jobs.told(told)
        shop.passes()
    assert shop.screen.screen is Screen.DONE
    assert shop.slips.printed == [number]


def test_a_notice_after_another_end_is_written_and_given_back(shop, number):
    shop.does(Back())
    shop.passes()
    shop.core.jobs.told(PaymentTold(number, Approved("T9", 690)))
    shop.core.jobs.told(PaymentTold("0001another", Approved("T8", 1)))
    shop.passes()
    assert [(due.out_trade_no, due.fen) for due in shop.ledger.refunds_due()] == [(number, 690)]
    assert shop.ledger.payment("0001another") is None
