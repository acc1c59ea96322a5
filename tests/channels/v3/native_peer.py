"""The sandbox process as the far side that the suites ask for, for a channel with a QR."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import replace
from pathlib import Path

from kiosk.channels.channel import PayOrder, Presented
from kiosk.channels.testing import Meets
from kiosk.channels.testing.peer import approved
from kiosk.channels.wechatpay.v3 import WechatNative, WechatNativeOptions
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved
from kiosk.sandbox.testing import Refusal, SandboxProcess

SCRIPTS = {
    Meets.DECLINE: {"words": "decline NO_AUTH", "api": "native"},
    Meets.LOST_ANSWER: {"words": "drop-answer", "api": "native"},
    Meets.LOST_REQUEST: {"words": "drop-request", "api": "native"},
    Meets.FORGED_ANSWER: {"words": "wrong-signature", "api": "native"},
    Meets.LOST_REVERSAL: {"words": "drop-answer", "api": "close"},
    Meets.LOST_REFUND: {"words": "drop-answer", "api": "refund"},
    Meets.LOST_REFUND_REQUEST: {"words": "drop-request", "api": "refund"},
    Meets.SLOW_REFUND: {"words": "processing 30"},
    Meets.FAILING_REFUND: {"words": "processing close 30"},
}


def options_of(sandbox: SandboxProcess, **changes: object) -> WechatNativeOptions:
    """What a kiosk of the sandbox's merchant is configured with; certificates unless told."""
    merchant, keys = sandbox.merchant(), sandbox.folder / "v3"
    known = json.loads((keys / "v3.json").read_text("utf-8"))
    usual: dict[str, object] = {
        "appid": merchant["appid"],
        "mch_id": merchant["mch_id"],
        "key": known["api_v3_key"],
        "device_id": "D01",
        "notify_url": "http://127.0.0.1:9/notify",
        "private_key_path": keys / "merchant.key",
        "serial_no": known["serial_no"],
        "sandbox": True,
        "pay_url": sandbox.address,
        "connect_timeout": 2,
        "read_timeout": 2,
    }
    return WechatNativeOptions(**{**usual, **changes})


def public_key(folder: Path) -> dict[str, object]:
    """The options of a merchant in public-key mode."""
    known = json.loads((folder / "v3" / "v3.json").read_text("utf-8"))
    path = folder / "v3" / "platform.pub"
    return {"public_key_id": known["public_key_id"], "public_key_path": path}


class NativePeer:
    """One sandbox and one account at it."""

    def __init__(self, sandbox: SandboxProcess, options: WechatNativeOptions) -> None:
        self.sandbox = sandbox
        self.options = options
        self.channel = WechatNative(options)
        self._away: list[WechatNative] = []
        self._count = 0

    def close(self) -> None:
        for channel in (self.channel, *self._away):
            channel.close()

    def meet(self, what: Meets) -> None:
        self.sandbox.script(**SCRIPTS[what])

    def new_trade_no(self) -> str:
        self._count += 1
        return f"N{id(self) % 10**8:08d}{self._count:04d}"

    def order(self, fen: int = 1280) -> PayOrder:
        return PayOrder(self.new_trade_no(), Money(fen), "自助收银-苹果")

    def scan(self, code_url: str) -> None:
        with contextlib.suppress(Refusal):
            self.sandbox.control("POST", "scan", code_url=code_url, openid="oPhone")

    def confirm(self, out_trade_no: str) -> None:
        with contextlib.suppress(Refusal):
            self.sandbox.decide(out_trade_no, "confirm")

    def pay(self, order: PayOrder) -> Approved:
        shown = self.channel.present(order)
        assert isinstance(shown, Presented), shown
        self.scan(shown.code_url)
        self.confirm(order.out_trade_no)
        return approved(self.channel.query(order))

    def undo(self, order: PayOrder) -> None:
        self.channel.present(order)
        self.channel.reverse(order)

    def held(self, out_trade_no: str) -> int:
        try:
            order = self.sandbox.order(out_trade_no)
        except Refusal:
            return 0
        return order["total_fee"] if order["state"] == "SUCCESS" else 0

    def refunded(self, out_trade_no: str) -> int:
        refunds = self.sandbox.order(out_trade_no)["refunds"]
        return sum(refund["fen"] for refund in refunds if refund["state"] == "SUCCESS")

    def wait_until_expired(self) -> None:
        self.sandbox.advance(self.options.qr_life + 1)

    def wait_between_refunds(self) -> None:
        self.sandbox.advance(61)

    def wait_for_refunds(self) -> None:
        self.sandbox.advance(31)

    def unreachable(self) -> WechatNative:
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        self._away.append(WechatNative(replace(self.options, pay_url=url)))
        return self._away[-1]
