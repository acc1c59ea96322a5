"""`kiosk reconcile --day YYYY-MM-DD --bill FILE`: what the books of a day say of each other.

exit code   0  they match; rows of other terminals are counted, and are nobody's task here
            1  they could not be compared
            2  they differ: each difference is shown with its cause and its step

With `--fund-flow FILE` the bill is held against the movements of the account as well; with
`--csv OUT` every number is written there. The kiosk may run meanwhile, and nothing of it is
changed. One day is held in memory, never more.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from kiosk.config import Config
from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.flow import FlowFinding, compare
from kiosk.domain.flow_cause import FlowCause
from kiosk.domain.fund_flow import FlowLine
from kiosk.domain.judge import Scope
from kiosk.domain.ledger_line import LedgerLine
from kiosk.domain.receipt import CHINA
from kiosk.domain.reconcile import Finding, reconcile
from kiosk.errors import KioskError
from kiosk.ledger import LedgerBusy, LedgerError
from kiosk.reconciling.books import Asked, Owner, ledger_lines
from kiosk.reconciling.files import channel_of, day_of, flows_in, merchant_of, trades_in
from kiosk.reconciling.sheet import sheet
from kiosk.reconciling.table import Summary, as_text

DIFFERENT = 2


Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which bill is compared, of which day in Beijing, of which channel in the settings.

    Without a name it is the only merchant's whose bills can be read; a merchant has one bill for
    all of his channels.
    """

    day: str
    bill: Path
    csv: Path | None = None
    channel: str = ""
    fund_flow: Path | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Two books beside each other: what is found in them, and what it comes to once it is read."""

    summary: Summary
    findings: Iterator[Finding] | Iterator[FlowFinding]
    title: str


def command(config: Config, asked: Comparison, say: Say = sys.stdout.write) -> int:
    """Print what differs, write the CSV file, and answer the exit code. Raises KioskError."""
    gc.disable()  # a day's rows make no cycles, and looking for them is a tenth of the time
    try:
        return _command(config, asked, say)
    finally:
        gc.enable()


def _command(config: Config, asked: Comparison, say: Say) -> int:
    channel = channel_of(config, asked.channel)
    scope = _scope(config, channel, asked.day)
    rows = trades_in(asked.bill, channel)
    _check_day(rows, scope, asked, asked.bill)
    lines = _ledger(config, channel, scope, rows)
    ledger, title = Summary(), f"{asked.day} {channel}, terminal {config.terminal_id}"
    books = [Book(ledger, reconcile(lines, rows, scope), title)]
    if asked.fund_flow is not None:
        flows = flows_in(asked.fund_flow)
        _check_day(flows, scope, asked, asked.fund_flow)
        title = f"\n{asked.day} {channel}, trade bill and account"
        books.append(Book(Summary(FlowCause), compare(rows, flows, scope), title))
    _compare(books, asked.csv, (asked.day, channel))
    for book in books:
        say(as_text(book.summary, book.title))
    if asked.csv is not None:
        say(f"\nall numbers: {asked.csv}\n")
    return DIFFERENT if any(book.summary.differs for book in books) else 0


def _check_day(
    rows: Sequence[BillLine | FlowLine], scope: Scope, asked: Comparison, path: Path
) -> None:
    if rows and not any(scope.start_ms <= row.at_ms < scope.end_ms for row in rows):
        mend = "Give the bill's own day with --day"
        raise KioskError(f"{path} is of {rows[0].at[:10]}, not of {asked.day}", mend)


def _scope(config: Config, channel: str, day: str) -> Scope:
    start = datetime.combine(day_of(day), time(), CHINA)
    try:
        end = start + timedelta(days=1)
    except OverflowError as error:
        raise KioskError(f"{day!r} is no day", "Give it as 2026-03-01") from error
    # What the channel is told as device_info, and so what its bill says.
    device = str(config.channels[channel].options.get("device_id", config.terminal_id))
    terminals = frozenset({config.terminal_id, device})
    return Scope(int(start.timestamp()) * 1000, int(end.timestamp()) * 1000, terminals)


def _ledger(
    config: Config, channel: str, scope: Scope, rows: Sequence[BillLine]
) -> list[LedgerLine]:
    paid, undone, refunds = (
        frozenset(
            row.out_refund_no if kind is LineKind.REFUND else row.out_trade_no
            for row in rows
            if row.kind is kind
        )
        for kind in (LineKind.PAYMENT, LineKind.REVERSAL, LineKind.REFUND)
    )
    directory = config.paths.state / "ledger"
    try:
        return ledger_lines(
            directory,
            Owner(config.terminal_id, merchant_of(config, channel)),
            scope,
            Asked(paid, undone, refunds),
        )
    except LedgerBusy as error:
        raise KioskError(error.cause, "The kiosk was starting or stopping: ask again") from error
    except LedgerError as error:
        raise KioskError(error.cause, error.mend) from error


def _compare(books: Sequence[Book], out: Path | None, title: tuple[str, str]) -> None:
    """Each number counted, and written to the CSV file where one is wanted."""
    try:
        with nullcontext() if out is None else sheet(out, *title) as written:
            for book in books:
                for finding in book.findings:
                    book.summary.put(finding)
                    if written is not None:
                        written.put(finding)
    except OSError as error:
        raise KioskError(f"{out} cannot be written: {error.strerror}", "Check --csv") from error
