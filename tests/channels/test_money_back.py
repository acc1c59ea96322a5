"""Refunds and bills of the sandbox: its answers, its lists and its files, read by the client."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.channels.channel import OutcomeUnknown, RefundOrder, Refused
from kiosk.channels.wechatpay import WechatPay
from kiosk.channels.wechatpay.bill import read_bill
from kiosk.domain.bill import LineKind
from kiosk.domain.money import Money
from kiosk.domain.refund import (
    RefundAbnormal,
    RefundAccepted,
    RefundClosed,
    RefundDone,
    refund_number,
)

BEIJING = timezone(timedelta(hours=8))


@pytest.fixture
def channel(peer):
    with WechatPay(peer.options) as channel:
        yield channel


def paid(peer, channel, fen: int = 1280) -> str:
    order = peer.order(fen)
    channel.pay(order, peer.token())
    return order.out_trade_no


def part(out_trade_no: str, index: int, fen: int, paid_fen: int = 1280) -> RefundOrder:
    return RefundOrder(
        out_trade_no, refund_number(out_trade_no, index), Money(paid_fen), Money(fen), "苹果坏了"
    )


@pytest.mark.parametrize(
    ("script", "done"),
    [
        ("drop-answer", True),
        ("drop-request", False),
        ("systemerror-paid", True),
        ("systemerror-unpaid", False),
        ("http-500", True),
        ("http-502", False),
        ("wrong-signature", True),
        ("truncated", True),
        ("decline NOTENOUGH", False),
        ("decline BIZERR_NEED_RETRY", False),
    ],
)
def test_every_mishap_of_a_refund_is_unknown_and_the_same_number_mends_it(
    peer, channel, script, done
):
    number = paid(peer, channel)
    order = part(number, 1, 500)
    peer.script(script=script, api="refund")
    with pytest.raises(OutcomeUnknown):
        channel.refund(order)
    assert peer.refunded(number) == (500 if done else 0)
    said = channel.refund(order)
    assert isinstance(said, RefundAccepted)
    assert channel.query_refund(order) == RefundDone(said.refund_id, 500)
    assert peer.refunded(number) == 500


def test_a_refund_that_arrives_twice_is_made_once(peer, channel):
    number = paid(peer, channel)
    peer.script(script="duplicate", api="refund")
    assert isinstance(channel.refund(part(number, 1, 500)), RefundAccepted)
    assert peer.refunded(number) == 500


def test_a_refusal_after_a_lost_answer_does_not_hide_the_refund(peer, channel):
    number = paid(peer, channel)
    order = part(number, 1, 1280)
    peer.script(script="drop-answer", api="refund")
    with pytest.raises(OutcomeUnknown):
        channel.refund(order)
    peer.script(script="decline ERROR", api="refund")
    assert isinstance(channel.refund(order), RefundDone)


def test_a_refund_of_a_dead_account_waits_for_the_merchant(peer, channel):
    number = paid(peer, channel)
    order = part(number, 1, 500)
    peer.script(script="processing change 5")
    channel.refund(order)
    peer.wait_for_refunds()
    assert channel.query_refund(order) == RefundAbnormal("CHANGE")


def test_two_refunds_within_a_minute_are_asked_for_again_later(peer, channel):
    number = paid(peer, channel)
    channel.refund(part(number, 1, 500))
    with pytest.raises(OutcomeUnknown):
        channel.refund(part(number, 2, 500))
    peer.wait_between_refunds()
    assert isinstance(channel.refund(part(number, 2, 500)), RefundAccepted)


def test_a_refund_after_a_year_is_refused(peer, channel):
    number = paid(peer, channel)
    peer.control("POST", "clock", {"advance": 366 * 86400})
    said = channel.refund(part(number, 1, 500))
    assert said == RefundClosed("TRADE_OVERDUE", "订单已经超过退款期限")


def test_a_wrong_amount_of_the_payment_is_refused(peer, channel):
    number = paid(peer, channel)
    assert isinstance(channel.refund(part(number, 1, 500, paid_fen=1281)), RefundClosed)
    assert peer.refunded(number) == 0


def test_twenty_three_refunds_of_one_payment_are_all_listed(peer, channel):
    number = paid(peer, channel)
    orders = [part(number, index, index) for index in range(1, 24)]
    for order in orders:
        channel.refund(order)
        peer.wait_between_refunds()
    listed = channel.settled(out_trade_no=number).refunds
    assert [(each.out_refund_no, each.amount) for each in listed] == [
        (order.out_refund_no, order.amount) for order in orders
    ]


def test_a_days_bill_tells_what_the_till_did(peer, channel):
    now = datetime.fromisoformat(peer.control("GET", "health")["now"]).astimezone(BEIJING)
    morning = (now + timedelta(days=1)).replace(hour=10, minute=0, second=0)
    peer.control("POST", "clock", {"advance": (morning - now).total_seconds()})
    day = morning.date()
    with pytest.raises(OutcomeUnknown):
        channel.download_bill(day)  # not before nine of the next day

    first, second = paid(peer, channel), paid(peer, channel, 333)
    refund = channel.refund(part(first, 1, 500))
    peer.wait_until_reversible()
    channel.reverse(peer.order_of(second, 333))
    peer.control("POST", "clock", {"advance": 86400})

    lines = list(read_bill(io.BytesIO(channel.download_bill(day))))
    assert {(line.out_trade_no, line.kind, line.amount.fen) for line in lines} == {
        (first, LineKind.PAYMENT, 1280),
        (first, LineKind.REFUND, 500),
        (second, LineKind.PAYMENT, 333),
        (second, LineKind.REVERSAL, 333),
    }
    (back,) = [line for line in lines if line.kind is LineKind.REFUND]
    assert (back.out_refund_no, back.refund_id) == (f"{first}R1", refund.refund_id)
    assert {line.terminal for line in lines} == {"D01"}
    assert all(abs(line.at_ms / 1000 - morning.timestamp()) < 120 for line in lines)


def test_a_day_without_sales_has_no_bill(peer, channel):
    with pytest.raises(Refused, match="NO_BILL"):
        channel.download_bill(datetime(2020, 1, 1, tzinfo=BEIJING).date())
