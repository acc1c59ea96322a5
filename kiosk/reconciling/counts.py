"""`kiosk counts`: what this device sold, a line a day, channel and way to pay.

It is folded from the entries alone, beside a kiosk that may be running, and has the form in which
the service provider counts: so the one can be held against the other, line by line.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk.config import Config
from kiosk.domain.entry import Entry
from kiosk.domain.payment import (
    Contradiction,
    Payment,
    State,
    advance,
    event_from_json,
    payment_from_json,
)
from kiosk.domain.receipt import CHINA
from kiosk.domain.refund import (
    Refund,
    RefundState,
    advance_refund,
    refund_event_from_json,
    refund_from_json,
)
from kiosk.ledger.errors import Access
from kiosk.ledger.month import Month
from kiosk.reconciling.books import PATIENCE_MS, ledger_files

KEYS = ("merchant_id", "terminal_id", "day", "channel", "method")
SUMS = ("paid", "paid_fen", "late", "late_fen", "refunds", "refund_fen")

Key = tuple[int, str, str]
"""Day in China as 20261126, channel, way to pay ("" for refunds)."""


@dataclass(slots=True)
class Sold:
    """Every payment and refund as its entries leave it, and when it became so."""

    payments: dict[str, tuple[Payment, int]] = field(default_factory=dict)
    refunds: dict[str, tuple[Refund, int]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Move along what the entry speaks of."""
        match entry.kind:
            case "payment_opened":
                payment = payment_from_json(entry.body["payment"])
                self.payments.setdefault(entry.key, (payment, entry.at_ms))
            case "payment" if entry.key in self.payments:
                before, _ = self.payments[entry.key]
                try:
                    after = advance(before, event_from_json(entry.body))
                except Contradiction:
                    return
                if after is not before:
                    self.payments[entry.key] = after, entry.at_ms
            case "refund_opened":
                refund = refund_from_json(entry.body["refund"])
                self.refunds.setdefault(entry.key, (refund, entry.at_ms))
            case "refund" if entry.key in self.refunds:
                held, _ = self.refunds[entry.key]
                moved = advance_refund(held, refund_event_from_json(entry.body))
                if moved is not held:
                    self.refunds[entry.key] = moved, entry.at_ms

    def counts(self) -> dict[Key, list[int]]:
        """The sums of every day, channel and way to pay, in the order of SUMS."""
        found: defaultdict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
        for payment, at_ms in self.payments.values():
            key = (_day(at_ms), payment.channel, payment.method.value)
            if payment.state is State.PAID:
                _add(found[key], 0, payment.taken_fen)
            elif payment.state is State.PAID_LATE:
                _add(found[key], 2, payment.taken_fen)
        for refund, at_ms in self.refunds.values():
            if refund.state is RefundState.DONE:
                _add(found[_day(at_ms), refund.channel, ""], 4, refund.amount.fen)
        return found


def command(config: Config, say: Callable[[str], object] = sys.stdout.write) -> int:
    """Print the lines, sorted; 0. Raises LedgerError, and KioskError where there is no ledger."""
    sold = Sold()
    for entry in _entries(config.paths.state / "ledger"):
        sold.take(entry)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow((*KEYS, *SUMS))
    owner = (config.fleet.merchant_id, config.terminal_id)
    lines.writerows((*owner, *key, *sums) for key, sums in sorted(sold.counts().items()))
    say(text.getvalue())
    return 0


def _entries(directory: Path) -> Iterable[Entry]:
    with Access(directory):
        for path in ledger_files(directory):
            with closing(Month(path, writable=False)) as month:
                month.db.set_busy_timeout(PATIENCE_MS)
                yield from month.entries(0)


def _add(sums: list[int], column: int, fen: int) -> None:
    sums[column] += 1
    sums[column + 1] += fen


def _day(at_ms: int) -> int:
    return int(f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA):%Y%m%d}")
