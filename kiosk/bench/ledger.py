"""How many commits a second the ledger makes, beside SQLite alone on the same disk.

    entries          the ledger, an entry a commit: hashed, chained, one row
    bare             one row of an entry's size a commit: what the disk and SQLite allow at all
    payments         the ledger, a step of a payment a commit: its entry, rules and derived tables
    bare_same_rows   the very rows of these steps, by plain SQL: what the tables cost

All write in WAL mode with synchronous=FULL. entries ÷ bare compares a row with a row. payments ÷
bare says what a payment's step costs beside the least that is possible, payments ÷ bare_same_rows
what of it is the program's own work and not SQLite's. That work is processor time (some 0.01 to
0.04 ms a commit), so all ratios say as much about the disk: they near 1 where a flush takes a
millisecond or more. Checkpoints are in the few slow slices that a median leaves out.

    python -m kiosk.bench.ledger DIRECTORY [COMMITS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import apsw

from kiosk.domain.entry import canonical
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Method,
    Payment,
    Submit,
    advance,
    event_to_json,
    payment_to_json,
)
from kiosk.ledger import Ledger
from kiosk.ledger.month import SCHEMA
from kiosk.ledger.rows import payment_to_row

SLICE = 30  # commits of one before the next takes its turn
WARM = 1200  # commits until the WAL has its full size, as in a kiosk that has run an hour
A_VISIT = 4  # commits
BASKET = {"lines": [], "total_fen": 1}
HASH = "0" * 64

Statement = tuple[str, tuple[str | int | None, ...]]


def measure(directory: Path, n: int = 600) -> dict[str, float]:
    """Commits a second of each on the disk of `directory`, which is left as it was.

    They take turns in short slices and the median slice counts, because other work on the
    machine and its disk is never even.
    """
    slices = max(1, n // SLICE)
    visits = (WARM + slices * SLICE) // A_VISIT + 1
    with tempfile.TemporaryDirectory(dir=directory) as place:
        ledger = Ledger(Path(place), lambda: time.time_ns() // 1_000_000)
        bare = opened(
            Path(place) / "bare.db",
            "CREATE TABLE entry(seq INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        )
        same = opened(Path(place) / "same.db", SCHEMA)
        writers = {
            "entries": _entries(ledger),
            "payments": in_the_ledger(ledger, visits),
            "bare": _rows(bare),
            "bare_same_rows": in_plain_sql(same, visits),
        }
        try:
            for writer in writers.values():
                _seconds(writer, WARM)
            taken = [
                {name: _seconds(writer, SLICE) for name, writer in writers.items()}
                for _ in range(slices)
            ]
        finally:
            for each in (ledger, bare, same):
                each.close()
    return {
        name: round(SLICE / statistics.median(each[name] for each in taken), 1) for name in writers
    }


def main(arguments: list[str]) -> int:
    """Print the measurement as JSON: commits a second, microseconds a commit, both ratios."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = measure(Path(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 600)
    told = {
        **found,
        "microseconds": {name: round(1e6 / each, 1) for name, each in found.items()},
        "entries to bare": round(found["entries"] / found["bare"], 3),
        "payments to bare": round(found["payments"] / found["bare"], 3),
        "payments to the same rows": round(found["payments"] / found["bare_same_rows"], 3),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def opened(path: Path, schema: str) -> apsw.Connection:
    """A new file with the settings of the ledger's."""
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    db.execute(schema)
    return db


def _entries(ledger: Ledger) -> Iterator[None]:
    """One commit a turn: an entry that no derived table depends on."""
    number = "0" * 24
    while True:
        ledger.append("consent", number, event_to_json(Approved(number, 1)))
        yield


def in_the_ledger(ledger: Ledger, visits: int) -> Iterator[None]:
    """One commit a turn: a payment is opened, submitted, paid, and its slip ends."""
    for payment in [_payment(at) for at in range(visits)]:
        number = payment.out_trade_no
        ledger.open_payment(payment, BASKET)
        yield
        ledger.record(number, Submit(0))
        yield
        ledger.record(number, Approved(number, 1))
        yield
        ledger.end_delivery(number, "done")
        yield


def in_plain_sql(db: apsw.Connection, visits: int) -> Iterator[None]:
    """One commit a turn: the rows that `in_the_ledger` writes, without hashes, rules, checks."""
    for visit in [_visit(at) for at in range(visits)]:
        for transaction in visit:
            db.execute("BEGIN IMMEDIATE")
            for query, row in transaction:
                db.execute(query, row)
            db.execute("COMMIT")
            yield


def _payment(at: int) -> Payment:
    number = f"{at:024d}"
    return Payment(number, number, "wechatpay", Method.FACE, Money(1), 0)


def _visit(at: int) -> list[list[Statement]]:
    payment, seq = _payment(at), at * A_VISIT + 2  # the first entry of a file is its opening
    number = payment.out_trade_no
    submit, approved = Submit(0), Approved(number, 1)
    submitted = advance(payment, submit)
    paid = advance(submitted, approved)
    opening = {"payment": payment_to_json(payment), "basket": BASKET}
    basket = ("INSERT OR REPLACE INTO basket VALUES(?,?)", (number, canonical(BASKET)))
    owed = (number, "slip", "OWED", "{}", "", seq + 2)
    slip = ("INSERT OR REPLACE INTO delivery VALUES(?,?,?,?,?,?)", owed)
    ended = ("UPDATE delivery SET state = 'ENDED', result = ? WHERE key = ?", ("done", number))
    return [
        [_entry(seq, "payment_opened", number, opening), _row(payment), basket],
        [_entry(seq + 1, "payment", number, event_to_json(submit)), _row(submitted)],
        [_entry(seq + 2, "payment", number, event_to_json(approved)), _row(paid), slip],
        [_entry(seq + 3, "delivery_ended", number, {"result": "done"}), ended],
    ]


def _entry(seq: int, kind: str, key: str, body: object) -> Statement:
    row = (seq, 0, kind, key, canonical(body), HASH, HASH)
    return "INSERT INTO entry VALUES(?,?,?,?,?,?,?)", row


def _row(payment: Payment) -> Statement:
    row = payment_to_row(payment)
    return "INSERT OR REPLACE INTO payment VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)", row


def _rows(db: apsw.Connection) -> Iterator[None]:
    """One commit a turn: a row of the size of an entry."""
    text = canonical(event_to_json(Approved("0" * 24, 1))) + "0" * 180
    while True:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO entry(text) VALUES(?)", (text,))
        db.execute("COMMIT")
        yield


def _seconds(writer: Iterator[None], commits: int) -> float:
    start = time.perf_counter()
    for _ in range(commits):
        next(writer)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
