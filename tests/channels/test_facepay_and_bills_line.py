"""Face codes of type 0, and fetching bills, over a line of bytes."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date

import pytest

from kiosk.channels.channel import (
    ChannelError,
    GoodsLine,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    Refused,
    Token,
    TokenKind,
)
from kiosk.channels.wechatpay import BillType, FaceCodeType, WechatPay
from kiosk.channels.wechatpay.bill import read_bill
from kiosk.channels.wechatpay.bill_download import download_bill
from kiosk.channels.wechatpay.client import SignedClient
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined
from tests.channels.bills import bill_of
from tests.channels.conftest import KEY, signature
from tests.channels.test_line import MISHAPS, answers_in_turn

PAID = {"result_code": "SUCCESS", "transaction_id": "4200000001", "total_fee": "1280"}
FACE = Token(TokenKind.FACE, "ABCDEFGHIJ1234567890")
DAY = date(2026, 11, 21)


# --- face codes


def test_a_face_code_of_type_0_is_paid_at_facepay(raw_peer, options):
    raw_peer.will_answer(**PAID, trade_type="FACEPAY")
    order = PayOrder(
        "S1D01T20261121000002",
        Money(1280),
        "kiosk order",
        [GoodsLine("6901234567892", "苹果", 2, Money(640))],
    )
    with WechatPay(options(face_code_type="0"), nonce=lambda: "d749d7b4d79f4ac6") as channel:
        assert channel.pay(order, FACE) == Approved("4200000001", 1280)
    (line,) = raw_peer.asked
    assert line.path == "/pay/facepay"
    sent = {name: value for name, value in line.fields.items() if name != "sign"}
    detail = json.loads(sent.pop("detail"))
    assert detail["goods_detail"][0]["goods_num"] == 2
    assert "quantity" not in detail["goods_detail"][0]
    assert sent == {
        "appid": "wx2421b1c4370ec43b",
        "mch_id": "1230000109",
        "device_info": "D01",
        "body": "kiosk order",
        "out_trade_no": "S1D01T20261121000002",
        "total_fee": "1280",
        "fee_type": "CNY",
        "spbill_create_ip": "127.0.0.1",
        "face_code": "ABCDEFGHIJ1234567890",
        "nonce_str": "d749d7b4d79f4ac6",
        "sign_type": "HMAC-SHA256",
    }
    everything = {name: value for name, value in line.fields.items() if name != "sign"}
    assert line.fields["sign"] == signature(everything, KEY, "HMAC-SHA256")


@pytest.mark.parametrize(
    ("kind", "token_kind"), [("0", TokenKind.CODE), ("1", TokenKind.CODE), ("1", TokenKind.FACE)]
)
def test_every_other_token_is_paid_at_micropay(raw_peer, options, order, kind, token_kind):
    raw_peer.will_answer(**PAID)
    with WechatPay(options(face_code_type=kind)) as channel:
        channel.pay(order, Token(token_kind, "130000000000000001"))
    assert raw_peer.asked[0].path == "/pay/micropay"


@pytest.mark.parametrize("value", ["", "A" * 129, "面", "A B"])
def test_what_cannot_be_a_face_code_is_declined_unasked(raw_peer, options, order, value):
    with WechatPay(options(face_code_type="0")) as channel:
        assert channel.pay(order, Token(TokenKind.FACE, value)) == Declined("AUTH_CODE_INVALID")
    assert raw_peer.asked == []


def test_a_face_code_that_was_spent_by_this_very_order_paid_for_it(raw_peer, options, order):
    spent = {"result_code": "FAIL", "err_code": "PARAM_ERROR", "err_code_des": "face_code已被使用"}
    raw_peer.will(*answers_in_turn(spent, {**PAID, "trade_state": "SUCCESS"}))
    with WechatPay(options(face_code_type="0")) as channel:
        assert channel.pay(order, FACE) == Approved("4200000001", 1280)


def test_facepay_is_signed_by_hmac_only(options):
    with pytest.raises(ValueError, match="sign_type must be HMAC-SHA256"):
        options(face_code_type="0", sign_type="MD5")
    with pytest.raises(ValueError, match="face_code_type"):
        options(face_code_type="2")
    assert options(face_code_type=0).face_code_type is FaceCodeType.FACE_PAY


# --- bills


def sends(content: bytes):
    def play(line):
        line.read()
        line.send(content)

    return play


@pytest.fixture
def channel(options):
    with WechatPay(options()) as channel:
        yield channel


def test_a_packed_bill_arrives_as_it_was_sent(raw_peer, channel):
    packed = gzip.compress(bill_of())
    raw_peer.will(sends(packed))
    content = channel.download_bill(DAY)
    assert content == packed
    assert len(list(read_bill(io.BytesIO(content)))) == 4
    (line,) = raw_peer.asked
    assert line.path == "/pay/downloadbill"
    sent = {name: value for name, value in line.fields.items() if name != "sign"}
    asked = {name: sent[name] for name in ("bill_date", "bill_type", "tar_type")}
    assert asked == {"bill_date": "20261121", "bill_type": "ALL", "tar_type": "GZIP"}
    assert line.fields["sign"] == signature(sent, KEY, "HMAC-SHA256")


def test_a_bill_may_be_asked_for_as_text(raw_peer, options):
    raw_peer.will(sends(bill_of()))
    settings = options()
    client = SignedClient(settings, lambda: "n", lambda: 0.0)
    content = download_bill(settings, client, DAY, BillType.REFUND, packed=False)
    client.close()
    assert content == bill_of()
    assert "tar_type" not in raw_peer.asked[0].fields
    assert raw_peer.asked[0].fields["bill_type"] == "REFUND"


def test_a_bill_may_be_longer_than_an_answer(raw_peer, channel):
    long = bill_of() + b"\r\n" * 300_000
    raw_peer.will(sends(long))
    assert channel.download_bill(DAY) == long


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("No Bill Exist", "20002", Refused),
        ("NO Bill Exist", "", Refused),
        ("", "20002", Refused),
        ("missing parameter", "20001", Refused),
        ("签名错误", "", Refused),
        ("SIGN ERROR", "", Refused),
        ("invalid bill_type", "", Refused),
        ("data format error", "", Refused),
        ("Bill Creating", "", OutcomeUnknown),
        ("Bill Creating", "20002", OutcomeUnknown),
        ("SYSTEMERROR", "", OutcomeUnknown),
        ("CompressGZip Error", "", OutcomeUnknown),
        ("never seen before", "29999", OutcomeUnknown),
        ("", "", OutcomeUnknown),
    ],
)
def test_each_refusal_of_a_bill_says_whether_to_ask_again(raw_peer, channel, text, code, error):
    inside = f"<return_msg><![CDATA[{text}]]></return_msg><error_code>{code}</error_code>"
    raw_peer.will(sends(f"<xml><return_code>FAIL</return_code>{inside}</xml>".encode()))
    with pytest.raises(ChannelError) as raised:
        channel.download_bill(DAY)
    assert type(raised.value) is error


def test_a_missing_bill_tells_when_to_ask(raw_peer, channel):
    raw_peer.will(sends(b"<xml><return_msg>No Bill Exist</return_msg></xml>"))
    with pytest.raises(Refused) as error:
        channel.download_bill(DAY)
    assert error.value.code == "NO_BILL"
    assert "ten in the morning" in error.value.mend


@pytest.mark.parametrize(
    "mishap", ["closed after the request", "half an answer", "HTTP 502", "HTML", "an empty body"]
)
def test_what_is_no_bill_is_none(raw_peer, channel, mishap):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(OutcomeUnknown):
        channel.download_bill(DAY)


def test_no_bill_comes_from_where_nobody_listens(options):
    with WechatPay(options(pay_url="http://nowhere.invalid")) as channel, pytest.raises(NotSent):
        channel.download_bill(DAY)
