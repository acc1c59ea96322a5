"""The contract suite on the WeChat Pay client, against the sandbox process over TCP."""

from __future__ import annotations

import base64
import struct
import time
from dataclasses import replace

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.channels.channel import (
    ChannelError,
    NotFound,
    OutcomeUnknown,
    PayOrder,
    RefundOrder,
    Refused,
    Token,
    TokenKind,
)
from kiosk.channels.testing import ChannelContract, RefundContract
from kiosk.channels.texts import shopper_key
from kiosk.channels.wechatpay import WechatPay
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting
from kiosk.domain.refund import RefundAccepted
from tests.channels.sandbox_peer import Sandbox


class TestWechatPay(ChannelContract):
    """Every promise of the contract, with either signature."""


class TestWechatPayRefunds(RefundContract):
    """Every promise about money that goes back."""

    @pytest.fixture
    def channel(self, sandbox):
        with WechatPay(sandbox.options) as channel:
            yield channel


@pytest.mark.parametrize(
    ("script", "paid"),
    [
        ("drop-answer", True),
        ("drop-request", False),
        ("systemerror-paid", True),
        ("systemerror-unpaid", False),
        ("http-500", True),
        ("http-502", False),
        ("wrong-signature", True),
        ("truncated", True),
        ("duplicate", True),
        ("delay 0.6", True),
    ],
)
def test_every_mishap_of_a_payment_is_unknown_and_the_query_tells(peer, script, paid):
    order = peer.order()
    peer.script(script=script, api="micropay")
    with WechatPay(replace(peer.options, read_timeout=0.3)) as channel:
        with pytest.raises(OutcomeUnknown):
            channel.pay(order, peer.token())
        found = channel.query(order)
    assert isinstance(found, Approved if paid else NotFound)
    assert peer.held(order.out_trade_no) == (1280 if paid else 0)


def test_a_payment_that_fails_at_the_bank_is_reversed(peer, channel):
    order = peer.order()
    peer.script(script="payerror")
    assert channel.pay(order, peer.token()) == PayError("PAYERROR")
    assert channel.query(order) == PayError("PAYERROR")
    with pytest.raises(OutcomeUnknown, match="15"):
        channel.reverse(order)
    peer.wait_until_reversible()
    assert channel.reverse(order) == Reversed()
    assert channel.query(order).code == "REVOKED"


def test_a_payment_nobody_confirms_is_closed_by_the_channel(peer, channel):
    order = peer.order()
    peer.script(script="userpaying phone")
    assert channel.pay(order, peer.token()) == Waiting("USERPAYING")
    peer.control("POST", "clock", {"advance": 46})
    assert channel.query(order) == Declined("CLOSED", channel.query(order).message)


def test_an_order_that_the_channel_forgets_for_a_while_is_reversed_all_the_same(peer, channel):
    order = peer.order()
    channel.pay(order, peer.token())
    peer.script(script="not-found 1", api="orderquery")
    peer.script(script="not-found 1", api="reverse")
    assert channel.query(order) == NotFound()
    peer.wait_until_reversible()
    with pytest.raises(OutcomeUnknown):
        channel.reverse(order)
    assert peer.held(order.out_trade_no) == 1280
    assert channel.reverse(order) == Reversed()
    assert peer.held(order.out_trade_no) == 0


def test_a_reversal_after_seven_days_is_refused_for_good(peer, channel):
    order = peer.order()
    channel.pay(order, peer.token())
    peer.control("POST", "clock", {"advance": 8 * 86400})
    with pytest.raises(Refused) as error:
        channel.reverse(order)
    assert error.value.code == "REVERSE_EXPIRE"
    assert peer.held(order.out_trade_no) == 1280


def test_the_shopper_reads_why_a_code_did_not_pay(peer, channel):
    used, stale = peer.token(), peer.token()
    channel.pay(peer.order(), used)
    poor = peer.control("POST", "codes", {"balance": 1})["code"]
    cases = [(used, "declined.code_used"), (Token(TokenKind.CODE, poor), "declined.balance")]
    for token, key in cases:
        said = channel.pay(peer.order(), token)
        assert isinstance(said, Declined)
        assert shopper_key(said.code, said.message) == key
    peer.control("POST", "clock", {"advance": 61})
    said = channel.pay(peer.order(), stale)
    assert shopper_key(said.code, said.message) == "declined.code_expired"


def test_a_wrong_key_takes_nothing_and_the_check_names_it(peer):
    order = peer.order()
    with WechatPay(replace(peer.options, key="k" * 32)) as channel:
        said = channel.pay(order, peer.token())
        with pytest.raises(ChannelError) as error:
            channel.check()
    assert isinstance(said, Declined)
    assert shopper_key(said.code, said.message) == "declined.unavailable"
    assert "key" in error.value.mend
    assert peer.held(order.out_trade_no) == 0


def test_authinfo_is_refused_for_rawdata_that_no_device_made(peer, channel):
    with pytest.raises(Refused):
        channel.authinfo("RAWDATA==")


def test_authinfo_blames_a_clock_that_is_an_hour_late(peer):
    with (
        WechatPay(peer.options, wall=lambda: time.time() - 3600) as channel,
        pytest.raises(ChannelError) as error,
    ):
        channel.authinfo("RAWDATA==")
    assert error.value.cause == "clock"


# --- by face: the service's two steps are played here, the channel's are the client's own


def sealed_probe(public: bytes, template: list[float]) -> str:
    """Rawdata in the layout that the sandbox's wallet documents."""
    ephemeral = X25519PrivateKey.generate()
    own = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    label = b"kiosk face probe 1"
    key = HKDF(hashes.SHA256(), 32, own + public, label).derive(shared)
    plain = (
        struct.pack(">H", len(template))
        + struct.pack(f"<{len(template)}f", *template)
        + b"attempt-1"
    )
    nonce = b"n" * 12
    sealed = b"\x01" + own + nonce + AESGCM(key).encrypt(nonce, plain, label)
    return base64.b64encode(sealed).decode()


def face_token(peer: Sandbox, channel: WechatPay, order: PayOrder, kind: str = "1") -> Token:
    template = [1.0] + [0.0] * 127
    peer.control("POST", "faces", {"openid": "o-face", "template": template})
    authinfo = channel.authinfo(sealed_probe(peer.wallet, template))
    assert authinfo.expires_in == 3600
    fields = {
        "authinfo": authinfo.value,
        "appid": peer.options.appid,
        "mch_id": peer.options.mch_id,
        "store_id": peer.options.store_id,
        "face_authtype": "FACEPAY",
        "face_code_type": kind,
        "ask_face_permit": "0",
        "out_trade_no": order.out_trade_no,
        "total_fee": str(order.amount.fen),
    }
    answer = httpx.post(f"{peer.url}/face/getwxpayfacecode", json=fields, trust_env=False).json()
    return Token(TokenKind.FACE, answer["face_code"])


def test_a_face_pays_for_the_order_that_it_was_shown_once(peer, channel):
    order = peer.order()
    token = face_token(peer, channel, order)
    assert isinstance(channel.pay(order, token), Approved)
    assert peer.held(order.out_trade_no) == 1280
    again = channel.pay(peer.order(), token)
    assert shopper_key(again.code, again.message) == "declined.code_used"


def test_a_face_does_not_pay_another_amount(peer, channel):
    order = peer.order()
    token = face_token(peer, channel, order)
    dearer = replace(order, amount=Money(1281))
    said = channel.pay(dearer, token)
    assert isinstance(said, Declined)
    assert peer.held(order.out_trade_no) == 0


def test_a_face_code_of_type_0_pays_undoes_and_gives_back_as_any_other(peer):
    with WechatPay(replace(peer.options, face_code_type="0")) as channel:
        order, undone = peer.order(), peer.order()
        token = face_token(peer, channel, order, "0")
        said = channel.pay(order, token)
        assert isinstance(said, Approved)
        assert channel.query(order) == said
        with pytest.raises(OutcomeUnknown):  # never a refusal: this very order is paid
            channel.pay(order, token)
        assert isinstance(channel.pay(peer.order(), token), Declined)
        refund = RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", Money(1280), Money(1))
        assert isinstance(channel.refund(refund), RefundAccepted)
        channel.pay(undone, face_token(peer, channel, undone, "0"))
        peer.wait_until_reversible()
        assert channel.reverse(undone) == Reversed()
        assert peer.held(undone.out_trade_no) == 0
