"""Refunds on other threads: each is stepped to its end, whoever asked for it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from kiosk.cashier import Cashier
from kiosk.domain.money import Money
from kiosk.domain.refund import Refund, RefundState
from kiosk.ledger import LedgerFull

REFUND = Refund("1R1", "1", "wechatpay", Money(690), Money(690), "", 0)


class Steps:
    """Refunds that need a few steps; also the ledger that the cashier looks into."""

    def __init__(self, steps=3):
        self.steps = dict.fromkeys(("1R1", "2R1"), steps)
        self.asked, self.hurried, self.stepped = [], [], []
        self.open, self.owed, self.troubles = [], [], []
        self.lock = threading.Lock()

    def request(self, out_trade_no, fen, reason, *, limit_fen=0):
        self.asked.append((out_trade_no, fen, reason))
        return REFUND

    def open_refunds(self):
        return self.open

    def due(self):
        owed, self.owed = self.owed, []
        return owed

    def hurry(self, number, now):
        self.hurried.append(number)

    def step(self, number, now):
        with self.lock:
            self.stepped.append(number)
            if self.troubles:
                raise self.troubles.pop()
            self.steps[number] -= 1
            return now if self.steps[number] > 0 else None

    def refund(self, number):
        done = self.steps[number] <= 0
        state = RefundState.DONE if done else RefundState.PROCESSING
        return replace(REFUND, out_refund_no=number, out_trade_no=number[0], state=state)


@pytest.fixture
def money():
    return Steps()


@pytest.fixture
def told():
    return []


@pytest.fixture
def cashier(timer, money, told):
    return Cashier(timer, money, money, told.append)


def ends(told):
    return [each.out_refund_no for each in told if each.final]


def test_what_is_asked_for_is_stepped_to_its_end_and_each_step_is_told(cashier, money, told, until):
    assert cashier.request("1", 690, "why") == REFUND
    until(lambda: ends(told))
    assert money.asked == [("1", 690, "why")]
    assert [each.state.name for each in told] == ["PROCESSING", "PROCESSING", "DONE"]


def test_after_a_start_open_refunds_go_on_and_what_is_owed_goes_back(cashier, money, told, until):
    money.open = [REFUND]
    money.owed = [replace(REFUND, out_refund_no="2R1", out_trade_no="2")]
    cashier.resume()
    until(lambda: len(ends(told)) == 2)
    assert set(ends(told)) == {"1R1", "2R1"}


def test_a_step_that_could_not_be_written_is_tried_again_later(money, told):
    put = []

    class Later:
        def put(self, name, work, due=0.0):
            put.append((name, work))

    money.troubles = [LedgerFull("no room")]
    Cashier(Later(), money, money, told.append).request("1", 690, "")
    ((name, work),) = put
    assert name == "refund 1R1"
    assert work(100.0) == 105.0
    assert told == []
    assert work(105.0) == 105.0
    assert len(told) == 1


def test_what_is_owed_is_looked_for_again_and_again(money, told):
    put = []

    class Later:
        def put(self, name, work, due=0.0):
            put.append((name, work))

    Cashier(Later(), money, money, told.append).resume()
    names = [name for name, _ in put]
    assert names == ["refund backlog", "refunds due"]
    look = put[-1][1]
    assert look(100.0) == 130.0
    money.owed = [REFUND]
    assert look(130.0) == 160.0
    assert put[-1][0] == "refund 1R1"


def test_staff_have_the_next_step_taken_now(cashier, money, told, until):
    cashier.again(REFUND)
    until(lambda: told)
    assert money.hurried == ["1R1"]
    assert money.stepped == ["1R1"]
