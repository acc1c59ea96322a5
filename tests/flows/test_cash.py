"""Cash at the kiosk, through the real window: staff take it, the drawer opens, change is printed.

The drawer hangs in the socket of the simulated printer, and its switch says what the pulse did. A
core that is killed while cash is open asks the staff when it is back.
"""

from __future__ import annotations

import json

import pytest
from ledger_on_disk import entries, everything, last_number, last_state
from shopper import QUICK, Staff, eventually

from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]

SUGAR_FEN = 690
PULSE = b"\x1bp\x00\x32\xc8"  # ESC p: connector pin 2, 100 ms


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    settings = {
        **QUICK,
        "visit": {"done": 1.5, "trouble": 20.0},
        "cash": {"enabled": True},
        "devices.drawer": {"driver": "printer", "sensor_open": "high", "left_open_s": 0.5},
    }
    play = Play(display, speed=10.0, enrolled=False, settings=settings)
    with Stage(tmp_path_factory.mktemp("shop"), play, kiosk=("core", "ui")) as stage:
        yield stage


@pytest.fixture
def staff(shop) -> Staff:
    shop.start("core")
    shop.printer("drawer close")
    person = Staff(shop)
    person.goes()
    person.comes_to_an_idle_kiosk()
    return person


def chooses_cash(staff):
    staff.goes_to_pay()
    staff.finger.wait_until(lambda seen: seen.can_touch("tender.cash"), "cash on offer")
    staff.touches("tender.cash")
    staff.sees("CASH")


def moved(shop):
    return [json.loads(body) for body in entries(shop, "cash_moved")]


def sees_the_drawer_open(shop):
    """The printer got the pulse, and the drawer's switch, which the kiosk reads, was closed."""
    eventually(lambda: any(PULSE in each.read_bytes() for each in papers(shop)), "the pulse")
    log = shop.folder / "logs" / "core.log"
    eventually(lambda: "the drawer was left open" in log.read_text("utf-8"), "an open drawer")


def papers(shop):
    return list(shop.slips.glob("*.bin"))


def slips(shop):
    return [path.read_bytes().decode("gb18030", "replace") for path in papers(shop)]


def slip_of(shop, number):
    """What the slip of a payment says, once it is out."""
    eventually(lambda: any(number in each for each in slips(shop)), "a slip")
    return next(each for each in slips(shop) if number in each)


def test_staff_take_cash_the_drawer_opens_and_the_slip_says_the_change(shop, staff):
    chooses_cash(staff)
    number = last_number(shop)
    assert last_state(shop) == "PAYING"
    staff.is_taken_to_the_cash()
    staff.touches("cash.likely.4")  # fifty yuan
    staff.touches("cash.accept")
    staff.finger.wait_until(lambda seen: seen.can_touch("cash.done"), "the change")
    assert last_state(shop) == "PAID"
    sees_the_drawer_open(shop)
    staff.touches("cash.done")
    assert staff.sees("DONE").said == "say.paid_change"
    slip = slip_of(shop, number)
    assert "50.00" in slip.partition("收款")[2][:60]
    assert "43.10" in slip.partition("找零")[2][:60]
    body = {"why": "sale", "fen": SUGAR_FEN, "tendered_fen": 5000, "change_fen": 4310}
    assert moved(shop) == [body]
    assert f"{number}/drawer-1" in everything(shop)
    staff.sees("ATTRACT")


def test_a_core_that_is_killed_meanwhile_asks_the_staff_and_undoes_nothing(shop, staff):
    before = moved(shop)
    chooses_cash(staff)
    number = last_number(shop)
    shop.kill("core")
    staff.sees("OUT_OF_ORDER")
    shop.start("core")
    seen = staff.sees("CASH")
    assert not seen.can_touch("other_way")
    assert last_state(shop) == "UNKNOWN"
    staff.is_taken_to_the_cash()
    for digit in ("7", "00"):
        staff.touches(f"pad.{digit}")
    staff.touches("cash.accept")
    staff.finger.wait_until(lambda seen: seen.can_touch("cash.done"), "the change")
    staff.touches("cash.done")
    staff.sees("DONE")
    assert (last_number(shop), last_state(shop)) == (number, "PAID")
    assert [each["change_fen"] for each in moved(shop)[len(before) :]] == [10]
    staff.sees("ATTRACT")


def test_staff_say_that_no_cash_was_taken_and_the_shopper_pays_otherwise(shop, staff):
    before = moved(shop)
    chooses_cash(staff)
    staff.is_taken_to_the_cash()
    staff.touches("cash.refuse")
    staff.sees("TENDER")
    assert last_state(shop) == "CANCELLED"
    staff.shows_a_code()
    staff.sees("DONE")
    assert moved(shop) == before
    staff.sees("ATTRACT")
