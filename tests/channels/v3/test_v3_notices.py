"""What WeChat Pay tells by itself: read only when it is signed, of now, sealed for us and whole."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.channels.channel import KnownRefund, PaymentTold, RefundTold
from kiosk.channels.wechatpay.v3 import WechatNative
from kiosk.channels.wechatpay.v3.notices import (
    LIMIT,
)
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved
from kiosk.domain.refund import RefundAbnormal, RefundClosed, RefundDone
from tests.channels.v3.wallet import HOUR, KEY, MCH_ID, NUMBER, PAID, SHOP, hear, say, seal

REFUND = {
    "mchid": MCH_ID,
    "out_trade_no": NUMBER,
    "transaction_id": "4200000001",
    "out_refund_no": f"{NUMBER}R1",
    "refund_id": "5030000001",
    "refund_status": "SUCCESS",
    "amount": {"total": 1280, "refund": 500, "payer_total": 1280, "payer_refund": 500},
}


def envelope(event_type: str, event: object, kind: str = "transaction", **own: object) -> bytes:
    told = {
        "id": "EV-2018022511223320873",
        "create_time": "2026-11-21T16:00:00+08:00",
        "event_type": event_type,
        "resource_type": "encrypt-resource",
        "summary": "支付成功",
        "resource": {**seal(json.dumps(event).encode(), kind), "original_type": kind},
    }
    return json.dumps({**told, **own}, ensure_ascii=False).encode()


def paid(**changes: object) -> bytes:
    return envelope("TRANSACTION.SUCCESS", {**PAID, **changes})


def refunded(event_type: str = "REFUND.SUCCESS", **changes: object) -> bytes:
    return envelope(event_type, {**REFUND, **changes}, "refund")


def test_a_payment_is_told_with_its_number_and_sum(native, wallet):
    body = paid()
    notice = native.read_notice(wallet.headers(body), body)
    assert notice == PaymentTold(NUMBER, Approved("4200000001", 1280))
    # The same one again, with headers as another server writes them, is the same notice.
    lower = {name.lower(): said for name, said in wallet.headers(body).items()}
    assert native.read_notice(lower, body) == notice


@pytest.mark.parametrize(
    ("event", "status", "fact"),
    [
        ("REFUND.SUCCESS", "SUCCESS", RefundDone("5030000001", 500)),
        ("REFUND.CLOSED", "CLOSED", RefundClosed("CLOSED")),
        ("REFUND.ABNORMAL", "ABNORMAL", RefundAbnormal("ABNORMAL")),
    ],
)
def test_the_end_of_a_refund_is_told(native, wallet, event, status, fact):
    body = refunded(event, refund_status=status)
    assert native.read_notice(wallet.headers(body), body) == RefundTold(
        NUMBER, KnownRefund(f"{NUMBER}R1", Money(500), fact)
    )


def test_a_service_provider_hears_of_his_shop_only(native_options, wallet):
    told = {name: value for name, value in PAID.items() if name not in ("appid", "mchid")}
    told |= {"sp_mchid": MCH_ID, "sub_mchid": SHOP}
    back = {name: value for name, value in REFUND.items() if name != "mchid"}
    back |= {"sp_mchid": MCH_ID, "sub_mchid": SHOP}
    with WechatNative(native_options(sub_mch_id=SHOP)) as channel:
        for event, kind in (("TRANSACTION.SUCCESS", told), ("REFUND.SUCCESS", back)):
            body = envelope(event, kind)
            assert channel.read_notice(wallet.headers(body), body).out_trade_no == NUMBER
            body = envelope(event, {**kind, "sub_mchid": "9"})
            with pytest.raises(ValueError, match="another sub_mchid"):
                channel.read_notice(wallet.headers(body), body)


def test_what_is_no_concern_of_a_kiosk_is_named_and_not_opened(native, wallet):
    body = envelope("PAYSCORE.USER_PAID", {}, resource={"algorithm": "unknown"})
    notice = native.read_notice(wallet.headers(body), body)
    assert notice is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"Wechatpay_Signature": "WECHATPAY/SIGNTEST/" + "A" * 300},
        {"Wechatpay_Signature": ""},
        {"Wechatpay_Serial": "NOBODY"},
        {"Wechatpay_Nonce": "other"},
        {"Wechatpay_Timestamp": "yesterday"},
        {"Wechatpay_Timestamp": str(int(time.time()) - 1)},
    ],
)
def test_a_notice_is_read_only_with_its_signature(raw_peer, native, wallet, wrong):
    raw_peer.will(hear)
    body = paid()
    with pytest.raises(ValueError, match=r"sign|key"):
        native.read_notice(wallet.headers(body, **wrong), body)


@pytest.mark.parametrize("age", [-301, 302])
def test_an_old_notice_that_is_played_again_is_refused(native, wallet, age):
    body = paid()
    with pytest.raises(ValueError, match="another time"):
        native.read_notice(wallet.headers(body, at=time.time() + age), body)


def test_a_certificate_that_only_a_notice_names_is_fetched(raw_peer, native, wallets):
    one = wallets[1]
    listed = {"data": [one.certificate(-HOUR, HOUR)]}
    raw_peer.will(lambda line: (hear(line), say(line, one, listed)))
    body = paid()
    assert isinstance(native.read_notice(one.headers(body), body), PaymentTold)


@pytest.mark.parametrize(
    "body",
    [
        paid(trade_state="CLOSED"),
        paid(trade_state="USERPAYING"),
        paid(mchid="9"),
        paid(out_trade_no=""),
        paid(amount={"total": "1280"}),
        refunded(mchid="9"),
        refunded(mchid=""),
        refunded(refund_status="CHANGE"),
        refunded(refund_status="PROCESSING", refund_id=""),
        refunded(out_refund_no=""),
        refunded(amount={"total": 1280}),
        envelope("TRANSACTION.SUCCESS", []),
        envelope("TRANSACTION.SUCCESS", PAID, resource=None),
        envelope("TRANSACTION.SUCCESS", PAID, resource=seal(b"{}", "x", key="k" * 32)),
        envelope("TRANSACTION.SUCCESS", PAID, id=""),
        envelope("", PAID),
        b"",
        b"{",
        b"[]",
        b" " * (LIMIT + 1),
    ],
)
def test_a_signed_notice_that_makes_no_sense_is_a_value_error(native, wallet, body):
    with pytest.raises(ValueError, match=r"."):
        native.read_notice(wallet.headers(body), body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def reader(wallet, pem_files):
    """A channel that is made once for all the noise."""
    from kiosk.channels.wechatpay.v3 import WechatNativeOptions
    from tests.channels.v3.wallet import APPID, PUBLIC

    options = WechatNativeOptions(
        appid=APPID,
        mch_id=MCH_ID,
        key=KEY,
        device_id="D01",
        notify_url="https://shop.example/notify",
        private_key_path=pem_files / "merchant.key",
        serial_no="1",
        public_key_id=PUBLIC,
        public_key_path=pem_files / "wallet.pub",
        sandbox=True,
        pay_url="http://127.0.0.1:1",
    )
    with WechatNative(options) as channel:
        yield channel


@settings(max_examples=60)
@given(st.sampled_from(sorted(PAID)), JSON, st.booleans())
def test_any_value_in_a_notice_is_read_or_refused_but_never_worse(
    reader, wallet, name, value, inside
):
    if inside:
        body = paid(**{name: value})
    else:
        body = envelope("TRANSACTION.SUCCESS", PAID, resource=value)
    try:
        notice = reader.read_notice(wallet.headers(body), body)
    except ValueError:
        return
    assert isinstance(notice, PaymentTold)
    assert notice.said.fen >= 0


@settings(max_examples=60)
@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=30), st.text(max_size=30)))
def test_noise_is_refused(reader, body, headers):
    with pytest.raises(ValueError, match=r"."):
        reader.read_notice(headers, body)
