from __future__ import annotations

import base64
import math
import re
import struct
import time

import pytest
from wallet_client import Client, between, face, probe_of, sealed

ALICE, BERT, STRANGER = face(1), face(2), face(3)


@pytest.fixture(autouse=True)
def _gallery(sandbox):
    sandbox.control("DELETE", "faces")
    sandbox.enrol("oAlice", ALICE, name="Alice", balance=500_000)
    sandbox.enrol("oBert", BERT, name="Bert", balance=500_000)


def test_an_enrolled_shopper_is_recognised_and_pays(sandbox, kiosk):
    number = kiosk.number()
    authinfo = kiosk.authinfo(kiosk.rawdata(between(ALICE, STRANGER, 0.3)))
    assert (authinfo["return_code"], authinfo["expires_in"]) == ("SUCCESS", "3600")
    assert len(authinfo["authinfo"]) <= 4096
    found = kiosk.face_code(authinfo["authinfo"], number)
    assert found["openid"] == "oAlice"
    assert re.fullmatch(r"1[0-5]\d{16}", found["face_code"])
    paid = kiosk.pay(found["face_code"], number)
    assert (paid["result_code"], paid["openid"]) == ("SUCCESS", "oAlice")


def test_a_stranger_is_not_found(kiosk):
    found = kiosk.look(STRANGER, kiosk.number())
    assert (found["return_code"], found["err"]) == ("ERROR", "FACE_NOT_FOUND")
    assert "face_code" not in found


def test_a_face_between_two_people_is_nobody(kiosk):
    assert kiosk.look(between(ALICE, BERT, 0.49), kiosk.number())["err"] == "FACE_NOT_FOUND"


def test_a_forgotten_face_is_a_stranger(sandbox, kiosk):
    assert sandbox.control("DELETE", "faces/oAlice") == {"forgotten": 1}
    assert kiosk.look(ALICE, kiosk.number())["err"] == "FACE_NOT_FOUND"
    assert kiosk.look(BERT, kiosk.number())["openid"] == "oBert"


def test_a_template_of_another_net_matches_nobody(kiosk):
    assert kiosk.look(face(1, dim=64), kiosk.number())["err"] == "FACE_NOT_FOUND"


def test_a_face_code_for_no_order_yet_pays_any_on_its_device(kiosk):
    unsaid = {"out_trade_no": "", "total_fee": ""}
    code = kiosk.look(ALICE, kiosk.number(), **unsaid)["face_code"]
    assert kiosk.pay(code, kiosk.number(), fen=990)["openid"] == "oAlice"
    code = kiosk.look(ALICE, kiosk.number(), **unsaid)["face_code"]
    assert kiosk.pay(code, kiosk.number(), device_info="D02")["result_code"] == "FAIL"


@pytest.mark.parametrize("change", [{"fen": 1281}, {"device_info": "D02"}, {"number": "OTHER1"}])
def test_a_face_code_pays_only_what_it_was_given_for(kiosk, change):
    number = kiosk.number()
    code = kiosk.look(ALICE, number)["face_code"]
    wanted = {"number": number, "fen": 1280, "device_info": "D01"} | change
    refused = kiosk.pay(code, **wanted)
    assert (refused["err_code"], refused["err_code_des"]) == (
        "PARAM_ERROR",
        "face_code业务信息不匹配",
    )
    spent = kiosk.pay(code, number)
    assert (spent["err_code"], spent["err_code_des"]) == ("PARAM_ERROR", "face_code已被使用")


def test_a_face_code_lives_sixty_seconds(sandbox, kiosk):
    number = kiosk.number()
    code = kiosk.look(ALICE, number)["face_code"]
    sandbox.advance(61)
    assert kiosk.pay(code, number)["err_code"] == "AUTHCODEEXPIRE"


def test_a_face_pays_at_most_a_thousand_yuan(kiosk):
    assert kiosk.look(ALICE, kiosk.number(), 100_000)["return_code"] == "SUCCESS"
    assert kiosk.look(ALICE, kiosk.number(), 100_001)["err"] == "FACE_LIMIT_EXCEEDED"


def test_a_rawdata_is_judged_once(kiosk):
    rawdata, number = kiosk.rawdata(ALICE), kiosk.number()
    first, again = kiosk.authinfo(rawdata), kiosk.authinfo(rawdata)  # the first answer was lost
    assert kiosk.face_code(again["authinfo"], number)["return_code"] == "SUCCESS"
    assert kiosk.face_code(again["authinfo"], number)["err"] == "RAWDATA_INVALID"
    assert kiosk.face_code(first["authinfo"], number)["err"] == "RAWDATA_INVALID"
    replay = kiosk.authinfo(rawdata)
    assert (replay["return_code"], replay["return_msg"]) == ("ERROR", "无效的RawData数据")
    assert "authinfo" not in replay


def test_a_judgement_of_nobody_is_a_judgement_too(sandbox, kiosk):
    authinfo = kiosk.authinfo(kiosk.rawdata(STRANGER))["authinfo"]
    assert kiosk.face_code(authinfo, kiosk.number())["err"] == "FACE_NOT_FOUND"
    sandbox.enrol("oLate", STRANGER)
    assert kiosk.face_code(authinfo, kiosk.number())["err"] == "RAWDATA_INVALID"


NAN = struct.pack("<f", math.nan)
PLAIN = probe_of(ALICE)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\x00",
        PLAIN[:-10],
        struct.pack(">H", 8) + struct.pack("<8f", *face(1, 8)),
        probe_of([2 * n for n in ALICE]),
        probe_of([0.0] * 128),
        PLAIN[:2] + NAN + PLAIN[6:],
        probe_of(ALICE, "a" * 65),
        PLAIN[:-2] + b"\xff\xfe",
    ],
)
def test_a_sealed_text_that_is_no_probe_is_refused(kiosk, plain):
    rawdata = sealed(plain, kiosk.wallet_public).decode()
    assert kiosk.authinfo(rawdata)["return_code"] == "ERROR"


def test_rawdata_sealed_for_another_wallet_or_altered_is_refused(kiosk):
    good = base64.b64decode(kiosk.rawdata(ALICE))
    for at in (0, 1, 33, 45, len(good) - 1):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        assert kiosk.authinfo(base64.b64encode(bad).decode())["return_code"] == "ERROR"
    other = sealed(PLAIN, b"\x09" + bytes(31)).decode()
    for rawdata in (other, "RAWDATA==", "not base64", base64.b64encode(bytes(60)).decode()):
        assert kiosk.authinfo(rawdata)["return_code"] == "ERROR"


@pytest.mark.parametrize(
    "change",
    [
        {"rawdata": ""},
        {"rawdata": "A" * 2049},
        {"device_id": ""},
        {"store_name": "x" * 129},
        {"version": "2"},
        {"now": "now"},
        {"now": str(int(time.time()) - 301)},
        {"now": str(int(time.time()) + 3600)},
    ],
)
def test_an_authinfo_request_out_of_form_is_a_param_error(kiosk, change):
    answer = kiosk.authinfo(**({"rawdata": kiosk.rawdata(ALICE)} | change))
    assert answer["return_code"] == "PARAM_ERROR"
    assert "authinfo" not in answer


def test_a_wrong_signature_on_authinfo_is_a_param_error(kiosk):
    fields = kiosk.authinfo_fields(kiosk.rawdata(ALICE)) | {"device_id": "D99"}
    answer = kiosk.post("/face/get_wxpayface_authinfo", fields)
    assert answer == {"return_code": "PARAM_ERROR", "return_msg": "签名错误"}


@pytest.mark.parametrize(
    ("change", "err"),
    [
        ({"authinfo": "AAAA"}, "AUTHINFO_INVALID"),
        ({"store_id": "S2"}, "AUTHINFO_INVALID"),
        ({"mch_id": "1"}, "AUTHINFO_INVALID"),
        ({"sub_mch_id": "1"}, "AUTHINFO_INVALID"),
        ({"face_code_type": "2"}, "PARAM_ERROR"),
        ({"face_authtype": "FACEID-ONCE"}, "PARAM_ERROR"),
        ({"total_fee": "12.8"}, "PARAM_ERROR"),
        ({"total_fee": 1280}, "PARAM_ERROR"),
        ({"out_trade_no": "", "face_code_type": "0"}, "LACK_PARAMS"),
        ({"total_fee": "", "face_code_type": ""}, "LACK_PARAMS"),
        ({"ask_face_permit": ""}, "LACK_PARAMS"),
    ],
)
def test_a_face_call_out_of_form_is_refused(kiosk, change, err):
    authinfo = kiosk.authinfo(kiosk.rawdata(ALICE))["authinfo"]
    answer = kiosk.face_code(**({"authinfo": authinfo, "number": kiosk.number()} | change))
    assert answer["err"] == err
    assert answer["return_code"] in {"ERROR", "PARAM_ERROR"}


def test_authinfo_expires_after_an_hour(sandbox, kiosk):
    authinfo = kiosk.authinfo(kiosk.rawdata(ALICE))["authinfo"]
    sandbox.advance(3601)
    assert kiosk.face_code(authinfo, kiosk.number())["err"] == "AUTHINFO_EXPIRED"


def test_authinfo_is_for_the_sub_merchant_it_names(sandbox, kiosk):
    shop = sandbox.merchant()["sub_mch_id"]
    authinfo = kiosk.authinfo(kiosk.rawdata(ALICE), sub_mch_id=shop)
    assert authinfo["sub_mch_id"] == shop
    number = kiosk.number()
    found = kiosk.face_code(authinfo["authinfo"], number, sub_mch_id=shop)
    assert kiosk.pay(found["face_code"], number, sub_mch_id=shop)["sub_mch_id"] == shop


def test_no_probe_and_no_code_is_on_disk_or_in_the_log(fresh):
    kiosk = Client(fresh)
    fresh.enrol("oAlice", ALICE)
    rawdata, number = kiosk.rawdata(between(ALICE, STRANGER, 0.2)), kiosk.number()
    code = kiosk.face_code(kiosk.authinfo(rawdata)["authinfo"], number)["face_code"]
    kiosk.pay(code, number)
    files = [path for path in fresh.folder.rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files)
    assert number.encode() in stored
    assert code.encode() not in stored
    assert rawdata[:40].encode() not in stored
    assert struct.pack("<8f", *between(ALICE, STRANGER, 0.2)[:8]) not in stored


@pytest.mark.parametrize("word", ["USER_CANCEL", "SCAN_PAYMENT", "FACEPAY_NOT_AUTH"])
def test_a_shopper_who_turns_away_is_told_in_the_return_code(sandbox, kiosk, word):
    sandbox.script(f"decline {word}", api="facecode")
    answer = kiosk.look(face(1), kiosk.number())
    assert (answer["return_code"], answer["err"]) == (word, word)
    assert "face_code" not in answer
