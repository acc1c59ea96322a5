"""The second-version wire in the hands of an SDK that other merchants use: `wechatpy`.

Over TLS with the merchant's certificate, as the wallet itself demands it. The SDK signs with MD5,
and with HMAC-SHA256 where its request says so. What it does not check by itself, the signature of
an answer, is checked with its own functions.
"""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime, timedelta

import pytest
from wechatpy.exceptions import WeChatPayException
from wechatpy.pay import WeChatPay
from wechatpy.pay.utils import calculate_signature_hmac

from kiosk.sandbox.testing import running

HERE = "192.0.2.10"


def client(sandbox, *, certified=True, **own):
    class Here(WeChatPay):
        API_BASE_URL = f"{sandbox.address}/"

    merchant = sandbox.merchant()
    pair = {
        "mch_cert": str(sandbox.tls / "client.pem"),
        "mch_key": str(sandbox.tls / "client.key"),
    }
    settings = {
        "appid": merchant["appid"],
        "api_key": merchant["key"],
        "mch_id": merchant["mch_id"],
        "timeout": 5,
        **(pair if certified else {}),
    }
    made = Here(**(settings | own))
    made._http.trust_env = False  # a bundle that the machine names would win over this one
    made._http.verify = str(sandbox.tls / "ca.pem")
    return made


@pytest.fixture(scope="module")
def shared(tmp_path_factory, keys):
    folder = tmp_path_factory.mktemp("sandbox")
    shutil.copytree(keys, folder / "state" / "v3")
    with running(folder / "state", tls=folder / "tls") as sandbox:
        yield sandbox


@pytest.fixture
def sdk(sandbox):
    return client(sandbox)


def number():
    return f"S1D01T{os.urandom(10).hex()}"


def pay(sandbox, sdk, fen=1280, **own):
    """An order paid with a code: its number and the answer."""
    name = number()
    order = {"body": "自助收银-苹果", "client_ip": HERE, "device_info": "D01"} | own
    code = sandbox.code()
    return name, sdk.micropay.create(total_fee=fen, auth_code=code, out_trade_no=name, **order)


def refused(call, *words, **named):
    """What the SDK makes of a refusal."""
    with pytest.raises(WeChatPayException) as error:
        call(*words, **named)
    return error.value


def test_a_code_is_paid_with_and_the_answer_is_signed(sandbox, sdk):
    name, answer = pay(sandbox, sdk, attach="till 1", goods_tag="WXG")
    assert sdk.check_signature(answer)
    assert not sdk.check_signature(answer | {"total_fee": "1"})
    assert (answer["out_trade_no"], answer["total_fee"]) == (name, "1280")
    assert (answer["trade_type"], answer["attach"]) == ("MICROPAY", "till 1")


def test_an_order_is_found_by_both_its_numbers(sandbox, sdk):
    name, answer = pay(sandbox, sdk)
    by_ours = sdk.order.query(out_trade_no=name)
    by_theirs = sdk.micropay.query(transaction_id=answer["transaction_id"])
    for found in (by_ours, by_theirs):
        assert sdk.check_signature(found)
        assert (found["trade_state"], found["cash_fee"]) == ("SUCCESS", "1280")


def test_a_request_signed_with_hmac_is_answered_with_hmac(sandbox, sdk):
    order = {
        "appid": sdk.appid,
        "body": "自助收银-苹果",
        "out_trade_no": number(),
        "total_fee": 1280,
        "spbill_create_ip": HERE,
        "auth_code": sandbox.code(),
        "sign_type": "HMAC-SHA256",
    }
    answer = sdk.post("pay/micropay", data=order)
    sign = answer.pop("sign")
    assert sign == calculate_signature_hmac(answer, sdk.api_key)
    query = {"appid": sdk.appid, "out_trade_no": order["out_trade_no"]}
    found = sdk.post("pay/orderquery", data=query | {"sign_type": "HMAC-SHA256"})
    assert found["trade_state"] == "SUCCESS"


def test_a_shopper_who_has_yet_to_confirm_is_waited_for(sandbox, sdk):
    name = number()
    sandbox.script("userpaying phone")
    order = {"body": "x", "total_fee": 1280, "client_ip": HERE, "out_trade_no": name}
    error = refused(sdk.micropay.create, auth_code=sandbox.code(), **order)
    assert (error.return_code, error.errcode) == ("SUCCESS", "USERPAYING")
    assert sdk.order.query(out_trade_no=name)["trade_state"] == "USERPAYING"
    sandbox.decide(name, "confirm")
    assert sdk.order.query(out_trade_no=name)["trade_state"] == "SUCCESS"


def test_a_payment_is_reversed_after_fifteen_seconds(sandbox, sdk):
    name, _ = pay(sandbox, sdk)
    assert refused(sdk.order.reverse, out_trade_no=name).errcode == "INVALID_REQUEST"
    sandbox.advance(16)
    sandbox.script("recall 1", api="reverse")
    again, done = (sdk.order.reverse(out_trade_no=name) for _ in range(2))
    assert (again["recall"], done["recall"]) == ("Y", "N")
    assert sdk.check_signature(done)
    assert sdk.order.query(out_trade_no=name)["trade_state"] == "REVOKED"


def test_a_refund_is_asked_for_and_found_by_each_of_its_numbers(sandbox, sdk):
    name, paid = pay(sandbox, sdk)
    asked = sdk.refund.apply(1280, 500, f"{name}R1", out_trade_no=name, refund_desc="returned")
    assert sdk.check_signature(asked)
    assert (asked["refund_fee"], asked["out_refund_no"]) == ("500", f"{name}R1")
    for known in (
        {"out_trade_no": name},
        {"out_refund_no": f"{name}R1"},
        {"refund_id": asked["refund_id"]},
        {"transaction_id": paid["transaction_id"]},
    ):
        found = sdk.refund.query(**known)
        assert sdk.check_signature(found)
        assert (found["refund_count"], found["refund_status_0"]) == ("1", "SUCCESS")


def test_a_codes_owner_is_named(sandbox, sdk):
    code = sandbox.code(openid="oLi")
    assert sdk.tools.auto_code_to_openid(code)["openid"] == "oLi"


def test_the_bills_of_a_day_are_fetched(fresh):
    sdk = client(fresh)
    name, _ = pay(fresh, sdk)
    now = datetime.fromisoformat(fresh.control("GET", "health")["now"])
    day = date(now.year, now.month, now.day)
    early = refused(sdk.tools.download_bill, day)
    assert (early.return_code, early.return_msg) == ("FAIL", "Bill Creating")
    ready = datetime(now.year, now.month, now.day, 10, tzinfo=now.tzinfo) + timedelta(days=1)
    fresh.advance((ready - now).total_seconds())
    trade = sdk.tools.download_bill(day)
    assert trade.startswith("\ufeff交易时间,")
    assert f"`{name}," in trade
    flow = sdk.tools.download_fundflow(day)
    assert flow.startswith("\ufeff记账时间,")
    assert f"`{name}\r\n" in flow


@pytest.mark.parametrize(
    ("own", "return_code", "said"),
    [
        ({"api_key": "0" * 32}, "FAIL", "签名错误"),
        ({"mch_id": "1600000001"}, "FAIL", "商户号mch_id不存在或不匹配"),
    ],
)
def test_who_is_not_the_merchant_gets_no_signed_answer(sandbox, own, return_code, said):
    error = refused(client(sandbox, **own).order.query, out_trade_no=number())
    assert (error.return_code, error.return_msg, error.errcode) == (return_code, said, None)


def test_a_refusal_is_signed_and_has_a_code(sandbox, sdk):
    error = refused(sdk.order.query, out_trade_no=number())
    assert (error.return_code, error.result_code, error.errcode) == (
        "SUCCESS",
        "FAIL",
        "ORDERNOTEXIST",
    )
    other = refused(client(sandbox, appid="wx0").order.query, out_trade_no=number())
    assert other.errcode == "APPID_MCHID_NOT_MATCH"


def test_money_goes_back_only_to_who_shows_the_certificate(sandbox, sdk):
    name, _ = pay(sandbox, sdk)
    bare = client(sandbox, certified=False)
    assert bare.order.query(out_trade_no=name)["trade_state"] == "SUCCESS"
    for call in (
        lambda: bare.order.reverse(out_trade_no=name),
        lambda: bare.refund.apply(1280, 500, f"{name}R1", out_trade_no=name),
        lambda: bare.tools.download_fundflow("20260101"),
    ):
        assert refused(call).errcode == "CERT_ERROR"
