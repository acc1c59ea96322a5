"""The ledger's lines of one day, read beside a kiosk that may be running.

The files are opened for reading only: nothing waits for a reader of a file in WAL mode, and what
it sees is one moment of each. Beside the day's own payments come those of other days that the
bill names: what was sent before midnight can be in the next day's bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.domain.bill import LineKind
from kiosk.domain.entry import canonical
from kiosk.domain.ledger_line import LedgerLine, Stance
from kiosk.domain.money import Money
from kiosk.domain.payment import Reversed, State, event_to_json
from kiosk.domain.receipt import CHINA
from kiosk.domain.reconcile import Scope, number_of
from kiosk.errors import KioskError
from kiosk.ledger.errors import Access, LedgerDamaged
from kiosk.ledger.month import Month

_PATIENCE_MS = 5000  # while the kiosk starts or stops it has a file to itself for a moment
_UNDO_DAYS = 8  # a reversal, and so its row of a bill, comes at most 7 days after its payment

_PAYMENTS = """
SELECT out_trade_no, fen, currency, taken_fen, state, created_ms, submitted_ms, transaction_id
FROM payment WHERE channel = ?1
AND (coalesce(submitted_ms, created_ms) BETWEEN ?2 AND ?3 - 1 OR out_trade_no IN asked)
"""
_REVERSALS = "SELECT key, at_ms FROM entry WHERE kind = 'payment' AND body = ?"


@dataclass(frozen=True, slots=True)
class Asked:
    """The numbers in the bill: of payments, and of those that were undone."""

    paid: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose payments are compared: those of one terminal by one channel."""

    terminal: str
    channel: str


def ledger_lines(directory: Path, owner: Owner, scope: Scope, asked: Asked) -> list[LedgerLine]:
    """What the ledger in `directory` says of the day and of `asked`, sorted by number.

    Raises LedgerError, and KioskError where there is no ledger.
    """
    payments: dict[str, LedgerLine] = {}
    undone: dict[str, int] = {}
    with Access(directory):
        for path in _files(directory, scope):
            with closing(Month(path, writable=False)) as month:
                month.db.set_busy_timeout(_PATIENCE_MS)
                for line in _payments(month, owner, scope, asked):
                    # A month begins with what the one before left open, and knows it better.
                    payments.setdefault(line.out_trade_no, line)
                if any(line.state is State.REVERSED for line in payments.values()):
                    undone.update(_reversals(month))
    lines = [line for line in payments.values() if _counts(line, scope, asked)]
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
    try:
        # Not glob: it takes a directory that may not be read for an empty one.
        found = [path for path in directory.iterdir() if path.match("ledger-????-??.db")]
    except FileNotFoundError:
        found = []
    if not found:
        mend = "Check paths.state, and that its disk is mounted"
        raise KioskError(f"there is no ledger in {directory}", mend)
    return sorted((path for path in found if path.name >= oldest), reverse=True)


def _payments(month: Month, owner: Owner, scope: Scope, asked: Asked) -> Iterator[LedgerLine]:
    month.db.execute("CREATE TEMP TABLE asked(number TEXT PRIMARY KEY) WITHOUT ROWID")
    numbers = ((number,) for number in asked.paid | asked.undone)
    with month.db:
        month.db.executemany("INSERT INTO asked VALUES(?)", numbers)
    for row in month.db.execute(_PAYMENTS, (owner.channel, scope.start_ms, scope.end_ms)):
        try:
            yield _line(row, owner.terminal)
        except ValueError as error:
            raise LedgerDamaged(f"{month.path.name}: payment {row[0]}: {error}") from error


def _line(row: tuple[Any, ...], terminal: str) -> LedgerLine:
    number, fen, currency, taken_fen, state, created_ms, submitted_ms, transaction_id = row
    return LedgerLine(
        kind=LineKind.PAYMENT,
        out_trade_no=number,
        amount=Money(taken_fen or fen, currency),
        state=State(state),
        at_ms=created_ms if submitted_ms is None else submitted_ms,
        terminal=terminal,
        transaction_id=transaction_id,
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
    return today or line.stance is not Stance.MOVED or line.out_trade_no in asked.paid
