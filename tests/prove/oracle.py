"""Reads what a crash left on the disks and says what was lost, with nothing of the project.

    python tests/prove/oracle.py SHOP...     each a folder with state/ledger, sandbox, slips-*

Ledger and sandbox are plain SQLite files and the hash of an entry is SHA-256 of its JSON, so this
file knows their layout and nothing else: a mistake of the program cannot hide in it. It prints one
JSON object; every list in `findings` must be empty, and the exit code is 1 when one is not.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

ENDS = {
    "Approved": "PAID",
    "FoundPaid": "PAID_LATE",
    "Declined": "DECLINED",
    "Reversed": "REVERSED",
    "Unsent": "CANCELLED",
    "Cancel": "CANCELLED",
}
UNDER_WAY = {
    "Authenticate": "AUTHENTICATING",
    "Submit": "PAYING",
    "Waiting": "PENDING",
    "Unclear": "UNKNOWN",
    "GiveUp": "REVERSING",
    "PayError": "REVERSING",
}
ABANDONED = {"NEW", "AUTHENTICATING"}
"""In these nothing has left the machine, so a restart ends the payment."""

FINDINGS = (
    "lost_payments",
    "goods_without_money",
    "double_charges",
    "codes_sent_twice",
    "without_final_state",
    "broken_chains",
    "fold_differs",
    "slips_twice_without_copy",
    "slips_without_result",
    "slips_of_nobody",
)


@dataclass
class Paid:
    """One payment as its entries tell it."""

    visit: str
    fen: int
    state: str = "NEW"
    taken: int = 0
    noted: int = 0
    """Fen that a contradiction or a refund that is due accounts for."""


@dataclass
class Books:
    """What one ledger says."""

    payments: dict[str, Paid] = field(default_factory=dict)
    table: dict[str, str] = field(default_factory=dict)
    open_deliveries: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    entries: int = 0


def rows(path: Path, query: str) -> list[sqlite3.Row]:
    """All rows; a file that a crash left is opened as any program would, its WAL taken in."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return db.execute(query).fetchall()


def chain(entries: list[sqlite3.Row], seq: int, last: str) -> Iterator[str]:
    """Every entry that does not follow the one before it, or was changed."""
    for entry in entries:
        body = json.loads(entry["body"])
        told = [entry["seq"], entry["at_ms"], entry["kind"], entry["key"], body, entry["prev"]]
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != entry["hash"]:
            yield f"entry {entry['seq']} was changed"
        if entry["prev"] != last or entry["seq"] != seq + 1:
            yield f"entry {entry['seq']} does not follow {seq}"
        seq, last = entry["seq"], entry["hash"]


def fold(entry: sqlite3.Row, payments: dict[str, Paid]) -> None:
    """Take one entry into the payments."""
    body, key = json.loads(entry["body"]), entry["key"]
    if entry["kind"] == "payment_opened":
        payments[key] = Paid(body["payment"]["visit_id"], body["payment"]["fen"])
    elif entry["kind"] == "payment":
        paid, event = payments[key], body["event"]
        if event == "Restarted":
            paid.state = "CANCELLED" if paid.state in ABANDONED else "UNKNOWN"
        else:
            paid.state = (ENDS | UNDER_WAY)[event]
        if event in ("Approved", "FoundPaid"):
            paid.taken = body["fen"]
    elif entry["kind"] == "contradiction":
        payments[key].noted += body["fact"].get("fen", 0)


def read_ledger(folder: Path) -> Books:
    """All months of one ledger."""
    books, seq, last = Books(), 0, "0" * 64
    for path in sorted(folder.glob("ledger-????-??.db")):
        entries = rows(path, "SELECT * FROM entry ORDER BY seq")
        books.faults += [f"{path}: {fault}" for fault in chain(entries, seq, last)]
        if said := [row[0] for row in rows(path, "PRAGMA integrity_check") if row[0] != "ok"]:
            books.faults.append(f"{path}: {said}")
        for entry in entries:
            fold(entry, books.payments)
            seq, last = entry["seq"], entry["hash"]
        books.entries += len(entries)
        books.table |= dict(map(tuple, rows(path, "SELECT out_trade_no, state FROM payment")))
        undone = rows(path, "SELECT key FROM delivery WHERE state <> 'ENDED'")
        books.open_deliveries = [row["key"] for row in undone]
    return books


def held(database: Path) -> dict[str, int]:
    """Fen that the wallet holds, by out_trade_no, less what it has given back."""
    money = {
        row["out_trade_no"]: row["total_fee"]
        for row in rows(database, "SELECT * FROM orders WHERE state IN ('SUCCESS', 'REFUND')")
    }
    for row in rows(database, "SELECT * FROM refund WHERE state = 'SUCCESS'"):
        money[row["out_trade_no"]] -= row["fen"]
    return {number: fen for number, fen in money.items() if fen}


def slips(folder: Path) -> tuple[Counter[str], list[str]]:
    """How many slips without the word COPY came out for each number, and those that name none.

    A slip that a crash cut short before its number names nobody and shows no total to take away:
    it counts only when it is whole, that is when it was cut off (GS V).
    """
    found: Counter[str] = Counter()
    nobody = []
    for path in sorted(folder.glob("slips-*/slip-*.bin")):
        data = path.read_bytes()
        numbers = re.findall(rb"kiosk:([A-Za-z0-9_|*-]+)", data)
        if not numbers and b"\x1dV" in data:
            nobody.append(str(path))
        if b"COPY" not in data:
            found.update(number.decode() for number in numbers)
    return found, nobody


def judge(shop: Path) -> tuple[dict[str, list[str]], dict[str, int], Counter[str]]:
    """Findings, counts, and the faults that struck, of one shop."""
    books, database = read_ledger(shop / "state" / "ledger"), shop / "sandbox" / "sandbox.db"
    money, (printed, nobody) = held(database), slips(shop)
    payments = books.payments
    found: dict[str, list[str]] = {name: [] for name in FINDINGS}
    for number, fen in money.items():
        known = payments.get(number)
        if known is None or fen not in (known.taken, known.noted, known.taken + known.noted):
            state = known.state if known else "nobody's"
            found["lost_payments"].append(f"{number}: the wallet holds {fen}, the ledger: {state}")
    visits: dict[str, list[str]] = defaultdict(list)
    for number, paid in payments.items():
        if paid.state == "PAID":
            visits[paid.visit].append(number)
            if money.get(number) != paid.fen:
                found["goods_without_money"].append(number)
        if paid.state not in {*ENDS.values(), "LOST"}:
            found["without_final_state"].append(f"{number}: {paid.state}")
        if books.table.get(number) != paid.state:
            found["fold_differs"].append(f"{number}: {books.table.get(number)}, {paid.state}")
    found["double_charges"] = [f"{visit}: {many}" for visit, many in visits.items() if many[1:]]
    twice = rows(
        database,
        "SELECT group_concat(out_trade_no) FROM call WHERE api = 'micropay' AND code_mark IS NOT"
        " NULL GROUP BY code_mark HAVING count(*) > 1",
    )
    found["codes_sent_twice"] = [row[0] for row in twice]
    found["broken_chains"] = books.faults
    found["slips_twice_without_copy"] = [f"{number}: {n}" for number, n in printed.items() if n > 1]
    found["slips_of_nobody"] = nobody + [each for each in printed if each not in payments]
    found["slips_without_result"] = books.open_deliveries
    named = {name: [f"{shop.name} {one}" for one in each] for name, each in found.items()}
    states = Counter(paid.state for paid in payments.values())
    counts = {
        "payments": len(payments),
        "entries": books.entries,
        "slips": sum(printed.values()),
        "paid_without_whole_slip": sum(
            not printed[each] for many in visits.values() for each in many
        ),
        "calls": int(rows(database, "SELECT count(*) FROM call")[0][0]),
        **{f"state_{state}": count for state, count in sorted(states.items())},
    }
    struck = rows(database, "SELECT api, faults FROM call WHERE faults <> ''")
    return named, counts, Counter(f"{row['api']} {row['faults']}" for row in struck)


def main(folders: list[str]) -> int:
    """Judge every shop and print the sum."""
    findings: dict[str, list[str]] = {name: [] for name in FINDINGS}
    counts: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    for folder in folders:
        found, counted, faults = judge(Path(folder))
        for name in FINDINGS:
            findings[name] += found[name]
        counts.update(counted)
        struck += faults
    said = {"findings": findings, "counts": dict(counts), "faults_struck": dict(struck)}
    sys.stdout.write(json.dumps(said, indent=1) + "\n")
    return 1 if any(findings.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
