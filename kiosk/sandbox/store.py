"""The sandbox's memory: one SQLite file, one connection, one thread that uses it.

    holder    openid, name, balance and all that was ever funded, in fen
    face      openid, template (float32, little-endian, unit length)
    probe     keyed hash of each rawdata that was judged: one judgement each
    code      keyed hash of each code given out, its holder, its binding, when it was spent
    orders    every order by out_trade_no, with its state
    refund    every refund by both its numbers, with its state and the one it is to end in
    script    faults still to happen
    download  links to bills that were given out, and their files
    notice    what the merchant is told without asking, and when next
    call      every call in order of arrival, for the audit
    setting   the advance and the speed of the virtual clock

The event loop is the only writer, so a transaction is never interleaved. WAL with
`synchronous=FULL`: what was committed survives `kill -9` and a power cut, and every answer leaves
after its commit. No probe, no image and no payment code in clear is ever written.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS holder (
    openid TEXT PRIMARY KEY, name TEXT NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0), funded INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS face (
    openid TEXT PRIMARY KEY REFERENCES holder, template BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS probe (mark TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS code (
    mark TEXT PRIMARY KEY, kind TEXT NOT NULL, openid TEXT NOT NULL REFERENCES holder,
    expires_at REAL NOT NULL, spent_by TEXT,
    out_trade_no TEXT, total_fee INTEGER, device_id TEXT, sub_mch_id TEXT);
CREATE TABLE IF NOT EXISTS orders (
    out_trade_no TEXT PRIMARY KEY, transaction_id TEXT NOT NULL UNIQUE,
    total_fee INTEGER NOT NULL, body TEXT NOT NULL, attach TEXT NOT NULL,
    device_info TEXT NOT NULL, sub_mch_id TEXT NOT NULL,
    openid TEXT NOT NULL, code_mark TEXT NOT NULL, state TEXT NOT NULL,
    created_at REAL NOT NULL, way TEXT NOT NULL, due_at REAL, paid_at REAL, refunded_at REAL,
    trade_type TEXT NOT NULL DEFAULT 'MICROPAY', expires_at REAL,
    code_url TEXT NOT NULL DEFAULT '', notify_url TEXT NOT NULL DEFAULT '',
    asked TEXT NOT NULL DEFAULT '',
    coupon_fee INTEGER NOT NULL DEFAULT 0, coupon_borne INTEGER NOT NULL DEFAULT 0,
    wire TEXT NOT NULL DEFAULT 'v3');
CREATE TABLE IF NOT EXISTS refund (
    refund_id TEXT PRIMARY KEY, out_refund_no TEXT NOT NULL UNIQUE,
    out_trade_no TEXT NOT NULL REFERENCES orders, fen INTEGER NOT NULL CHECK (fen > 0),
    account TEXT NOT NULL, reason TEXT NOT NULL, notify_url TEXT NOT NULL,
    state TEXT NOT NULL, ends_as TEXT NOT NULL,
    requested_at REAL NOT NULL, due_at REAL, ended_at REAL,
    wire TEXT NOT NULL DEFAULT 'v3');
CREATE TABLE IF NOT EXISTS script (
    id INTEGER PRIMARY KEY, words TEXT NOT NULL, api TEXT NOT NULL,
    remaining INTEGER NOT NULL, out_trade_no TEXT);
CREATE TABLE IF NOT EXISTS call (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, api TEXT NOT NULL,
    out_trade_no TEXT NOT NULL, code_mark TEXT, code_tail TEXT, faults TEXT NOT NULL,
    answer TEXT, answered_at REAL, definite INTEGER NOT NULL DEFAULT 0,
    out_refund_no TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS call_by_order ON call (out_trade_no, api);
CREATE INDEX IF NOT EXISTS orders_by_state ON orders (state);
CREATE INDEX IF NOT EXISTS refund_by_order ON refund (out_trade_no);
CREATE INDEX IF NOT EXISTS refund_by_state ON refund (state);
CREATE TABLE IF NOT EXISTS notice (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL,
    out_trade_no TEXT NOT NULL, url TEXT NOT NULL, created_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, due_at REAL, held INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, number));
CREATE INDEX IF NOT EXISTS notice_due ON notice (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS download (
    token TEXT PRIMARY KEY, content BLOB NOT NULL, media TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TEMP VIEW pay_call AS SELECT * FROM call WHERE api IN ('micropay', 'facepay');
CREATE TEMP VIEW order_call AS SELECT * FROM call WHERE api IN ('micropay', 'facepay', 'native');
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""

_GROWN = (
    ("call", "out_refund_no", "TEXT NOT NULL DEFAULT ''"),
    ("orders", "trade_type", "TEXT NOT NULL DEFAULT 'MICROPAY'"),
    ("orders", "expires_at", "REAL"),
    ("orders", "code_url", "TEXT NOT NULL DEFAULT ''"),
    ("orders", "notify_url", "TEXT NOT NULL DEFAULT ''"),
    ("orders", "asked", "TEXT NOT NULL DEFAULT ''"),
    ("orders", "coupon_fee", "INTEGER NOT NULL DEFAULT 0"),
    ("orders", "coupon_borne", "INTEGER NOT NULL DEFAULT 0"),
    ("orders", "wire", "TEXT NOT NULL DEFAULT 'v3'"),
    ("refund", "wire", "TEXT NOT NULL DEFAULT 'v3'"),
)
"""Columns that an older sandbox's file does not have yet."""

_LATER = """
CREATE INDEX IF NOT EXISTS orders_to_tell ON orders (paid_at) WHERE notify_url <> '';
CREATE INDEX IF NOT EXISTS refund_to_tell ON refund (ended_at) WHERE notify_url <> '';
CREATE TEMP VIEW untold (kind, number, out_trade_no, url, at) AS
SELECT 'transaction', out_trade_no, out_trade_no, notify_url, paid_at FROM orders
WHERE notify_url <> '' AND paid_at IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM notice WHERE kind = 'transaction' AND number = orders.out_trade_no)
UNION ALL
SELECT 'refund', out_refund_no, out_trade_no, notify_url, ended_at FROM refund
WHERE notify_url <> '' AND ended_at IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM notice WHERE kind = 'refund' AND number = refund.out_refund_no);
"""
"""What needs those columns."""


class Store:
    """Transactions and rows; the SQL stands with the nouns that use it."""

    def __init__(self, folder: Path) -> None:
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise BlockingIOError(f"another sandbox keeps its state in {folder}") from error
        path = folder / "sandbox.db"
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_SCHEMA)
        for table, column, kind in _GROWN:
            known = {row["name"] for row in self._db.execute(f"PRAGMA table_info({table})")}
            if column not in known:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        self._db.executescript(_LATER)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; on disk when the block is left."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def run(self, sql: str, *values: Any) -> int:
        """Execute one statement; the rows it changed."""
        return self._db.execute(sql, values).rowcount

    def insert(self, sql: str, *values: Any) -> int:
        """Execute one INSERT; the row's number."""
        return int(self._db.execute(sql, values).lastrowid or 0)

    def one(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else dict(row)

    def all(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Every row."""
        return [dict(row) for row in self._db.execute(sql, values)]

    def total(self, sql: str, *values: Any) -> int:
        """One integer, 0 where SQL says NULL."""
        return int(self._db.execute(sql, values).fetchone()[0] or 0)

    def forget(self) -> None:
        """Empty every table."""
        for table in reversed(self.all("SELECT name FROM sqlite_master WHERE type = 'table'")):
            if not table["name"].startswith("sqlite_"):
                self._db.execute(f"DELETE FROM {table['name']}")  # noqa: S608  our own names

    def close(self) -> None:
        """Close the file and give the folder free."""
        self._db.close()
        os.close(self._lock)
