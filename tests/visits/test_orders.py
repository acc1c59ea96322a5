"""Money that the service provider orders back: once, and by the rules of this till."""

from __future__ import annotations

import threading

import pytest

from kiosk.down.duties import Duties, Means
from kiosk.down.orders import Order, Orders
from kiosk.messages import ChooseTender, Leave, Pay

FEN = 100


class Office:
    """Orders on the disk of a shop, and the hands that do them."""

    def __init__(self, shop):
        self.shop, self.orders = shop, Orders(shop.place)

    def sells(self):
        self.shop.scans_milk()
        self.shop.does(Pay(), ChooseTender("code"))
        self.shop.scans_code()
        self.shop.passes()
        self.shop.does(Leave())
        return self.shop.payments[-1].out_trade_no

    def orders_back(self, number, fen=FEN, command_id="0000000000000001"):
        arguments = {"out_trade_no": number, "fen": fen, "reason": "bruised"}
        order = Order(command_id, "refund", arguments)
        self.orders.take([order])
        return order

    def starts_again(self):
        self.shop.restart()
        self.orders = Orders(self.shop.place)

    def obeys(self, *, stopping=False):
        core, stopped = self.shop.core, threading.Event()
        if stopping:
            stopped.set()
        means = Means("0001", core.ledger, core.timer, core.jobs, core.cashier, None)
        duties = Duties(means, None, None, self.orders, stopped)
        # What is asked of the timer is done meanwhile, by its own clock.
        for order in self.orders.waiting():
            asking = threading.Thread(target=duties.obey, args=[order])
            asking.start()
            while asking.is_alive():
                self.shop.passes(1.0)
                asking.join(0.02)
        self.shop.passes()

    @property
    def answers(self):
        return [(one["done"], one["said"]) for one in self.orders.answers()]

    def refunds(self, number):
        return [one.out_refund_no for one in self.shop.ledger.refunds_of(number)]


@pytest.fixture
def office(shop):
    return Office(shop)


def test_a_refund_is_the_tills_own_and_is_answered_with_its_number_and_state(office):
    number = office.sells()
    office.orders_back(number)
    office.obeys()
    assert office.answers == [(True, f"{number}R1 DONE")]
    assert office.shop.held() == 690 - FEN


def test_a_core_that_died_after_it_opened_the_refund_opens_no_second_one(office):
    number = office.sells()
    order = office.orders_back(number)
    office.orders.begin(order, {"refunds": []})
    office.shop.core.cashier.request(number, FEN, "bruised")
    office.starts_again()
    office.obeys()
    assert (office.refunds(number), office.answers) == (
        [f"{number}R1"],
        [(True, f"{number}R1 DONE")],
    )
    assert office.shop.held() == 690 - FEN


def test_a_core_that_died_before_it_opened_the_refund_opens_it(office):
    number = office.sells()
    order = office.orders_back(number)
    office.orders.begin(order, {"refunds": []})
    office.starts_again()
    office.obeys()
    assert office.refunds(number) == [f"{number}R1"]


def test_the_same_sum_for_the_same_reason_ordered_twice_goes_back_twice(office):
    number = office.sells()
    for command_id in ("0000000000000001", "0000000000000002"):
        office.orders_back(number, command_id=command_id)
        office.obeys()
    assert office.refunds(number) == [f"{number}R1", f"{number}R2"]


@pytest.mark.parametrize(("fen", "says"), [(691, "more than is left"), (0, "0 fen cannot go back")])
def test_what_may_not_go_back_is_answered_in_words(office, fen, says):
    number = office.sells()
    office.orders_back(number, fen)
    office.obeys()
    ((done, said),) = office.answers
    assert (done, says in said, office.refunds(number)) == (False, True, [])


def test_what_fails_because_the_core_ends_is_not_answered_but_left_to_the_next_one(office):
    number = office.sells()
    office.orders_back(number, fen=691)
    office.obeys(stopping=True)
    assert office.answers == []
    office.starts_again()
    office.obeys()
    assert [done for done, _ in office.answers] == [False]


def test_a_payment_is_looked_at_now_and_told_as_it_stands(office):
    shop = office.shop
    shop.paying.line["pay"].append("lost")
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("code"))
    shop.scans_code()
    shop.passes()
    number = shop.payments[-1].out_trade_no
    assert not shop.payments[-1].final
    office.orders.take([Order("0000000000000001", "query", {"out_trade_no": number})])
    office.orders.take([Order("0000000000000002", "query", {"out_trade_no": "nobody's"})])
    office.obeys()
    (done, said), other = office.answers
    assert (done, said.split()[:2]) == (True, [number, "PAID"])
    assert other == (False, "nobody's is no payment of this till")
