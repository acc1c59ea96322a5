from __future__ import annotations

import pytest

from kiosk.domain.payment import Method, State
from kiosk.messages import (
    Back,
    ChooseTender,
    Leave,
    PaidPart,
    Pay,
    PayPart,
    Screen,
    SetLanguage,
    SetQuantity,
    Split,
)

TOTAL = 3 * 690


def to_tender(shop):
    shop.scans_milk(3)
    shop.does(Pay())
    assert shop.screen.due_fen == TOTAL


def pays_part(shop, fen):
    shop.does(Split(), PayPart(fen), ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)


def test_a_basket_is_paid_in_parts_and_its_slip_comes_with_the_last(shop):
    to_tender(shop)
    pays_part(shop, 500)
    assert shop.screen.screen is Screen.TENDER
    assert (shop.screen.due_fen, shop.screen.asked_fen) == (TOTAL - 500, TOTAL - 500)
    assert shop.screen.paid == (PaidPart("code", 500),)
    assert not shop.screen.may_go_back
    assert shop.slips.printed == []
    shop.does(ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    first, last = shop.payments
    assert shop.screen.screen is Screen.DONE
    assert shop.screen.paid == (PaidPart("code", 500), PaidPart("code", TOTAL - 500))
    assert shop.slips.printed == [last.out_trade_no]
    assert {first.state, last.state} == {State.PAID}
    assert shop.held() == TOTAL
    basket = shop.ledger.basket_of(last.out_trade_no)
    assert basket["paid"] == [{"out_trade_no": first.out_trade_no, "fen": 500}]


def test_a_part_is_at_least_a_fen_and_leaves_at_least_one(shop):
    to_tender(shop)
    for fen in (0, -1, TOTAL, TOTAL + 1):
        shop.does(Split(), PayPart(fen))
        assert shop.screen.screen is Screen.PART
        assert shop.hints[-1] == "hint.part_refused"
        shop.does(Back())
    shop.does(Split(), PayPart(TOTAL - 1))
    assert (shop.screen.asked_fen, shop.screen.may_split) == (TOTAL - 1, False)
    shop.does(Back())
    assert (shop.screen.screen, shop.screen.asked_fen) == (Screen.TENDER, TOTAL)
    shop.does(Back())
    assert shop.screen.screen is Screen.BASKET


def test_a_basket_of_which_a_part_is_paid_does_not_change(shop):
    to_tender(shop)
    pays_part(shop, 500)
    shop.does(Back(), SetQuantity(1, 1))
    shop.scans_milk()
    assert shop.screen.screen is Screen.TENDER
    assert shop.screen.total_fen == TOTAL


def test_a_declined_part_leaves_the_parts_before_it_as_they_are(shop):
    to_tender(shop)
    pays_part(shop, 500)
    shop.paying.way = "declined"
    pays_part(shop, 600)
    assert shop.screen.screen is Screen.TROUBLE
    shop.paying.way = "now"
    shop.does(Back())
    assert shop.screen.due_fen == TOTAL - 500
    assert shop.screen.paid == (PaidPart("code", 500),)
    assert shop.held() == 500


def test_whoever_leaves_gets_his_parts_back(shop):
    to_tender(shop)
    pays_part(shop, 500)
    pays_part(shop, 700)
    assert shop.held() == 1200
    shop.does(Leave())
    assert shop.screen.screen is Screen.TROUBLE
    assert (shop.screen.said.key, shop.screen.detail.args["amount"]) == ("say.abandoned", "12.00")
    assert not shop.screen.may_go_back
    assert shop.screen.reference == shop.payments[-1].out_trade_no
    assert (shop.screen.due_fen, shop.screen.lines) == (0, ())
    shop.passes(3)
    assert shop.held() == 0
    shop.passes(60)
    assert shop.screen.screen is Screen.ATTRACT
    assert [each.amount.fen for each in shop.ledger.refunds_of(shop.payments[0].out_trade_no)] == [
        500
    ]


def test_whoever_walks_away_gets_his_parts_back(shop):
    to_tender(shop)
    pays_part(shop, 500)
    shop.passes(70)
    assert shop.screen.still_there
    shop.passes(60)
    assert shop.screen.screen is Screen.ATTRACT
    assert shop.held() == 0


def test_a_part_whose_outcome_was_open_goes_back_when_nobody_is_there_any_more(shop):
    to_tender(shop)
    pays_part(shop, 500)
    shop.paying.line["pay"].append("lost")
    shop.paying.line["query"].extend(["dropped"] * 12)
    pays_part(shop, 600)
    assert shop.screen.screen is Screen.WAITING
    shop.does(Leave())
    assert shop.screen.screen is Screen.WAITING, "nobody leaves an open outcome"
    shop.passes(300)
    assert shop.screen.screen is Screen.ATTRACT
    assert all(each.final for each in shop.payments)
    assert shop.held() == 0


@pytest.mark.parametrize("minutes", [1, 11])
def test_after_a_crash_a_half_paid_visit_goes_on_or_its_parts_go_back(shop, minutes):
    to_tender(shop)
    pays_part(shop, 500)
    shop.time.seconds += minutes * 60
    shop.restart()
    if minutes > 10:
        shop.passes(40)
        assert shop.screen.screen is Screen.ATTRACT
        assert shop.held() == 0
        return
    assert (shop.screen.screen, shop.screen.due_fen) == (Screen.TENDER, TOTAL - 500)
    shop.does(ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    assert shop.screen.screen is Screen.DONE
    assert shop.held() == TOTAL


def test_after_a_crash_the_visit_goes_on_in_its_own_language(shop):
    to_tender(shop)
    shop.does(SetLanguage("en"))
    pays_part(shop, 500)
    shop.restart()
    assert (shop.screen.screen, shop.screen.language) == (Screen.TENDER, "en")


def test_a_crash_in_the_last_part_shows_it_as_being_checked_and_keeps_the_parts(shop):
    to_tender(shop)
    pays_part(shop, 500)
    shop.paying.line["pay"].append("lost")
    shop.does(ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    shop.restart()
    assert shop.screen.screen is Screen.WAITING
    assert shop.screen.paid == (PaidPart("code", 500),)
    shop.passes(6)
    assert shop.screen.screen is Screen.DONE
    assert shop.slips.printed == [shop.payments[-1].out_trade_no]
    assert shop.held() == TOTAL


def test_parts_are_paid_in_different_ways(shop):
    to_tender(shop)
    shop.does(Split(), PayPart(70), ChooseTender("qr"))
    shop.passes()
    shop.scanned.scan(shop.payments[-1].out_trade_no)
    shop.passes(3)
    assert shop.screen.paid == (PaidPart("qr", 70),)
    shop.does(ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    assert [each.method for each in shop.payments] == [Method.QR, Method.CODE]
    assert shop.screen.screen is Screen.DONE


def test_no_more_than_six_payments_make_a_basket(shop):
    to_tender(shop)
    for _ in range(5):
        pays_part(shop, 10)
    assert not shop.screen.may_split
    shop.does(Split())
    assert shop.screen.screen is Screen.TENDER
