from __future__ import annotations

import pytest

from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment
from kiosk.ledger import Ledger

MARCH = 1_772_340_896_000  # 2026-03-01 12:54:56 in China
DAY = 86_400_000


class Clock:
    """A wall clock that only moves, or jumps, when told."""

    def __init__(self):
        self.ms = MARCH

    def __call__(self):
        return self.ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_ledger(tmp_path, clock):
    """Open the ledger of this test, again and again as after a restart."""
    opened = []

    def start():
        for ledger in opened:
            ledger.close()
        opened.append(Ledger(tmp_path / "ledger", clock))
        return opened[-1]

    yield start
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger):
    return open_ledger()


@pytest.fixture
def new_payment():
    def new(number="1", visit=None, fen=100):
        return Payment(number, visit or f"v{number}", "wechatpay", Method.FACE, Money(fen), MARCH)

    return new
