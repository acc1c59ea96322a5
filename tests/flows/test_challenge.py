"""A shopper is asked to turn his head: who does it pays, and nobody else does.

The simulated person reads the screen as a shopper does, and moves; so does who holds up a picture.
"""

from __future__ import annotations

import json

import pytest
from ledger_on_disk import entries, last_state
from shopper import QUICK, Shopper, eventually

from kiosk.demo.settings import Play
from kiosk.demo.shopper import MOVES
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(240)]
SPEED = 10.0
ALLOWED = 5


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    settings = {
        **QUICK,
        "visit": {"done": 1.0, "trouble": 20.0},
        "faces": {"attacks_allowed": 2, "tries_allowed": ALLOWED},
    }
    play = Play(display, speed=SPEED, challenge=True, scene="person", settings=settings)
    with Stage(tmp_path_factory.mktemp("asked"), play) as stage:
        yield stage


def asked(shopper) -> None:
    shopper.finger.wait_until(lambda seen: seen.instruction in MOVES, "a move", 20)


def calls(shop, api):
    audit = shop.sandbox("GET", "/sandbox/audit")
    return [call for call in audit["calls"] if call["api"] == api]


def tries(shop):
    """What the ledger keeps of every try that was used up."""
    return [json.loads(body) for kind in ("unproven", "attack") for body in entries(shop, kind)]


def test_whoever_turns_his_head_as_the_screen_asks_pays_by_face(shop, shopper):
    shop.scene("person")
    shopper.goes_to_pay()
    shopper.chooses_face()
    asked(shopper)
    shopper.sees("DONE", timeout=40)
    assert last_state(shop) == "PAID"
    assert tries(shop) == []


def test_whoever_moved_and_is_a_stranger_to_the_wallet_has_used_no_try(shop, shopper):
    shop.scene("person")
    shop.sandbox("DELETE", "/sandbox/faces")
    try:
        shopper.goes_to_pay()
        shopper.chooses_face()
        asked(shopper)
        assert shopper.sees("TROUBLE", timeout=40).said == "say.not_recognised"
        assert tries(shop) == []
    finally:
        shop.enrol()


def test_whoever_leaves_the_face_while_he_is_asked_has_used_a_try(shop, shopper):
    before = len(tries(shop))
    shop.scene("picture")
    shopper.goes_to_pay()
    shopper.chooses_face()
    asked(shopper)
    shopper.touches("other_way")
    shopper.sees("TENDER")
    assert last_state(shop) == "CANCELLED"
    eventually(lambda: len(tries(shop)) == before + 1, "the try in the ledger")


def test_whoever_does_not_move_is_told_kindly_and_may_pay_otherwise(shop, shopper):
    calls_before, before = len(calls(shop, "authinfo")), len(tries(shop))
    shop.scene("picture")
    shopper.goes_to_pay()
    shopper.chooses_face()
    asked(shopper)
    seen = shopper.sees("TROUBLE", timeout=40)
    assert (seen.said, seen.detail) == ("say.face_timed_out", "money.none_taken")
    assert len(calls(shop, "authinfo")) == calls_before
    assert len(tries(shop)) == before + 1
    shopper.touches("back")
    assert shopper.sees("TENDER").can_touch("tender.code")


def test_faces_killed_while_it_asks_ends_the_attempt_and_counts(shop, shopper):
    before = len(tries(shop))
    shop.scene("picture")
    shopper.goes_to_pay()
    shopper.chooses_face()
    asked(shopper)
    shop.kill("faces")
    seen = shopper.sees("TROUBLE")
    assert (seen.said, seen.detail) == ("say.face_unavailable", "money.none_taken")
    assert last_state(shop) == "CANCELLED"
    assert len(tries(shop)) == before + 1


def test_a_camera_that_repeats_itself_while_it_asks_is_refused(shop, shopper):
    shop.scene("picture")
    shopper.goes_to_pay()
    shopper.chooses_face()
    asked(shopper)
    shop.scene("stuck")
    assert shopper.sees("TROUBLE").said == "say.face_unavailable"


def test_a_flat_picture_that_is_turned_as_asked_never_pays_and_the_face_rests(shop, shopper):
    """The last of this file: afterwards no face is looked at for minutes, also after a restart."""
    before = len(calls(shop, "authinfo"))
    shop.scene("sheet")
    shopper.goes_to_pay()
    for _ in range(ALLOWED):
        shopper.chooses_face()
        asked(shopper)
        seen = shopper.sees("TROUBLE", timeout=40)
        assert seen.said in ("say.face_ended", "say.face_timed_out")
        assert seen.detail == "money.none_taken"
        shopper.touches("back")
        if not shopper.sees("TENDER").can_touch("tender.face"):
            break
    assert len(calls(shop, "authinfo")) == before
    assert not shopper.sees("TENDER").can_touch("tender.face")
    shop.kill("core")
    shop.start("core")
    shopper.comes_to_an_idle_kiosk()
    shopper.goes_to_pay()
    eventually(lambda: "camera ready" in log_of(shop), "the camera")
    assert not shopper.sees("TENDER").can_touch("tender.face")
    shopper.shows_a_code()
    shopper.sees("DONE", timeout=30)
    assert tries(shop) == [{"tender": "face"}] * len(tries(shop)), "a kind and a time, no picture"


def log_of(shop) -> str:
    return (shop.folder / "logs" / "faces.log").read_text("utf-8", "replace")


@pytest.fixture
def shopper(shop) -> Shopper:
    for name in ("sandbox", "core", "faces", "ui"):
        shop.start(name)
    person = Shopper(shop)
    person.comes_to_an_idle_kiosk()
    return person
