"""The contract suite on the WeChat Pay client, against the sandbox process over TCP."""

from __future__ import annotations

import base64
import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

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
    RefundChannel,
    Refused,
    Token,
    TokenKind,
)
from kiosk.channels.testing import ChannelContract, Meets, RefundContract
from kiosk.channels.texts import shopper_key
from kiosk.channels.wechatpay import SignType, WechatPay, WechatPayOptions
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting

SCRIPTS = {
    Meets.DECLINE: {"script": "decline NOTENOUGH", "api": "micropay"},
    Meets.WAIT: {"script": "userpaying phone"},
    Meets.LOST_ANSWER: {"script": "drop-answer", "api": "micropay"},
    Meets.LOST_REQUEST: {"script": "drop-request", "api": "micropay"},
    Meets.FORGED_ANSWER: {"script": "wrong-signature", "api": "micropay"},
    Meets.LOST_REVERSAL: {"script": "drop-answer", "api": "reverse"},
    Meets.REVERSE_AGAIN: {"script": "recall 1"},
    Meets.LOST_REFUND: {"script": "drop-answer", "api": "refund"},
    Meets.LOST_REFUND_REQUEST: {"script": "drop-request", "api": "refund"},
    Meets.SLOW_REFUND: {"script": "processing 30"},
    Meets.FAILING_REFUND: {"script": "processing close 30"},
}


@dataclass
class Sandbox:
    """The sandbox process, by its control door."""

    url: str
    options: WechatPayOptions
    wallet: bytes = b""
    away: list[WechatPay] = field(default_factory=list)
    count: int = 0

    def control(self, method: str, path: str, body: dict[str, object] | None = None) -> dict:
        answer = httpx.request(method, f"{self.url}/sandbox/{path}", json=body, trust_env=False)
        return {} if answer.status_code == 404 else answer.json()

    def script(self, **script: object) -> None:
        assert "error" not in self.control("POST", "scripts", script)

    def meet(self, what: Meets) -> None:
        self.script(**SCRIPTS[what])

    def token(self) -> Token:
        return Token(TokenKind.CODE, self.control("POST", "codes", {"balance": 10_000_000})["code"])

    def new_trade_no(self) -> str:
        self.count += 1
        return f"T{self.count:06d}"

    def order(self, fen: int = 1280) -> PayOrder:
        return PayOrder(self.new_trade_no(), Money(fen), "苹果 & <梨>")

    def confirm(self, out_trade_no: str) -> None:
        self.control("POST", f"orders/{out_trade_no}/confirm")

    def wait_until_reversible(self) -> None:
        self.control("POST", "clock", {"advance": 16})

    def held(self, out_trade_no: str) -> int:
        order = self.control("GET", f"orders/{out_trade_no}")
        return order["total_fee"] if order.get("state") == "SUCCESS" else 0

    def refunded(self, out_trade_no: str) -> int:
        refunds = self.control("GET", f"orders/{out_trade_no}")["refunds"]
        return sum(refund["fen"] for refund in refunds if refund["state"] == "SUCCESS")

    def wait_between_refunds(self) -> None:
        self.control("POST", "clock", {"advance": 61})

    def wait_for_refunds(self) -> None:
        self.control("POST", "clock", {"advance": 31})

    def unreachable(self) -> RefundChannel:
        nobody = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        nobody.close()
        self.away.append(WechatPay(replace(self.options, pay_url=url, face_url=url)))
        return self.away[-1]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Iterator[Sandbox]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    ready = folder / "ready"
    command = [sys.executable, "-m", "kiosk.sandbox", "--state", str(folder), "--ready", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not ready.exists():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            url = ready.read_text(encoding="utf-8").strip()
            wallet = base64.b64decode((folder / "wallet.pub").read_bytes())
            yield Sandbox(url, options_of(folder, url), wallet)
        finally:
            process.terminate()


def options_of(folder: Path, url: str) -> WechatPayOptions:
    merchant = json.loads((folder / "merchant.json").read_text(encoding="utf-8"))
    return WechatPayOptions(
        appid=merchant["appid"],
        mch_id=merchant["mch_id"],
        key=merchant["key"],
        device_id="D01",
        store_id=merchant["store_id"],
        store_name="示例门店",
        sandbox=True,
        pay_url=url,
        face_url=url,
        connect_timeout=2,
        read_timeout=2,
    )


@pytest.fixture
def peer(sandbox: Sandbox) -> Iterator[Sandbox]:
    sandbox.control("DELETE", "scripts")
    yield sandbox
    for channel in sandbox.away:
        channel.close()
    sandbox.away.clear()


@pytest.fixture(params=SignType, ids=lambda algorithm: algorithm.value)
def channel(sandbox: Sandbox, request) -> Iterator[WechatPay]:
    with WechatPay(replace(sandbox.options, sign_type=request.param)) as channel:
        yield channel


class TestWechatPay(ChannelContract):
    """Every promise of the contract, with either signature."""


class TestWechatPayRefunds(RefundContract):
    """Every promise about money that goes back, with either signature."""


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


def face_token(peer: Sandbox, channel: WechatPay, order: PayOrder) -> Token:
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
        "face_code_type": "1",
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
