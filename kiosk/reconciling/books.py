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

from kiosk.domain.bill import LineKind
from kiosk.domain.entry import canonical
from kiosk.domain.ledger_line import LedgerLine, Stance
from kiosk.domain.money import Money
from kiosk.domain.payment import Payment, Reversed, State, event_to_json
from kiosk.domain.receipt import CHINA
from kiosk.domain.reconcile import Scope, number_of
from kiosk.errors import KioskError
from kiosk.ledger.errors import Access, LedgerDamaged
from kiosk.ledger.month import Month
from kiosk.ledger.rows import payment_from_row

_PATIENCE_MS = 5000  # while the kiosk starts or stops it has a file to itself for a moment
_UNDO_DAYS = 8  # a reversal, and so its row of a bill, comes at most 7 days after its payment

_PAYMENTS = """
SELECT * FROM payment WHERE channel = ?1
AND (coalesce(submitted_ms, created_ms) BETWEEN ?2 AND ?3 - 1 OR out_trade_no IN asked)
"""
_REVERSALS = "SELECT key, at_ms FROM entry WHERE kind = 'payment' AND body = ?"


@dataclass(frozen=True, slots=True)
class Asked:
    """The numbers in the bill: of payments, and of those that were undone."""

    paid: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()


def ledger_lines(
    directory: Path, channel: str, terminal: str, scope: Scope, asked: Asked
) -> list[LedgerLine]:
    """What the ledger in `directory` says of the day and of `asked`, sorted by number.

    `terminal` is whose ledger it is. Raises LedgerError, and KioskError where
    there is no ledger.
    """
    payments: dict[str, Payment] = {}
    undone: dict[str, int] = {}
    with Access(directory):
        for path in _files(directory, scope):
            with closing(Month(path, writable=False)) as month:
                month.db.set_busy_timeout(_PATIENCE_MS)
                for payment in _payments(month, channel, scope, asked):
                    # A month begins with what the one before left open, and knows it better.
                    payments.setdefault(payment.out_trade_no, payment)
                if any(payment.state is State.REVERSED for payment in payments.values()):
                    undone.update(_reversals(month))
    lines = [
        line
        for payment in payments.values()
        for line in _lines(payment, undone.get(payment.out_trade_no), terminal)
        if _counts(line, scope, asked)
    ]
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


def _payments(month: Month, channel: str, scope: Scope, asked: Asked) -> Iterator[Payment]:
    month.db.execute("CREATE TEMP TABLE asked(number TEXT PRIMARY KEY) WITHOUT ROWID")
    numbers = ((number,) for number in asked.paid | asked.undone)
    with month.db:
        month.db.executemany("INSERT INTO asked VALUES(?)", numbers)
    for row in month.db.execute(_PAYMENTS, (channel, scope.start_ms, scope.end_ms)):
        try:
            yield payment_from_row(row)
        except ValueError as error:
            raise LedgerDamaged(f"{month.path.name}: payment {row[0]}: {error}") from error


def _reversals(month: Month) -> dict[str, int]:
    """When each payment of the month was undone."""
    rows = month.db.execute(_REVERSALS, (canonical(event_to_json(Reversed())),))
    return {str(number): int(str(at_ms)) for number, at_ms in rows}


def _lines(payment: Payment, undone_ms: int | None, terminal: str) -> Iterator[LedgerLine]:
    fen = payment.taken_fen if payment.took_money else payment.amount.fen
    line = LedgerLine(
        kind=LineKind.PAYMENT,
        out_trade_no=payment.out_trade_no,
        amount=Money(fen, payment.amount.currency),
        state=payment.state,
        at_ms=payment.created_ms if payment.submitted_ms is None else payment.submitted_ms,
        terminal=terminal,
        transaction_id=payment.transaction_id,
    )
    yield line
    if payment.state is State.REVERSED and undone_ms is not None:
        yield replace(line, kind=LineKind.REVERSAL, at_ms=undone_ms)


def _counts(line: LedgerLine, scope: Scope, asked: Asked) -> bool:
    """Whether the line belongs beside this bill.

    A payment of another day that the bill only undoes has been counted on its own day.
    """
    today = scope.start_ms <= line.at_ms < scope.end_ms
    return today or line.stance is not Stance.MOVED or line.out_trade_no in asked.paid
