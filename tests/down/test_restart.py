"""A restart waits for an idle kiosk, and whether the machine went down is not guessed."""

from __future__ import annotations

import sys
import threading

import pytest

from kiosk.down import restart
from kiosk.down.orders import Order, Orders
from kiosk.down.restart import Restart
from kiosk.standstill import VisitLock

REBOOT = Order("0000000000000001", "reboot")
FAILS = [sys.executable, "-c", "import sys; sys.exit('not permitted')"]


@pytest.fixture
def orders(tmp_path):
    orders = Orders(tmp_path)
    orders.take([REBOOT])
    return orders


def made(tmp_path, orders, command=()):
    leaving = threading.Event()
    return Restart(command, VisitLock(tmp_path / "visit.lock"), orders, leaving), leaving


def test_it_waits_for_the_visit_and_is_answered_after_the_start(tmp_path, orders):
    one, leaving = made(tmp_path, orders)
    visit = VisitLock(tmp_path / "visit.lock")
    assert visit.take()
    one.when_idle(wanted=True)
    assert not leaving.is_set()
    visit.release()
    one.when_idle(wanted=False)
    assert leaving.is_set()
    assert not visit.take(), "nobody begins a visit any more"
    after = Orders(tmp_path)
    made(tmp_path, after)[0].resume()
    (answer,) = after.answers()
    assert (answer["done"], answer["said"]) == (True, "the kiosk started again")


def test_without_an_order_or_settings_that_wait_nothing_happens(tmp_path):
    one, leaving = made(tmp_path, Orders(tmp_path))
    one.when_idle(wanted=False)
    assert not leaving.is_set()


@pytest.mark.parametrize(
    ("command", "says"), [(FAILS, "ended with 1: not permitted"), (["/nowhere"], "cannot be run")]
)
def test_a_machine_that_does_not_start_anew_serves_on_and_says_why(tmp_path, orders, command, says):
    one, leaving = made(tmp_path, orders, command)
    one.when_idle(wanted=False)
    (answer,) = orders.answers()
    assert (answer["done"], says in answer["said"]) == (False, True)
    assert not leaving.is_set()
    assert VisitLock(tmp_path / "visit.lock").take()


@pytest.mark.parametrize(
    ("since_boot", "done", "says"),
    [(1e12, True, "the machine started again"), (0.0, False, "the machine did not")],
)
def test_whether_the_machine_went_down_is_seen_by_the_time_since_its_boot(
    tmp_path, orders, since_boot, done, says
):
    orders.begin(REBOOT, {"since_boot": since_boot, "machine": True})
    made(tmp_path, orders)[0].resume()
    (answer,) = orders.answers()
    assert (answer["done"], says in answer["said"]) == (done, True)
    assert restart.GOING_DOWN > restart.COMMAND_TIME
