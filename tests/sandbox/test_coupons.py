"""A coupon of the wallet on an order: who pays what, who is settled what, what comes back."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v3_client import V3Client

from kiosk.sandbox.order import Order, State, Way

BOTH = pytest.mark.parametrize(
    ("words", "kind", "settled"),
    [("coupon 200", "CASH", "1280"), ("coupon 200 borne", "NO_CASH", "1080")],
)


def sold(sandbox, kiosk, words="coupon 200", balance=5000):
    """The number of an order of 12.80 with a coupon, and the answer to its pay call."""
    number = kiosk.number()
    sandbox.script(words, out_trade_no=number)
    answer = kiosk.pay(sandbox.code(openid="oLi", balance=balance), number)
    assert answer["result_code"] == "SUCCESS"
    return number, answer


@BOTH
def test_the_shopper_pays_less_and_the_answer_says_who_pays_the_rest(
    sandbox, kiosk, words, kind, settled
):
    number, paid = sold(sandbox, kiosk, words)
    for answer in (paid, kiosk.query(number)):
        assert (answer["total_fee"], answer["cash_fee"], answer["coupon_fee"]) == (
            "1280",
            "1080",
            "200",
        )
        assert (answer["coupon_type_0"], answer["settlement_total_fee"]) == (kind, settled)
        (item,) = json.loads(answer["promotion_detail"])["promotion_detail"]
        assert int(item["wxpay_contribute"]) + int(item["merchant_contribute"]) == 200


def test_without_a_coupon_nothing_is_said_of_one(sandbox, kiosk):
    number = kiosk.number()
    assert kiosk.pay(sandbox.code(), number)["cash_fee"] == "1280"
    assert not {"coupon_fee", "promotion_detail"} & set(kiosk.query(number))


def test_the_shopper_needs_only_the_cash(fresh, kiosk):
    sold(fresh, kiosk, balance=1080)
    audit = fresh.audit()
    assert (audit["balances"], audit["money_held"], audit["books_balance"]) == (0, 1280, True)
    number = kiosk.number()
    fresh.script("coupon 200", out_trade_no=number)
    assert kiosk.pay(fresh.code(openid="oWu", balance=1079), number)["err_code"] == "NOTENOUGH"


def test_a_coupon_pays_no_more_than_the_order(sandbox, kiosk):
    _, paid = sold(sandbox, kiosk, "coupon 5000", balance=0)
    assert (paid["cash_fee"], paid["coupon_fee"]) == ("0", "1280")


def test_a_reversal_gives_each_his_own_back(fresh, kiosk):
    number, _ = sold(fresh, kiosk)
    fresh.advance(16)
    assert kiosk.reverse(number)["recall"] == "N"
    audit = fresh.audit()
    assert (audit["balances"], audit["money_held"], audit["books_balance"]) == (5000, 0, True)


def test_a_refund_is_split_as_the_payment_was(fresh, kiosk):
    number, _ = sold(fresh, kiosk)
    first = kiosk.refund(number, f"{number}R1", 640)
    assert (first["refund_fee"], first["cash_refund_fee"], first["coupon_refund_fee"]) == (
        "640",
        "540",
        "100",
    )
    fresh.advance(61)
    kiosk.refund(number, f"{number}R2", 640)
    audit = fresh.audit()
    assert (audit["balances"], audit["money_held"], audit["books_balance"]) == (5000, 0, True)


@pytest.mark.parametrize(
    ("words", "kind", "settled"),
    [("coupon 200", "CASH", (1280, 640)), ("coupon 200 borne", "NOCASH", (1080, 540))],
)
def test_the_third_version_says_the_same(sandbox, kiosk, words, kind, settled):
    v3 = V3Client(sandbox)
    number, _ = sold(sandbox, kiosk, words)
    found = v3.query(number).json
    assert (found["amount"]["total"], found["amount"]["payer_total"]) == (1280, 1080)
    assert [(one["type"], one["amount"]) for one in found["promotion_detail"]] == [(kind, 200)]
    amount = v3.refund(number, f"{number}R1", 640).json["amount"]
    assert (amount["payer_refund"], amount["discount_refund"]) == (540, 100)
    assert (amount["settlement_total"], amount["settlement_refund"]) == settled


@pytest.mark.parametrize(
    ("words", "paid", "back", "moved"),
    [
        ("coupon 200", ("12.80", "2.00", "12.80", "0.08000"), ("6.40", "1.00", "6.40"), "12.80"),
        (
            "coupon 200 borne",
            ("10.80", "2.00", "12.80", "0.06000"),
            ("5.40", "0.00", "6.40"),
            "10.80",
        ),
    ],
)
def test_the_bills_tell_what_was_settled(fresh, kiosk, words, paid, back, moved):
    number, _ = sold(fresh, kiosk, words)
    kiosk.refund(number, f"{number}R1", 640)
    now = datetime.fromisoformat(fresh.control("GET", "health")["now"])
    ready = datetime(now.year, now.month, now.day, 10, tzinfo=now.tzinfo) + timedelta(days=1)
    fresh.advance((ready - now).total_seconds())
    day = f"{now:%Y%m%d}"
    sale, refund = rows(kiosk.file("/pay/downloadbill", bill_date=day))
    told = ("应结订单金额", "代金券金额", "订单金额", "手续费")
    assert tuple(sale[name] for name in told) == paid
    assert tuple(refund[name] for name in ("退款金额", "充值券退款金额", "申请退款金额")) == back
    flow = kiosk.file(
        "/pay/downloadfundflow", bill_date=day, account_type="Basic", sign_type="HMAC-SHA256"
    )
    assert rows(flow)[0]["收支金额(元)"] == moved


def rows(content):
    """The rows of a bill, without its summary."""
    lines = content.decode("utf-8-sig").split("\r\n")
    data = [line.replace("`", "") for line in lines[1:] if line.startswith("`")][:-1]
    return list(csv.DictReader(io.StringIO("\n".join([lines[0], *data]))))


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.booleans(), st.data())
def test_every_part_of_an_order_is_cash_and_coupon_and_nothing_else(total, coupon, borne, data):
    order = Order(
        *("A1", "4200", total, "", "", "", "", "", "", State.SUCCESS, 0.0, Way.NOW),
        *(None, None, None),
        coupon_fee=min(coupon, total),
        coupon_borne=borne,
    )
    fen = data.draw(st.integers(1, total))
    assert order.cash_of(fen) + order.coupon_of(fen) == fen
    assert 0 <= order.coupon_of(fen) <= order.coupon_fee
    assert order.settled_of(fen) == (order.cash_of(fen) if borne else fen)
    assert order.coupon_of(total) == order.coupon_fee
