"""Whatever comes in the place of an answer is read, refused or unknown, and never worse."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.channels.channel import ChannelError, NotFound, Presented
from kiosk.channels.wechatpay.v3 import documents
from kiosk.channels.wechatpay.v3.answers import close_answer, present_answer, query_answer
from kiosk.channels.wechatpay.v3.client import Answer
from kiosk.channels.wechatpay.v3.keys import read_certificates
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.v3.proof import verify
from kiosk.channels.wechatpay.v3.refund_answers import known_refund, refund_answer
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone
from tests.channels.v3.wallet import APPID, CODE_URL, HOUR, KEY, MCH_ID, NUMBER, PAID, seal

REFUND_NO = f"{NUMBER}R1"
ABOUT = {"out_trade_no": NUMBER, "out_refund_no": REFUND_NO}
WHOLE = {
    **PAID,
    **ABOUT,
    "code_url": CODE_URL,
    "code": "ORDERPAID",
    "message": "不行",
    "refund_id": "5030000001",
    "status": "SUCCESS",
    "amount": {"total": 1280, "refund": 500, "currency": "CNY"},
}
OPTIONS = WechatNativeOptions(
    appid=APPID,
    mch_id=MCH_ID,
    key=KEY,
    device_id="D01",
    notify_url="https://shop.example/notify",
    private_key_path="merchant.key",
    serial_no="1",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
STATUS = st.sampled_from([200, 202, 204, 301, 400, 401, 403, 404, 429, 500, 502]) | st.integers()
FACTS = (Presented, NotFound, Approved, Declined, Waiting, PayError, Reversed)
REFUND_FACTS = (RefundAccepted, RefundDone, RefundClosed, RefundAbnormal)


def readings(answer: Answer):
    yield lambda: present_answer(answer, 1795248120.0)
    yield lambda: query_answer(answer, OPTIONS, NUMBER)
    yield lambda: query_answer(answer, OPTIONS, "", "4200000001")
    yield lambda: close_answer(answer)
    yield lambda: refund_answer(answer, ABOUT, Money(500))
    yield lambda: known_refund(answer, ABOUT)


def read_all(answer: Answer) -> list[object]:
    """Every fact that one of the readings finds; what the others say must be fit to be kept."""
    facts, said = [], ""
    for read in readings(answer):
        try:
            facts.append(read())
        except ChannelError as error:
            said += error.cause + error.mend
    assert said.encode().decode().isprintable()
    return facts


@given(st.binary(max_size=300))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'{"a":' + b"9" * 5000 + b"}")
@example(b'{"a":"\\ud800"}')
@example(b" " * (documents.LIMIT + 1))
def test_random_bytes_are_no_document_or_one(body):
    try:
        document = documents.parse(body)
    except ValueError:
        return
    assert isinstance(document, dict)


@pytest.mark.parametrize("inside", ['{"a":1,"a":2}', '{"b":{"a":1,"a":2}}', "[]", "7", "NaN"])
def test_what_two_readers_could_read_differently_is_no_document(inside):
    with pytest.raises(ValueError, match=r"JSON|object"):
        documents.parse(inside.encode())


@given(st.data())
def test_a_genuine_answer_with_bytes_changed_is_read_or_refused(data):
    body = bytearray(json.dumps(WHOLE, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        document = documents.parse(bytes(body))
    except ValueError:
        return
    read_all(Answer(data.draw(STATUS), document))


@settings(max_examples=100)
@given(STATUS, st.dictionaries(st.sampled_from(sorted(WHOLE)), JSON), st.text(max_size=20))
@example(200, {"trade_state": "\ud800"}, "")
@example(400, {"code": "\ud800", "message": "\ud800\n\n"}, "")
@example(200, {"amount": {"total": True, "refund": True}}, "")
def test_any_value_in_any_field_is_read_or_refused(status, changes, request_id):
    for fact in read_all(Answer(status, {**WHOLE, **changes}, request_id, 1795248000.0)):
        if isinstance(fact, Approved | RefundDone):
            assert type(fact.fen) is int
            assert fact.fen >= 0
        if isinstance(fact, Presented):
            assert fact.code_url == CODE_URL
            assert status == 200


@given(STATUS, JSON)
def test_any_document_is_read_or_refused(status, value):
    document = value if isinstance(value, dict) else {"data": value}
    for fact in read_all(Answer(status, document)):
        assert not isinstance(fact, Presented | Approved | RefundDone)


def test_each_reading_reaches_its_fact_so_that_the_noise_has_something_to_break():
    whole = Answer(200, WHOLE, "", 1795248000.0)
    assert {type(fact).__name__ for fact in read_all(whole)} == {
        "Presented",
        "Approved",
        "RefundDone",
        "KnownRefund",
    }
    assert Reversed() in read_all(Answer(204, {}))


# --- certificates


@settings(max_examples=80)
@given(JSON)
def test_any_list_of_certificates_is_refused_or_read(value):
    for document in ({"data": value}, {"data": [value]}):
        try:
            found = read_certificates(document, KEY)
        except ValueError:
            continue
        assert found == ()


@settings(max_examples=80)
@given(st.binary(max_size=120))
@example(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
def test_anything_may_be_sealed_as_a_certificate(pem):
    listed = {"serial_no": "1", "encrypt_certificate": seal(pem, "certificate")}
    with pytest.raises(ValueError, match=r"."):
        read_certificates({"data": [listed]}, KEY)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_certificate_with_bytes_changed_is_refused_or_another(wallets, data):
    from kiosk.channels.wechatpay.v3 import signing

    genuine = wallets[1].certificate(-HOUR, HOUR)
    pem = bytearray(signing.opened(KEY, genuine["encrypt_certificate"]))
    pem[data.draw(st.integers(0, len(pem) - 1))] = data.draw(st.integers(0, 255))
    listed = {**genuine, "encrypt_certificate": seal(bytes(pem), "certificate")}
    try:
        found = read_certificates({"data": [listed]}, KEY)
    except ValueError:
        return
    assert all(each.serial_no == genuine["serial_no"] for each in found)


# --- headers


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                f"wechatpay-{n}"
                for n in ("timestamp", "nonce", "signature", "serial", "signature-type")
            ]
        ),
        st.text(max_size=20) | st.just("1795248000") | st.just("known"),
    ),
    st.binary(max_size=20),
)
def test_no_headers_but_the_right_ones_prove_a_body(wallet, headers, body):
    key = {"known": wallet.private.public_key()}.get
    with pytest.raises(ValueError, match=r"."):
        verify(headers, body, key, 1795248000.0)
