"""Ledgers as earlier versions of the program left them: each comes to this version whole.

    tests/ledger/zoo/ledger-vN.db ─► opened by this version ─► every row again, nothing else open

The files hold payments in every state that can be open, slips owed and begun, money that is due
back. Rows are compared with plain SQL, column by column of the old file, whatever the new one adds.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.ledger import Ledger

ZOO = Path(__file__).parents[1] / "ledger" / "zoo"
MONTH = "ledger-2026-03.db"
IN_THAT_MONTH = 1_772_340_896_000  # milliseconds


@dataclass(slots=True)
class Grown:
    """What became of one old file."""

    file: str
    rows: int = 0
    open_payments: int = 0
    lost: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def grown() -> list[Grown]:
    """Open a copy of every old file with this version."""
    return [_opened(path) for path in sorted(ZOO.glob("ledger-v*.db"))]


def _opened(old: Path) -> Grown:
    told = Grown(old.name)
    with tempfile.TemporaryDirectory() as name:
        new = Path(name) / MONTH
        shutil.copy(old, new)
        with closing(Ledger(new.parent, lambda: IN_THAT_MONTH)) as ledger:
            told.open_payments = len(ledger.unsettled())
            told.faults = [f"{old.name}: {fault}" for fault in ledger.verify().faults]
        before, after = _rows(old, old), _rows(new, old)
        told.rows = before.total()
        told.lost = [f"{old.name}: {row}" for row in before - after]
    return told


def _rows(path: Path, layout: Path) -> Counter[str]:
    """Every row of a file, of the tables and columns that `layout` has."""
    with _read(path) as db, _read(layout) as known:
        tables = known.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found: Counter[str] = Counter()
        for (table,) in tables:
            names = known.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()
            columns = ", ".join(f'"{column}"' for (column,) in names)
            found.update(f"{table} {row}" for row in db.execute(f"SELECT {columns} FROM {table}"))
    return found


def _read(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True))
