"""`kill -9` of any process at any moment: the payment is brought to its end, once."""

from __future__ import annotations

import json

import pytest
from ledger_on_disk import entries, last_state, states
from shopper import eventually

pytestmark = [pytest.mark.display, pytest.mark.timeout(150)]


def script(shop, name, api="micropay", count=1):
    shop.sandbox("POST", "/sandbox/scripts", {"script": name, "api": api, "count": count})


def held(shop):
    return shop.sandbox("GET", "/sandbox/audit")["money_held"]


def called(shop, api):
    calls = shop.sandbox("GET", "/sandbox/audit")["calls"]
    return sum(1 for one in calls if one["api"] == api)


def restart(shop, name):
    shop.kill(name)
    shop.start(name)


def test_a_core_killed_while_the_pay_call_is_out_finds_the_payment_paid(shop, shopper):
    before = held(shop)
    script(shop, "delay 2")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.is_told("say.confirming")
    eventually(lambda: held(shop) > before, "the money to be taken")
    restart(shop, "core")
    assert shopper.sees("DONE").said == "say.paid"
    assert last_state(shop) == "PAID"
    assert held(shop) - before == 690


def test_a_core_killed_when_the_request_was_lost_reverses(shop, shopper):
    before = held(shop)
    script(shop, "drop-request")
    script(shop, "not-found 3", api="orderquery")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.is_told("say.checking")
    restart(shop, "core")
    shopper.is_told("say.last_payment")
    eventually(lambda: last_state(shop) == "REVERSED", "the reversal", timeout=40)
    assert held(shop) == before


def test_a_core_killed_before_anything_was_sent_cancels(shop, shopper):
    before, pays = held(shop), called(shop, "micropay")
    shop.scene("empty")
    shopper.goes_to_pay()
    shopper.chooses_face()
    shopper.sees("FACE")
    restart(shop, "core")
    shopper.sees("BASKET")
    assert last_state(shop) == "CANCELLED"
    assert (held(shop), called(shop, "micropay")) == (before, pays)


def test_a_core_killed_among_the_goods_keeps_the_basket(shop, shopper):
    shopper.fills_a_basket()
    shop.kill("core")
    assert shopper.sees("OUT_OF_ORDER").said == "out.core"
    shop.start("core")
    shopper.sees("BASKET")
    before = held(shop)
    shopper.touches("pay")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    shopper.sees("DONE")
    assert held(shop) - before == 690


def test_a_core_killed_after_the_payment_does_not_offer_the_paid_basket_again(shop, shopper):
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.sees("DONE")
    eventually(lambda: entries(shop, "delivery_ended"), "the slip")
    shop.kill("core")
    shopper.sees("OUT_OF_ORDER")
    shop.start("core")
    shopper.sees("ATTRACT")


def test_a_core_killed_before_the_slip_prints_it_once_after_the_restart(shop, shopper):
    shop.printer("cover open")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.sees("DONE")
    slips = len(list(shop.slips.glob("*.bin")))
    restart(shop, "core")
    shop.printer("cover close")
    shopper.comes_to_an_idle_kiosk()
    ends = [json.loads(body)["result"] for body in entries(shop, "delivery_ended")]
    assert len(list(shop.slips.glob("*.bin"))) - slips <= 1
    assert len(ends) == len([state for state in states(shop).values() if state == "PAID"])


def test_a_screen_killed_in_the_middle_comes_back_where_the_shopper_was(shop, shopper):
    shopper.goes_to_pay()
    restart(shop, "ui")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    assert shopper.sees("DONE").said == "say.paid"


def test_a_screen_killed_while_the_outcome_is_unknown_does_not_touch_the_payment(shop, shopper):
    before = held(shop)
    script(shop, "drop-answer")
    script(shop, "not-found 2", api="orderquery")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.is_told("say.checking")
    restart(shop, "ui")
    assert shopper.sees("DONE").said == "say.paid"
    assert held(shop) - before == 690


def test_faces_killed_in_a_capture_cancels_the_attempt_and_offers_another_way(shop, shopper):
    shop.scene("empty")
    shopper.goes_to_pay()
    shopper.chooses_face()
    shopper.sees("FACE")
    restart(shop, "faces")
    seen = shopper.sees("TROUBLE")
    assert (seen.said, seen.detail) == ("say.face_unavailable", "money.none_taken")
    assert last_state(shop) == "CANCELLED"
    shop.scene("picture")
    shopper.touches("back")
    shopper.sees("TENDER")
    shopper.chooses_face()
    assert shopper.sees("DONE", timeout=30).said == "say.paid"
