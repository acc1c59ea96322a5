"""How many commits a second the ledger makes, beside bare SQLite on the same disk.

Both write in WAL mode with synchronous=FULL, one row of the same size a commit. What the ledger
adds (hash, fold, triggers: about 0.05 to 0.1 ms of processor a commit) is the same on every disk,
so the ratio says as much about the disk: it nears 1 where a flush takes a millisecond or more.

    python -m kiosk.bench_ledger DIRECTORY [COMMITS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import apsw

from kiosk.domain.entry import canonical
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Method, Payment, Submit, event_to_json
from kiosk.ledger import Ledger

SLICE = 30  # commits of one before the other takes its turn
WARM = 1200  # commits until the WAL has its full size, as in a kiosk that has run an hour


def measure(directory: Path, n: int = 600) -> dict[str, float]:
    """Commits a second of each on the disk of `directory`, which is left as it was.

    The two take turns in short slices and the median slice counts, because other work on the
    machine and its disk is never even.
    """
    with tempfile.TemporaryDirectory(dir=directory) as place:
        ledger = Ledger(Path(place), lambda: time.time_ns() // 1_000_000)
        bare = _bare(Path(place) / "bare.db")
        writers = {"ledger": _payments(ledger), "bare": _rows(bare)}
        try:
            for writer in writers.values():
                _seconds(writer, WARM)
            slices = [
                {name: _seconds(writer, SLICE) for name, writer in writers.items()}
                for _ in range(max(1, n // SLICE))
            ]
        finally:
            ledger.close()
            bare.close()
    return {
        name: round(SLICE / statistics.median(each[name] for each in slices), 1) for name in writers
    }


def main(arguments: list[str]) -> int:
    """Print the measurement as JSON."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = measure(Path(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 600)
    sys.stdout.write(json.dumps({**found, "ratio": round(found["ledger"] / found["bare"], 3)}))
    sys.stdout.write("\n")
    return 0


def _payments(ledger: Ledger) -> Iterator[None]:
    """One commit a turn: a payment is opened, submitted, paid, and its slip ends."""
    for at in count():
        number = f"{at:024d}"
        payment = Payment(number, number, "wechatpay", Method.FACE, Money(1), 0)
        ledger.open_payment(payment, {"lines": [], "total_fen": 1})
        yield
        ledger.record(number, Submit(0))
        yield
        ledger.record(number, Approved(number, 1))
        yield
        ledger.end_delivery(number, "done")
        yield


def _bare(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE entry(seq INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return db


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
