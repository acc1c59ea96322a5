"""What a crash left on the disks of a shop: its ledgers, its wallet, its slips, with plain SQL.

    books     every payment, refund and copy as the entries tell it, and whether the chain holds
    wallet    what the sandbox took and gave back
    slips     what is on the paper        wanted    what people asked for, by asked.jsonl

Part of the oracle: it imports nothing of the project and knows only how the files are laid out.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from given import Given

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

REFUND = {
    "SendRefund": "SENT",
    "RefundAccepted": "PROCESSING",
    "RefundDone": "DONE",
    "RefundClosed": "CLOSED",
    "RefundAbnormal": "ABNORMAL",
    "RefundUnclear": "UNKNOWN",
    "WithdrawRefund": "CLOSED",
}


@dataclass
class Paid:
    """One payment as its entries tell it."""

    visit: str
    fen: int
    due: int
    """Fen of the whole basket, of which the payment may be a part."""
    before: list[tuple[str, int]]
    """Parts that the opening entry names as paid: number, fen."""
    state: str = "NEW"
    taken: int = 0
    noted: int = 0
    """Fen that a contradiction accounts for."""


@dataclass
class Back:
    """One refund as its entries tell it."""

    payment: str
    fen: int
    state: str = "REQUESTED"


@dataclass
class Books:
    """What the ledgers of a shop say."""

    payments: dict[str, Paid] = field(default_factory=dict)
    refunds: dict[str, list[Back]] = field(default_factory=lambda: defaultdict(list))
    """By out_refund_no: each till that asked under the number has one."""
    abandoned: set[str] = field(default_factory=set)
    copies: Counter[str] = field(default_factory=Counter)
    given: dict[str, Given] = field(default_factory=dict)
    """By the key of the delivery."""
    differs: list[str] = field(default_factory=list)
    open_deliveries: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    entries: int = 0

    def owes(self, number: str) -> int:
        """Fen of a payment that must go back though nobody asks for it."""
        paid = self.payments.get(number)
        if paid is None:
            return 0
        left = paid.state == "PAID" and paid.visit in self.abandoned
        return paid.noted + (paid.taken if left or paid.state == "PAID_LATE" else 0)


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


def fold(entry: sqlite3.Row, books: Books, refunds: dict[str, Back]) -> None:
    """Take one entry into the books; `refunds` are those of this ledger."""
    body, key = json.loads(entry["body"]), entry["key"]
    match entry["kind"]:
        case "payment_opened":
            books.payments[key] = opened(body["payment"], body["basket"])
        case "payment":
            step(books.payments[key], body)
        case "contradiction" if key in books.payments:
            books.payments[key].noted += body["fact"].get("fen", 0)
        case "refund_opened":
            asked = body["refund"]
            refunds[key] = Back(asked["out_trade_no"], asked["fen"])
        case "refund":
            step_back(refunds[key], body["event"])
        case "abandoned":
            books.abandoned.add(key)
        case "delivery_started" if key in books.given:
            books.given[key].begun += 1
        case "delivery_started":
            books.given[key] = Given.begins(body)
            books.copies[key.partition("/")[0]] += "/copy-" in key
        case "delivery_ended" if key in books.given:
            books.given[key].result = body["result"]


def opened(payment: dict, basket: dict) -> Paid:
    """A payment as it was opened."""
    before = [(each["out_trade_no"], each["fen"]) for each in basket.get("paid", [])]
    fen = payment["fen"]
    return Paid(payment["visit_id"], fen, basket.get("total_fen", fen), before)


def step(paid: Paid, body: dict) -> None:
    """What happened to a payment."""
    event = body["event"]
    if event == "Restarted":
        paid.state = "CANCELLED" if paid.state in ABANDONED else "UNKNOWN"
    else:
        paid.state = (ENDS | UNDER_WAY)[event]
    if event in ("Approved", "FoundPaid"):
        paid.taken = body["fen"]


def step_back(back: Back, event: str) -> None:
    """What happened to a refund."""
    if event != "Restarted":
        back.state = REFUND[event]
    elif back.state in ("SENT", "UNKNOWN"):
        back.state = "UNKNOWN"


def read_ledger(folder: Path, books: Books) -> None:
    """All months of one ledger."""
    seq, last, refunds, table, back = 0, "0" * 64, {}, {}, {}
    payments = set(books.payments)
    for path in sorted(folder.glob("ledger-????-??.db")):
        entries = rows(path, "SELECT * FROM entry ORDER BY seq")
        books.faults += [f"{path}: {fault}" for fault in chain(entries, seq, last)]
        if said := [row[0] for row in rows(path, "PRAGMA integrity_check") if row[0] != "ok"]:
            books.faults.append(f"{path}: {said}")
        for entry in entries:
            fold(entry, books, refunds)
            seq, last = entry["seq"], entry["hash"]
        books.entries += len(entries)
        table |= dict(map(tuple, rows(path, "SELECT out_trade_no, state FROM payment")))
        for row in rows(path, "SELECT out_refund_no, out_trade_no, fen, state FROM refund"):
            back[row[0]] = Back(*row[1:])
        undone = rows(path, "SELECT key FROM delivery WHERE state <> 'ENDED'")
    books.open_deliveries += [row["key"] for row in undone]
    told = {number: paid.state for number, paid in books.payments.items() if number not in payments}
    for one, other in ((told, table), (refunds, back)):
        both = one.keys() | other.keys()
        differing = [number for number in both if one.get(number) != other.get(number)]
        books.differs += [f"{each}: {one.get(each)}, {other.get(each)}" for each in differing]
    for number, refund in refunds.items():
        books.refunds[number].append(refund)


@dataclass
class Wallet:
    """What the wallet took and gave back, in fen by out_trade_no; its refunds by their numbers."""

    took: dict[str, int]
    gave: Counter[str] = field(default_factory=Counter)
    change: Counter[str] = field(default_factory=Counter)
    """What it could not hand to the shopper; it waits for the merchant at the wallet's portal."""
    refunds: dict[str, Back] = field(default_factory=dict)

    def keeps(self, number: str) -> int:
        """Fen of a payment that nobody is about to have back."""
        return self.took.get(number, 0) - self.gave[number] - self.change[number]


def read_wallet(database: Path) -> Wallet:
    """The sandbox's database."""
    paid = rows(database, "SELECT * FROM orders WHERE state IN ('SUCCESS', 'REFUND')")
    wallet = Wallet({row["out_trade_no"]: row["total_fee"] for row in paid})
    for row in rows(database, "SELECT * FROM refund"):
        back = Back(row["out_trade_no"], row["fen"], row["state"])
        wallet.refunds[row["out_refund_no"]] = back
        if back.state in ("SUCCESS", "CHANGE"):
            (wallet.gave if back.state == "SUCCESS" else wallet.change)[back.payment] += back.fen
    return wallet


def slips(folder: Path) -> tuple[Counter[str], Counter[str], list[str]]:
    """How many slips without and with the word COPY came out for each number; those without one.

    A slip that a crash cut short before its number names nobody and shows no total to take away:
    it counts only when it is whole, that is when it was cut off (GS V).
    """
    found: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    nobody = []
    for path in sorted(folder.glob("slips-*/slip-*.bin")):
        data = path.read_bytes()
        numbers = re.findall(rb"kiosk:([A-Za-z0-9_|*-]+)", data)
        if not numbers and b"\x1dV" in data:
            nobody.append(str(path))
        (copies if b"COPY" in data else found).update(number.decode() for number in numbers)
    return found, copies, nobody


def wanted_back(path: Path) -> tuple[Counter[str], Counter[str]]:
    """Fen that people wanted back by payment: at least, and at most; less where they gave up."""
    most: Counter[str] = Counter()
    gave_up = set()
    for line in path.read_text("ascii").splitlines() if path.exists() else []:
        asked = json.loads(line)
        most[asked["out_trade_no"]] += asked["fen"]
        if not asked["surely"]:
            gave_up.add(asked["out_trade_no"])
    return Counter({number: fen for number, fen in most.items() if number not in gave_up}), most
