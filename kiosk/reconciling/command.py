"""`kiosk reconcile --day YYYY-MM-DD --bill FILE [--csv OUT]`: what the two books of a day say.

exit code   0  they match; rows of other terminals are counted, and are nobody's task here
            1  they could not be compared
            2  they differ: each difference is shown with its cause and its step

The kiosk may run meanwhile, and nothing of it is changed. One day is held in memory, never more.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO

from kiosk.config import Config
from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.judge import Scope
from kiosk.domain.ledger_line import LedgerLine
from kiosk.domain.receipt import CHINA
from kiosk.domain.reconcile import number_of, reconcile
from kiosk.errors import KioskError
from kiosk.ledger import LedgerBusy, LedgerError
from kiosk.reconciling.books import Asked, Owner, ledger_lines
from kiosk.reconciling.sheet import sheet
from kiosk.reconciling.table import Summary, as_text

DIFFERENT = 2

_READABLE = ("wechatpay", "wechatpay-native")  # drivers whose bills have WeChat Pay's form

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which bill is compared, of which day in Beijing, of which channel in the settings.

    Without a name it is the only channel whose bills can be read.
    """

    day: str
    bill: Path
    csv: Path | None = None
    channel: str = ""


def command(config: Config, asked: Comparison, say: Say = sys.stdout.write) -> int:
    """Print what differs, write the CSV file, and answer the exit code. Raises KioskError."""
    gc.disable()  # a day's rows make no cycles, and looking for them is a tenth of the time
    try:
        return _command(config, asked, say)
    finally:
        gc.enable()


def _command(config: Config, asked: Comparison, say: Say) -> int:
    channel = asked.channel or _only_channel(config)
    scope = _scope(config, channel, asked.day)
    rows = _bill(config, channel, asked.bill)
    if rows and not any(scope.start_ms <= row.at_ms < scope.end_ms for row in rows):
        mend = "Give the bill's own day with --day"
        raise KioskError(f"{asked.bill} is of {rows[0].at[:10]}, not of {asked.day}", mend)
    lines = _ledger(config, channel, scope, rows)
    summary = _compared(lines, rows, scope, asked.csv, (asked.day, channel))
    say(as_text(summary, f"{asked.day} {channel}, terminal {config.terminal_id}"))
    if asked.csv is not None:
        say(f"\nall numbers: {asked.csv}\n")
    return DIFFERENT if summary.differs else 0


def _only_channel(config: Config) -> str:
    readable = [name for name, each in config.channels.items() if each.driver in _READABLE]
    if len(readable) != 1:
        names = ", ".join(readable) or "there is none"
        raise KioskError(f"it is not clear whose bill this is: {names}", "Name it with --channel")
    return readable[0]


def _scope(config: Config, channel: str, day: str) -> Scope:
    try:
        start = datetime.combine(date.fromisoformat(day), time(), CHINA)
        end = start + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise KioskError(f"{day!r} is no day", "Give it as 2026-03-01") from error
    if channel not in config.channels:
        known = ", ".join(config.channels) or "none"
        raise KioskError(f"there is no channel {channel}", f"Known: {known}")
    # What the channel is told as device_info, and so what its bill says.
    device = str(config.channels[channel].options.get("device_id", config.terminal_id))
    terminals = frozenset({config.terminal_id, device})
    return Scope(int(start.timestamp()) * 1000, int(end.timestamp()) * 1000, terminals)


def _bill(config: Config, channel: str, path: Path) -> list[BillLine]:
    read = _reader(config.channels[channel].driver)
    try:
        with path.open("rb") as file:
            return sorted(read(file, channel), key=number_of)
    except OSError as error:
        raise KioskError(f"{path} cannot be read: {error.strerror}", "Check --bill") from error
    except ValueError as error:
        mend = "Fetch it from the channel again; a bill that is not whole is not compared"
        raise KioskError(f"{path}: {error}", mend) from error


def _reader(driver: str) -> Callable[[BinaryIO, str], Iterator[BillLine]]:
    if driver not in _READABLE:
        known = ", ".join(_READABLE)
        raise KioskError(f"bills of the channel driver {driver} cannot be read", f"Known: {known}")
    from kiosk.channels.wechatpay.bill import read_bill

    return read_bill


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
            directory, Owner(config.terminal_id, channel), scope, Asked(paid, undone, refunds)
        )
    except LedgerBusy as error:
        raise KioskError(error.cause, "The kiosk was starting or stopping: ask again") from error
    except LedgerError as error:
        raise KioskError(error.cause, error.mend) from error


def _compared(
    lines: Sequence[LedgerLine],
    rows: Sequence[BillLine],
    scope: Scope,
    out: Path | None,
    title: tuple[str, str],
) -> Summary:
    """Each number counted, and written to the CSV file where one is wanted."""
    summary = Summary()
    try:
        with nullcontext() if out is None else sheet(out, *title) as written:
            for finding in reconcile(lines, rows, scope):
                summary.put(finding)
                if written is not None:
                    written.put(finding)
    except OSError as error:
        raise KioskError(f"{out} cannot be written: {error.strerror}", "Check --csv") from error
    return summary
