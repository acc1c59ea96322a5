from __future__ import annotations

import http.client
import json
import time

import pytest
from wallet_client import face, fields_of, sign

from kiosk.sandbox.scripts import Api
from kiosk.sandbox.testing import Refusal

HMAC = "HMAC-SHA256"


def test_drop_answer_takes_the_money_and_says_nothing(kiosk, attempt):
    number, raw = attempt("drop-answer")
    assert raw == b""
    assert kiosk.state(number) == "SUCCESS"


def test_drop_request_is_never_carried_out(kiosk, attempt):
    number, raw = attempt("drop-request")
    assert raw == b""
    assert kiosk.state(number) == "ORDERNOTEXIST"


def test_delay_pays_at_once_and_answers_late(kiosk, sandbox):
    number = kiosk.number()
    sandbox.script("delay 3")
    fields = kiosk.pay_fields(sandbox.code(), number)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        kiosk.post("/pay/micropay", fields, seconds=0.2)
    assert kiosk.state(number) == "SUCCESS"
    assert time.monotonic() - began < 3  # others are served meanwhile
    sandbox.script("delay 0.3")
    began = time.monotonic()
    assert kiosk.pay(sandbox.code(), kiosk.number())["result_code"] == "SUCCESS"
    assert time.monotonic() - began >= 0.3


def test_late_carries_out_what_nobody_waits_for_any_more(kiosk, sandbox):
    number = kiosk.number()
    sandbox.script("late 0.4")
    with pytest.raises(TimeoutError):
        kiosk.post("/pay/micropay", kiosk.pay_fields(sandbox.code(), number), seconds=0.1)
    assert kiosk.state(number) == "ORDERNOTEXIST"
    time.sleep(0.5)
    assert kiosk.state(number) == "SUCCESS"


def test_hang_never_answers_and_never_pays(kiosk, sandbox):
    number = kiosk.number()
    sandbox.script("hang")
    with pytest.raises(TimeoutError):
        kiosk.post("/pay/micropay", kiosk.pay_fields(sandbox.code(), number), seconds=0.2)
    assert kiosk.state(number) == "ORDERNOTEXIST"


def test_late_finds_its_order_reversed(kiosk, sandbox):
    number = kiosk.number()
    sandbox.script("late 0.2")
    with pytest.raises(TimeoutError):
        kiosk.post("/pay/micropay", kiosk.pay_fields(sandbox.code(), number), seconds=0.05)
    assert kiosk.reverse(number)["recall"] == "N"
    time.sleep(0.3)
    assert kiosk.state(number) == "REVOKED"


@pytest.mark.parametrize(
    ("code", "state"),
    [("NOTENOUGH", "NOTPAY"), ("TRADE_ERROR", "NOTPAY"), ("AUTHCODEEXPIRE", "ORDERNOTEXIST")],
)
def test_decline_refuses_with_the_code(kiosk, attempt, code, state):
    number, raw = attempt(f"decline {code}")
    answer = fields_of(raw)
    assert (answer["result_code"], answer["err_code"]) == ("FAIL", code)
    assert kiosk.state(number) == state


def test_userpaying_succeeds_after_its_seconds(kiosk, sandbox, attempt):
    number, raw = attempt("userpaying 8")
    assert fields_of(raw)["err_code"] == "USERPAYING"
    assert kiosk.state(number) == "USERPAYING"
    sandbox.advance(8)
    assert kiosk.state(number) == "SUCCESS"


def test_userpaying_refuse_fails_after_its_seconds(kiosk, sandbox, attempt):
    number, _ = attempt("userpaying refuse 8")
    assert kiosk.state(number) == "USERPAYING"
    sandbox.advance(8)
    assert kiosk.state(number) == "PAYERROR"


def test_userpaying_phone_waits_for_the_phone(kiosk, sandbox, attempt):
    number, _ = attempt("userpaying phone")
    assert kiosk.state(number) == "USERPAYING"
    sandbox.decide(number, "confirm")
    assert kiosk.state(number) == "SUCCESS"
    with pytest.raises(Refusal):
        sandbox.decide(number, "refuse")


def test_userpaying_forever_is_neither_paid_nor_closed(kiosk, sandbox, attempt):
    number, _ = attempt("userpaying forever")
    sandbox.advance(3600)
    assert kiosk.state(number) == "USERPAYING"
    assert kiosk.reverse(number)["recall"] == "N"


def test_userpaying_longer_than_45_seconds_is_closed_unpaid(kiosk, sandbox, attempt):
    number, _ = attempt("userpaying 60")
    sandbox.advance(61)
    assert kiosk.state(number) == "CLOSED"


@pytest.mark.parametrize(
    ("words", "state"), [("systemerror-paid", "SUCCESS"), ("systemerror-unpaid", "ORDERNOTEXIST")]
)
def test_systemerror_says_the_same_whether_paid_or_not(kiosk, attempt, words, state):
    number, raw = attempt(words)
    answer = fields_of(raw)
    assert (answer["result_code"], answer["err_code"]) == ("FAIL", "SYSTEMERROR")
    assert answer["sign"] == sign(answer, kiosk.key)
    assert kiosk.state(number) == state


@pytest.mark.parametrize(
    ("words", "status", "state"),
    [("http-500", b"500", "SUCCESS"), ("http-502", b"502", "ORDERNOTEXIST")],
)
def test_an_http_error_hides_whether_it_was_paid(kiosk, attempt, words, status, state):
    number, raw = attempt(words)
    assert raw.startswith(b"HTTP/1.1 " + status)
    assert raw.endswith(b"\r\n\r\n")
    assert kiosk.state(number) == state


def test_wrong_signature_is_of_the_right_length_and_wrong(kiosk, attempt):
    number, raw = attempt("wrong-signature")
    answer = fields_of(raw)
    assert len(answer["sign"]) == 32
    assert answer["sign"] != sign(answer, kiosk.key)
    assert kiosk.state(number) == "SUCCESS"


def test_truncated_announces_more_than_it_sends(kiosk, attempt, sandbox):
    number, raw = attempt("truncated")
    head, _, body = raw.partition(b"\r\n\r\n")
    announced = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) < announced
    assert kiosk.state(number) == "SUCCESS"
    sandbox.script("truncated")
    with pytest.raises(http.client.IncompleteRead):
        kiosk.pay(sandbox.code(), kiosk.number())


def test_duplicate_answers_the_second_arrival_and_takes_money_once(kiosk, sandbox, attempt):
    number, raw = attempt("duplicate")
    assert fields_of(raw)["err_code"] == "ORDERPAID"
    assert kiosk.state(number) == "SUCCESS"
    audit = sandbox.audit()
    assert audit["books_balance"]
    assert number not in json.dumps(audit["codes_sent_twice"])


def test_payerror_asks_to_be_reversed(kiosk, sandbox, attempt):
    number, raw = attempt("payerror")
    assert fields_of(raw)["err_code"] == "PAYERROR"
    assert kiosk.state(number) == "PAYERROR"
    sandbox.advance(15)
    assert kiosk.reverse(number)["recall"] == "N"
    assert kiosk.state(number) == "REVOKED"


def test_not_found_hides_a_paid_order_k_times(kiosk, sandbox, attempt):
    sandbox.script("not-found 2")
    number, _ = attempt()
    assert [kiosk.state(number) for _ in range(3)] == ["ORDERNOTEXIST", "ORDERNOTEXIST", "SUCCESS"]


def test_recall_puts_a_reverse_off_k_times(kiosk, sandbox, attempt):
    number, _ = attempt()
    sandbox.advance(15)
    sandbox.script("recall 2")
    assert [kiosk.reverse(number)["recall"] for _ in range(2)] == ["Y", "Y"]
    assert kiosk.state(number) == "SUCCESS"
    assert kiosk.reverse(number)["recall"] == "N"


V3_ONLY = {Api.CERTIFICATES, Api.DOWNLOAD, Api.NOTIFY}


@pytest.mark.parametrize("api", [api for api in Api if api not in {Api.MICROPAY, *V3_ONLY}])
@pytest.mark.parametrize("words", ["drop-answer", "drop-request", "http-500", "http-502"])
def test_every_call_can_be_lost(sandbox, kiosk, api, words):
    number = kiosk.number()
    sandbox.enrol("oAlice", face(1))
    authinfo = kiosk.authinfo(kiosk.rawdata(face(1)))["authinfo"]
    calls = {
        Api.AUTHINFO: lambda: kiosk.authinfo(kiosk.rawdata(face(1))),
        Api.FACECODE: lambda: kiosk.face_code(authinfo, number),
        Api.USERINFO: lambda: kiosk.user_info(authinfo),
        Api.PAYRESULT: lambda: kiosk.pay_result(authinfo, "SUCCESS"),
        Api.NATIVE: lambda: kiosk.native(number),
        Api.ORDERQUERY: lambda: kiosk.query(number),
        Api.REVERSE: lambda: kiosk.reverse(number),
        Api.REFUND: lambda: kiosk.refund(number, "R1", 1),
        Api.REFUNDQUERY: lambda: kiosk.refunds(out_refund_no="R1"),
        Api.REPORT: lambda: kiosk.report("order", out_trade_no=number),
        Api.FACEPAY: lambda: kiosk.facepay("X" * 20, number),
        Api.OPENID: lambda: kiosk.openid(sandbox.code()),
        Api.CLOSE: lambda: kiosk.close(number),
        Api.BILL: lambda: kiosk.file("/pay/downloadbill", bill_date="20260101"),
        Api.FUNDFLOW: lambda: kiosk.file(
            "/pay/downloadfundflow", bill_date="20260101", account_type="Basic", sign_type=HMAC
        ),
    }
    sandbox.script(words, api=api.value)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, AssertionError)):
        calls[api]()
    if api is Api.REVERSE:
        assert kiosk.state(number) == {"drop-answer": "REVOKED", "http-500": "REVOKED"}.get(
            words, "ORDERNOTEXIST"
        )
    else:
        calls[Api.AUTHINFO]()


def test_a_face_call_can_be_declined_or_fail(sandbox, kiosk):
    sandbox.enrol("oAlice", face(1))
    sandbox.script("decline FACE_NOT_FOUND", api="facecode")
    assert kiosk.look(face(1), kiosk.number())["err"] == "FACE_NOT_FOUND"
    sandbox.script("systemerror-unpaid", api="facecode")
    assert kiosk.look(face(1), kiosk.number())["return_code"] == "SYSTEMERROR"
    sandbox.script("systemerror-unpaid", api="authinfo")
    assert kiosk.authinfo(kiosk.rawdata(face(1)))["return_code"] == "SYSTEMERROR"
