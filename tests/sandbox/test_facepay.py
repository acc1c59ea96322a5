"""The older face payment, and the small calls beside the pay calls."""

from __future__ import annotations

import re

import pytest
from wallet_client import Client, face, sign, to_xml

ALICE = face(1)


@pytest.fixture
def look(sandbox, kiosk):
    """A face code of the older kind for Alice."""
    sandbox.enrol("oAlice", ALICE, balance=500_000)

    def looked(number, fen=1280, **own):
        return kiosk.look(ALICE, number, fen, **({"face_code_type": "0"} | own))["face_code"]

    return looked


def test_the_older_face_code_pays_by_facepay(sandbox, kiosk, look):
    number = kiosk.number()
    code = look(number)
    assert re.fullmatch(r"[A-Za-z0-9]{20}", code)
    paid = kiosk.facepay(code, number, attach="till 1", openid="oAlice")
    assert (paid["result_code"], paid["openid"]) == ("SUCCESS", "oAlice")
    assert (paid["trade_type"], paid["attach"]) == ("FACEPAY", "till 1")
    assert kiosk.query(number)["trade_type"] == "FACEPAY"
    assert sandbox.audit()["books_balance"]


def test_the_older_kind_is_what_a_face_call_gives_by_default(sandbox, kiosk, look):
    code = look(kiosk.number(), face_code_type="")
    assert len(code) == 20


@pytest.mark.parametrize("change", [{"fen": 1281}, {"number": "OTHER1"}, {"device_info": "D02"}])
def test_an_older_face_code_pays_only_what_it_was_given_for(kiosk, look, change):
    number = kiosk.number()
    code = look(number)
    wanted = {"number": number, "fen": 1280} | change
    assert kiosk.facepay(code, **wanted)["err_code_des"] == "face_code业务信息不匹配"
    assert kiosk.facepay(code, number)["err_code_des"] == "face_code已被使用"


def test_each_pay_call_takes_its_own_kind_of_code(sandbox, kiosk, look):
    number = kiosk.number()
    code = look(number)
    assert kiosk.pay(code, number)["err_code"] == "PARAM_ERROR"
    assert kiosk.facepay(sandbox.code(), kiosk.number())["err_code_des"] == "face_code无效"
    assert kiosk.facepay("X" * 20, kiosk.number())["result_code"] == "FAIL"
    assert kiosk.facepay(code, number)["result_code"] == "SUCCESS"


def test_somebody_elses_openid_is_refused(kiosk, look):
    number = kiosk.number()
    assert kiosk.facepay(look(number), number, openid="oBert")["err_code"] == "PARAM_ERROR"


def test_facepay_is_signed_with_hmac_only(kiosk):
    fields = kiosk.fields("MD5", out_trade_no="A1", face_code="X" * 20)
    assert kiosk.post("/pay/facepay", fields)["return_code"] == "FAIL"


def test_facepay_has_a_query_and_a_reverse_under_its_own_names(sandbox, kiosk, look):
    number = kiosk.number()
    kiosk.facepay(look(number), number)
    hmac = {"sign_type": "HMAC-SHA256", "out_trade_no": number}
    found = kiosk.signed_post("/pay/facepayquery", kiosk.fields(**hmac))
    assert found["trade_state"] == "SUCCESS"
    sandbox.advance(15)
    done = kiosk.signed_post("/secapi/pay/facepayreverse", kiosk.fields(**hmac))
    assert (done["result_code"], done["recall"]) == ("SUCCESS", "N")
    assert kiosk.state(number) == "REVOKED"


def test_scripts_amounts_and_the_audit_know_facepay(fresh):
    kiosk = Client(fresh)
    fresh.enrol("oAlice", ALICE)
    number = kiosk.number()
    code = kiosk.look(ALICE, number, 90005, face_code_type="0")["face_code"]
    assert kiosk.facepay(code, number, 90005)["err_code"] == "USERPAYING"
    assert fresh.audit()["unresolved_orders"] == [number]
    fresh.advance(8)
    assert kiosk.state(number) == "SUCCESS"
    kiosk.facepay(code, number, 90005)
    audit = fresh.audit()
    assert audit["unresolved_orders"] == []
    assert audit["codes_sent_twice"][0]["times"] == 2
    fresh.script("systemerror-paid", api="facepay")
    number = kiosk.number()
    code = kiosk.look(ALICE, number, face_code_type="0")["face_code"]
    assert kiosk.facepay(code, number)["err_code"] == "SYSTEMERROR"
    assert kiosk.state(number) == "SUCCESS"


def test_an_order_of_a_code_is_reversed_and_never_closed(sandbox, kiosk):
    paid, waiting, closed = kiosk.number(), kiosk.number(), kiosk.number()
    kiosk.pay(sandbox.code(balance=0), closed)
    sandbox.advance(45)
    kiosk.pay(sandbox.code(), paid)
    kiosk.pay(sandbox.code(), waiting, 100_001)
    assert kiosk.close(paid)["err_code"] == "ORDERPAID"
    assert kiosk.close(waiting)["err_code"] == "268449641"
    assert kiosk.close(closed)["err_code"] == "ORDERCLOSED"
    assert kiosk.close(kiosk.number())["err_code"] == "ORDERNOTEXIST"
    assert kiosk.close("")["err_code"] == "LACK_PARAMS"
    assert kiosk.state(waiting) == "USERPAYING"


def test_a_code_names_its_holder_and_still_pays(sandbox, kiosk):
    code = sandbox.code(openid="oLi", balance=5000)
    assert kiosk.openid(code)["openid"] == "oLi"
    assert kiosk.pay(code, kiosk.number())["result_code"] == "SUCCESS"
    assert kiosk.openid(code)["err_code"] == "AUTH_CODE_ERROR"
    assert kiosk.openid("130000000000000001")["err_code"] == "AUTH_CODE_ERROR"
    assert kiosk.openid("280000000000000001")["err_code"] == "AUTH_CODE_INVALID"
    late = sandbox.code()
    sandbox.advance(61)
    assert kiosk.openid(late)["err_code"] == "AUTHCODEEXPIRE"


def test_what_was_not_paid_by_face_is_reported_by_code_or_by_number(fresh):
    kiosk = Client(fresh)
    fresh.enrol("oAlice", ALICE)
    by_code, by_number, never, by_face = (kiosk.number() for _ in range(4))
    code = fresh.code()
    kiosk.pay(code, by_code)
    kiosk.pay(fresh.code(), by_number)
    kiosk.pay(fresh.code(), never)
    kiosk.pay(kiosk.look(ALICE, by_face)["face_code"], by_face)
    assert fresh.audit()["unreported_orders"] == [by_code, by_number, never]
    assert kiosk.report("paycode", auth_code=code)["return_code"] == "SUCCESS"
    own = {"mch_id": kiosk.parties["mch_id"], "out_trade_no": by_number}
    assert kiosk.report("order", **own)["return_code"] == "SUCCESS"
    fresh.script("decline SYSTEMERROR", api="report")
    assert kiosk.report("order", out_trade_no=never)["return_code"] == "SYSTEMERROR"
    audit = fresh.audit()
    assert audit["unreported_orders"] == [never]
    assert audit["codes_sent_twice"] == []
    assert code not in str(audit)


@pytest.mark.parametrize("fields", [{}, {"mch_id": "1", "out_trade_no": "A1"}, {"auth_code": ""}])
def test_a_report_out_of_form_is_refused(sandbox, kiosk, fields):
    assert kiosk.report("order", **fields)["return_code"] == "PARAM_ERROR"


def test_the_published_facepay_vector_is_signed_alike():
    fields = {
        "appid": "wx2421b1c4370ec43b",
        "body": "kiosk order",
        "face_code": "ABCDEFGHIJ1234567890",
        "fee_type": "CNY",
        "mch_id": "1230000109",
        "nonce_str": "d749d7b4d79f4ac6",
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "out_trade_no": "S1D01T20261121000002",
        "sign_type": "HMAC-SHA256",
        "spbill_create_ip": "192.0.2.10",
        "sub_mch_id": "1900000109",
        "total_fee": "1280",
    }
    expected = "B083156E9C6294C7A7E2DC3017A5EC13810DCCB8FEB555BB08061319DDB42211"
    assert sign(fields, "0123456789abcdef0123456789ABCDEF", "HMAC-SHA256") == expected
    assert b"<face_code>" in to_xml(fields)
