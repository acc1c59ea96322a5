"""The network table: every way a line goes wrong × every call, and how far it lets one conclude.

    cannot have been sent   nobody listens, no such host, no handshake, a wrong certificate
    may have been sent      everything after the request could leave

The first must end as NotSent (the payment is over, nothing was taken), the second as OutcomeUnknown
(ask, never send again). A result, a NotSent where the request may have arrived, an OutcomeUnknown
where it cannot, and a second request for one pay call are each a fault. Plain TCP and TLS alike,
and both versions of WeChat Pay's interface: `WIRES`.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kiosk.channels.channel import (
    ChannelError,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    Token,
    TokenKind,
)
from kiosk.channels.wechatpay import SignType, WechatPay, WechatPayOptions
from kiosk.channels.wechatpay.v3 import WechatNative, WechatNativeOptions
from kiosk.domain.money import Money
from tests.channels.conftest import APPID, KEY, MCH_ID, Line, Play, RawPeer
from tests.channels.test_line import MISHAPS
from tests.channels.test_tls import Pair, pair_in
from tests.channels.v3 import test_v3_line as third
from tests.channels.v3 import wallet as third_wallet

ORDER = PayOrder("S1D01T20261121000001", Money(1280), "goods")
CODE = Token(TokenKind.CODE, "130000000000000001")
CALLS: dict[str, Callable[[WechatPay], object]] = {
    "pay": lambda channel: channel.pay(ORDER, CODE),
    "query": lambda channel: channel.query(ORDER),
    "reverse": lambda channel: channel.reverse(ORDER),
}
SMALL = 1024  # bits of a key that keeps nothing safe
NAMELESS = "an answer that names no order"
"""A reversal's answer never names the order, so this is none of its mishaps."""


Options = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wire:
    """One version of the interface: its calls, what goes wrong on it, how a channel is opened.

    `once` names the call that may never be sent twice.
    """

    name: str
    once: str
    calls: Mapping[str, Callable[[Any], object]]
    mishaps: Mapping[str, Play]
    opened: Callable[[Options], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Row:
    """One call on one bad line; `fault` is empty when it ended as it must."""

    line: str
    call: str
    ended: str
    fault: str = ""


def table() -> list[Row]:
    """Play all of it; about two minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hosts = {"server": "127.0.0.1", "elsewhere": "192.0.2.1", "merchant": "127.0.0.1"}
        pairs = {each: pair_in(folder, each, host) for each, host in hosts.items()}
        wires = (SECOND, third_version(folder))
        return [
            row
            for wire in wires
            for each in (_never_sent, _perhaps_sent)
            for row in each(pairs, wire)
        ]


def _never_sent(pairs: dict[str, Pair], wire: Wire) -> Iterator[Row]:
    def silent(line: Line) -> None:
        with contextlib.suppress(ConnectionError):
            while line.socket.recv(65536):
                pass

    def plain(line: Line) -> None:
        line.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    yield from _calls("refused", plain, lambda _: {"pay_url": _nobody()}, NotSent, wire)
    unknown = {"pay_url": "http://nowhere.invalid"}
    yield from _calls("unknown host", plain, lambda _: unknown, NotSent, wire)
    yield from _calls("no TLS at the other end", plain, _secured, NotSent, wire)
    yield from _calls("no handshake", silent, _secured, NotSent, wire)
    for name, server, trusted in (
        ("certificate of nobody we know", "server", None),
        ("certificate of another authority", "server", "merchant"),
        ("certificate of another host", "elsewhere", "elsewhere"),
    ):
        trust = {"ca_path": pairs[trusted].certificate} if trusted else {}
        play = _over_tls(pairs[server], lambda line: line.read())
        yield from _calls(
            name, play, lambda peer, trust=trust: _secured(peer) | trust, NotSent, wire
        )


def _perhaps_sent(pairs: dict[str, Pair], wire: Wire) -> Iterator[Row]:
    trust = {"ca_path": pairs["server"].certificate}
    for name, play in wire.mishaps.items():
        yield from _calls(name, play, lambda peer: {"pay_url": peer.url}, OutcomeUnknown, wire)
        secured = _over_tls(pairs["server"], play)
        yield from _calls(
            f"TLS, {name}", secured, lambda peer: _secured(peer) | trust, OutcomeUnknown, wire
        )


def _secured(peer: RawPeer) -> dict[str, object]:
    return {"pay_url": peer.url.replace("http:", "https:")}


def _calls(
    name: str,
    play: Play,
    options: Callable[[RawPeer], dict[str, object]],
    wanted: type[ChannelError],
    wire: Wire,
) -> Iterator[Row]:
    for call, ask in wire.calls.items():
        if NAMELESS in name and call == "reverse":
            continue
        peer = RawPeer()
        try:
            peer.will(play)
            with wire.opened(options(peer)) as channel:
                ended = _ending(channel, ask)
        finally:
            peer.close()
        fault = "" if ended == wanted.__name__ else f"must be {wanted.__name__}"
        if call == wire.once and len(peer.asked) > 1:
            fault = f"the {call} call was sent again"
        yield Row(f"{wire.name}, {name}", call, ended, fault)


def _ending(channel: object, ask: Callable[[Any], object]) -> str:
    try:
        return repr(ask(channel))
    except (NotSent, OutcomeUnknown) as error:
        return type(error).__name__
    except Exception as error:  # noqa: BLE001 - whatever it is, it is in the table
        return repr(error)


def _options(changes: dict[str, object]) -> WechatPayOptions:
    usual: dict[str, object] = {
        "appid": APPID,
        "mch_id": MCH_ID,
        "key": KEY,
        "device_id": "D01",
        "store_id": "S1",
        "store_name": "shop",
        "sandbox": True,
        "sign_type": SignType.HMAC_SHA256,
        "face_url": changes["pay_url"],
        "connect_timeout": 0.5,
        "read_timeout": 0.3,
        "answer_within": 0.6,
    }
    return WechatPayOptions(**{**usual, **changes})


SECOND = Wire("v2", "pay", CALLS, MISHAPS, lambda changes: WechatPay(_options(changes)))


def third_version(folder: Path) -> Wire:
    """The Native channel, in public-key mode: nothing is fetched before a call."""
    merchant = rsa.generate_private_key(65537, SMALL)
    private, public = folder / "rsa.key", folder / "wallet.pub"
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    private.write_bytes(merchant.private_bytes(*form))
    public.write_bytes(third_wallet.Wallet("", merchant).public_pem)
    usual: Options = {
        "appid": APPID,
        "mch_id": MCH_ID,
        "key": third_wallet.KEY,
        "device_id": "D01",
        "notify_url": "https://shop.example/notify",
        "private_key_path": private,
        "serial_no": third_wallet.serial(3),
        "public_key_id": third_wallet.PUBLIC,
        "public_key_path": public,
        "sandbox": True,
        "connect_timeout": 0.5,
        "read_timeout": 0.3,
        "answer_within": 0.6,
    }

    def opened(changes: Options) -> WechatNative:
        return WechatNative(WechatNativeOptions(**{**usual, **changes}))

    order = PayOrder(third_wallet.NUMBER, Money(1280), "goods")
    calls = {
        name: lambda channel, ask=ask: ask(channel, order) for name, ask in third.CALLS.items()
    }
    return Wire("v3", "present", calls, third.MISHAPS, opened)


def _over_tls(pair: Pair, play: Callable[[Line], object]) -> Play:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    def secured(line: Line) -> None:
        with context.wrap_socket(line.socket, server_side=True) as wrapped:
            line.socket = wrapped
            play(line)

    return secured


def _nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"http://127.0.0.1:{gone.getsockname()[1]}"
