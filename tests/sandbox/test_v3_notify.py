"""What the wallet tells the merchant by itself."""

from __future__ import annotations

import json
import time

import pytest
from receiver import receiving
from v3_client import V3Client, answer_message, holds, unsealed

SIGNTEST = "WECHATPAY/SIGNTEST/"


@pytest.fixture
def v3(sandbox):
    return V3Client(sandbox)


def is_signed(v3, headers, body):
    message = answer_message(headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body)
    assert headers["Wechatpay-Serial"] in v3.serials
    return holds(v3.public, message, headers["Wechatpay-Signature"])


def until_told(sandbox, *numbers):
    """Wait until nothing more is to be told of these."""
    deadline = time.monotonic() + 5
    while set(numbers) & set(sandbox.audit()["notices_waiting"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_paid_order_is_told_signed_and_sealed(sandbox, v3):
    with receiving() as merchant:
        number = v3.sell(notify_url=merchant.url)
        ((headers, body),) = merchant.wait(1)
        until_told(sandbox, number)
    assert is_signed(v3, headers, body)
    told = json.loads(body)
    assert (told["event_type"], told["resource_type"]) == (
        "TRANSACTION.SUCCESS",
        "encrypt-resource",
    )
    assert told["resource"]["original_type"] == "transaction"
    assert json.loads(unsealed(v3.key, told["resource"])) == v3.query(number).json
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("words", "event", "status"),
    [
        ("processing 0.1", "REFUND.SUCCESS", "SUCCESS"),
        ("processing change", "REFUND.ABNORMAL", "ABNORMAL"),
        ("processing close", "REFUND.CLOSED", "CLOSED"),
    ],
)
def test_the_end_of_a_refund_is_told(sandbox, v3, words, event, status):
    with receiving() as merchant:
        number = v3.sell()
        sandbox.script(words, api="refund")
        v3.refund(number, f"{number}R1", 500, notify_url=merchant.url)
        ((headers, body),) = merchant.wait(1)
    assert is_signed(v3, headers, body)
    told = json.loads(body)
    assert told["event_type"] == event
    refund = json.loads(unsealed(v3.key, told["resource"]))
    assert (refund["out_refund_no"], refund["refund_status"]) == (f"{number}R1", status)
    assert refund["amount"]["refund"] == 500


def test_what_is_refused_or_lost_is_told_again_after_the_plan(fresh):
    v3 = V3Client(fresh)
    fresh.control("POST", "clock", speed=100)  # 15 s, 15 s, 30 s are 0.15, 0.15, 0.3 s
    with receiving(500, None, 302) as merchant:
        began = time.monotonic()
        number = v3.sell(notify_url=merchant.url)
        got = merchant.wait(4)
        assert time.monotonic() - began >= 0.6
        until_told(fresh, number)
        time.sleep(0.3)
        assert len(merchant.got) == 4
    assert len({json.loads(body)["id"] for _, body in got}) == 1
    assert len({json.loads(body)["resource"]["nonce"] for _, body in got}) == 4
    calls = [call for call in fresh.audit()["calls"] if call["api"] == "notify"]
    assert [call["answer"] for call in calls] == ["HTTP 500", "NONE", "HTTP 302", "HTTP 204"]
    assert [call["definite"] for call in calls] == [False, False, False, True]
    assert fresh.audit()["unresolved_orders"] == []


def test_after_the_whole_plan_a_notice_is_given_up(fresh):
    v3 = V3Client(fresh)
    fresh.control("POST", "clock", speed=10_000)
    number = v3.sell()  # nobody listens there
    for _ in range(400):
        if not fresh.audit()["notices_waiting"]:
            break
        fresh.advance(3)
        time.sleep(0.02)
    calls = [call for call in fresh.audit()["calls"] if call["api"] == "notify"]
    assert [call["answer"] for call in calls] == ["NONE"] * 16
    assert fresh.audit()["unresolved_orders"] == [number]


def test_a_duplicate_has_the_same_id(sandbox, v3):
    sandbox.script("duplicate", api="notify")
    with receiving() as merchant:
        v3.sell(notify_url=merchant.url)
        got = merchant.wait(2)
    assert len({json.loads(body)["id"] for _, body in got}) == 1


def test_late_is_told_later(sandbox, v3):
    sandbox.script("late 0.5", api="notify")
    with receiving() as merchant:
        began = time.monotonic()
        v3.sell(notify_url=merchant.url)
        merchant.wait(1)
        assert time.monotonic() - began >= 0.5


def test_out_of_order_lets_the_next_one_go_first(sandbox, v3):
    with receiving() as merchant:
        first, second = v3.number(), v3.number()
        sandbox.script("out-of-order", api="notify", out_trade_no=first)
        for number in (first, second):
            v3.scan(v3.native(number, notify_url=merchant.url).json["code_url"])
            sandbox.decide(number, "confirm")
        got = merchant.wait(2)
    told = [json.loads(unsealed(v3.key, json.loads(body)["resource"])) for _, body in got]
    assert [each["out_trade_no"] for each in told] == [second, first]


def test_a_signtest_goes_first_and_the_true_one_follows(fresh):
    v3 = V3Client(fresh)
    fresh.script("signtest", api="notify")
    with receiving(401) as merchant:
        number = v3.sell(notify_url=merchant.url)
        (probe, body), (true, true_body) = merchant.wait(2)
        until_told(fresh, number)
    assert probe["Wechatpay-Signature"].startswith(SIGNTEST)
    assert not is_signed(v3, probe, body)
    assert is_signed(v3, true, true_body)
    assert fresh.audit()["clean"]


@pytest.mark.parametrize("words", ["signtest", "wrong-signature"])
def test_the_audit_names_who_takes_a_notice_whose_signature_does_not_hold(fresh, words):
    v3 = V3Client(fresh)
    fresh.script(words, api="notify")
    with receiving(200) as merchant:
        number = v3.sell(notify_url=merchant.url)
        headers, body = merchant.wait(1)[0]
        until_told(fresh, number)
    assert not is_signed(v3, headers, body)
    (finding,) = fresh.audit()["unsigned_notices_taken"]
    assert finding["out_trade_no"] == number
    assert not fresh.audit()["clean"]


def test_a_wrong_signature_that_was_refused_is_put_right(fresh):
    v3 = V3Client(fresh)
    fresh.control("POST", "clock", speed=100)
    fresh.script("wrong-signature", api="notify")
    with receiving(401) as merchant:
        number = v3.sell(notify_url=merchant.url)
        got = merchant.wait(2)
        until_told(fresh, number)
    assert [is_signed(v3, *each) for each in got] == [False, True]
    assert fresh.audit()["clean"]


def test_a_notice_outlives_a_kill(fresh):
    v3 = V3Client(fresh)
    with receiving(500) as merchant:
        number = v3.sell(notify_url=merchant.url)
        merchant.wait(1)
        fresh.kill()
        fresh.restart()
        fresh.advance(15)
        merchant.wait(2)
        until_told(fresh, number)


@pytest.mark.parametrize(
    ("fen", "faults"), [(90031, "duplicate"), (90034, "signtest"), (90036, "drop-request")]
)
def test_a_magic_amount_strikes_the_notice_of_its_order(fresh, fen, faults):
    v3 = V3Client(fresh)
    with receiving() as merchant:
        number = v3.sell(fen, notify_url=merchant.url)
        if faults != "drop-request":
            merchant.wait(2)
        deadline = time.monotonic() + 5
        calls = []
        while not any(call["answer"] for call in calls):
            assert time.monotonic() < deadline
            calls = [call for call in fresh.audit()["calls"] if call["api"] == "notify"]
    assert (calls[0]["out_trade_no"], calls[0]["faults"]) == (number, faults)
    assert len(merchant.got) == (0 if faults == "drop-request" else 2)


def test_nobody_but_this_machine_is_told(sandbox, v3):
    number = v3.sell(notify_url="https://shop.example.org/notify")
    deadline = time.monotonic() + 5
    calls = []
    while not calls or calls[0]["answer"] is None:
        assert time.monotonic() < deadline
        calls = [
            call
            for call in sandbox.audit()["calls"]
            if (call["api"], call["out_trade_no"]) == ("notify", number)
        ]
    assert calls[0]["answer"] == "NONE"
