"""A slip comes out by itself once; each COPY has a start and a result of its own."""

from __future__ import annotations

import pytest

from hardware.devices import PrintOutcome, PrintResult
from kiosk.config import Config, Receipt
from kiosk.deliver import Deliveries
from kiosk.ledger import DeliveryState, LedgerFull
from kiosk.trace import Trace

COPY = "副本 COPY".encode("gb18030")


@pytest.fixture
def told():
    return []


@pytest.fixture
def deliveries(ledger, timer, outlets, told):
    return Deliveries(
        Config("0001"), ledger, timer, outlets, lambda *said: told.append(said), Trace(None)
    )


def test_every_copy_has_a_delivery_of_its_own_and_says_what_it_is(
    deliveries, ledger, printer, paid, told, until
):
    payment = paid("1")
    deliveries.slip(payment, 0, "zh", test=False)
    deliveries.copy(payment, 0, "zh", test=False)
    deliveries.copy(payment, 0, "zh", test=False)
    until(lambda: len(told) == 3)
    assert told == [("1", "taken"), ("1/copy-1", "taken"), ("1/copy-2", "taken")]
    assert [COPY in data for _, data in printer.jobs] == [False, True, True]
    assert ledger.delivery("1/copy-2").kind == "copy"
    assert ledger.undelivered() == []


def test_a_copy_leaves_the_slip_that_is_owed_alone(deliveries, ledger, paid, told, until):
    deliveries.copy(paid("1"), 0, "en", test=False)
    until(lambda: told)
    assert ledger.delivery("1").state is DeliveryState.OWED
    assert deliveries.recover() == {"1"}


def test_a_copy_that_was_cut_short_is_closed_and_the_next_one_has_another_key(
    deliveries, ledger, paid, told, until
):
    payment = paid("1")
    ledger.end_delivery("1", "done")
    ledger.start_delivery("1/copy-1", "copy", {})
    assert deliveries.recover() == frozenset()
    assert ledger.delivery("1/copy-1").result == "unknown"
    deliveries.copy(payment, 0, "en", test=False)
    until(lambda: told)
    assert told == [("1/copy-2", "taken")]


def test_a_copy_that_does_not_come_out_is_said(deliveries, printer, paid, told, until):
    printer.result = PrintResult(PrintOutcome.FAILED, "no paper", "Put paper in")
    deliveries.copy(paid("1"), 0, "en", test=False)
    until(lambda: told)
    assert told == [("1/copy-1", "failed")]


class FullDisk:
    """The ledger on a disk that takes no more."""

    def __init__(self, ledger):
        self.basket_of, self.delivery = ledger.basket_of, ledger.delivery

    def start_delivery(self, key, kind, body):
        raise LedgerFull("no room")


def test_what_cannot_be_written_down_is_not_printed(ledger, timer, outlets, paid, told, until):
    full = Deliveries(
        Config("0001"), FullDisk(ledger), timer, outlets, lambda *s: told.append(s), Trace(None)
    )
    full.copy(paid("1"), 0, "en", test=False)
    until(lambda: told)
    assert told == [("1/copy-1", "failed")]
    assert outlets.printer().jobs == []


def test_a_receipt_for_a_phone_is_written_and_the_slip_is_owed_no_more(
    deliveries, ledger, paid, printer
):
    payment = paid("1")
    text = deliveries.show(payment, 0, "zh", test=False)
    assert text.endswith("\n1")
    assert (ledger.delivery("1").result, ledger.delivery("1/qr-1").result) == (
        "as a code",
        "shown",
    )
    assert deliveries.recover() == frozenset()
    assert deliveries.show(payment, 0, "zh", test=False) == text
    assert printer.jobs == []


def test_the_operators_address_takes_the_receipts_place(ledger, timer, outlets, paid):
    config = Config("0001", receipt=Receipt(url="https://example.cn/r/{number}"))
    deliveries = Deliveries(config, ledger, timer, outlets, lambda *_: None, Trace(None))
    assert deliveries.show(paid("7"), 0, "en", test=False) == "https://example.cn/r/7"


def test_a_slip_that_nobody_wants_is_owed_no_more(deliveries, ledger, paid):
    payment = paid("1")
    deliveries.not_wanted(payment)
    deliveries.not_wanted(payment)
    assert ledger.delivery("1").result == "not wanted"
    assert deliveries.recover() == frozenset()
