"""The stories of paying, each through the real window, the real processes and the sandbox."""

from __future__ import annotations

import sqlite3

import pytest
from shopper import APPLES, EGGS, JUICE, SUGAR, eventually

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]


def script(shop, name, api="micropay", count=1):
    shop.sandbox("POST", "/sandbox/scripts", {"script": name, "api": api, "count": count})


def states(shop):
    """What the ledger on the disk says, read without any of the product's code."""
    found = {}
    for path in sorted((shop.folder / "state" / "ledger").glob("ledger-*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            found.update(db.execute("SELECT out_trade_no, state FROM payment").fetchall())
    return found


def held(shop):
    return shop.sandbox("GET", "/sandbox/audit")["money_held"]


def last_state(shop):
    return list(states(shop).values())[-1]


def calls(shop, api):
    return [one for one in shop.sandbox("GET", "/sandbox/audit")["calls"] if one["api"] == api]


def test_three_goods_and_a_weighed_one_are_paid_by_face_and_a_slip_comes_out(shop, shopper):
    before = held(shop)
    shopper.touches("start")
    shopper.sees("BASKET")
    shopper.scans(SUGAR, EGGS, JUICE, APPLES)
    shopper.touches("pay")
    shopper.sees("TENDER")
    shopper.chooses_face()
    assert shopper.sees("DONE", timeout=30).said == "say.paid"
    assert held(shop) - before == 690 + 1380 + 1280 + 1476
    assert last_state(shop) == "PAID"
    eventually(lambda: len(list(shop.slips.glob("*.bin"))) > 0, "a slip")
    slip = max(shop.slips.glob("*.bin")).read_bytes()
    assert "红富士苹果".encode("gb18030") in slip
    assert list(states(shop))[-1].encode() in slip
    shopper.sees("ATTRACT")


def test_a_scanned_payment_code_pays_and_the_wallet_hears_that_no_face_did(shop, shopper):
    before = held(shop)
    shopper.goes_to_pay()
    shopper.shows_a_code()
    assert shopper.sees("DONE").said == "say.paid"
    assert held(shop) - before == 690
    number = list(states(shop))[-1]
    eventually(lambda: calls(shop, "report")[-1:], "a report")
    eventually(lambda: not shop.sandbox("GET", "/sandbox/audit")["unreported_orders"], "the last")
    assert [one["out_trade_no"] for one in calls(shop, "report")].count(number) == 1


def test_help_language_and_scans_are_served_while_a_query_hangs_and_nothing_is_cancelled(
    shop, shopper
):
    shopper.goes_to_pay()
    script(shop, "drop-answer")
    script(shop, "delay 4", api="orderquery", count=3)  # longer than the kiosk waits for each
    shopper.shows_a_code()
    shopper.is_told("say.checking")
    shopper.touches("help")
    shopper.touches("sheet.accept")
    shopper.finger.wait_until(lambda seen: seen.hint == "hint.attendant_called", "help", 2)
    language = shopper.sees("WAITING").language
    other = "en" if language == "zh" else "zh"
    shopper.touches(f"language.{other}")
    shopper.finger.wait_until(lambda seen: seen.language == other, other, 2)
    shop.scan(EGGS)
    seen = shopper.sees("WAITING")
    assert not any(map(seen.can_touch, ("other_way", "back", "leave", "finish")))
    assert last_state(shop) in ("UNKNOWN", "REVERSING")
    shopper.sees("DONE", "TROUBLE", timeout=40)  # paid or undone, as the time that was left allows


def test_a_declined_payment_takes_nothing_and_another_way_is_offered(shop, shopper):
    before = held(shop)
    script(shop, "decline NOTENOUGH")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    seen = shopper.sees("TROUBLE")
    assert (seen.said, seen.detail) == ("say.declined.balance", "money.none_taken")
    assert held(shop) == before
    shopper.touches("back")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    assert shopper.sees("DONE").said == "say.paid"
    assert held(shop) - before == 690


def test_a_shopper_who_confirms_on_the_phone_has_paid(shop, shopper):
    script(shop, "userpaying phone")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.is_told("say.confirm_on_phone")
    number = list(states(shop))[-1]
    shop.sandbox("POST", f"/sandbox/orders/{number}/confirm", {})
    assert shopper.sees("DONE").said == "say.paid"


def test_a_wait_for_the_phone_may_be_cancelled_and_nothing_is_taken(shop, shopper):
    before = held(shop)
    script(shop, "userpaying phone")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.is_told("say.confirm_on_phone")
    shopper.touches("other_way")
    assert shopper.sees("TROUBLE").said == "say.reversed"
    assert held(shop) == before
    assert last_state(shop) == "REVERSED"


def test_a_lost_answer_is_queried_and_found_paid(shop, shopper):
    before = held(shop)
    script(shop, "drop-answer")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    shopper.is_told("say.checking")
    assert shopper.sees("DONE").said == "say.paid"
    assert held(shop) - before == 690


def test_a_lost_request_is_reversed_and_the_shopper_pays_once(shop, shopper):
    before = held(shop)
    script(shop, "drop-request")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    assert not shopper.is_told("say.checking").can_touch("other_way")
    assert shopper.sees("TROUBLE", timeout=30).said == "say.reversed"
    assert last_state(shop) == "REVERSED"
    shopper.touches("back")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    shopper.sees("DONE")
    assert held(shop) - before == 690
    assert shop.sandbox("GET", "/sandbox/audit")["clean"]


def test_an_unknown_face_is_told_so_and_another_way_is_one_touch_away(shop, shopper):
    faces = shop.sandbox("GET", "/sandbox/faces")
    shop.sandbox("DELETE", "/sandbox/faces")
    assert faces["faces"]
    try:
        shopper.goes_to_pay()
        shopper.chooses_face()
        seen = shopper.sees("TROUBLE", timeout=30)
        assert (seen.said, seen.detail) == ("say.not_recognised", "money.none_taken")
        assert last_state(shop) == "CANCELLED"
        shopper.touches("back")
        shopper.sees("TENDER")
        shopper.shows_a_code()
        shopper.sees("DONE")
    finally:
        shop.enrol()


def test_every_step_before_the_payment_can_be_left(shop, shopper):
    shopper.goes_to_pay()
    shopper.touches("tender.code")
    shopper.sees("CODE")
    shopper.touches("other_way")
    shopper.sees("TENDER")
    shopper.touches("tender.face")
    shopper.sees("NOTICE")
    shopper.touches("other_way")
    shopper.sees("TENDER")
    shop.scene("empty")
    shopper.chooses_face()
    shopper.sees("FACE")
    shopper.touches("other_way")
    shopper.sees("TENDER")
    assert last_state(shop) == "CANCELLED"
    shopper.touches("back")
    shopper.sees("BASKET")
    shopper.touches("leave")
    shopper.touches("sheet.accept")
    shopper.sees("ATTRACT")


def test_attack_presentations_never_reach_the_channel_and_lock_the_face_for_a_time(shop, shopper):
    before = len(calls(shop, "authinfo"))
    for instrument in ("screen", "tablet"):
        shop.scene(instrument)
        shopper.goes_to_pay()
        shopper.chooses_face()
        seen = shopper.sees("TROUBLE", timeout=40)
        assert (seen.said, seen.detail) == ("say.face_ended", "money.none_taken")
        assert len(calls(shop, "authinfo")) == before
        shopper.touches("back")
        assert shopper.sees("TENDER").can_touch("tender.code")
        shopper.comes_to_an_idle_kiosk()
    shopper.goes_to_pay()
    assert not shopper.sees("TENDER").can_touch("tender.face")
