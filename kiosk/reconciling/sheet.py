"""A comparison for an accountant's spreadsheet: CSV, UTF-8 with BOM, one row a number.

column                            what stands in it
day, channel                      of whom and when; the day in Beijing
books                             which two were compared: "ledger, bill" or "bill, account"
verdict, cause, repair            how the books stand, why, and the one next step
out_trade_no, out_refund_no       ours; the second is empty for a payment
transaction_id, refund_id         the channel's
currency                          CNY
here, there, difference           what moved by the first book and the second, and the second −
                                  the first; in yuan, what went back counts down, and of "bill,
                                  account" the fee is taken off
fee                               what the channel kept by its bill, in yuan
state_here, state_there           each book's own word; " + " between the rows of one number
time_here, time_there             in Beijing, "yyyy-MM-dd HH:mm:ss"
terminal                          as the bill says, else the ledger's

Text that others made begins with a tab: a spreadsheet then keeps every digit of a number and takes
no text for a formula; programs strip it. Numbers that match have their row too.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from kiosk.domain.difference import Cause, Reason
from kiosk.domain.flow import FlowFinding
from kiosk.domain.flow_cause import FlowCause
from kiosk.domain.money import yuan_text
from kiosk.domain.receipt import china_time
from kiosk.domain.reconcile import Finding

COLUMNS = (
    "day", "channel", "books", "verdict", "cause", "repair",
    "out_trade_no", "out_refund_no", "transaction_id", "refund_id",
    "currency", "here", "there", "difference", "fee",
    "state_here", "state_there", "time_here", "time_there", "terminal",
)  # fmt: skip

_SAID: Mapping[Reason, tuple[str, ...]] = {
    cause: (books, cause.verdict.value, cause.words, cause.repair.value)
    for books, causes in (("ledger, bill", Cause), ("bill, account", FlowCause))
    for cause in causes
}


class Sheet:
    """The rows of one day and channel, written to `file` as they come."""

    def __init__(self, file: TextIO, day: str, channel: str) -> None:
        self._writer = csv.writer(file)
        self._begin = (day, channel)
        self._writer.writerow(COLUMNS)

    def put(self, finding: Finding | FlowFinding) -> None:
        """Write one more row."""
        cells = _flow_cells(finding) if isinstance(finding, FlowFinding) else _cells(finding)
        self._writer.writerow((*self._begin, *_SAID[finding.cause], *cells))


@contextmanager
def sheet(path: Path, day: str, channel: str) -> Iterator[Sheet]:
    """A sheet in a file that takes its name when it is whole. Raises OSError."""
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            yield Sheet(file, day, channel)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _cells(finding: Finding) -> Sequence[str]:
    lines, rows = finding.ledger, finding.bill
    here, there = finding.here.fen, finding.there.fen
    transactions = [line.transaction_id for line in lines] + [row.transaction_id for row in rows]
    terminals = [row.terminal for row in rows if row.terminal] or [each.terminal for each in lines]
    return (
        _theirs(finding.out_trade_no),
        _theirs(finding.out_refund_no),
        _theirs(_distinct(transactions)),
        _theirs(_distinct([row.refund_id for row in rows])),
        _theirs(finding.currency),
        yuan_text(here),
        yuan_text(there),
        yuan_text(there - here),
        yuan_text(sum([row.fee.fen for row in rows])),
        _joined([line.state.value for line in lines]),
        _theirs(_joined([row.state for row in rows])),
        _joined([china_time(line.at_ms) for line in lines]),
        _theirs(_joined([row.at for row in rows])),
        _theirs(_distinct(terminals)),
    )


def _flow_cells(finding: FlowFinding) -> Sequence[str]:
    trades, flows = finding.trades, finding.flows
    here, there = finding.here, finding.there
    # The account has one column for the channel's number, whatever it is the number of.
    known = [trade.transaction_id for trade in trades] or [flow.business_no for flow in flows]
    return (
        _theirs(trades[0].out_trade_no if trades else finding.number),
        _theirs(_distinct([trade.out_refund_no for trade in trades])),
        _theirs(_distinct(known)),
        _theirs(_distinct([trade.refund_id for trade in trades])),
        _theirs(here.currency),
        yuan_text(here.fen),
        yuan_text(there.fen),
        yuan_text(there.fen - here.fen),
        yuan_text(sum([trade.fee.fen for trade in trades])),
        _theirs(_joined([trade.state for trade in trades])),
        _theirs(_joined([flow.name for flow in flows])),
        _theirs(_joined([trade.at for trade in trades])),
        _theirs(_joined([flow.at for flow in flows])),
        _theirs(_distinct([trade.terminal for trade in trades])),
    )


def _distinct(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else _joined(list(dict.fromkeys(texts)))


def _joined(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else " + ".join(filter(None, texts))


def _theirs(text: str) -> str:
    return f"\t{text}" if text else ""
