"""A device that hangs is noticed, told, and forgiven; the others are looked at meanwhile."""

from __future__ import annotations

import threading

import pytest

from hardware.devices import Condition, Health
from hardware.testing import wait_until
from kiosk.watchdog import HANGS, Watchdog

GOOD = Health(Condition.GOOD)


class Plugged:
    """A device that answers until it hangs."""

    def __init__(self, name):
        self.name = name
        self.asked = 0
        self.free = threading.Event()
        self.free.set()

    def close(self):
        pass

    def check_health(self):
        self.asked += 1
        self.free.wait(10)
        return GOOD


@pytest.fixture
def told():
    return []


@pytest.fixture
def watchdog(told):
    made = Watchdog(lambda name, health: told.append((name, health)), every=0.01, within=0.1)
    yield made
    made.stop()


def test_what_hangs_is_told_once_and_what_answers_again_too(watchdog, told):
    printer, scale = Plugged("printer"), Plugged("scale")
    watchdog.watch("printer", printer)
    watchdog.watch("scale", scale)
    assert wait_until(lambda: ("printer", GOOD) in told and ("scale", GOOD) in told)
    printer.free.clear()
    assert wait_until(lambda: ("printer", HANGS) in told)
    before = scale.asked
    assert wait_until(lambda: scale.asked > before + 5), "the others are looked at meanwhile"
    assert told.count(("printer", HANGS)) == 1
    assert ("scale", HANGS) not in told
    del told[:]
    printer.free.set()
    assert wait_until(lambda: ("printer", GOOD) in told)
    printer.free.clear()
    assert wait_until(lambda: ("printer", HANGS) in told)
    printer.free.set()


def test_nothing_is_told_after_the_end(watchdog, told):
    printer = Plugged("printer")
    watchdog.watch("printer", printer)
    assert wait_until(lambda: bool(told))
    printer.free.clear()
    asked = printer.asked
    assert wait_until(lambda: printer.asked > asked)
    watchdog.stop()
    del told[:]
    printer.free.set()
    assert not wait_until(lambda: bool(told), 0.1)
