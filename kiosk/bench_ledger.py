"""How many commits a second the ledger makes, beside bare SQLite on the same disk.

Both write in WAL mode with synchronous=FULL, one row of the same size a commit. What the ledger
adds is the hash, the fold and the triggers; the disk is most of the time of either.

    python -m kiosk.bench_ledger DIRECTORY [COMMITS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import apsw

from kiosk.domain.entry import canonical
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Event, Method, Payment, Submit, event_to_json
from kiosk.ledger import Ledger

ROUNDS = 5


def measure(directory: Path, n: int = 500) -> dict[str, float]:
    """Commits a second of each on the disk of `directory`, which is left as it was.

    The two take turns and the medians count, because other work on the machine is not even.
    """
    each = max(3, n // ROUNDS)
    speeds: dict[str, list[float]] = {"ledger": [], "bare": []}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=directory) as place:
            speeds["ledger"].append(_ledger(Path(place), each))
            speeds["bare"].append(_bare(Path(place), each))
    return {name: round(statistics.median(found), 1) for name, found in speeds.items()}


def main(arguments: list[str]) -> int:
    """Print the measurement as JSON."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = measure(Path(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 500)
    sys.stdout.write(json.dumps({**found, "ratio": round(found["ledger"] / found["bare"], 3)}))
    sys.stdout.write("\n")
    return 0


def _ledger(place: Path, n: int) -> float:
    """Payments of three commits each: opened, submitted, paid."""
    ledger = Ledger(place, lambda: time.time_ns() // 1_000_000)
    try:
        numbers = [f"{at:024d}" for at in range(n // 3)]
        start = time.perf_counter()
        for number in numbers:
            _payment(ledger, number)
        return 3 * len(numbers) / (time.perf_counter() - start)
    finally:
        ledger.close()


def _payment(ledger: Ledger, number: str) -> None:
    payment = Payment(number, number, "wechatpay", Method.FACE, Money(1), 0)
    ledger.open_payment(payment, {"lines": [], "total_fen": 1})
    events: tuple[Event, ...] = (Submit(0), Approved(number, 1))
    for event in events:
        ledger.record(number, event)


def _bare(place: Path, n: int) -> float:
    db = apsw.Connection(str(place / "bare.db"))
    try:
        db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE entry(seq INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        text = canonical(event_to_json(Approved("0" * 24, 1))) + "0" * 180
        start = time.perf_counter()
        for _ in range(n):
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO entry(text) VALUES(?)", (text,))
            db.execute("COMMIT")
        return n / (time.perf_counter() - start)
    finally:
        db.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
