"""The Native channel in the sandbox's hands: its faults, its notifies, its bills, its two wires."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from kiosk import wallets
from kiosk.channels.channel import (
    ChannelError,
    KnownRefund,
    NotFound,
    OutcomeUnknown,
    PaymentTold,
    PayOrder,
    Presented,
    RefundOrder,
    RefundTold,
    Refused,
    Settled,
    Token,
    TokenKind,
)
from kiosk.channels.wechatpay import WechatPay, WechatPayOptions
from kiosk.channels.wechatpay.bill import read_bill
from kiosk.channels.wechatpay.v3 import WechatNative
from kiosk.channels.wechatpay.v3.notices import Notice
from kiosk.config import Config
from kiosk.doctor import channels as doctor
from kiosk.domain.bill import LineKind
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed, Waiting
from kiosk.domain.receipt import CHINA
from kiosk.domain.refund import RefundAccepted, RefundClosed, RefundDone
from kiosk.errors import ConfigError
from kiosk.settings import Driver
from tests.channels.v3.native_peer import NativePeer, options_of


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("drop-answer", True),
        ("drop-request", False),
        ("systemerror-paid", True),
        ("systemerror-unpaid", False),
        ("http-500", True),
        ("http-502", False),
        ("wrong-signature", True),
        ("truncated", True),
        ("delay 0.6", True),
    ],
)
def test_every_mishap_of_an_order_is_unknown_and_the_query_tells(direct, script, made):
    direct.sandbox.control("DELETE", "scripts")
    order = direct.order()
    direct.sandbox.script(script, api="native")
    with WechatNative(replace(direct.options, read_timeout=0.3)) as channel:
        with pytest.raises(OutcomeUnknown):
            channel.present(order)
        assert isinstance(channel.query(order), Waiting if made else NotFound)
        if made:
            assert channel.reverse(order) == Reversed()


def test_a_request_that_arrives_twice_is_one_order(peer, channel):
    order = peer.order()
    peer.sandbox.script("duplicate", api="native")
    assert isinstance(channel.present(order), Presented)
    assert isinstance(channel.query(order), Waiting)


@pytest.mark.parametrize(
    ("code", "fact"), [("RATELIMIT_EXCEEDED", Declined), ("RULE_LIMIT", Declined)]
)
def test_a_refusal_of_the_sandbox_is_declined(peer, channel, code, fact):
    order = peer.order()
    peer.sandbox.script(f"decline {code}", api="native")
    assert isinstance(channel.present(order), fact)
    assert channel.query(order) == NotFound()


def test_a_number_of_another_amount_is_never_shown(peer, channel):
    order = peer.order()
    channel.present(order)
    with pytest.raises(OutcomeUnknown):
        channel.present(replace(order, amount=Money(1281)))
    peer.pay(replace(order, out_trade_no=peer.new_trade_no()))


def test_an_order_that_is_forgotten_for_a_while_is_not_found_and_closed_all_the_same(peer, channel):
    order = peer.order()
    channel.present(order)
    peer.sandbox.script("not-found 1", api="orderquery")
    assert channel.query(order) == NotFound()
    assert channel.reverse(order) == Reversed()


def test_a_shopper_who_says_no_leaves_the_code_on_the_screen(peer, channel):
    order = peer.order()
    shown = channel.present(order)
    peer.scan(shown.code_url)
    peer.sandbox.decide(order.out_trade_no, "refuse")
    assert channel.query(order) == Waiting("NOTPAY")


def test_a_wrong_apiv3_key_opens_no_certificate_and_the_check_names_it(direct):
    with (
        WechatNative(replace(direct.options, key="k" * 32)) as channel,
        pytest.raises(ChannelError) as error,
    ):
        channel.check()
    assert "APIv3 key" in error.value.mend


def test_a_merchant_of_the_public_key_without_it_is_told(keyed):
    with (
        WechatNative(options_of(keyed)) as channel,
        pytest.raises(ChannelError) as error,
    ):
        channel.check()
    assert "public_key_id" in error.value.mend


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_off_is_the_cause(direct, partner, hours):
    for peer in (direct, partner):
        with WechatNative(peer.options, wall=lambda: time.time() + hours * 3600) as channel:
            for ask in (channel.check, lambda: channel.present(peer.order())):  # noqa: B023
                with pytest.raises(ChannelError) as error:
                    ask()
                assert error.value.cause == "clock"


def test_both_wires_know_the_same_orders_and_refunds(direct):
    merchant = direct.sandbox.merchant()
    options = WechatPayOptions(
        appid=merchant["appid"],
        mch_id=merchant["mch_id"],
        key=merchant["key"],
        device_id="D01",
        store_id=merchant["store_id"],
        store_name="示例门店",
        sandbox=True,
        pay_url=direct.sandbox.address,
        face_url=direct.sandbox.address,
    )
    number = "A-1_2|3*4"
    with WechatPay(options) as by_code:
        paid = by_code.pay(
            PayOrder(number, Money(1280), "goods"),
            Token(TokenKind.CODE, direct.sandbox.code(balance=10_000)),
        )
        assert isinstance(paid, Approved)
        assert direct.channel.settled(out_trade_no=number) == Settled(
            number, paid.transaction_id, Money(1280)
        )
        refund = RefundOrder(number, f"{number}R1", Money(1280), Money(500))
        said = direct.channel.refund(refund)
        assert by_code.query_refund(refund) == direct.channel.query_refund(refund)
        assert by_code.settled(number) == direct.channel.settled(number)
    assert said == RefundDone(said.refund_id, 500)


def test_a_refund_when_the_balance_is_too_low_is_asked_again(peer, channel):
    order = peer.order()
    peer.pay(order)
    refund = RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", Money(1280), Money(1280))
    peer.sandbox.script("decline NOT_ENOUGH", api="refund")
    with pytest.raises(OutcomeUnknown) as error:
        channel.refund(refund)
    assert "Top it up" in error.value.mend
    assert isinstance(channel.refund(refund), RefundDone)


def test_a_refund_of_an_order_that_nobody_paid_is_closed(peer, channel):
    order = peer.order()
    channel.present(order)
    refund = RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", Money(1280), Money(1280))
    assert isinstance(channel.refund(refund), RefundClosed)


# --- bills


def test_the_bills_of_a_day_are_those_of_the_v2_wire(direct):
    now = datetime.fromisoformat(direct.sandbox.control("GET", "health")["now"]).astimezone(CHINA)
    morning = (now + timedelta(days=1)).replace(hour=10)
    direct.sandbox.advance((morning - now).total_seconds())
    day = morning.date()
    order = direct.order()
    direct.pay(order)
    refund = RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", Money(1280), Money(500))
    direct.channel.refund(refund)
    with pytest.raises(OutcomeUnknown, match="not ready"):
        direct.channel.download_bill(day)
    direct.sandbox.advance(24 * 3600)
    rows = list(read_bill(io.BytesIO(direct.channel.download_bill(day)), "wechatpay-native"))
    mine = [row for row in rows if row.out_trade_no == order.out_trade_no]
    assert [row.kind for row in mine] == [LineKind.PAYMENT, LineKind.REFUND]
    assert mine[1].out_refund_no == refund.out_refund_no
    flow = gzip.decompress(direct.channel.download_fund_flow(day)).decode("utf-8-sig")
    assert flow.startswith("记账时间,")
    assert refund.out_refund_no in flow
    for fetch in (
        lambda: direct.channel.download_bill(day - timedelta(days=9)),
        lambda: direct.channel.download_fund_flow(day, "FEES"),
    ):
        with pytest.raises(Refused) as error:
            fetch()
        assert error.value.code == "NO_BILL"


# --- notifies


@dataclass
class Receiver:
    """A server as a merchant has it: it reads each notify with the channel."""

    url: str
    channel: WechatNative | None = None
    read: list[Notice] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def wait(self, count: int) -> list[Notice]:
        deadline = time.monotonic() + 5
        while len(self.read) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.read


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                receiver.read.append(receiver.channel.read_notice(dict(self.headers), body))
            except ValueError as error:
                receiver.refused.append(str(error))
                self.send_response(401)
            else:
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/notify")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_payment_is_told_once_it_is_made_and_probes_are_refused(peer):
    with receiving() as receiver:
        told = NativePeer(peer.sandbox, replace(peer.options, notify_url=receiver.url))
        receiver.channel = told.channel
        order = told.order()
        peer.sandbox.script("signtest", api="notify", out_trade_no=order.out_trade_no)
        peer.sandbox.script("duplicate", api="notify", out_trade_no=order.out_trade_no)
        said = told.pay(order)
        first, second = receiver.wait(2)
        told.close()
    assert first == second
    assert isinstance(first, PaymentTold)
    assert (first.out_trade_no, first.said) == (order.out_trade_no, said)
    assert receiver.refused == ["its signature is a probe"]
    assert peer.sandbox.audit()["unsigned_notices_taken"] == []


def test_the_end_of_a_refund_is_told(direct):
    with receiving() as receiver:
        told = NativePeer(direct.sandbox, replace(direct.options, notify_url=receiver.url))
        receiver.channel = told.channel
        order = told.order()
        told.pay(order)
        receiver.wait(1)
        refund = RefundOrder(order.out_trade_no, f"{order.out_trade_no}R1", Money(1280), Money(5))
        direct.sandbox.script("processing close 30", out_trade_no=order.out_trade_no)
        assert isinstance(told.channel.refund(refund), RefundAccepted)
        direct.sandbox.advance(31)
        ended = receiver.wait(2)[-1]
        told.close()
    assert isinstance(ended, RefundTold)
    assert ended.refund == KnownRefund(refund.out_refund_no, Money(5), RefundClosed("CLOSED"))


# --- in the house


def settings(peer: NativePeer, tmp_path, **changes: object) -> Driver:
    key = tmp_path / "wechatpay-native.key"
    key.write_text(f"{peer.options.key}\n", "ascii")
    options: dict[str, object] = {
        "appid": peer.options.appid,
        "mch_id": peer.options.mch_id,
        "key_credential": str(key),
        "notify_url": "http://127.0.0.1:9/notify",
        "private_key_path": str(peer.options.private_key_path),
        "serial_no": peer.options.serial_no,
        "sandbox": True,
        "pay_url": peer.sandbox.address,
    }
    return Driver("wechatpay-native", {**options, **changes})


def test_the_channel_is_built_from_the_settings_and_the_doctor_finds_it_well(direct, tmp_path):
    config = Config("00010001", channels={"screen": settings(direct, tmp_path)})
    channel = wallets.channels(config)["screen"]
    assert isinstance(channel, WechatNative)
    assert channel.name == "screen"
    assert wallets.refund_channels({"screen": channel}) == {"screen": channel}
    assert isinstance(channel.present(direct.order()), Presented)
    channel.close()
    (finding,) = doctor.asked(config, "screen", config.channels["screen"])
    assert "SANDBOX" in finding.says


def test_the_settings_are_said_to_be_wrong_by_name(direct, tmp_path):
    for wrong in ({"qr_life": 5}, {"private_key_path": "/nowhere.pem"}, {"colour": "red"}):
        config = Config("00010001", channels={"screen": settings(direct, tmp_path, **wrong)})
        with pytest.raises(ConfigError) as error:
            wallets.channels(config)
        assert next(iter(wrong)) in f"{error.value} {error.value.mend}"


def test_a_key_that_only_the_service_manager_has_is_not_missed(monkeypatch):
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    driver = Driver("wechatpay-native", {})
    (finding,) = doctor.asked(Config("00010001"), "wechatpay-native", driver)
    assert "wechatpay-native.key" in finding.says
