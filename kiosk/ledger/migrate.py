"""Bringing a file of an earlier version to this one: copy, change the copy, verify it, swap.

    1 ─► 2   adds `refund`; `refund_due` says how much has gone back

The old file is not written to, beyond taking its own WAL into it. The copy takes its place by one
rename, after each row of it was compared; so a crash at any point leaves one of the two, whole.
The entries, and with them the hash chain, stay as they are: only derived tables change. The disk
needs room for the largest file once more; without it the ledger says that it is full.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

import apsw

from kiosk.ledger.errors import LedgerDamaged
from kiosk.ledger.month import SCHEMA, VERSION, seal, sync_directory
from kiosk.ledger.tables import REFUNDS

_BEFORE = 1
_STEP = f"""
BEGIN;
ALTER TABLE refund_due RENAME TO refund_due_before;
{REFUNDS}
INSERT INTO refund_due SELECT *, 0 FROM refund_due_before;
DROP TABLE refund_due_before;
PRAGMA user_version = {VERSION};
COMMIT
"""  # noqa: S608  the tables are ours

# Every row that the old file has, as it must stand in the new one.
_ROWS = (
    "SELECT * FROM entry ORDER BY seq",
    "SELECT * FROM cursor ORDER BY reader",
    "SELECT * FROM payment ORDER BY out_trade_no",
    "SELECT * FROM basket ORDER BY out_trade_no",
    "SELECT * FROM delivery ORDER BY key",
    "SELECT out_trade_no, transaction_id, fen, reason FROM refund_due ORDER BY 1, 2",
)
_TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"


def migrate(path: Path) -> None:
    """Bring the file to this version; one that has it, or that is no ledger, is left alone.

    Raises LedgerDamaged, apsw errors and OSError; the old file is then in its place.
    """
    for _ in steps(path):
        pass


def steps(path: Path) -> Iterator[str]:
    """The migration, step by step: the name of each one that is done."""
    if _version(path) != _BEFORE:
        return
    seal(path)
    yield "sealed"
    copy = path.with_suffix(".new")
    for leftover in (copy, Path(f"{copy}-journal")):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(path, copy)
    yield "copied"
    with closing(apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READWRITE)) as db:
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute(_STEP)
    yield "changed"
    _verify(path, copy)
    yield "verified"
    _sync(copy)
    yield "on the disk"
    copy.rename(path)
    yield "swapped"
    sync_directory(path.parent)


def _version(path: Path) -> int:
    """The file's user_version, read without opening it as a database."""
    with path.open("rb") as file:
        head = file.read(64)
    # Bytes 60 to 63 of the header (SQLite's file format, "user version").
    return int.from_bytes(head[60:64]) if head.startswith(b"SQLite format 3\0") else 0


def _verify(path: Path, copy: Path) -> None:
    """Raise LedgerDamaged unless every row is in the copy, and its tables are this version's."""
    flags = apsw.SQLITE_OPEN_READONLY
    with (
        closing(apsw.Connection(str(path), flags=flags)) as old,
        closing(apsw.Connection(str(copy), flags=flags)) as new,
        closing(apsw.Connection(":memory:")) as fresh,
    ):
        fresh.execute(SCHEMA)
        if new.execute(_TABLES).fetchall() != fresh.execute(_TABLES).fetchall():
            raise LedgerDamaged(f"{copy.name}: other tables than those of version {VERSION}")
        for query in _ROWS:
            if any(a != b for a, b in zip_longest(old.execute(query), new.execute(query))):
                raise LedgerDamaged(f"{copy.name}: not a true copy ({query})")
        if new.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise LedgerDamaged(f"{copy.name} cannot be read back")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
