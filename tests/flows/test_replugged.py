"""Every plug is pulled and put back in the middle of a visit, through the core as it is shipped.

What the device serves leaves the screen and comes back by itself; the rest goes on meanwhile.
"""

from __future__ import annotations

import time
from contextlib import closing, suppress

import pytest
from ledger_on_disk import last_state

from hardware.scales.peer import ScalePeer
from kiosk.demo.hand import Hand, Stuck
from kiosk.demo.settings import Play
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage
from kiosk.messages import Back, ChooseTender, Pay, Screen, Start
from kiosk.messages.goods import PickGoods

APPLES = "00101"
AT_ONCE = 2.0  # seconds that a touch may take while a device is gone
COMES_BACK = 10.0


@pytest.fixture(scope="module")
def pan(tmp_path_factory):
    peer = ScalePeer(tmp_path_factory.mktemp("scale") / "line", "mettler-8217", settle_s=0.05)
    peer.start()
    yield peer
    peer.stop()


@pytest.fixture(scope="module")
def shop(pan, tmp_path_factory):
    scale = {"driver": "mettler-8217", "path": str(pan._line._link), "poll_s": 0.05, "stale_s": 0.5}
    settings = {
        "visit": {"done": 1.0, "trouble": 20.0},
        "devices.drawer": {"driver": "printer", "sensor_open": "high", "left_open_s": 0.2},
        "devices.scale": scale,
    }
    play = Play("", speed=10.0, enrolled=False, settings=settings)
    with Stage(tmp_path_factory.mktemp("shop"), play, kiosk=("core",)) as stage:
        yield stage


@pytest.fixture
def hand(shop):
    with closing(Hand(shop)) as hand:
        hand.comes_to_an_idle_kiosk(pay_again=False)
        hand.sees(lambda seen: seen.screen is Screen.ATTRACT, "an idle kiosk")
        yield hand


def unplug(shop, name):
    shop._tell(name, "!unplug" if name == "scanner" else "unplug")


def plug(shop, name):
    shop._tell(name, "!plug" if name == "scanner" else "plug")


def scan_until(hand, shop, code, happened, what):
    """Somebody who holds a code to a scanner holds it there until it beeps."""
    end = time.monotonic() + COMES_BACK
    while time.monotonic() < end:
        shop.scan(code)
        with suppress(Stuck):
            return hand.sees(happened, what, 1)
    raise AssertionError(f"never {what}")


def slips(shop):
    return sorted(shop.paper("printer").glob("*.bin"))


def log_of(shop):
    return (shop.folder / "logs" / "core.log").read_text("utf-8")


def pays_by_code(hand, shop):
    hand.chooses("code")
    shop.scan(shop.payment_code())
    return hand.sees(lambda seen: seen.slip in ("taken", "failed"), "the slip's end")


def test_a_scanner_pulled_in_the_basket_takes_its_tender_along_and_brings_it_back(shop, hand):
    hand.touches(Start())
    hand.sees(lambda seen: seen.screen is Screen.BASKET, "a basket")
    shop.scan(GOODS[0])
    hand.sees(lambda seen: seen.count == 1, "the goods")
    unplug(shop, "scanner")
    hand.touches(Pay())
    hand.sees(lambda seen: seen.screen is Screen.TENDER, "the tenders", AT_ONCE)
    hand.sees(lambda seen: "code" not in seen.tenders, "the tender to go", COMES_BACK)
    assert "qr" in hand.sees(lambda _: True, "a screen").tenders, "it needs no scanner"
    hand.touches(ChooseTender("code"))
    hand.touches(Back())
    hand.sees(lambda seen: seen.screen is Screen.BASKET, "the basket", AT_ONCE)
    plug(shop, "scanner")
    scan_until(hand, shop, GOODS[0], lambda seen: seen.count >= 2, "more goods")
    hand.goes_to_pay()
    assert pays_by_code(hand, shop).slip == "taken"
    assert last_state(shop) == "PAID"


def test_a_scanner_pulled_while_it_waits_for_a_code_reads_it_when_it_is_back(shop, hand):
    hand.fills_a_basket()
    hand.chooses("code")
    unplug(shop, "scanner")
    hand.sees(lambda seen: "code" not in seen.tenders, "the tender to go", COMES_BACK)
    plug(shop, "scanner")
    hand.sees(lambda seen: "code" in seen.tenders, "the tender to come back", COMES_BACK)
    before = len(slips(shop))
    shop.scan(shop.payment_code())
    assert hand.sees(lambda seen: seen.slip in ("taken", "failed"), "the slip").slip == "taken"
    assert len(slips(shop)) == before + 1


def test_a_scale_pulled_while_it_weighs_ends_that_and_weighs_when_it_is_back(shop, hand, pan):
    hand.touches(Start())
    hand.sees(lambda seen: seen.screen is Screen.BASKET and seen.scale, "the scale", COMES_BACK)
    hand.touches(PickGoods(APPLES))
    hand.sees(lambda seen: seen.weighing is not None, "the weighing", AT_ONCE)
    pan.order("unplug")
    hand.sees(lambda seen: seen.weighing is None and not seen.scale, "its end", COMES_BACK)
    shop.scan(GOODS[0])
    hand.sees(lambda seen: seen.count == 1, "other goods", AT_ONCE)
    pan.order("plug")
    hand.sees(lambda seen: seen.scale, "the scale to come back", COMES_BACK)
    hand.touches(PickGoods(APPLES))
    pan.order("load 500")
    seen = hand.sees(lambda seen: len(seen.lines) == 2, "the weighed goods")
    assert seen.lines[-1].quantity_text == "0.500 kg"
    pan.order("empty")
    hand.goes_to_pay()
    assert pays_by_code(hand, shop).slip == "taken"
    assert last_state(shop) == "PAID"


def test_a_printer_pulled_in_the_visit_holds_nothing_up_and_prints_when_it_is_back(shop, hand):
    before = len(slips(shop))
    hand.fills_a_basket()
    unplug(shop, "printer")
    hand.touches(Back())
    hand.sees(lambda seen: seen.screen is Screen.BASKET, "the basket", AT_ONCE)
    told = "device printer: "
    hand.sees(lambda _: told in log_of(shop), "the fault in the log", COMES_BACK)
    plug(shop, "printer")
    shop.scan(GOODS[0])
    hand.sees(lambda seen: seen.count == 2, "more goods", AT_ONCE)
    hand.goes_to_pay()
    hand.chooses("code")
    # The drawer hangs on the same line: its switch is heard again, as of somebody with its key.
    shop.printer("drawer open")
    hand.sees(lambda _: "device drawer: " in log_of(shop), "the drawer's state", COMES_BACK)
    shop.printer("drawer close")
    shop.scan(shop.payment_code())
    assert hand.sees(lambda seen: seen.slip in ("taken", "failed"), "the slip").slip == "taken"
    assert len(slips(shop)) == before + 1
    assert last_state(shop) == "PAID"


def test_a_printer_that_stays_away_ends_the_visit_paid_and_prints_for_the_next_one(shop, hand):
    before = len(slips(shop))
    hand.fills_a_basket()
    unplug(shop, "printer")
    hand.chooses("code")
    shop.scan(shop.payment_code())
    seen = hand.sees(lambda seen: seen.slip in ("taken", "failed"), "the slip's end")
    assert (seen.screen, seen.slip) == (Screen.DONE, "failed")
    assert last_state(shop) == "PAID"
    plug(shop, "printer")
    hand.sees(lambda seen: seen.screen is Screen.ATTRACT, "an idle kiosk", 20)
    assert len(slips(shop)) == before, "what was not printed does not come out behind a back"
    hand.fills_a_basket()
    count = log_of(shop).count("device drawer: ")
    shop.printer("drawer open")
    hand.sees(lambda _: log_of(shop).count("device drawer: ") > count, "the line", COMES_BACK)
    shop.printer("drawer close")
    assert pays_by_code(hand, shop).slip == "taken"
    assert len(slips(shop)) == before + 1
