"""What the ledger on the disk says, read without any of the product's code."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator


def _each(shop) -> Iterator[sqlite3.Connection]:
    for path in sorted((shop.folder / "state" / "ledger").glob("ledger-*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            yield db


def states(shop) -> dict[str, str]:
    """Every payment's state by its number, oldest first."""
    found: dict[str, str] = {}
    for db in _each(shop):
        query = "SELECT out_trade_no, state FROM payment ORDER BY created_ms, rowid"
        try:
            rows = db.execute(query).fetchall()
        except sqlite3.OperationalError:  # a table without row numbers
            rows = db.execute(query.replace(", rowid", "")).fetchall()
        found.update(rows)
    return found


def last_number(shop) -> str:
    return list(states(shop))[-1]


def last_state(shop) -> str:
    return list(states(shop).values())[-1]


def entries(shop, kind: str) -> list[str]:
    """The bodies of all entries of a kind."""
    return [
        row[0]
        for db in _each(shop)
        for row in db.execute("SELECT body FROM entry WHERE kind = ? ORDER BY seq", (kind,))
    ]


def everything(shop) -> str:
    """All that was ever written, as text."""
    return "\n".join(
        json.dumps(row)
        for db in _each(shop)
        for row in db.execute("SELECT kind, key, body FROM entry")
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
