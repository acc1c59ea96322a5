"""Refunds over a line of bytes: what is sent, what mishaps prove, and lists of many pages."""

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
from kiosk.channels.wechatpay import WechatPay
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundAccepted, RefundClosed, RefundDone
from tests.channels.conftest import KEY, signature
from tests.channels.test_line import MISHAPS, answers_in_turn

NUMBER = "S1D01T20261121000001"
ORDER = RefundOrder(NUMBER, f"{NUMBER}R1", Money(1280), Money(500), "苹果坏了")
TAKEN = {
    "result_code": "SUCCESS",
    "out_refund_no": ORDER.out_refund_no,
    "refund_id": "5030000001",
    "refund_fee": "500",
}
REFUSED = {"result_code": "FAIL", "err_code": "ERROR", "err_code_des": "订单已全额退款"}
UNKNOWN_REFUND = {"result_code": "FAIL", "err_code": "REFUNDNOTEXIST"}
PAID = {
    "result_code": "SUCCESS",
    "trade_state": "REFUND",
    "transaction_id": "4200000001",
    "total_fee": "1280",
    "out_trade_no": NUMBER,
}
# The mishaps that are the line's own; the others are answers to a payment.
LINE_MISHAPS = [
    name
    for name in MISHAPS
    if not name.startswith("another") and not name.startswith("an answer that names")
]


def page(first: int, count: int, **fields: str) -> dict[str, str]:
    """A refundquery's answer with so many refunds of 1 fen, R<first> and so on."""
    answer = {"result_code": "SUCCESS", "out_trade_no": NUMBER, "refund_count": str(count)}
    for n in range(count):
        answer |= {
            f"out_refund_no_{n}": f"{NUMBER}R{first + n}",
            f"refund_id_{n}": f"50300{first + n:05d}",
            f"refund_fee_{n}": "1",
            f"refund_status_{n}": "SUCCESS",
        }
    return {**answer, **fields}


def one(**fields: str) -> dict[str, str]:
    return page(1, 1, refund_fee_0="500", **fields)


@pytest.fixture
def channel(options):
    with WechatPay(options()) as channel:
        yield channel


@pytest.mark.parametrize("mishap", LINE_MISHAPS)
def test_a_mishap_on_the_line_leaves_a_refund_unknown(raw_peer, channel, mishap):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(OutcomeUnknown):
        channel.refund(ORDER)
    assert len(raw_peer.asked) == 1


@pytest.mark.parametrize("forge", [{"key": "k" * 32}, {}])
def test_an_acceptance_is_believed_only_with_our_signature(raw_peer, channel, forge):
    def play(line):
        line.read()
        line.answer(TAKEN, **forge)

    raw_peer.will(play)
    if forge:
        with pytest.raises(OutcomeUnknown, match="signed"):
            channel.refund(ORDER)
    else:
        assert channel.refund(ORDER) == RefundAccepted("5030000001")


def test_a_refund_request_is_signed_and_complete(raw_peer, options):
    raw_peer.will_answer(**TAKEN)
    with WechatPay(options(sub_mch_id="1900000109"), nonce=lambda: "n" * 32) as channel:
        channel.refund(ORDER)
    (line,) = raw_peer.asked
    assert line.path == "/secapi/pay/refund"
    sent = {name: value for name, value in line.fields.items() if name != "sign"}
    assert sent == {
        "appid": "wx2421b1c4370ec43b",
        "mch_id": "1230000109",
        "sub_mch_id": "1900000109",
        "out_trade_no": "S1D01T20261121000001",
        "out_refund_no": "S1D01T20261121000001R1",
        "total_fee": "1280",
        "refund_fee": "500",
        "refund_fee_type": "CNY",
        "refund_desc": "苹果坏了",
        "nonce_str": "n" * 32,
        "sign_type": "HMAC-SHA256",
    }
    assert line.fields["sign"] == signature(sent, KEY, "HMAC-SHA256")


def test_the_same_refund_is_asked_for_with_the_same_values(raw_peer, options):
    raw_peer.will_answer(**TAKEN)
    with WechatPay(options(), nonce=lambda: "n" * 32) as channel:
        channel.refund(ORDER)
        channel.refund(ORDER)
    first, second = (line.fields for line in raw_peer.asked)
    assert first == second


def test_a_long_reason_is_cut_between_characters(raw_peer, channel):
    raw_peer.will_answer(**TAKEN)
    channel.refund(replace(ORDER, reason="坏\x00" * 80))
    assert raw_peer.asked[0].fields["refund_desc"] == "坏 " * 20


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
def test_a_refund_that_the_format_cannot_carry_is_not_sent(raw_peer, channel, changes):
    with pytest.raises(NotSent):
        channel.refund(replace(ORDER, **changes))
    assert raw_peer.asked == []


def test_a_refund_needs_a_certificate_outside_the_sandbox(options):
    live = options(sandbox=False, pay_url="https://127.0.0.1:1", face_url="https://127.0.0.1:1")
    with WechatPay(live) as channel, pytest.raises(NotSent, match="certificate") as error:
        channel.refund(ORDER)
    assert "certificate_path" in error.value.mend


def test_a_refund_may_be_asked_of_the_spare_host(raw_peer, options):
    raw_peer.will_answer(**TAKEN)
    gone = options(pay_url="http://nowhere.invalid", backup_url=raw_peer.url)
    with WechatPay(gone) as channel:
        assert channel.refund(ORDER) == RefundAccepted("5030000001")


# --- a refusal may be the echo of the same refund, carried out


@pytest.mark.parametrize(
    ("found", "fact"),
    [
        (UNKNOWN_REFUND, RefundClosed("ERROR", "订单已全额退款")),
        (one(), RefundDone("5030000001", 500)),
        (one(refund_status_0="PROCESSING"), RefundAccepted("5030000001")),
        (page(1, 1, refund_fee_0="499"), RefundClosed("NUMBER_TAKEN")),
    ],
)
def test_a_refusal_counts_only_if_the_channel_does_not_know_the_refund(
    raw_peer, channel, found, fact
):
    raw_peer.will(*answers_in_turn(REFUSED, found))
    assert channel.refund(ORDER) == fact
    assert [line.path for line in raw_peer.asked] == ["/secapi/pay/refund", "/pay/refundquery"]
    assert raw_peer.asked[1].fields["out_refund_no"] == ORDER.out_refund_no


def test_a_refusal_without_a_query_is_unknown(raw_peer, channel):
    raw_peer.will(
        *answers_in_turn(REFUSED, {"result_code": "FAIL", "err_code": "SYSTEMERROR"}),
    )
    with pytest.raises(OutcomeUnknown, match="ERROR 订单已全额退款"):
        channel.refund(ORDER)


def test_a_wrong_key_leaves_a_refund_unknown_and_tells_what_to_do(raw_peer, channel):
    def play(line):
        line.read()
        body = "<return_code>FAIL</return_code><return_msg>签名错误</return_msg>"
        line.send(f"<xml>{body}</xml>".encode())

    raw_peer.will(play)
    with pytest.raises(OutcomeUnknown) as error:
        channel.refund(ORDER)
    assert "APIv2 key" in error.value.mend


def test_a_refund_is_queried_by_its_own_number(raw_peer, channel):
    raw_peer.will_answer(**one())
    assert channel.query_refund(ORDER) == RefundDone("5030000001", 500)
    raw_peer.will_answer(**UNKNOWN_REFUND)
    assert channel.query_refund(ORDER) == NotFound()
    raw_peer.will_answer(**one(out_trade_no="OTHER"))
    with pytest.raises(OutcomeUnknown, match="out_trade_no"):
        channel.query_refund(ORDER)


# --- what a payment's money came to


def test_a_payment_without_refunds_is_settled_with_none(raw_peer, channel):
    paid = {**PAID, "trade_state": "SUCCESS"}
    raw_peer.will(*answers_in_turn(paid, UNKNOWN_REFUND))
    assert channel.settled(out_trade_no=NUMBER) == Settled(NUMBER, "4200000001", Money(1280))


def test_a_payment_is_found_by_the_channels_number_as_well(raw_peer, channel):
    raw_peer.will(*answers_in_turn(PAID, one(total_refund_count="1")))
    found = channel.settled(transaction_id="4200000001")
    refund = KnownRefund(f"{NUMBER}R1", Money(500), RefundDone("5030000001", 500))
    assert found == Settled(NUMBER, "4200000001", Money(1280), (refund,))
    order, refunds = (line.fields for line in raw_peer.asked)
    assert order["transaction_id"] == "4200000001"
    assert "out_trade_no" not in order
    assert (refunds["out_trade_no"], refunds["offset"]) == (NUMBER, "0")


def test_another_payments_answer_is_not_believed(raw_peer, channel):
    raw_peer.will_answer(**PAID)
    with pytest.raises(OutcomeUnknown, match="transaction_id"):
        channel.settled(transaction_id="4200000002")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({**PAID, "trade_state": "REVOKED"}, Refused),
        ({**PAID, "trade_state": "CLOSED"}, Refused),
        ({**PAID, "trade_state": "PAYERROR"}, Refused),
        ({**PAID, "trade_state": "USERPAYING"}, OutcomeUnknown),
        ({**PAID, "trade_state": "NEVER_SEEN_BEFORE"}, OutcomeUnknown),
        ({"result_code": "FAIL", "err_code": "SYSTEMERROR"}, OutcomeUnknown),
        ({"result_code": "FAIL", "err_code": "PARAM_ERROR"}, Refused),
    ],
)
def test_what_was_not_paid_cannot_be_settled(raw_peer, channel, answer, error):
    raw_peer.will_answer(**answer)
    with pytest.raises(error):
        channel.settled(out_trade_no=NUMBER)


def test_a_payment_that_nobody_knows_is_not_found(raw_peer, channel):
    raw_peer.will_answer(result_code="FAIL", err_code="ORDERNOTEXIST")
    assert channel.settled(out_trade_no=NUMBER) == NotFound()


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        {"out_trade_no": NUMBER, "transaction_id": "4200000001"},
        {"transaction_id": "42 "},
        {"out_trade_no": "单号"},
    ],
)
def test_settled_takes_one_number(raw_peer, channel, numbers):
    with pytest.raises(NotSent):
        channel.settled(**numbers)
    assert raw_peer.asked == []


@pytest.mark.parametrize(
    ("pages", "offsets"),
    [
        ([(1, 10), (11, 10), (21, 3)], ["0", "10", "20"]),
        ([(1, 20), (21, 3)], ["0", "20"]),
        ([(1, 23)], ["0"]),
    ],
)
def test_a_list_of_many_refunds_is_read_page_by_page(raw_peer, channel, pages, offsets):
    listed = [page(first, count, total_refund_count="23") for first, count in pages]
    raw_peer.will(*answers_in_turn(PAID, *listed))
    found = channel.settled(out_trade_no=NUMBER)
    assert [refund.out_refund_no for refund in found.refunds] == [
        f"{NUMBER}R{n}" for n in range(1, 24)
    ]
    assert [line.fields["offset"] for line in raw_peer.asked[1:]] == offsets


@pytest.mark.parametrize(
    "pages",
    [
        [page(1, 10, total_refund_count="12"), page(1, 10, total_refund_count="12")],
        [page(1, 10, total_refund_count="12"), page(10, 3, total_refund_count="12")],
        [page(1, 10, total_refund_count="12"), page(1, 0, total_refund_count="12")],
        [page(1, 10, total_refund_count="12"), UNKNOWN_REFUND],
        [page(1, 10)],
    ],
    ids=["the same page", "a shifted page", "an empty page", "no page", "no count"],
)
def test_a_list_that_is_not_whole_is_no_list(raw_peer, channel, pages):
    raw_peer.will(*answers_in_turn(PAID, *pages))
    with pytest.raises(OutcomeUnknown):
        channel.settled(out_trade_no=NUMBER)


def test_a_short_page_without_a_count_is_all(raw_peer, channel):
    raw_peer.will(*answers_in_turn(PAID, page(1, 9)))
    assert len(channel.settled(out_trade_no=NUMBER).refunds) == 9
