"""The count of every device is the count in its own ledger: two programs say it that share none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fleet.line import read_lines
from fleet.printing import CountsError, counts
from kiosk.domain.entry import entry_to_json
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Declined,
    FoundPaid,
    GiveUp,
    Method,
    Payment,
    Submit,
    Unclear,
)
from kiosk.domain.refund import Refund, RefundClosed, RefundDone, SendRefund, refund_number
from kiosk.ledger import Ledger
from tests.fleet.shop import once
from tests.fleet.till import FEN, NOON

pytestmark = once

DAY = 86_400_000
ENDS = (
    (Approved("42", FEN),),
    (Declined("NOTENOUGH", "余额不足"),),
    (Unclear("time-out"), GiveUp("45 s"), FoundPaid("42", FEN)),
    (Unclear("time-out"),),
)


class Kiosk:
    """A ledger that the product wrote over three days and two months, and its settings."""

    def __init__(self, folder, merchant_id):
        self.config = folder / "kiosk.toml"
        state = folder / "state"
        self.config.write_text(
            f'terminal_id = "0001"\n[paths]\nstate = "{state}"\n'
            f'[fleet]\nurl = "http://127.0.0.1:9"\nmerchant_id = "{merchant_id}"\n',
            "utf-8",
        )
        self.now = NOON
        with_clock = Ledger(state / "ledger", lambda: self.now)
        for day in (0, 1, 9):
            self.now = NOON + day * DAY
            self.sell(with_clock, day)
        self.lines = [entry_to_json(entry).encode() for entry in with_clock.entries(0, 10_000)]
        with_clock.close()

    def sell(self, ledger, day):
        for number in range(12):
            name = f"{day:02d}{number:022d}"
            method = Method.FACE if number % 3 else Method.CODE
            ledger.open_payment(
                Payment(name, f"v{name}", "wechatpay", method, Money(FEN), self.now), {}
            )
            ledger.record(name, Submit(self.now))
            for event in ENDS[number % 4]:
                ledger.record(name, event)
            if number % 4 == 0:
                self.give_back(ledger, name, done=number % 8 == 0)

    def give_back(self, ledger, name, *, done):
        number = refund_number(name, 1)
        ledger.open_refund(Refund(number, name, "wechatpay", Money(FEN), Money(5), "", self.now))
        ledger.record_refund(number, SendRefund(self.now))
        ledger.record_refund(number, RefundDone("50", 5) if done else RefundClosed("NOTENOUGH", ""))

    def counts(self):
        command = [sys.executable, "-m", "kiosk", "counts", "--config", str(self.config)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return run.stdout


@pytest.fixture
def kiosk(tmp_path, shop):
    return Kiosk(tmp_path, shop.merchant_id)


def held_against(database, path):
    said = []
    return counts(database, [path], said.append), "".join(said)


def test_both_count_the_same_and_a_line_too_few_is_named(tmp_path, kiosk, shop):
    who, _ = shop.join("0001")
    path = tmp_path / "counts.csv"
    path.write_text(kiosk.counts(), "utf-8")
    shop.ingest.take(who, list(read_lines(b"\n".join(kiosk.lines[:-8]))), NOON)
    shop.books.work_all()
    code, said = held_against(shop.database, path)
    assert code == 1
    assert "only the kiosk says" in said
    shop.ingest.take(who, list(read_lines(b"\n".join(kiosk.lines))), NOON)
    shop.books.work_all()
    code, said = held_against(shop.database, path)
    assert code == 0
    assert "of 1 devices are the same" in said


def test_a_ledger_that_was_folded_says_what_its_entries_are(kiosk, shop):
    lines = [line.split(",") for line in kiosk.counts().splitlines()[1:]]
    paid = sum(int(line[5]) for line in lines)
    late = sum(int(line[7]) for line in lines)
    refunds = [(int(line[9]), int(line[10])) for line in lines]
    assert (paid, late) == (9, 9)
    assert (sum(a for a, _ in refunds), sum(b for _, b in refunds)) == (6, 30)
    assert len({line[2] for line in lines}) == 3


@pytest.mark.parametrize("text", ["", "a,b\n", "merchant_id\n\n"])
def test_another_file_is_refused(tmp_path, shop, text):
    path = tmp_path / "other.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(CountsError):
        counts(shop.database, [path])
    with pytest.raises(CountsError):
        counts(shop.database, [tmp_path / "absent.csv"])
