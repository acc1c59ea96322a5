"""The sandbox as a process, and as the far side that the contract suites ask for."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from kiosk.channels.channel import PayOrder, RefundChannel, Token, TokenKind
from kiosk.channels.testing import Meets
from kiosk.channels.testing.peer import approved
from kiosk.channels.wechatpay import WechatPay, WechatPayOptions
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved

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
    wallet: bytes
    door: httpx.Client
    away: list[WechatPay] = field(default_factory=list)
    count: int = 0

    def control(self, method: str, path: str, body: dict[str, object] | None = None) -> dict:
        answer = self.door.request(method, f"{self.url}/sandbox/{path}", json=body)
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
        return self.order_of(self.new_trade_no(), fen)

    def order_of(self, out_trade_no: str, fen: int) -> PayOrder:
        return PayOrder(out_trade_no, Money(fen), "苹果 & <梨>")

    def confirm(self, out_trade_no: str) -> None:
        self.control("POST", f"orders/{out_trade_no}/confirm")

    def pay(self, order: PayOrder) -> Approved:
        with WechatPay(self.options) as channel:
            return approved(channel.pay(order, self.token()))

    def undo(self, order: PayOrder) -> None:
        self.pay(order)
        self.wait_until_reversible()
        with WechatPay(self.options) as channel:
            channel.reverse(order)

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


@contextlib.contextmanager
def running_sandbox(folder: Path) -> Iterator[Sandbox]:
    """A sandbox that keeps its state in the folder; it ends with the block."""
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
            with httpx.Client(trust_env=False) as door:
                yield Sandbox(url, options_of(folder, url), wallet, door)
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
