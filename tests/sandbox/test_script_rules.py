from __future__ import annotations

import time

import pytest
from wallet_client import fields_of, to_xml

from kiosk.sandbox.scripts import MAGIC, SCRIPTS, Script
from kiosk.sandbox.testing import Refusal


def test_a_script_happens_count_times_and_to_its_order_only(sandbox, kiosk):
    mine, other = kiosk.number(), kiosk.number()
    sandbox.script("systemerror-unpaid", api="orderquery", count=2, out_trade_no=mine)
    assert kiosk.state(other) == "ORDERNOTEXIST"
    assert [kiosk.state(mine) for _ in range(3)] == [
        *["SYSTEMERROR", "SYSTEMERROR"],
        "ORDERNOTEXIST",
    ]
    assert sandbox.control("GET", "scripts") == {"scripts": []}


def test_the_same_script_set_twice_strikes_two_calls(sandbox, kiosk):
    number = kiosk.number()
    for _ in range(2):
        sandbox.script("systemerror-unpaid", api="orderquery")
    answers = [kiosk.state(number) for _ in range(3)]
    assert answers == ["SYSTEMERROR", "SYSTEMERROR", "ORDERNOTEXIST"]


def test_several_scripts_strike_one_call_together(kiosk, sandbox):
    sandbox.script("delay 0.2")
    sandbox.script("drop-answer")
    number = kiosk.number()
    began = time.monotonic()
    body = to_xml(kiosk.pay_fields(sandbox.code(), number))
    assert kiosk.raw_post("/pay/micropay", body) == b""
    assert time.monotonic() - began >= 0.2
    assert kiosk.state(number) == "SUCCESS"


@pytest.mark.parametrize(
    ("fen", "word", "state"),
    [
        (90001, None, "SUCCESS"),
        (90002, None, "ORDERNOTEXIST"),
        (90004, "NOTENOUGH", "NOTPAY"),
        (90006, "USERPAYING", "USERPAYING"),
        (90009, "SYSTEMERROR", "SUCCESS"),
        (90018, "PAYERROR", "PAYERROR"),
        (90029, "AUTH_CODE_ERROR", "ORDERNOTEXIST"),
        (90000, "SUCCESS", "SUCCESS"),
    ],
)
def test_a_magic_amount_needs_no_control(kiosk, attempt, fen, word, state):
    number, raw = attempt(fen=fen)
    if word is None:
        assert raw == b""
    else:
        answer = fields_of(raw)
        assert answer.get("err_code", answer["result_code"]) == word
    assert kiosk.state(number) == state


def test_a_magic_amount_can_hide_its_order_from_the_query(kiosk, attempt):
    number, raw = attempt(fen=90016)
    assert raw == b""
    assert [kiosk.state(number) for _ in range(3)] == ["ORDERNOTEXIST", "ORDERNOTEXIST", "SUCCESS"]


def test_every_magic_amount_is_a_script_a_face_may_pay():
    for fen, armed in MAGIC.items():
        assert fen <= 100_000
        for words, api in armed:
            assert Script.of({"script": words, "api": api.value}).api is api


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"script": "explode"},
        {"script": "delay"},
        {"script": "delay soon"},
        {"script": "drop-answer 3"},
        {"script": "decline not a code"},
        {"script": "userpaying sometimes"},
        {"script": "recall 2", "api": "micropay"},
        {"script": "wrong-signature", "api": "facecode"},
        {"script": "drop-answer", "count": 0},
        {"script": "drop-answer", "api": "refunds"},
    ],
)
def test_a_script_that_cannot_be_is_refused_with_a_reason(sandbox, wanted):
    with pytest.raises(Refusal, match=r"\w+"):
        sandbox.control("POST", "scripts", **wanted)
    assert sandbox.control("GET", "scripts") == {"scripts": []}


def test_a_script_without_api_strikes_where_it_fits():
    examples = {"delay": " 1", "late": " 1", "decline": " NOAUTH", "userpaying": " phone"}
    examples |= {"processing": " 8", "not-found": " 1", "recall": " 1", "coupon": " 1"}
    for name, kind in SCRIPTS.items():
        script = Script.of({"script": name + examples.get(name, "")})
        assert script.api in kind.apis
