"""A real ledger and timer for the staff's screen; the printer keeps what it printed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from hardware.devices import PrintOutcome, PrintResult
from hardware.printers.profile import profile_for
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.money import Money
from kiosk.domain.order import totals, totals_to_json
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.ledger import Ledger
from kiosk.timer import Timer

MARCH = 1_772_340_896_000  # 2026-03-01 12:54:56 in China


class Clock:
    """Stands still unless told; milliseconds and seconds go together."""

    def __init__(self):
        self.ahead = 0.0

    def wall_ms(self):
        return MARCH + round(self.ahead * 1000)

    def now(self):
        return MARCH / 1000 + self.ahead


class Printer:
    """Prints at once, unless it is told how it goes."""

    profile = profile_for(80)

    def __init__(self):
        self.jobs = []
        self.result = PrintResult(PrintOutcome.DONE)

    def print(self, data, number):
        self.jobs.append((number, data))
        return self.result


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger", clock.wall_ms)
    yield opened
    opened.close()


@pytest.fixture
def timer() -> Iterator[Timer]:
    running = Timer(time.monotonic)
    running.start()
    yield running
    running.stop()
    for thread in threading.enumerate():
        if thread.name.startswith(("jobs", "timer")):
            thread.join(5)


@pytest.fixture
def sell(ledger):
    """Open a payment of one thing, and take it through `events`."""

    def sold(number, *events, fen=690, visit=None):
        milk = Product("牛奶", "Milk", Money(fen), Gtin.parse("6901000000042"), tax_bp=900)
        priced = totals(Basket().add(milk))
        payment = Payment(
            number, visit or f"v{number}", "wechatpay", Method.CODE, Money(fen), ledger.clock_ms()
        )
        ledger.open_payment(payment, totals_to_json(priced))
        for event in events:
            payment = ledger.record(number, event)
        return payment

    return sold


@pytest.fixture
def paid(sell):
    def sold(number, fen=690):
        return sell(number, Submit(1), Approved(f"T{number}", fen), fen=fen)

    return sold


@pytest.fixture
def until():
    """Wait until something has happened on another thread."""

    def wait(happened, seconds=5.0):
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.005)

    return wait


@pytest.fixture
def printer() -> Printer:
    return Printer()
