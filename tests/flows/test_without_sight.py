"""A purchase without sight: keys and heard sentences alone, never the trace of the screen."""

from __future__ import annotations

import re

import pytest
from ears import Listener, recorder
from shopper import JUICE, SUGAR

from kiosk.demo.finger import Finger
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage

ITEM = r"\d+ of \d+$"
DECLINE = {"script": "decline NOTENOUGH", "api": "micropay", "count": 1}


@pytest.fixture(scope="module")
def voiced(display, tmp_path_factory):
    folder = tmp_path_factory.mktemp("voiced")
    program, heard = recorder(folder)
    settings = {
        "access": {"program": str(program)},
        "visit": {"done": 2.0, "trouble": 20.0},
        "shop": {"language": "en"},
    }
    with Stage(folder / "shop", Play(display, speed=10.0, settings=settings)) as stage:
        Finger(display, stage.places.screen).wait_for("ATTRACT", timeout=40)  # it is open
        yield stage, heard


@pytest.fixture
def listener(voiced):
    stage, heard = voiced
    stage.sandbox("DELETE", "/sandbox/scripts")
    return Listener(stage, heard)


def begins(listener):
    """From the first key to an empty basket."""
    listener.presses("help")
    listener.hears("Spoken guidance is on", "Check out here", "Start shopping, button, 1 of")
    listener.presses("select")
    listener.hears("Scan your first item", "Hold the barcode to the window below the screen")


def scans(listener, code, *patterns):
    listener.holds_out(code)
    listener.hears(*patterns)


def to_the_code(listener):
    listener.chooses("^Pay, ")
    listener.hears("How would you like to pay")
    listener.chooses("Payment code")
    listener.hears("Show your payment code to the scanner", "hold the phone about a hand away")


def test_a_shopper_buys_by_keys_and_ears_alone(listener):
    begins(listener)
    scans(listener, SUGAR, "White sugar.*, 1 piece, 6 yuan 90", "Total 6 yuan 90")
    scans(listener, JUICE, "juice", r"Total \d+ yuan")
    listener.finds("One more")
    assert re.search("juice.*One more", listener.hears("One more"))
    listener.presses("select")
    listener.hears("juice.*, 2 pieces, 25 yuan 60", r"Total \d+ yuan")
    total = listener.hears("Total").removeprefix("Total ")
    listener.presses("help")
    listener.hears("Items: 3", f"Total {total}")
    listener.finds("^Pay, ")
    assert total in listener.hears(ITEM)
    listener.presses("previous")
    listener.hears(ITEM)
    to_the_code(listener)
    listener.hears(total)
    listener.holds_out(listener.shop.payment_code())
    listener.hears("^Paid$", f"^{total}$", "take your receipt")
    listener.hears("Finish, button")
    listener.presses("select")
    listener.hears("Goodbye. Spoken guidance is off")


def test_a_shopper_whose_wallet_declines_is_told_and_what_becomes_of_his_money(listener):
    begins(listener)
    scans(listener, SUGAR, "White sugar")
    to_the_code(listener)
    listener.shop.sandbox("POST", "/sandbox/scripts", DECLINE)
    listener.holds_out(listener.shop.payment_code())
    listener.hears(
        "not enough money", "Nothing was taken from your wallet", "Your basket is kept", timeout=30
    )
    listener.presses("select")
    listener.hears("How would you like to pay")
