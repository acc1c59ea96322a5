from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wallet_client import from_xml, sign, to_xml

from kiosk.sandbox.wire import Malformed, SignType, parse, render, signature, signed, verify

KEY = "0123456789abcdef0123456789ABCDEF"

MICROPAY = {
    "appid": "wx2421b1c4370ec43b",
    "attach": "",
    "auth_code": "130000000000000001",
    "body": "自助收银-苹果",
    "device_info": "KIOSK01",
    "fee_type": "CNY",
    "mch_id": "1230000109",
    "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
    "out_trade_no": "S1D01T20261121000001",
    "spbill_create_ip": "192.0.2.10",
    "sub_mch_id": "1900000109",
    "total_fee": "1",
}
AUTHINFO = {
    "appid": "wx2421b1c4370ec43b",
    "device_id": "D01",
    "mch_id": "1230000109",
    "nonce_str": "d749d7b4d79f4ac6",
    "now": "1795248000",
    "rawdata": "RAWDATA==",
    "sign_type": "MD5",
    "store_id": "S1",
    "store_name": "示例门店",
    "sub_mch_id": "1900000109",
    "version": "1",
}
SAMPLE = {
    "appid": "wxd930ea5d5a258f4f",
    "mch_id": "10000100",
    "device_info": "1000",
    "body": "test",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}
SAMPLE_KEY = "192006250b4c09247ec02edce69f6a2d"
HMAC = "HMAC-SHA256"

VECTORS = [
    (MICROPAY | {"sign_type": "MD5"}, KEY, "MD5", "774394B85AFBF236A896B4DAF8FA791E"),
    (
        MICROPAY | {"sign_type": HMAC},
        KEY,
        HMAC,
        "2B6DD34DFF0EB72DB05DD409C640A75F97EF8B376241D9F59D170199C33AA632",
    ),
    (MICROPAY, KEY, "MD5", "9C51709D8B786660C155B790B7E79EF7"),
    (AUTHINFO, KEY, "MD5", "7D3C57A1B17C8F2625F60638751C8B79"),
    (SAMPLE, SAMPLE_KEY, "MD5", "9A0A8659F005D6984697E2CA0A9CF3B7"),
    (
        SAMPLE,
        SAMPLE_KEY,
        HMAC,
        "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6",
    ),
]


@pytest.mark.parametrize(("fields", "key", "sign_type", "expected"), VECTORS)
def test_the_published_vectors_are_signed_alike_by_sandbox_and_tests(
    fields, key, sign_type, expected
):
    assert signature(fields, key, SignType(sign_type)) == expected
    assert sign(fields, key, sign_type) == expected


def test_a_changed_character_anywhere_breaks_the_signature():
    message = signed(MICROPAY, KEY, SignType.MD5)
    assert verify(message, KEY) is SignType.MD5
    for name in message:
        if name != "attach":
            with pytest.raises(Malformed):
                verify({**message, name: message[name] + "1"}, KEY)


@pytest.mark.parametrize("missing", ["", "é", "774394b85afbf236a896b4daf8fa791e"])
def test_a_missing_foreign_or_lower_case_signature_is_refused(missing):
    with pytest.raises(Malformed):
        verify({**MICROPAY, "sign_type": "MD5", "sign": missing}, KEY)


def test_an_unknown_sign_type_is_refused():
    with pytest.raises(Malformed):
        verify({**MICROPAY, "sign_type": "CRC32", "sign": "0"}, KEY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"hello",
        b"<xml>",
        b"<html><a>1</a></html>",
        b"<xml a='1'><b>1</b></xml>",
        b"<xml><a b='1'>1</a></xml>",
        b"<xml><a><b>1</b></a></xml>",
        b"<xml>loose<a>1</a></xml>",
        b"<xml><a>1</a>loose</xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b"<xml><a>\xff</a></xml>",
        "<xml><a>自</a></xml>".encode("gbk"),
        b'<!DOCTYPE xml [<!ENTITY e "x">]><xml><a>&e;</a></xml>',
        b'<!DOCTYPE xml SYSTEM "file:///etc/hostname"><xml><a>1</a></xml>',
        b"<xml><" + b"n" * 65 + b">1</" + b"n" * 65 + b"></xml>",
    ],
)
def test_a_document_that_is_not_one_flat_list_of_fields_is_malformed(body):
    with pytest.raises(Malformed):
        parse(body)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=40)
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)


@given(st.dictionaries(NAMES, TEXT, max_size=8))
def test_what_is_rendered_is_read_back_by_any_parser(fields):
    fields = {name: value.replace("￾", "").replace("￿", "") for name, value in fields.items()}
    assert parse(render(fields)) == fields
    assert from_xml(render(fields)) == fields
    assert parse(to_xml(fields)) == fields


@given(st.binary(max_size=200))
def test_random_bytes_are_fields_or_malformed_and_nothing_else(body):
    try:
        fields = parse(body)
    except Malformed:
        return
    assert parse(render(fields)) == fields
