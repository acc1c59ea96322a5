"""The other end of the line, down to the byte: a server whose every connection follows a script.

It signs by its own few lines, not by the client's, so that both cannot be wrong alike.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from kiosk.channels.channel import PayOrder, Token, TokenKind
from kiosk.channels.wechatpay import SignType, WechatPay, WechatPayOptions
from kiosk.domain.money import Money
from tests.channels.sandbox_peer import Sandbox, running_sandbox

KEY = "0123456789abcdef0123456789ABCDEF"
APPID = "wx2421b1c4370ec43b"
MCH_ID = "1230000109"

Play = Callable[["Line"], None]


@dataclass
class Line:
    """One connection, seen from the server."""

    socket: socket.socket
    path: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def read(self) -> dict[str, str]:
        """The fields of the request; the reader here is as simple as the client's writer."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        self.path = head.split(b" ", 2)[1].decode()
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        while len(body) < length:
            body += self._more()
        self.fields = dict(re.findall(r"<(\w+)>([^<]*)</\1>", body.decode()))
        return self.fields

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError
        return data

    def answer(self, fields: dict[str, str], key: str = KEY) -> None:
        """A whole signed answer, about this request's number unless `fields` say otherwise."""
        self.send(xml_of(self.signed(fields, key)))

    def signed(self, fields: dict[str, str], key: str = KEY) -> dict[str, str]:
        number = {"out_trade_no": self.fields.get("out_trade_no", "")}
        whole = {"return_code": "SUCCESS", "appid": APPID, "mch_id": MCH_ID, **number, **fields}
        whole = {name: value for name, value in whole.items() if value}
        return {**whole, "sign": signature(whole, key, self.fields.get("sign_type", "MD5"))}

    def send(self, body: bytes, status: str = "200 OK", headers: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.socket.sendall(head.encode() + body)

    def reset(self) -> None:
        """Close with RST, as a crashed machine or a firewall does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


def signature(fields: dict[str, str], key: str, sign_type: str) -> str:
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)) + f"&key={key}"
    if sign_type == "MD5":
        return hashlib.md5(text.encode()).hexdigest().upper()
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def xml_of(fields: dict[str, str]) -> bytes:
    inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inside}</xml>".encode()


class RawPeer:
    """Plays one script after the other, the last one for ever; keeps what was asked of it."""

    def __init__(self) -> None:
        self.plays: list[Play] = []
        self.asked: list[Line] = []
        self.trouble: list[Exception] = []
        self.done = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def will(self, *plays: Play) -> None:
        self.plays = list(plays)

    def will_answer(self, **fields: str) -> None:
        def play(line: Line) -> None:
            line.read()
            line.answer(fields)

        self.will(play)

    def close(self) -> None:
        self.done.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            line = Line(connection)
            self.asked.append(line)
            play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
            with connection:
                try:
                    play(line)
                except OSError:
                    pass  # the client hung up, which some scripts are about
                except Exception as error:  # noqa: BLE001 - shown by the fixture, in the test
                    self.trouble.append(error)


@pytest.fixture
def raw_peer() -> Iterator[RawPeer]:
    peer = RawPeer()
    yield peer
    peer.close()
    assert not peer.trouble


@pytest.fixture
def options(raw_peer) -> Callable[..., WechatPayOptions]:
    """Options that point at the raw peer, with small time-outs."""

    def make(**changes: object) -> WechatPayOptions:
        usual: dict[str, object] = {
            "appid": APPID,
            "mch_id": MCH_ID,
            "key": KEY,
            "device_id": "D01",
            "store_id": "S1",
            "store_name": "示例门店",
            "sandbox": True,
            "sign_type": SignType.HMAC_SHA256,
            "pay_url": raw_peer.url,
            "face_url": raw_peer.url,
            "connect_timeout": 0.3,
            "read_timeout": 0.3,
            "answer_within": 0.6,
        }
        return WechatPayOptions(**{**usual, **changes})

    return make


@pytest.fixture
def order() -> PayOrder:
    return PayOrder("S1D01T20261121000001", Money(1280), "自助收银-苹果")


@pytest.fixture
def code() -> Token:
    return Token(TokenKind.CODE, "130000000000000001")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


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
