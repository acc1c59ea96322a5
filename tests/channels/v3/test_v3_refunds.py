"""Refunds over a line of bytes: what is sent, what a refusal proves, and what went back already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.channels.channel import (
    KnownRefund,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RefundOrder,
    Refused,
    Settled,
)
from kiosk.channels.wechatpay.v3 import WechatNative
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundAccepted, RefundClosed, RefundDone
from tests.channels.v3.wallet import MCH_ID, NUMBER, PAID, SHOP, answering, hear, refusal, say

ORDER = RefundOrder(NUMBER, f"{NUMBER}R1", Money(1280), Money(500), "苹果坏了")
UNKNOWN_REFUND = refusal("RESOURCE_NOT_EXISTS")


def told(index: int = 1, fen: int = 500, status: str = "SUCCESS") -> dict[str, object]:
    return {
        "out_trade_no": NUMBER,
        "out_refund_no": f"{NUMBER}R{index}",
        "refund_id": f"50300{index:05d}",
        "status": status,
        "amount": {"total": 1280, "refund": fen, "currency": "CNY"},
    }


def test_a_refund_request_is_complete(raw_peer, native, wallet):
    raw_peer.will(answering(wallet, told(status="PROCESSING")))
    assert native.refund(ORDER) == RefundAccepted("5030000001")
    heard = raw_peer.asked[0].fields["heard"]
    assert (heard.method, heard.target) == ("POST", "/v3/refund/domestic/refunds")
    assert heard.document == {
        "out_trade_no": NUMBER,
        "out_refund_no": f"{NUMBER}R1",
        "reason": "苹果坏了",
        "notify_url": "https://shop.example/notify",
        "amount": {"refund": 500, "total": 1280, "currency": "CNY"},
    }


def test_a_shops_refund_names_the_shop_everywhere(raw_peer, native_options, wallet):
    raw_peer.will(answering(wallet, told()))
    with WechatNative(native_options(sub_mch_id=SHOP)) as channel:
        channel.refund(replace(ORDER, reason=""))
        channel.query_refund(ORDER)
    first, second = (line.fields["heard"] for line in raw_peer.asked)
    assert first.document["sub_mchid"] == SHOP
    assert "reason" not in first.document
    assert second.target == f"/v3/refund/domestic/refunds/{NUMBER}R1?sub_mchid={SHOP}"


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "单号"},
        {"out_refund_no": ""},
        {"out_refund_no": "R" * 65},
        {"amount": Money(0)},
        {"amount": Money(1281)},
        {"amount": Money(500, "HKD")},
        {"paid": Money(1280, "HKD")},
    ],
)
def test_a_refund_that_the_format_cannot_carry_is_not_sent(raw_peer, native, changes):
    with pytest.raises(NotSent):
        native.refund(replace(ORDER, **changes))
    assert raw_peer.asked == []


@pytest.mark.parametrize(
    ("found", "status", "fact"),
    [
        (UNKNOWN_REFUND, 404, RefundClosed("INVALID_REQUEST", "不行")),
        (told(), 200, RefundDone("5030000001", 500)),
        (told(status="PROCESSING"), 200, RefundAccepted("5030000001")),
        (told(fen=499), 200, RefundClosed("NUMBER_TAKEN")),
    ],
)
def test_a_refusal_counts_only_if_the_channel_does_not_know_the_refund(
    raw_peer, native, wallet, found, status, fact
):
    no = answering(wallet, refusal("INVALID_REQUEST"), 400)
    raw_peer.will(no, answering(wallet, found, status))
    assert native.refund(ORDER) == fact
    assert raw_peer.asked[1].path == f"/v3/refund/domestic/refunds/{NUMBER}R1"


def test_a_refund_that_was_closed_later_is_closed_without_asking_more(raw_peer, native, wallet):
    raw_peer.will(answering(wallet, told(status="CLOSED")))
    assert native.refund(ORDER) == RefundClosed("CLOSED")
    assert len(raw_peer.asked) == 1


def test_a_refusal_without_a_query_is_unknown(raw_peer, native, wallet):
    no = answering(wallet, refusal("INVALID_REQUEST"), 400)
    raw_peer.will(no, answering(wallet, refusal("SYSTEM_ERROR"), 500))
    with pytest.raises(OutcomeUnknown, match="INVALID_REQUEST 不行"):
        native.refund(ORDER)


def test_a_refund_is_queried_by_its_own_number(raw_peer, native, wallet):
    raw_peer.will(answering(wallet, told()))
    assert native.query_refund(ORDER) == RefundDone("5030000001", 500)
    raw_peer.will(answering(wallet, UNKNOWN_REFUND, 404))
    assert native.query_refund(ORDER) == NotFound()
    raw_peer.will(answering(wallet, {**told(), "out_trade_no": "OTHER"}))
    with pytest.raises(OutcomeUnknown, match="out_trade_no"):
        native.query_refund(ORDER)
    raw_peer.will(answering(wallet, refusal("NO_AUTH"), 403))
    with pytest.raises(Refused):
        native.query_refund(ORDER)


# --- what a payment's money came to


def books(wallet, order: dict[str, object], *refunds: dict[str, object]):
    """A script that knows one order and these refunds, whatever is asked."""
    by_number = {refund["out_refund_no"]: refund for refund in refunds}

    def play(line):
        last = hear(line).target.partition("?")[0].rpartition("/")[2]
        if last in (NUMBER, "4200000001"):
            say(line, wallet, order)
        elif last in by_number:
            say(line, wallet, by_number[last])
        else:
            say(line, wallet, UNKNOWN_REFUND, 404)

    return play


def indexes(raw_peer) -> list[int]:
    return [
        int(line.path.partition("?")[0].rpartition("R")[2])
        for line in raw_peer.asked
        if "/refunds/" in line.path
    ]


def test_a_payment_without_refunds_is_settled_with_none(raw_peer, native, wallet):
    raw_peer.will(books(wallet, PAID))
    assert native.settled(out_trade_no=NUMBER) == Settled(NUMBER, "4200000001", Money(1280))
    assert indexes(raw_peer) == [1, 2, 3]


def test_a_payment_is_found_by_the_channels_number_with_every_refund(raw_peer, native, wallet):
    order = {**PAID, "trade_state": "REFUND"}
    raw_peer.will(books(wallet, order, told(1), told(2, 300, "PROCESSING")))
    assert native.settled(transaction_id="4200000001") == Settled(
        NUMBER,
        "4200000001",
        Money(1280),
        (
            KnownRefund(f"{NUMBER}R1", Money(500), RefundDone("5030000001", 500)),
            KnownRefund(f"{NUMBER}R2", Money(300), RefundAccepted("5030000002")),
        ),
    )
    assert raw_peer.asked[0].path == f"/v3/pay/transactions/id/4200000001?mchid={MCH_ID}"
    assert indexes(raw_peer) == [1, 2, 3, 4, 5]


def test_refused_refunds_leave_gaps_that_are_looked_over(raw_peer, native, wallet):
    order = {**PAID, "trade_state": "REFUND"}
    raw_peer.will(books(wallet, order, told(3), told(6, 300)))
    found = native.settled(out_trade_no=NUMBER)
    assert [refund.out_refund_no for refund in found.refunds] == [f"{NUMBER}R3", f"{NUMBER}R6"]


def test_an_order_that_gave_something_back_is_searched_to_the_end(raw_peer, native, wallet):
    order = {**PAID, "trade_state": "REFUND"}
    raw_peer.will(books(wallet, order, told(2, status="CLOSED"), told(17)))
    found = native.settled(out_trade_no=NUMBER)
    assert [refund.amount.fen for refund in found.refunds] == [500, 500]
    assert max(indexes(raw_peer)) == 20


def test_money_that_went_back_under_other_numbers_is_for_a_person(raw_peer, native, wallet):
    raw_peer.will(books(wallet, {**PAID, "trade_state": "REFUND"}, told(1, status="CLOSED")))
    with pytest.raises(OutcomeUnknown) as error:
        native.settled(out_trade_no=NUMBER)
    assert "portal" in error.value.mend
    assert indexes(raw_peer) == list(range(1, 51))


def test_a_list_that_is_cut_short_is_no_list(raw_peer, native, wallet):
    raw_peer.will(
        answering(wallet, {**PAID, "trade_state": "REFUND"}),
        answering(wallet, told(1)),
        answering(wallet, refusal("SYSTEM_ERROR"), 500),
    )
    with pytest.raises(OutcomeUnknown):
        native.settled(out_trade_no=NUMBER)


@pytest.mark.parametrize(
    ("document", "status", "error"),
    [
        ({**PAID, "trade_state": "CLOSED"}, 200, Refused),
        ({**PAID, "trade_state": "PAYERROR"}, 200, Refused),
        ({**PAID, "trade_state": "NOTPAY"}, 200, OutcomeUnknown),
        ({**PAID, "trade_state": "NEVER_SEEN"}, 200, OutcomeUnknown),
        ({**PAID, "out_trade_no": "OTHER"}, 200, OutcomeUnknown),
        (refusal("SYSTEM_ERROR"), 500, OutcomeUnknown),
        (refusal("PARAM_ERROR"), 400, Refused),
    ],
)
def test_what_was_not_paid_cannot_be_settled(raw_peer, native, wallet, document, status, error):
    raw_peer.will(answering(wallet, document, status))
    with pytest.raises(error):
        native.settled(out_trade_no=NUMBER)
    assert len(raw_peer.asked) == 1


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        {"out_trade_no": NUMBER, "transaction_id": "4200000001"},
        {"transaction_id": "42 "},
        {"transaction_id": "42/../close"},
        {"out_trade_no": "单号"},
    ],
)
def test_settled_takes_one_number(raw_peer, native, numbers):
    with pytest.raises(NotSent):
        native.settled(**numbers)
    assert raw_peer.asked == []


def test_a_number_with_marks_is_sent_as_it_is_signed(raw_peer, native, wallet):
    raw_peer.will(answering(wallet, refusal("ORDER_NOT_EXIST"), 404))
    assert native.settled(out_trade_no="A-1_2|3*4") == NotFound()
    assert raw_peer.asked[0].path.endswith(f"/out-trade-no/A-1_2%7C3%2A4?mchid={MCH_ID}")
