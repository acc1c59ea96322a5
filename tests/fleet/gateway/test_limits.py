"""How much may go through the gateway, as a table; and that nobody gets past it by hurrying."""

import threading
from dataclasses import replace

import pytest

from fleet.__main__ import main
from fleet.gateway.limits import Limits, Scope, limits_of, set_limits
from fleet.gateway.orders import Orders
from fleet.gateway.refunds import GatewayRefunds
from fleet.gateway.states import OrderState
from fleet.register import Store
from kiosk.channels.channel import PayOrder, RefundOrder
from kiosk.domain.money import Money
from tests.fleet.gateway.provider import new_number
from tests.fleet.shop import Shop

NOON = 1_790_222_400_000  # 2026-09-24 12:00 in China
MIDNIGHT = NOON + 12 * 3_600_000
NONE, EXCESS = None, "LIMIT_EXCEEDED"


class Tills:
    """Three terminals of one merchant, two of them in one store."""

    def __init__(self, shop):
        shop.register.put_store(Store(shop.merchant_id, "S2", "二号店"))
        self.database, self.merchant_id = shop.database, shop.merchant_id
        self.who = {
            number: shop.join(number, store)[0]
            for number, store in (("0001", "S1"), ("0002", "S1"), ("0003", "S2"))
        }
        self.orders, self.refunds = Orders(shop.database), GatewayRefunds(shop.database)

    def limit(self, store_id="", terminal_id="", **limits):
        scope = Scope(self.merchant_id, store_id, terminal_id)
        set_limits(self.database, scope, Limits(**limits))

    def pay(self, terminal_id, fen, at_ms=NOON, ends=OrderState.PAID):
        number = new_number()
        order = PayOrder(number, Money(fen), "b")
        said = self.orders.open(self.who[terminal_id], "wechatpay", order, at_ms)
        if said is None:
            self.orders.note(self.merchant_id, "wechatpay", number, ends)
        return said.code if said else None

    def give_back(self, terminal_id, fen, at_ms=NOON, closed=False):
        paid = PayOrder(new_number(), Money(100_000), "b")
        self.orders.open(self.who[terminal_id], "wechatpay", paid, NOON - 3 * 86_400_000)
        known = self.orders.find(self.who[terminal_id], "wechatpay", paid.out_trade_no)
        number = f"{paid.out_trade_no}R1"
        order = RefundOrder(paid.out_trade_no, number, paid.amount, Money(fen))
        said = self.refunds.bind(self.who[terminal_id], "wechatpay", order, known, at_ms)
        if closed:
            self.refunds.close(self.merchant_id, "wechatpay", number)
        return said.code if said else None


@pytest.fixture
def tills(shop):
    return Tills(shop)


@pytest.mark.parametrize(
    ("scope", "limits", "payments"),
    [
        ({}, {"payment_fen": 100}, [("0001", 100, NONE), ("0001", 101, EXCESS)]),
        ({}, {"day_fen": 100}, [("0001", 60, NONE), ("0003", 41, EXCESS), ("0003", 40, NONE)]),
        (
            {"store_id": "S1"},
            {"day_fen": 100},
            [("0001", 60, NONE), ("0002", 41, EXCESS), ("0003", 500, NONE)],
        ),
        (
            {"terminal_id": "0002"},
            {"day_fen": 100, "payment_fen": 80},
            [("0002", 81, EXCESS), ("0002", 80, NONE), ("0002", 21, EXCESS), ("0001", 500, NONE)],
        ),
        ({}, {"day_fen": 0}, [("0001", 1, EXCESS)]),
        ({}, {"refund_fen": 1}, [("0001", 100_000, NONE)]),
    ],
)
def test_payments_stay_within_their_limits(tills, scope, limits, payments):
    tills.limit(**scope, **limits)
    said = [(who, fen, tills.pay(who, fen)) for who, fen, _ in payments]
    assert said == payments


def test_every_limit_that_is_there_binds(tills):
    tills.limit(day_fen=1000)
    tills.limit(store_id="S1", day_fen=500)
    tills.limit(terminal_id="0001", payment_fen=100)
    assert [tills.pay("0001", fen) for fen in (101, 100)] == [EXCESS, NONE]
    assert [tills.pay("0002", fen) for fen in (401, 400)] == [EXCESS, NONE]
    assert [tills.pay("0003", fen) for fen in (501, 500)] == [EXCESS, NONE]


def test_a_day_is_one_of_beijing_and_what_took_nothing_does_not_count(tills):
    tills.limit(day_fen=100)
    for ends in (OrderState.DECLINED, OrderState.REVERSED):
        assert tills.pay("0001", 100, ends=ends) is NONE
    assert tills.pay("0001", 100, ends=OrderState.OPEN) is NONE
    assert tills.pay("0001", 1, MIDNIGHT - 1) == EXCESS
    assert tills.pay("0001", 100, MIDNIGHT) is NONE
    assert tills.pay("0001", 1, MIDNIGHT) == EXCESS


def test_refunds_have_limits_of_their_own(tills):
    tills.limit(refund_fen=100, refund_day_fen=150)
    assert tills.give_back("0001", 101) == EXCESS
    assert tills.give_back("0001", 100) is NONE
    assert tills.give_back("0003", 51) == EXCESS
    assert tills.give_back("0003", 50, closed=True) is NONE
    assert tills.give_back("0002", 50) is NONE
    assert tills.give_back("0002", 1, MIDNIGHT) is NONE


def test_a_refund_that_is_known_counts_once_and_keeps_its_values(tills):
    tills.limit(refund_day_fen=100)
    who = tills.who["0001"]
    paid = PayOrder(new_number(), Money(500), "b")
    tills.orders.open(who, "wechatpay", paid, NOON)
    known = tills.orders.find(who, "wechatpay", paid.out_trade_no)
    order = RefundOrder(paid.out_trade_no, f"{paid.out_trade_no}R1", paid.amount, Money(100))

    def bind(asked):
        return tills.refunds.bind(who, "wechatpay", asked, known, NOON)

    assert [bind(order), bind(order)] == [None, None]
    assert bind(replace(order, amount=Money(99))).code == "NUMBER_TAKEN"
    assert bind(replace(order, paid=Money(501))).code == "PAID_DIFFERS"
    assert bind(replace(order, amount=Money(501))).code == "REFUND_TOO_MUCH"
    assert bind(replace(order, out_refund_no="n o")).code == "PAYMENT_UNKNOWN"
    tills.refunds.close(tills.merchant_id, "wechatpay", order.out_refund_no)
    assert bind(replace(order, amount=Money(99))) is None


def test_many_at_once_do_not_exceed_together(tills):
    tills.limit(day_fen=350)
    said = []
    threads = [
        threading.Thread(target=lambda n=number: said.append(tills.pay(f"000{n % 3 + 1}", 100)))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == [EXCESS] * 9 + ["None"] * 3


def test_another_merchants_money_does_not_count(tills, fleet_database):
    tills.limit(day_fen=100)
    others = Tills(Shop(fleet_database))
    assert others.pay("0001", 500) is NONE
    assert tills.pay("0001", 100) is NONE


def test_limits_are_set_and_shown_by_a_command(shop, database_url, monkeypatch, capsys):
    monkeypatch.setenv("FLEET_DATABASE", database_url)
    merchant = shop.merchant_id
    assert main(["limits", merchant, "--day", "100", "--payment", "none"]) == 0
    assert main(["limits", merchant, "--terminal", "0001", "--refund-day", "0"]) == 0
    assert main(["limits", merchant, "--store", "S1", "--terminal", "1", "--day", "1"]) == 2
    assert main(["limits", merchant, "--day", "-1"]) == 2
    capsys.readouterr()
    assert main(["limits", merchant]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{merchant} payment_fen=none day_fen=100 refund_fen=none refund_day_fen=none",
        "0001 payment_fen=none day_fen=none refund_fen=none refund_day_fen=0",
    ]
    assert [limits for _, limits in limits_of(shop.database, merchant)] == [
        Limits(day_fen=100),
        Limits(refund_day_fen=0),
    ]


def test_a_limit_reaches_the_kiosk_as_declined_and_the_wallet_not_at_all(provider):
    who, key = provider.join()
    set_limits(provider.database, Scope(who.merchant_id, "", who.terminal_id), Limits(100, None, 0))
    till = provider.kiosk("wechatpay", (who, key))
    order = provider.order(101)
    assert till.pay(order, provider.code()).code == "LIMIT_EXCEEDED"
    assert till.query(order).code == "LIMIT_EXCEEDED"
    calls = provider.wallet.audit()["calls"]
    assert [one for one in calls if one["out_trade_no"] == order.out_trade_no] == []
    order = provider.order(100)
    till.pay(order, provider.code())
    number = f"{order.out_trade_no}R1"
    refund = RefundOrder(order.out_trade_no, number, order.amount, Money(1))
    assert till.refund(refund).code == "LIMIT_EXCEEDED"
    assert provider.refunds(order.out_trade_no) == []
    till.close()
