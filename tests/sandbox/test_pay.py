from __future__ import annotations

import threading

import pytest
from wallet_client import Client, sign, to_xml


def test_a_payment_is_made_with_the_code_and_found_by_the_query(sandbox, kiosk):
    number = kiosk.number()
    paid = kiosk.pay(sandbox.code(openid="oLi", balance=5000), number, attach="till 1")
    assert (paid["return_code"], paid["result_code"]) == ("SUCCESS", "SUCCESS")
    assert (paid["openid"], paid["trade_type"]) == ("oLi", "MICROPAY")
    assert (paid["total_fee"], paid["cash_fee"]) == ("1280", "1280")
    assert len(paid["transaction_id"]) == 28
    assert paid["transaction_id"].startswith("42")
    assert len(paid["time_end"]) == 14

    found = kiosk.query(number)
    assert found["trade_state"] == "SUCCESS"
    for name in ("transaction_id", "openid", "total_fee", "time_end", "attach", "device_info"):
        assert found[name] == paid[name]
    by_id = kiosk.fields(transaction_id=paid["transaction_id"])
    assert kiosk.post("/pay/orderquery", by_id)["out_trade_no"] == number


@pytest.mark.parametrize("sign_type", ["MD5", "HMAC-SHA256"])
def test_an_answer_is_signed_as_its_request_was(sandbox, kiosk, sign_type):
    answer = kiosk.pay(sandbox.code(), kiosk.number(), sign_type=sign_type)
    assert len(answer["sign"]) == {"MD5": 32, "HMAC-SHA256": 64}[sign_type]


def test_a_request_without_sign_type_is_md5(sandbox, kiosk):
    fields = {**kiosk.parties, "nonce_str": "n", "out_trade_no": "NOBODY"}
    fields["sign"] = sign(fields, kiosk.key)
    answer = kiosk.post("/pay/orderquery", fields)
    assert answer["err_code"] == "ORDERNOTEXIST"
    assert answer["sign"] == sign(answer, kiosk.key)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": ""}, "LACK_PARAMS"),
        ({"spbill_create_ip": ""}, "LACK_PARAMS"),
        ({"auth_code": ""}, "LACK_PARAMS"),
        ({"nonce_str": ""}, "LACK_PARAMS"),
        ({"nonce_str": "n" * 33}, "PARAM_ERROR"),
        ({"body": "x" * 129}, "PARAM_ERROR"),
        ({"total_fee": "0"}, "PARAM_ERROR"),
        ({"total_fee": "-5"}, "PARAM_ERROR"),
        ({"total_fee": "12.80"}, "PARAM_ERROR"),
        ({"total_fee": "١٢"}, "PARAM_ERROR"),
        ({"fee_type": "USD"}, "PARAM_ERROR"),
        ({"out_trade_no": "x" * 33}, "PARAM_ERROR"),
        ({"out_trade_no": "a b"}, "PARAM_ERROR"),
        ({"spbill_create_ip": "kiosk"}, "PARAM_ERROR"),
        ({"detail": "{not json"}, "PARAM_ERROR"),
        ({"time_start": "2026"}, "PARAM_ERROR"),
        ({"sub_mch_id": "1999999999"}, "PARAM_ERROR"),
        ({"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
        ({"auth_code": "280000000000000001"}, "AUTH_CODE_INVALID"),
        ({"auth_code": "18000000000000000x"}, "PARAM_ERROR"),
        ({"auth_code": "130000000000000001"}, "AUTH_CODE_ERROR"),
    ],
)
def test_a_request_out_of_form_is_refused_and_makes_no_order(sandbox, kiosk, change, code):
    number = kiosk.number()
    fields = kiosk.pay_fields(sandbox.code(), number, **change)
    answer = kiosk.signed_post("/pay/micropay", fields)
    assert (answer["result_code"], answer["err_code"]) == ("FAIL", code)
    assert answer["err_code_des"]
    assert kiosk.state(number) == "ORDERNOTEXIST"


def test_a_wrong_signature_is_a_communication_failure_without_signature(sandbox, kiosk):
    fields = kiosk.pay_fields(sandbox.code(), kiosk.number()) | {"total_fee": "1"}
    answer = kiosk.post("/pay/micropay", fields)
    assert answer == {"return_code": "FAIL", "return_msg": "签名错误"}


def test_an_unknown_merchant_and_another_method_are_communication_failures(sandbox, kiosk):
    fields = kiosk.fields(mch_id="1000000000", out_trade_no="A1")
    assert kiosk.post("/pay/orderquery", fields)["return_code"] == "FAIL"
    status, body = sandbox.http("GET", "/pay/micropay")
    assert status == 200
    assert b"<return_code><![CDATA[FAIL]]>" in body


def test_a_code_pays_once(sandbox, kiosk):
    code, first, second = sandbox.code(), kiosk.number(), kiosk.number()
    kiosk.pay(code, first)
    refused = kiosk.pay(code, second)
    assert refused["err_code"] == "AUTH_CODE_ERROR"
    assert refused["err_code_des"].startswith("101 ")
    assert kiosk.state(second) == "ORDERNOTEXIST"


def test_a_code_is_spent_by_a_failure_too(sandbox, kiosk):
    code = sandbox.code(balance=100)
    assert kiosk.pay(code, kiosk.number())["err_code"] == "NOTENOUGH"
    assert kiosk.pay(code, kiosk.number(), 50)["err_code"] == "AUTH_CODE_ERROR"


def test_a_code_lives_sixty_seconds(sandbox, kiosk):
    code = sandbox.code()
    sandbox.advance(61)
    assert kiosk.pay(code, kiosk.number())["err_code"] == "AUTHCODEEXPIRE"


def test_a_number_that_has_paid_does_not_pay_again(sandbox, kiosk):
    code, number = sandbox.code(openid="oOnce", balance=10_000), kiosk.number()
    kiosk.pay(code, number)
    assert kiosk.pay(code, number)["err_code"] == "ORDERPAID"
    assert kiosk.pay(sandbox.code(openid="oOnce"), number)["err_code"] == "ORDERPAID"
    assert kiosk.pay(code, number, 999)["err_code"] == "OUT_TRADE_NO_USED"
    assert kiosk.pay(code, number, body="pears")["err_code"] == "OUT_TRADE_NO_USED"
    assert sandbox.audit()["books_balance"]
    assert sandbox.order(number)["total_fee"] == 1280


def test_too_little_money_declines_and_the_order_closes_by_itself(sandbox, kiosk):
    number = kiosk.number()
    assert kiosk.pay(sandbox.code(balance=1279), number)["err_code"] == "NOTENOUGH"
    assert kiosk.state(number) == "NOTPAY"
    sandbox.advance(45)
    assert kiosk.state(number) == "CLOSED"
    assert kiosk.pay(sandbox.code(), number)["err_code"] == "ORDERCLOSED"


def test_above_a_thousand_yuan_the_phone_confirms(sandbox, kiosk):
    number = kiosk.number()
    assert kiosk.pay(sandbox.code(), number, 100_001)["err_code"] == "USERPAYING"
    assert kiosk.state(number) == "USERPAYING"
    assert kiosk.pay(sandbox.code(), number, 100_001)["err_code"] == "BUYER_MISMATCH"
    assert sandbox.decide(number, "confirm")["state"] == "SUCCESS"
    assert kiosk.query(number)["total_fee"] == "100001"


def test_the_phone_may_refuse_and_nothing_is_paid(sandbox, kiosk):
    number = kiosk.number()
    kiosk.pay(sandbox.code(), number, 100_001)
    sandbox.decide(number, "refuse")
    found = kiosk.query(number)
    assert found["trade_state"] == "PAYERROR"
    assert "transaction_id" not in found


def test_an_unconfirmed_order_closes_after_45_seconds(sandbox, kiosk):
    number = kiosk.number()
    kiosk.pay(sandbox.code(), number, 100_001)
    sandbox.advance(43)
    assert kiosk.state(number) == "USERPAYING"
    sandbox.advance(2)
    assert kiosk.state(number) == "CLOSED"


def test_a_reverse_waits_fifteen_seconds_and_gives_all_the_money_back(sandbox, kiosk):
    number = kiosk.number()
    kiosk.pay(sandbox.code(openid="oBack", balance=1280), number)
    early = kiosk.reverse(number)
    assert (early["result_code"], early["err_code"]) == ("FAIL", "INVALID_REQUEST")
    assert kiosk.state(number) == "SUCCESS"
    sandbox.advance(15)
    done = kiosk.reverse(number)
    assert (done["result_code"], done["recall"]) == ("SUCCESS", "N")
    assert kiosk.state(number) == "REVOKED"
    assert sandbox.order(number)["refunded_at"]
    assert kiosk.reverse(number)["result_code"] == "SUCCESS"  # again: nothing more happens
    assert sandbox.audit()["books_balance"]
    assert kiosk.pay(sandbox.code(openid="oBack"), kiosk.number())["result_code"] == "SUCCESS"


def test_an_open_order_is_reversed_without_money(sandbox, kiosk):
    number = kiosk.number()
    kiosk.pay(sandbox.code(), number, 100_001)
    sandbox.advance(20)
    assert kiosk.reverse(number)["recall"] == "N"
    assert kiosk.state(number) == "REVOKED"
    assert sandbox.order(number)["refunded_at"] is None
    assert kiosk.pay(sandbox.code(), number, 100_001)["err_code"] == "ORDERREVERSED"


def test_after_seven_days_an_order_cannot_be_reversed(sandbox, kiosk):
    number = kiosk.number()
    kiosk.pay(sandbox.code(), number)
    sandbox.advance(7 * 86400 + 1)
    assert kiosk.reverse(number)["err_code"] == "REVERSE_EXPIRE"


def test_what_was_reversed_unseen_is_never_paid_later(sandbox, kiosk):
    number = kiosk.number()
    assert kiosk.reverse(number)["recall"] == "N"
    assert kiosk.state(number) == "REVOKED"
    assert kiosk.pay(sandbox.code(), number)["err_code"] == "ORDERREVERSED"
    assert number in [call["out_trade_no"] for call in sandbox.audit()["pays_after_reverse"]]


def test_reverse_by_transaction_id_and_a_wrong_one(sandbox, kiosk):
    paid = kiosk.pay(sandbox.code(), kiosk.number())
    sandbox.advance(15)
    fields = kiosk.fields(transaction_id=paid["transaction_id"])
    assert kiosk.signed_post("/secapi/pay/reverse", fields)["recall"] == "N"
    wrong = kiosk.fields(transaction_id="4" * 28)
    answer = kiosk.signed_post("/secapi/pay/reverse", wrong)
    assert answer["err_code"] == "INVALID_TRANSACTIONID"
    neither = kiosk.signed_post("/pay/orderquery", kiosk.fields())
    assert neither["err_code"] == "LACK_PARAMS"


def test_speed_shortens_the_rules_of_orders_only(fresh):
    kiosk = Client(fresh)
    fresh.control("POST", "clock", speed=1000)
    code, number = fresh.code(), kiosk.number()
    fresh.advance(1)
    assert kiosk.pay(code, number)["result_code"] == "SUCCESS"
    fresh.advance(0.016)
    assert kiosk.reverse(number)["recall"] == "N"
    assert fresh.audit()["clean"]


def test_a_body_beyond_64_kib_is_not_read(sandbox, kiosk):
    status, _ = sandbox.http("POST", "/pay/micropay", b"x" * (64 * 1024 + 1))
    assert status == 413
    chunked = b"POST /pay/micropay HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    assert kiosk.raw(chunked + 3 * chunk + b"0\r\n\r\n").startswith(b"HTTP/1.1 413")


def test_fields_may_come_as_cdata_or_escaped(sandbox, kiosk):
    fields = kiosk.pay_fields(sandbox.code(), kiosk.number(), body="<a> & ]]> 苹果")
    assert b"&lt;a&gt;" in to_xml(fields)
    assert kiosk.signed_post("/pay/micropay", fields)["result_code"] == "SUCCESS"
    assert sandbox.order(fields["out_trade_no"])["body"] == "<a> & ]]> 苹果"


def test_one_code_sent_by_two_tills_at_once_pays_once(fresh):
    kiosk = Client(fresh)
    code = fresh.code(balance=10_000)
    answers = []

    def till():
        answers.append(kiosk.pay(code, kiosk.number())["result_code"])

    tills = [threading.Thread(target=till) for _ in range(6)]
    for thread in tills:
        thread.start()
    for thread in tills:
        thread.join()
    assert sorted(answers) == ["FAIL"] * 5 + ["SUCCESS"]
    audit = fresh.audit()
    assert audit["money_held"] == 1280
    assert audit["books_balance"]
