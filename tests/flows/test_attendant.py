"""What the staff do at the kiosk, through the real window: in by PIN, look, give back, print again.

The channel is asked only once a minute here, so that an unclear payment waits for the staff.
"""

from __future__ import annotations

import json
import time

import pytest
from ledger_on_disk import entries, everything, last_number, last_state
from shopper import EGGS, QUICK, Staff, eventually

from kiosk.demo.settings import STAFF_PIN, Play
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]

COPY = "副本 COPY".encode("gb18030")


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    patient = {"query_after": 60.0, "query_every": 60.0, "give_up_after": 300.0}
    settings = {
        **QUICK,
        "visit": {"done": 0.5, "trouble": 20.0},
        "channels.wechatpay": patient,
        "staff": {"refund_limit_fen": 1000},
    }
    play = Play(display, speed=10.0, enrolled=False, settings=settings)
    with Stage(tmp_path_factory.mktemp("shop"), play) as stage:
        yield stage


@pytest.fixture
def staff(shop) -> Staff:
    shop.start("core")
    shop.sandbox("DELETE", "/sandbox/scripts")
    person = Staff(shop)
    person.goes()
    person.comes_to_an_idle_kiosk()
    return person


def events(shop):
    """What happened to refunds, oldest first."""
    return [json.loads(body)["event"] for body in entries(shop, "refund")]


def held(shop):
    return shop.sandbox("GET", "/sandbox/audit")["money_held"]


def sell(staff, shop):
    """A visit, paid by code; its number."""
    staff.goes_to_pay()
    staff.shows_a_code()
    staff.sees("DONE")
    slips = len(list(shop.slips.glob("*.bin")))
    staff.sees("ATTRACT")
    assert slips
    return last_number(shop)


def crashes(shop, staff):
    """The core dies at an idle kiosk, and comes back."""
    staff.sees("ATTRACT")
    shop.kill("core")
    staff.sees("OUT_OF_ORDER")
    shop.start("core")
    staff.sees("ATTRACT")


def test_a_slip_is_scanned_and_printed_again_and_its_money_goes_back(shop, staff):
    before = held(shop)
    number = sell(staff, shop)
    slips = set(shop.slips.glob("*.bin"))
    staff.comes_in()
    shop.scan(number)
    seen = staff.is_told("staff.money.taken")
    assert seen.detail == "staff.state.paid"
    staff.touches("staff.copy")
    staff.gets_the_hint("staff.copy_printed")
    (copy,) = set(shop.slips.glob("*.bin")) - slips
    assert COPY in copy.read_bytes()
    assert number.encode() in copy.read_bytes()
    assert f"{number}/copy-1" in everything(shop)
    staff.touches("staff.refund_all")
    staff.touches("sheet.accept")
    staff.sees_the_refund("refund.done")
    seen = staff.is_told("staff.money.given_back")
    assert not seen.can_touch("staff.refund_all")
    assert held(shop) == before
    assert shop.sandbox("GET", "/sandbox/audit")["clean"]
    staff.goes()
    staff.sees("ATTRACT")


def test_a_part_goes_back_and_never_more_than_is_left(shop, staff):
    before = held(shop)
    number = sell(staff, shop)
    staff.comes_in()
    staff.opens_the_list()
    staff.touches("staff.type")
    staff.types(number[-8:])
    staff.is_told("staff.money.taken")
    for digits, happened in (("200", staff.sees_the_refund), ("491", None)):
        staff.touches("staff.refund_part")
        staff.types(digits)
        staff.touches("sheet.accept")
        if happened is not None:
            happened("refund.done")
    staff.gets_the_hint("refund.too_much")
    assert held(shop) - before == 490
    staff.goes()


def test_the_staff_have_an_unclear_payment_queried_and_the_visit_below_goes_on(shop, staff):
    before = held(shop)
    shop.sandbox("POST", "/sandbox/scripts", {"script": "drop-answer", "api": "micropay"})
    staff.goes_to_pay()
    staff.shows_a_code()
    staff.is_told("say.checking")
    staff.touches("help")
    staff.touches("sheet.extra")
    staff.is_told("staff.pin")
    staff.types(STAFF_PIN)
    staff.is_told("staff.scan")
    staff.opens_the_list()
    staff.touches("payment.0")
    seen = staff.is_told("staff.money.checking")
    assert not seen.can_touch("staff.refund_all")
    staff.touches("staff.again")
    staff.is_told("staff.money.taken")
    assert last_state(shop) == "PAID"
    staff.goes()
    assert staff.sees("DONE").said == "say.paid"
    assert held(shop) - before == 690
    staff.sees("ATTRACT")


def test_a_basket_is_kept_while_the_staff_are_there_and_nothing_is_put_into_it(shop, staff):
    staff.fills_a_basket()
    staff.touches("help")
    staff.touches("sheet.extra")
    staff.is_told("staff.pin")
    shop.scan(EGGS)
    staff.types(STAFF_PIN)
    staff.is_told("staff.scan")
    shop.scan(EGGS)
    staff.gets_the_hint("staff.not_found")
    staff.goes()
    seen = staff.sees("BASKET")
    assert "line.1.less" in seen.widgets
    assert "line.2.less" not in seen.widgets


def test_a_basket_is_parked_another_goes_first_and_it_is_resumed_from_its_slip(shop, staff):
    staff.fills_a_basket()
    slips = set(shop.slips.glob("*.bin"))
    staff.touches("help")
    staff.touches("sheet.extra")
    staff.is_told("staff.pin")
    staff.types(STAFF_PIN)
    staff.is_told("staff.scan")
    staff.touches("staff.park")
    staff.gets_the_hint("staff.printed")
    (slip,) = set(shop.slips.glob("*.bin")) - slips
    number = json.loads(entries(shop, "staff")[-1])
    assert number["did"] == "parked"
    (waiting,) = json.loads((shop.folder / "state" / "parked.json").read_text())["baskets"]
    assert waiting["number"][-4:].encode() in slip.read_bytes()
    staff.goes()
    staff.sees("ATTRACT")
    sell(staff, shop)
    crashes(shop, staff)
    staff.comes_in()
    staff.touches("staff.parked")
    staff.is_told("staff.park.scan")
    shop.scan(waiting["number"])
    assert "line.1.less" in staff.sees("BASKET").widgets
    staff.touches("pay")
    staff.sees("TENDER")
    staff.shows_a_code()
    staff.sees("DONE")
    staff.sees("ATTRACT")


def test_a_day_is_closed_once_and_its_report_says_what_was_sold(shop, staff):
    sell(staff, shop)
    slips = set(shop.slips.glob("*.bin"))
    staff.comes_in()
    staff.touches("staff.report")
    staff.is_told("staff.report.said")
    staff.finger.wait_until(lambda seen: seen.can_touch("report.close"), "the X")
    staff.touches("report.close")
    staff.touches("sheet.accept")
    staff.gets_the_hint("staff.printed")
    (z,) = map(json.loads, entries(shop, "z"))
    assert z["number"] == 1
    paid = [json.loads(body)["payment"]["fen"] for body in entries(shop, "payment_opened")]
    assert 0 < z["sums"]["sale"][1] <= sum(paid)
    assert not staff.sees("STAFF").can_touch("report.close")
    (report,) = set(shop.slips.glob("*.bin")) - slips
    assert "Z 报表（日结）".encode("gb18030") in report.read_bytes()
    staff.goes()
    crashes(shop, staff)
    staff.comes_in()
    staff.touches("staff.report")
    staff.finger.wait_until(lambda seen: seen.can_touch("report.close"), "the next X")
    staff.touches("report.last")
    staff.finger.wait_until(lambda seen: not seen.can_touch("report.close"), "the last Z")
    staff.goes()


def test_five_wrong_pins_close_the_door_and_none_of_them_is_written(shop, staff):
    staff.touches("staff")
    staff.is_told("staff.pin")
    log = shop.folder / "logs" / "core.log"
    for tries in range(1, 6):
        staff.types("135790")
        eventually(
            lambda n=tries: log.read_text("utf-8").count("wrong staff pin or card") == n, "a no"
        )
        time.sleep(0.3)  # the screen takes digits again
    staff.is_told("staff.locked")
    assert not staff.sees("STAFF").can_touch("pad.done")
    staff.touches("pad.back")
    staff.sees("ATTRACT")
    staff.touches("staff")
    staff.is_told("staff.locked")
    staff.touches("pad.back")
    logs = "".join(path.read_text("utf-8") for path in (shop.folder / "logs").glob("*.log"))
    for text in (logs, everything(shop)):
        assert "135790" not in text
        assert STAFF_PIN not in text
    shop.kill("core")
    staff.sees("OUT_OF_ORDER")


def test_a_refund_on_the_disk_is_sent_though_the_core_was_killed(shop, staff):
    before = held(shop)
    number = sell(staff, shop)
    staff.comes_in()
    shop.scan(number)
    staff.is_told("staff.money.taken")
    shop.sandbox("POST", "/sandbox/scripts", {"script": "drop-answer", "api": "refund"})
    sent, done = (events(shop).count(name) for name in ("SendRefund", "RefundDone"))
    staff.touches("staff.refund_all")
    staff.touches("sheet.accept")
    eventually(lambda: events(shop).count("SendRefund") > sent, "the call")
    shop.kill("core")
    shop.start("core")
    eventually(lambda: events(shop).count("RefundDone") > done, "its end")
    assert held(shop) == before
    assert shop.sandbox("GET", "/sandbox/audit")["clean"]
