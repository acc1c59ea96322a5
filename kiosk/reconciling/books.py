"""The ledger's lines of one day, read beside a kiosk that may be running.

The files are opened for reading only: nothing waits for a reader of a file in WAL mode, and what
it sees is one moment of each. Beside the day's own come those of other days that the bill names:
what was sent before midnight can be in the next day's bill.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.domain.bill import LineKind
from kiosk.domain.entry import canonical
from kiosk.domain.judge import Scope
from kiosk.domain.ledger_line import LedgerLine, Stance
from kiosk.domain.money import Money
from kiosk.domain.payment import Reversed, State, event_to_json
from kiosk.domain.receipt import CHINA
from kiosk.domain.reconcile import Number, number_of
from kiosk.domain.refund import RefundState
from kiosk.errors import KioskError
from kiosk.ledger.errors import Access, LedgerDamaged
from kiosk.ledger.month import Month

PATIENCE_MS = 5000  # while the kiosk starts or stops it has a file to itself for a moment
_UNDO_DAYS = 8  # a reversal, and so its row of a bill, comes at most 7 days after its payment

_PAYMENTS = """
SELECT out_trade_no, iif(taken_fen, taken_fen, fen), currency, state,
coalesce(submitted_ms, created_ms), transaction_id
FROM payment WHERE channel IN (SELECT value FROM json_each(?1))
AND (coalesce(submitted_ms, created_ms) BETWEEN ?2 AND ?3 - 1 OR out_trade_no IN asked)
"""
_REFUNDS = """
SELECT out_trade_no, fen, currency, state, coalesce(sent_ms, created_ms), out_refund_no
FROM refund WHERE channel IN (SELECT value FROM json_each(?1))
AND (coalesce(sent_ms, created_ms) BETWEEN ?2 AND ?3 - 1 OR out_refund_no IN asked)
"""
_REVERSALS = "SELECT key, at_ms FROM entry WHERE kind = 'payment' AND body = ?"


@dataclass(frozen=True, slots=True)
class Asked:
    """The numbers in the bill: of payments, of those that were undone, and of refunds."""

    paid: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()
    refunds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose payments are compared: those of one terminal by the channels of one merchant."""

    terminal: str
    channels: frozenset[str]


def ledger_lines(directory: Path, owner: Owner, scope: Scope, asked: Asked) -> list[LedgerLine]:
    """What the ledger in `directory` says of the day and of `asked`, sorted by number.

    Raises LedgerError, and KioskError where there is no ledger.
    """
    found: dict[Number, LedgerLine] = {}
    undone: dict[str, int] = {}
    with Access(directory):
        for path in _files(directory, scope):
            with closing(Month(path, writable=False)) as month:
                month.db.set_busy_timeout(PATIENCE_MS)
                for line in _lines(month, owner, scope, asked):
                    # A month begins with what the one before left open, and knows it better.
                    found.setdefault(number_of(line), line)
                if any(line.state is State.REVERSED for line in found.values()):
                    undone.update(_reversals(month))
    lines = [line for line in found.values() if _counts(line, scope, asked)]
    for line in lines.copy():
        if line.state is State.REVERSED and line.out_trade_no in undone:
            at_ms = undone[line.out_trade_no]
            lines.append(replace(line, kind=LineKind.REVERSAL, at_ms=at_ms))
    return sorted(lines, key=number_of)


def _files(directory: Path, scope: Scope) -> list[Path]:
    """The months that can have payments of the day, newest first.

    Never one before, but for what a bill has of days before; a clock that was set back leaves
    them in one after.
    """
    first = datetime.fromtimestamp(scope.start_ms / 1000, UTC) - timedelta(days=_UNDO_DAYS)
    oldest = f"ledger-{first.astimezone(CHINA):%Y-%m}.db"
    return [path for path in reversed(ledger_files(directory)) if path.name >= oldest]


def ledger_files(directory: Path) -> list[Path]:
    """Every month's file, oldest first. Raises KioskError where there is none."""
    try:
        # Not glob: it takes a directory that may not be read for an empty one.
        found = [path for path in directory.iterdir() if path.match("ledger-????-??.db")]
    except FileNotFoundError:
        found = []
    if not found:
        mend = "Check paths.state, and that its disk is mounted"
        raise KioskError(f"there is no ledger in {directory}", mend)
    return sorted(found)


def _lines(month: Month, owner: Owner, scope: Scope, asked: Asked) -> Iterator[LedgerLine]:
    """Payments and refunds of one month. Raises LedgerDamaged."""
    month.db.execute("CREATE TEMP TABLE asked(number TEXT PRIMARY KEY) WITHOUT ROWID")
    with month.db:
        numbers = ((number,) for number in asked.paid | asked.undone | asked.refunds)
        month.db.executemany("INSERT INTO asked VALUES(?)", numbers)
    channels = json.dumps(sorted(owner.channels))
    for query, line in ((_PAYMENTS, _payment), (_REFUNDS, _refund)):
        for row in month.db.execute(query, (channels, scope.start_ms, scope.end_ms)):
            try:
                yield line(row, owner.terminal)
            except ValueError as error:
                raise LedgerDamaged(f"{month.path.name}: {row[0]}: {error}") from error


def _payment(row: tuple[Any, ...], terminal: str) -> LedgerLine:
    number, fen, currency, state, at_ms, transaction_id = row
    amount = Money(fen, currency)
    return LedgerLine(
        LineKind.PAYMENT, number, amount, State(state), at_ms, terminal, transaction_id
    )


def _refund(row: tuple[Any, ...], terminal: str) -> LedgerLine:
    number, fen, currency, state, at_ms, refund_number = row
    return LedgerLine(
        kind=LineKind.REFUND,
        out_trade_no=number,
        amount=Money(fen, currency),
        state=RefundState(state),
        at_ms=at_ms,
        terminal=terminal,
        out_refund_no=refund_number,
    )


def _reversals(month: Month) -> dict[str, int]:
    """When each payment of the month was undone."""
    rows = month.db.execute(_REVERSALS, (canonical(event_to_json(Reversed())),))
    return {str(number): int(str(at_ms)) for number, at_ms in rows}


def _counts(line: LedgerLine, scope: Scope, asked: Asked) -> bool:
    """Whether the line belongs beside this bill.

    A payment of another day that the bill only undoes has been counted on its own day.
    """
    today = scope.start_ms <= line.at_ms < scope.end_ms
    moved = line.kind is LineKind.PAYMENT and line.stance is Stance.MOVED
    return today or not moved or line.out_trade_no in asked.paid
