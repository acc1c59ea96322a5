"""The cash drawer: one pulse for one reason, with an entry before it and one after it."""

from __future__ import annotations

import pytest

from hardware.devices import DrawerState
from hardware.errors import Offline
from kiosk.config import Config
from kiosk.deliver import Deliveries
from kiosk.ledger import LedgerFull
from kiosk.trace import Trace


class Drawer:
    """Opens, unless the cable is out."""

    def __init__(self, ledger):
        self.ledger, self.pulses, self.error = ledger, [], None

    def open_drawer(self):
        if self.error is not None:
            raise self.error
        # What is on the disk when the pulse is given.
        self.pulses.append([each.key for each in self.ledger.undelivered()])

    def is_open(self):
        return DrawerState.OPEN


@pytest.fixture
def told():
    return []


@pytest.fixture
def drawer(ledger, outlets):
    outlets.drawer = Drawer(ledger)
    return outlets.drawer


@pytest.fixture
def deliveries(ledger, timer, outlets, told):
    return Deliveries(
        Config("0001"), ledger, timer, outlets, lambda *said: told.append(said), Trace(None)
    )


def test_every_pulse_is_on_the_disk_before_it_and_has_a_result_after_it(
    deliveries, ledger, drawer, told, until
):
    deliveries.open_drawer("1", "sale")
    deliveries.open_drawer("1", "sale")
    until(lambda: len(told) == 2)
    assert drawer.pulses == [["1/drawer-1"], ["1/drawer-2"]]
    assert told == [("1/drawer-1", "taken"), ("1/drawer-2", "taken")]
    kept = ledger.delivery("1/drawer-1")
    assert (kept.kind, kept.body, kept.result) == ("drawer", {"why": "sale"}, "done")
    assert ledger.undelivered() == []


def test_a_drawer_that_does_not_open_is_told_with_its_cause(
    deliveries, ledger, drawer, told, until
):
    drawer.error = Offline("drawer", "the cable is out")
    deliveries.open_drawer("1R1", "refund")
    until(lambda: told)
    assert told == [("1R1/drawer-1", "failed")]
    assert ledger.delivery("1R1/drawer-1").result == "failed: the cable is out"


def test_without_a_drawer_there_is_no_pulse_and_staff_hear_of_it(deliveries, told, until):
    deliveries.open_drawer("1", "sale")
    until(lambda: told)
    assert told == [("1/drawer-1", "failed")]


def test_what_cannot_be_written_is_not_opened(deliveries, ledger, drawer, told, until, monkeypatch):
    def full(*_):
        raise LedgerFull("no room")

    monkeypatch.setattr(ledger, "start_delivery", full)
    deliveries.open_drawer("1", "sale")
    until(lambda: told)
    assert (told, drawer.pulses) == ([("1/drawer-1", "failed")], [])


def test_a_pulse_that_a_crash_cut_short_is_not_given_again(deliveries, ledger, drawer):
    ledger.start_delivery("1/drawer-1", "drawer", {"why": "sale"})
    assert deliveries.recover() == frozenset()
    assert ledger.delivery("1/drawer-1").result == "unknown"
    assert drawer.pulses == []
