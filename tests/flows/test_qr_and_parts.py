"""A QR that a phone reads from the window, and baskets that are paid in parts: few visits, whole.

The phone sees only the panel's pixels; what it has paid is compared with ledger, slip and wallet.
"""

from __future__ import annotations

import json

import pytest
from ledger_on_disk import entries, states
from shopper import QUICK, Shopper, eventually

from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]

SUGAR_FEN = 690


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    settings = {**QUICK, "visit": {"done": 1.0, "trouble": 20.0}}
    play = Play(display, speed=10.0, enrolled=False, settings=settings)
    with Stage(tmp_path_factory.mktemp("shop"), play, kiosk=("core", "ui")) as stage:
        yield stage


@pytest.fixture
def shopper(shop) -> Shopper:
    shop.start("core")
    person = Shopper(shop)
    person.comes_to_an_idle_kiosk()
    return person


def held(shop):
    return shop.sandbox("GET", "/sandbox/audit")["money_held"]


def at_the_wallet(shop, number):
    return shop.sandbox("GET", f"/sandbox/orders/{number}")


def slips(shop):
    """What each slip says, oldest first."""
    return [
        path.read_bytes().decode("gb18030", "replace") for path in sorted(shop.slips.glob("*.bin"))
    ]


def slips_done(shop):
    """How the slip of each payment ended that has one."""
    return [json.loads(body)["result"] for body in entries(shop, "delivery_ended")]


def since(shop, before):
    """Number and state of each payment after those of `before`, oldest first."""
    return [(number, state) for number, state in states(shop).items() if number not in before]


def the_slip(shop, before):
    """The one slip that came out after so many."""
    eventually(lambda: len(slips(shop)) > before and len(slips_done(shop)) > before, "the slip")
    (slip,) = slips(shop)[before:]
    return slip


def test_a_part_is_paid_by_code_after_its_qr_was_left_and_the_rest_by_qr(shop, shopper):
    money, known, paper = held(shop), states(shop), len(slips(shop))
    shopper.goes_to_pay()
    shopper.splits("300")
    left = shopper.asks_for_a_qr()
    shopper.touches("qr.other")
    shopper.sees("TENDER")
    shopper.shows_a_code()
    shopper.sees("TENDER")
    assert shopper.asks_for_a_qr() != left
    number = shopper.phone.pays()
    assert shopper.sees("DONE").said == "say.paid"
    (closed, _), (first, _), (last, _) = ends = since(shop, known)
    assert [state for _, state in ends] == ["REVERSED", "PAID", "PAID"]
    assert last == number
    found = [at_the_wallet(shop, each) for each in (closed, first, last)]
    assert [each["state"] for each in found] == ["CLOSED", "SUCCESS", "SUCCESS"]
    assert [each["total_fee"] for each in found] == [300, 300, 390]
    assert held(shop) - money == SUGAR_FEN
    slip = the_slip(shop, paper)
    for said in (first, "微信支付（付款码）", "3.00", last, "微信支付（扫码）", "3.90"):
        assert said in slip
    assert closed not in slip


def test_a_core_killed_between_two_parts_and_in_a_qr_loses_neither_money_nor_slip(shop, shopper):
    money, known, paper = held(shop), states(shop), len(slips(shop))
    shopper.goes_to_pay()
    shopper.splits("300")
    shopper.shows_a_code()
    shopper.sees("TENDER")
    shop.kill("core")
    shopper.sees("OUT_OF_ORDER")
    shop.start("core")
    shopper.sees("TENDER")
    code_url = shopper.asks_for_a_qr()
    shop.kill("core")
    shopper.phone.confirms(shopper.phone.scans(code_url))
    shopper.sees("OUT_OF_ORDER")
    shop.start("core")
    assert shopper.sees("DONE").said == "say.paid"
    (first, _), (second, _) = ends = since(shop, known)
    assert [state for _, state in ends] == ["PAID", "PAID"]
    assert [at_the_wallet(shop, each)["total_fee"] for each in (first, second)] == [300, 390]
    assert held(shop) - money == SUGAR_FEN
    slip = the_slip(shop, paper)
    assert first in slip
    assert second in slip
    shopper.sees("ATTRACT")
    assert len(slips(shop)) == paper + 1


def test_who_stops_after_a_part_gets_it_back_and_owes_nothing(shop, shopper):
    money, known, paper = held(shop), states(shop), len(slips(shop))
    shopper.goes_to_pay()
    shopper.splits("300")
    shopper.asks_for_a_qr()
    number = shopper.phone.pays()
    shopper.sees("TENDER")
    assert held(shop) - money == 300
    shopper.touches("back")
    shopper.touches("sheet.accept")
    seen = shopper.sees("TROUBLE")
    assert (seen.said, seen.detail) == ("say.abandoned", "money.part_back")
    eventually(lambda: held(shop) == money, "the refund at the wallet")
    eventually(lambda: "DONE" in entries(shop, "refund")[-1].upper(), "the refund's end")
    ((paid, state),) = since(shop, known)
    assert (paid, state) == (number, "PAID")
    assert at_the_wallet(shop, number)["state"] == "REFUND"
    assert len(slips(shop)) == paper
    audit = shop.sandbox("GET", "/sandbox/audit")
    assert audit["clean"]
    assert not audit["unresolved_orders"]
