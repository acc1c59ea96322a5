"""Native orders and refunds on the third-version wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from v3_client import V3Client
from wallet_client import Client

from kiosk.sandbox.testing import Refusal


@pytest.fixture
def v3(sandbox):
    return V3Client(sandbox)


def later(seconds):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def test_an_order_is_scanned_confirmed_and_found_paid(sandbox, v3):
    number = v3.number()
    made = v3.native(number, attach="till 1", scene_info={
        "payer_client_ip": "192.0.2.10", "device_id": "D01"})  # fmt: skip
    code_url = made.json["code_url"]
    assert code_url.startswith("weixin://wxpay/bizpayurl?pr=")
    waiting = v3.query(number).json
    assert (waiting["trade_state"], "transaction_id" in waiting) == ("NOTPAY", False)

    shown = v3.scan(code_url, "oPhone")
    assert (shown["total_fee"], shown["body"]) == (1280, "自助收银-苹果")
    assert v3.state(number) == "USERPAYING"
    sandbox.decide(number, "confirm")
    paid = v3.query(number).json
    assert paid["trade_state"] == "SUCCESS"
    assert (paid["trade_type"], paid["attach"]) == ("NATIVE", "till 1")
    assert paid["amount"] == {
        "total": 1280,
        "payer_total": 1280,
        "currency": "CNY",
        "payer_currency": "CNY",
    }
    assert paid["payer"] == {"openid": "oPhone"}
    assert paid["scene_info"] == {"device_id": "D01"}
    assert paid["success_time"].endswith("+08:00")
    mchid = v3.merchant["mch_id"]
    by_id = v3.call("GET", f"/v3/pay/transactions/id/{paid['transaction_id']}?mchid={mchid}")
    assert by_id.json == paid
    assert sandbox.audit()["books_balance"]


def test_both_wires_know_the_same_orders_and_refunds(sandbox, v3):
    kiosk = Client(sandbox)
    native = v3.sell()
    assert kiosk.query(native)["trade_type"] == "NATIVE"
    assert kiosk.refund(native, f"{native}R1", 500)["result_code"] == "SUCCESS"
    assert v3.refunded(f"{native}R1").json["amount"]["refund"] == 500
    by_code = kiosk.number()
    kiosk.pay(sandbox.code(), by_code)
    assert v3.query(by_code).json["trade_type"] == "MICROPAY"
    assert v3.refund(by_code, f"{by_code}R1", 1280).json["status"] == "SUCCESS"
    assert kiosk.refunds(out_refund_no=f"{by_code}R1")["refund_status_0"] == "SUCCESS"


def test_who_refuses_may_scan_again_and_so_may_who_lacks_money(sandbox, v3):
    number = v3.number()
    code_url = v3.native(number).json["code_url"]
    v3.scan(code_url)
    with pytest.raises(Refusal, match="somebody else"):
        v3.scan(code_url, "oOther")
    sandbox.decide(number, "refuse")
    assert v3.state(number) == "NOTPAY"
    sandbox.code(openid="oPoor", balance=1)
    v3.scan(code_url, "oPoor")
    assert sandbox.decide(number, "confirm")["state"] == "NOTPAY"
    v3.scan(code_url)
    assert sandbox.decide(number, "confirm")["state"] == "SUCCESS"
    with pytest.raises(Refusal, match="does not wait"):
        v3.scan(code_url)


def test_the_same_order_asked_again_is_the_same_and_another_is_refused(v3):
    number = v3.number()
    first = v3.native(number)
    assert v3.native(number).json == first.json
    other = v3.native(number, 1281)
    assert other.said == (403, "OUT_TRADE_NO_USED")
    assert other.headers["Request-ID"].endswith("-268498688")


def test_an_order_is_closed_once_and_again_and_never_when_paid(sandbox, v3):
    number = v3.number()
    code_url = v3.native(number).json["code_url"]
    v3.scan(code_url)
    for _ in range(2):
        closed = v3.close(number)
        assert (closed.status, closed.body) == (204, b"")
    assert v3.state(number) == "CLOSED"
    with pytest.raises(Refusal):
        sandbox.decide(number, "confirm")
    with pytest.raises(Refusal, match="CLOSED"):
        v3.scan(code_url)
    assert v3.native(number).said == (400, "ORDER_CLOSED")

    paid = v3.sell()
    refused = v3.close(paid)
    assert refused.said == (400, "ORDERPAID")
    assert refused.headers["Request-ID"].endswith("-268449538")
    assert v3.native(paid).said == (400, "ORDERPAID")
    assert v3.close("NOBODY").said == (404, "ORDER_NOT_EXIST")


def test_an_order_of_a_code_is_not_closed(sandbox, v3):
    number = v3.number()
    Client(sandbox).pay(sandbox.code(), number, 100_001)
    refused = v3.close(number)
    assert refused.status == 400
    assert refused.headers["Request-ID"].endswith("-268449641")


def test_closeorder_closes_it_too_after_five_minutes_and_reverse_does_not(sandbox, v3):
    number, kiosk = v3.number(), Client(sandbox)
    v3.native(number)
    assert kiosk.close(number)["err_code"] == "INVALID_REQUEST"
    assert kiosk.reverse(number)["err_code"] == "TRADE_ERROR"
    sandbox.advance(300)
    assert kiosk.close(number)["result_code"] == "SUCCESS"
    assert v3.state(number) == "CLOSED"


def test_an_order_expires_when_the_merchant_said(sandbox, v3):
    sandbox.advance(86_400)  # the merchant's clock is the machine's
    number = v3.number()
    code_url = v3.native(number, time_expire=later(120)).json["code_url"]
    sandbox.advance(110)
    assert v3.state(number) == "NOTPAY"
    v3.scan(code_url)
    sandbox.advance(20)
    assert v3.state(number) == "CLOSED"


def test_a_code_on_the_screen_lives_two_hours(sandbox, v3):
    number = v3.number()
    code_url = v3.native(number).json["code_url"]
    sandbox.advance(7201)
    with pytest.raises(Refusal, match="two hours"):
        v3.scan(code_url)
    assert v3.state(number) == "NOTPAY"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"appid": None}, "PARAM_ERROR"),
        ({"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
        ({"mchid": "1000000000"}, "PARAM_ERROR"),
        ({"description": ""}, "PARAM_ERROR"),
        ({"description": "x" * 128}, "PARAM_ERROR"),
        ({"out_trade_no": "A1"}, "PARAM_ERROR"),
        ({"out_trade_no": "a b c d e"}, "PARAM_ERROR"),
        ({"out_trade_no": 123456}, "PARAM_ERROR"),
        ({"amount": {"total": 0}}, "PARAM_ERROR"),
        ({"amount": {"total": "1280"}}, "PARAM_ERROR"),
        ({"amount": {"total": 12.8}}, "PARAM_ERROR"),
        ({"amount": {"total": True}}, "PARAM_ERROR"),
        ({"amount": {"total": 1, "currency": "USD"}}, "PARAM_ERROR"),
        ({"amount": None}, "PARAM_ERROR"),
        ({"notify_url": None}, "PARAM_ERROR"),
        ({"notify_url": "http://example.org/notify"}, "PARAM_ERROR"),
        ({"notify_url": "https://example.org/notify?a=1"}, "PARAM_ERROR"),
        ({"time_expire": "2026-06-05 14:00:00"}, "PARAM_ERROR"),
        ({"time_expire": "2020-06-05T14:00:00+08:00"}, "PARAM_ERROR"),
        ({"limit_pay": "no_credit"}, "PARAM_ERROR"),
        ({"scene_info": {"device_id": "D01"}}, "PARAM_ERROR"),
        ({"scene_info": {"payer_client_ip": "kiosk"}}, "PARAM_ERROR"),
        ({"detail": {"goods_detail": [{"goods_name": "apple"}]}}, "PARAM_ERROR"),
        ({"out_trade_nr": "A1"}, "PARAM_ERROR"),
    ],
)
def test_an_order_out_of_form_is_refused(v3, own, said):
    number = v3.number()
    assert v3.native(number, **own).said == (400, said)
    assert v3.state(number) == "ORDER_NOT_EXIST"


def test_a_service_provider_sells_for_his_shop(sandbox, v3):
    number, merchant = v3.number(), v3.merchant
    document = v3.native_document(number, appid=None, mchid=None)
    document |= {"sp_appid": merchant["appid"], "sp_mchid": merchant["mch_id"]}
    path = "/v3/pay/partner/transactions"
    assert v3.call("POST", f"{path}/native", document).said == (400, "PARAM_ERROR")
    document["sub_mchid"] = "1999999999"
    assert v3.call("POST", f"{path}/native", document).said == (403, "NO_AUTH")
    document["sub_mchid"] = merchant["sub_mch_id"]
    made = v3.call("POST", f"{path}/native", document)
    v3.scan(made.json["code_url"])
    sandbox.decide(number, "confirm")
    query = f"?sp_mchid={merchant['mch_id']}&sub_mchid={merchant['sub_mch_id']}"
    found = v3.call("GET", f"{path}/out-trade-no/{number}{query}").json
    assert (found["sub_mchid"], found["payer"]) == (
        merchant["sub_mch_id"],
        {"sp_openid": "oPhone"},
    )
    close = {"sp_mchid": merchant["mch_id"], "sub_mchid": merchant["sub_mch_id"]}
    closed = v3.call("POST", f"{path}/out-trade-no/{number}/close", close)
    assert closed.said == (400, "ORDERPAID")


def test_a_query_names_the_merchant(v3):
    assert v3.call("GET", "/v3/pay/transactions/out-trade-no/A1").said == (400, "PARAM_ERROR")
    assert v3.query("NOBODY").said == (404, "ORDER_NOT_EXIST")


def test_a_refund_is_told_with_its_state(sandbox, v3):
    number = v3.sell()
    done = v3.refund(number, f"{number}R1", 500, reason="缺货", funds_account="AVAILABLE").json
    assert (done["status"], done["channel"]) == ("SUCCESS", "ORIGINAL")
    assert done["funds_account"] == "AVAILABLE"
    assert (done["amount"]["refund"], done["amount"]["total"]) == (500, 1280)
    assert (done["amount"]["payer_refund"], done["amount"]["currency"]) == (500, "CNY")
    assert done["success_time"] >= done["create_time"]
    assert v3.refunded(f"{number}R1").json == done
    assert v3.refund(number, f"{number}R1", 500).json == done
    assert v3.state(number) == "REFUND"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("processing 8", "SUCCESS"),
        ("processing change 8", "ABNORMAL"),
        ("processing close 8", "CLOSED"),
    ],
)
def test_a_refund_under_way_ends_as_scripted(sandbox, v3, words, status):
    number = v3.sell()
    sandbox.script(words, api="refund")
    under_way = v3.refund(number, f"{number}R1", 500).json
    assert (under_way["status"], "success_time" in under_way) == ("PROCESSING", False)
    sandbox.advance(8)
    ended = v3.refunded(f"{number}R1").json
    assert ended["status"] == status
    assert ("success_time" in ended) == (status == "SUCCESS")


def test_a_refund_that_cannot_be_is_refused(sandbox, v3):
    number = v3.sell()
    v3.refund(number, f"{number}R1", 1000)
    assert v3.refund(number, f"{number}R1", 1).said == (400, "INVALID_REQUEST")
    assert v3.refund(number, f"{number}R2", 100).said == (429, "FREQUENCY_LIMITED")
    sandbox.advance(60)
    assert v3.refund(number, f"{number}R2", 281).said == (400, "INVALID_REQUEST")
    assert v3.refund("NOBODY", "RN", 1).said == (404, "RESOURCE_NOT_EXISTS")
    assert v3.refunded("NOBODY").said == (404, "RESOURCE_NOT_EXISTS")
    assert v3.refund(None, "RN", 1).said == (400, "PARAM_ERROR")
    assert v3.refund(number, "RN", 1, sub_mchid="1999999999").said == (403, "NO_AUTH")
    sandbox.script("decline NOT_ENOUGH", api="refund")
    assert v3.refund(number, "RN", 1).said == (403, "NOT_ENOUGH")


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("systemerror-paid", 500, "SYSTEM_ERROR"),
        ("decline RULE_LIMIT", 403, "RULE_LIMIT"),
        ("decline SOMETHING_NEW", 400, "SOMETHING_NEW"),
    ],
)
def test_a_script_strikes_this_wire_too(sandbox, v3, words, status, code):
    number = v3.number()
    sandbox.script(words, api="native")
    assert v3.native(number).said == (status, code)
    found = "NOTPAY" if words == "systemerror-paid" else "ORDER_NOT_EXIST"
    assert v3.state(number) == found


def test_a_wrong_signature_and_a_lost_answer_on_this_wire(sandbox, v3):
    number = v3.sell()
    sandbox.script("wrong-signature", api="orderquery")
    path = f"/v3/pay/transactions/out-trade-no/{number}?mchid={v3.merchant['mch_id']}"
    answer = v3.call("GET", path, signed=False)
    assert answer.json["trade_state"] == "SUCCESS"
    assert not v3.is_signed(answer)
    sandbox.script("drop-answer", api="refund")
    with pytest.raises(OSError, match=r"\w+"):
        v3.refund(number, f"{number}R1", 500)
    assert v3.refunded(f"{number}R1").json["status"] == "SUCCESS"


def test_the_audit_follows_native_orders(fresh):
    v3 = V3Client(fresh)
    number = v3.number()
    code_url = v3.native(number).json["code_url"]
    assert fresh.audit()["unresolved_orders"] == [number]
    v3.scan(code_url)
    fresh.decide(number, "confirm")
    assert fresh.audit()["unresolved_orders"] == [number]
    v3.query(number)
    audit = fresh.audit()
    assert audit["unresolved_orders"] == []
    assert audit["unreported_orders"] == [number]
    assert audit["clean"]
    assert audit["books_balance"]
    never = v3.number()
    v3.native(never)
    v3.close(never)
    assert fresh.audit()["unresolved_orders"] == []


def test_an_order_survives_a_kill_and_its_repeat_is_known(fresh):
    v3 = V3Client(fresh)
    number = v3.number()
    made = v3.native(number)
    fresh.kill()
    fresh.restart()
    assert v3.native(number).json == made.json
    v3.scan(made.json["code_url"])
    fresh.decide(number, "confirm")
    assert v3.state(number) == "SUCCESS"
