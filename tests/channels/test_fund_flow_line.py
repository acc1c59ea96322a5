"""The fund-flow bill of the v2 interface over a line of bytes, and its notify of a refund."""

from __future__ import annotations

import base64
import gzip
import hashlib
from datetime import date

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.channel import ChannelError, NotSent, OutcomeUnknown, Refused
from kiosk.channels.wechatpay import WechatPay, WechatPayOptions
from kiosk.channels.wechatpay.refund_notice import RefundNotice, read_refund_notice
from tests.channels.conftest import APPID, KEY, MCH_ID, signature, xml_of
from tests.channels.test_facepay_and_bills_line import sends

DAY = date(2026, 11, 21)
FLOW = "\ufeff记账时间,微信支付业务单号\r\n`2026-11-21 10:00:00,`4200000001\r\n".encode()
OPTIONS = WechatPayOptions(
    appid=APPID, mch_id=MCH_ID, key=KEY, device_id="D01", store_id="S1", store_name="shop"
)


@pytest.mark.parametrize(
    ("account", "word"), [("BASIC", "Basic"), ("OPERATION", "Operation"), ("FEES", "Fees")]
)
def test_the_flow_is_asked_for_with_hmac_whatever_else_is_signed_with(
    raw_peer, options, account, word
):
    packed = gzip.compress(FLOW)
    raw_peer.will(sends(packed))
    with WechatPay(options(sign_type="MD5", sub_mch_id="1900000109")) as channel:
        assert channel.download_fund_flow(DAY, account) == packed
    (line,) = raw_peer.asked
    assert line.path == "/pay/downloadfundflow"
    sent = {name: value for name, value in line.fields.items() if name != "sign"}
    del sent["nonce_str"]
    assert sent == {
        "appid": APPID,
        "mch_id": MCH_ID,
        "bill_date": "20261121",
        "account_type": word,
        "tar_type": "GZIP",
        "sign_type": "HMAC-SHA256",
    }
    everything = {name: value for name, value in line.fields.items() if name != "sign"}
    assert line.fields["sign"] == signature(everything, KEY, "HMAC-SHA256")


def test_the_flow_may_come_as_text(raw_peer, options):
    raw_peer.will(sends(FLOW))
    with WechatPay(options()) as channel:
        assert channel.download_fund_flow(DAY) == FLOW


def test_the_flow_needs_a_certificate_and_a_known_account(raw_peer, options):
    live = options(sandbox=False, pay_url="https://127.0.0.1:1", face_url="https://127.0.0.1:1")
    with WechatPay(live) as channel, pytest.raises(NotSent, match="certificate"):
        channel.download_fund_flow(DAY)
    with WechatPay(options()) as channel, pytest.raises(NotSent, match="account"):
        channel.download_fund_flow(DAY, "Basic")
    assert raw_peer.asked == []


@pytest.mark.parametrize(
    ("text", "error"),
    [("No Bill Exist", Refused), ("Bill Creating", OutcomeUnknown), ("签名错误", Refused)],
)
def test_each_refusal_of_a_flow_says_whether_to_ask_again(raw_peer, options, text, error):
    raw_peer.will(sends(xml_of({"return_code": "FAIL", "return_msg": text})))
    with WechatPay(options()) as channel, pytest.raises(ChannelError) as raised:
        channel.download_fund_flow(DAY)
    assert type(raised.value) is error


def test_the_flow_of_a_day_comes_from_the_sandbox(peer, channel):
    order = peer.order()
    channel.pay(order, peer.token())
    now = peer.control("GET", "health")["now"]
    peer.control("POST", "clock", {"advance": 36 * 3600})
    flow = gzip.decompress(channel.download_fund_flow(date.fromisoformat(now[:10])))
    assert order.out_trade_no in flow.decode("utf-8-sig")


# --- the notify of a refund


def sealed(inside: bytes, key: str = KEY) -> str:
    padding = PKCS7(128).padder()
    padded = padding.update(inside) + padding.finalize()
    secret = hashlib.md5(key.encode()).hexdigest().encode()
    sealing = Cipher(algorithms.AES256(secret), modes.ECB()).encryptor()
    return base64.b64encode(sealing.update(padded) + sealing.finalize()).decode()


INSIDE = (
    b"<root><out_refund_no><![CDATA[T1R1]]></out_refund_no><out_trade_no>T1</out_trade_no>"
    b"<refund_status>SUCCESS</refund_status></root>"
)


def notify(inside: bytes = INSIDE, key: str = KEY, **own: str) -> bytes:
    usual = {"return_code": "SUCCESS", "appid": APPID, "mch_id": MCH_ID, "nonce_str": "n"}
    return xml_of({**usual, "req_info": sealed(inside, key), **own})


def test_a_sealed_notify_says_which_refund_to_ask_about():
    assert read_refund_notice(notify(), OPTIONS) == RefundNotice("T1", "T1R1")


@pytest.mark.parametrize(
    "body",
    [
        notify(key="k" * 32),
        notify(mch_id="9"),
        notify(return_code="FAIL"),
        notify(req_info=""),
        notify(req_info="!"),
        notify(req_info="QUJD"),
        notify(b"<root></root>"),
        notify(b"<xml><out_trade_no>T1</out_trade_no></xml>"),
        notify(b'<!DOCTYPE root [<!ENTITY a "b">]><root>&a;</root>'),
        b"<xml></xml>",
        b"",
    ],
)
def test_a_notify_that_was_not_sealed_for_us_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        read_refund_notice(body, OPTIONS)


@given(st.binary(max_size=100))
def test_noise_in_the_place_of_a_notify_is_refused(noise):
    for body in (noise, notify(noise), notify(b"<root>" + noise + b"</root>")):
        with pytest.raises(ValueError, match=r"."):
            read_refund_notice(body, OPTIONS)
