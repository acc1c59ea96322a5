"""A QR order of the second-version wire, and the notices of it, in the hands of `wechatpy`.

The SDK makes the order, reads the notices and checks them; the test is only the phone.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone

import pytest
from receiver import receiving
from wallet_client import Client, from_xml, sign
from wechatpy.exceptions import InvalidSignatureException, WeChatPayException
from wechatpy.pay import WeChatPay

TAKEN = (200, b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>")
NOT_TAKEN = (200, b"<xml><return_code><![CDATA[FAIL]]></return_code></xml>")
NOBODY = "http://127.0.0.1:9/notify"
BEIJING = timezone(timedelta(hours=8))


@pytest.fixture
def sdk(sandbox):
    return client(sandbox)


def client(sandbox):
    class Here(WeChatPay):
        API_BASE_URL = f"{sandbox.address}/"

    known = sandbox.merchant()
    made = Here(known["appid"], known["key"], known["mch_id"], timeout=5)
    made._http.trust_env = False
    return made


def offer(sdk, fen=1280, notify_url=NOBODY, **own):
    """An order on the screen: its number and the answer."""
    number = own.pop("out_trade_no", f"S1D01T{os.urandom(10).hex()}")
    order = {"body": "自助收银-苹果", "client_ip": "192.0.2.10", "product_id": "P1"} | own
    made = sdk.order.create(
        "NATIVE", total_fee=fen, notify_url=notify_url, out_trade_no=number, **order
    )
    return number, made


def sell(sandbox, sdk, **own):
    """An order that somebody has scanned and paid."""
    number, made = offer(sdk, **own)
    sandbox.control("POST", "scan", code_url=made["code_url"], openid="oLi")
    sandbox.decide(number, "confirm")
    return number


def refused(call, *words, **named):
    with pytest.raises(WeChatPayException) as error:
        call(*words, **named)
    return error.value.errcode


def calls(sandbox, number):
    told = [each for each in sandbox.audit()["calls"] if each["out_trade_no"] == number]
    return [each["answer"] for each in told if each["api"] == "notify"]


def until_told(sandbox, number):
    deadline = time.monotonic() + 5
    while number in sandbox.audit()["notices_waiting"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_order_is_made_for_the_screen_and_paid_by_who_scans_it(sandbox, sdk):
    number, made = offer(sdk, attach="till 1", device_info="D01")
    assert sdk.check_signature(made)
    assert (made["trade_type"], made["device_info"]) == ("NATIVE", "D01")
    assert made["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    assert len(made["prepay_id"]) == 36
    assert sdk.order.query(out_trade_no=number)["trade_state"] == "NOTPAY"
    sandbox.control("POST", "scan", code_url=made["code_url"], openid="oLi")
    assert sdk.order.query(out_trade_no=number)["trade_state"] == "USERPAYING"
    sandbox.decide(number, "confirm")
    found = sdk.order.query(out_trade_no=number)
    assert sdk.check_signature(found)
    assert (found["trade_state"], found["trade_type"]) == ("SUCCESS", "NATIVE")
    assert (found["openid"], found["total_fee"], found["attach"]) == ("oLi", "1280", "till 1")
    assert sandbox.audit()["books_balance"]


def test_the_same_order_may_be_asked_for_again_and_another_may_not(sandbox, sdk):
    ends = datetime.now(BEIJING) + timedelta(minutes=5)
    number, made = offer(sdk, time_expire=ends)
    again = offer(sdk, out_trade_no=number, time_expire=ends)[1]
    assert (again["code_url"], again["prepay_id"]) == (made["code_url"], made["prepay_id"])
    other = {"out_trade_no": number, "time_expire": ends}
    assert refused(offer, sdk, fen=1281, **other) == "OUT_TRADE_NO_USED"
    sandbox.control("POST", "scan", code_url=made["code_url"])
    sandbox.decide(number, "confirm")
    assert refused(offer, sdk, **other) == "ORDERPAID"


def test_an_order_is_closed_by_the_merchant_or_by_time(fresh):
    sdk = client(fresh)
    number, _ = offer(sdk)
    assert refused(sdk.order.close, number) == "INVALID_REQUEST"
    fresh.advance(301)
    sdk.order.close(number)
    assert sdk.order.query(out_trade_no=number)["trade_state"] == "CLOSED"
    other, _ = offer(sdk, time_expire=datetime.now(BEIJING) + timedelta(seconds=90))
    fresh.advance(91)
    assert sdk.order.query(out_trade_no=other)["trade_state"] == "CLOSED"


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ({"product_id": None}, "LACK_PARAMS"),
        ({"notify_url": "shop.example.org"}, "PARAM_ERROR"),
        ({"notify_url": "https://shop.example.org/notify?a=1"}, "PARAM_ERROR"),
        ({"time_expire": datetime(2020, 1, 1, tzinfo=BEIJING)}, "PARAM_ERROR"),
        ({"client_ip": "here"}, "PARAM_ERROR"),
        ({"body": "x" * 129}, "PARAM_ERROR"),
    ],
)
def test_an_order_with_a_wrong_field_is_not_made(sandbox, sdk, own, code):
    assert refused(offer, sdk, **own) == code


def test_only_orders_for_the_screen_are_made(sdk):
    code = refused(sdk.order.create, "JSAPI", "x", 1, NOBODY, client_ip="192.0.2.10", user_id="o")
    assert code in {"PARAM_ERROR", "LACK_PARAMS"}


def test_a_lost_answer_is_asked_for_again(sandbox, sdk):
    sandbox.script("systemerror-paid", api="native")
    number = f"S1D01T{os.urandom(10).hex()}"
    ends = datetime.now(BEIJING) + timedelta(minutes=5)
    assert refused(offer, sdk, out_trade_no=number, time_expire=ends) == "SYSTEMERROR"
    assert offer(sdk, out_trade_no=number, time_expire=ends)[1]["code_url"]


def test_a_paid_order_is_told_in_xml_that_the_sdk_reads(sandbox, sdk):
    with receiving(usual=TAKEN) as merchant:
        number = sell(sandbox, sdk, notify_url=merchant.url, attach="till 1")
        ((headers, body),) = merchant.wait(1)
        until_told(sandbox, number)
    told = sdk.parse_payment_result(body)
    assert headers["Content-Type"] == "text/xml"
    assert (told["out_trade_no"], told["total_fee"], told["openid"]) == (number, 1280, "oLi")
    assert (told["result_code"], told["trade_type"], told["attach"]) == (
        *("SUCCESS", "NATIVE"),
        "till 1",
    )
    assert told["transaction_id"] == sdk.order.query(out_trade_no=number)["transaction_id"]
    assert calls(sandbox, number) == ["HTTP 200"]
    with pytest.raises(InvalidSignatureException):
        sdk.parse_payment_result(body.replace(b"1280", b"1281"))


def test_a_notice_is_signed_as_the_order_was(sandbox, sdk):
    with receiving(usual=TAKEN) as merchant:
        sell(sandbox, sdk, notify_url=merchant.url, sign_type="HMAC-SHA256")
        ((_, body),) = merchant.wait(1)
    told = from_xml(body)
    assert told["sign"] == sign(told, sdk.api_key, "HMAC-SHA256")


def test_what_is_not_taken_is_told_again_until_it_is(fresh):
    fresh.control("POST", "clock", speed=100)  # 15 s, 15 s, 30 s are 0.15, 0.15, 0.3 s
    sdk = client(fresh)
    with receiving(NOT_TAKEN, (500, TAKEN[1]), 204, usual=TAKEN) as merchant:
        number = sell(fresh, sdk, notify_url=merchant.url)
        merchant.wait(4)
        until_told(fresh, number)
    assert calls(fresh, number) == ["HTTP 200 FAIL", "HTTP 500", "HTTP 204", "HTTP 200"]


def test_a_wrong_signature_is_seen_by_the_sdk_and_the_audit_names_who_takes_it(fresh):
    sdk = client(fresh)
    fresh.script("signtest", api="notify")
    with receiving(NOT_TAKEN, usual=TAKEN) as merchant:
        number = sell(fresh, sdk, notify_url=merchant.url)
        (_, first), (_, second) = merchant.wait(2)
        until_told(fresh, number)
    with pytest.raises(InvalidSignatureException):
        sdk.parse_payment_result(first)
    assert sdk.parse_payment_result(second)["out_trade_no"] == number
    assert fresh.audit()["unsigned_notices_taken"] == []
    fresh.script("wrong-signature", api="notify")
    with receiving(usual=TAKEN) as merchant:
        number = sell(fresh, sdk, notify_url=merchant.url)
        merchant.wait(1)
        until_told(fresh, number)
    (found,) = fresh.audit()["unsigned_notices_taken"]
    assert found["out_trade_no"] == number


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("processing 0.1", "SUCCESS"),
        ("processing change", "CHANGE"),
        ("processing close", "REFUNDCLOSE"),
    ],
)
def test_the_end_of_a_refund_is_told_sealed_for_the_merchant(sandbox, sdk, words, status):
    with receiving(usual=TAKEN) as merchant:
        number = sell(sandbox, sdk)
        sandbox.script(words, api="refund")
        sdk.refund.apply(1280, 500, f"{number}R1", out_trade_no=number, notify_url=merchant.url)
        ((_, body),) = merchant.wait(1)
        until_told(sandbox, f"{number}R1")
    assert b"refund_id" not in body
    told = sdk.parse_refund_notify_result(body)
    assert (told["out_refund_no"], told["refund_status"]) == (f"{number}R1", status)
    assert (told["total_fee"], told["refund_fee"]) == (1280, 500)
    assert ("success_time" in told) == (status == "SUCCESS")


def test_both_wires_know_an_order_of_either(sandbox, sdk):
    from v3_client import V3Client

    v3, v2 = V3Client(sandbox), Client(sandbox)
    number = sell(sandbox, sdk)
    assert v3.query(number).json["trade_state"] == "SUCCESS"
    assert v2.state(v3.sell()) == "SUCCESS"
