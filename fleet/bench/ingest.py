"""Entries a second through the whole way in, and beside a bare handler.

    tills, written beforehand ─► signed batches over TCP ─► server process ─► PostgreSQL

Load generator, server and database share the machine.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from fleet import tables
from fleet.bench.joined import joined
from fleet.bench.rows import Row
from fleet.bench.server import serving
from fleet.clock import wall_ms
from fleet.database import Database
from fleet.who import Who
from kiosk.domain.entry import Entry, entry_to_json, follow
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Method,
    Payment,
    Submit,
    event_to_json,
    payment_to_json,
)
from kiosk.domain.signed import Seal, content_digest, signature_base, signed_headers

ROUNDS = 3
TILLS = 4
PAYMENTS = 5_000  # of each till
BARE = ["uvicorn", "fleet.bench.bare:app"]
LINES = 500
MERCHANT = "M1"
BASKET = {
    "lines": [{"gtin": "6901234567892", "name": "矿泉水 550ml", "quantity": 2, "fen": 400}] * 3,
    "total_fen": 1200,
}


@dataclass(frozen=True, slots=True)
class Sender:
    """A till that has joined, and its ledger in batches."""

    who: Who
    key: Ed25519PrivateKey
    batches: Sequence[bytes]


def ingest(url: str) -> Iterator[Row]:
    """The whole way in beside a bare handler, in turn; the middle one of some rounds."""
    database = Database(url)
    found = [_round(database, url, number) for number in range(ROUNDS)]
    database.close()
    whole, counted, bare = (sorted(each)[ROUNDS // 2] for each in zip(*found, strict=True))
    yield Row("ingest, the whole way in", f"{whole:,.0f} entries/s", "≥ 10,000")
    yield Row("a bare handler", f"{bare:,.0f} entries/s")
    ratio = sorted(one[0] / one[2] for one in found)[ROUNDS // 2]
    yield Row("the whole way ÷ the bare handler", f"{ratio:.2f} ×", "≥ 0.6")
    yield Row("in, and added up to counts", f"{counted:,.0f} entries/s")


def _round(database: Database, url: str, number: int) -> tuple[float, float, float]:
    """Entries a second: the whole way in, the same until added up, through the bare handler."""
    tills = range(1 + number * TILLS, 1 + (number + 1) * TILLS)
    senders = [_sender(database, f"{till:04d}") for till in tills]
    total = TILLS * PAYMENTS * 4
    with serving(url) as server:
        taken = _sent(senders, server.address, _signed)
        counted = taken + _added_up(database, (number + 1) * TILLS * PAYMENTS)
    with serving(url, BARE) as server:
        return total / taken, total / counted, total / _sent(senders, server.address, _plain)


def _added_up(database: Database, payments: int) -> float:
    """Seconds until the server has added up what it took."""
    start = time.perf_counter()
    while True:
        with database.read() as connection:
            sold = connection.execute(select(func.sum(tables.device_day.c.paid))).scalar()
        if sold == payments:
            return time.perf_counter() - start
        time.sleep(0.02)


def _sent(senders: Sequence[Sender], address: str, send: Callable[..., None]) -> float:
    """Seconds until every batch of every till was acknowledged, all tills at once."""
    failures: list[Exception] = []

    def run(sender: Sender) -> None:
        try:
            with httpx.Client(base_url=address, timeout=60) as line:
                for batch in sender.batches:
                    send(line, sender, batch)
        except Exception as error:  # noqa: BLE001 - raised below, in the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(sender,)) for sender in senders]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - start


def _signed(line: httpx.Client, sender: Sender, batch: bytes) -> None:
    seal = Seal(str(sender.who), wall_ms() // 1000, secrets.token_urlsafe(16))
    digest = content_digest(batch)
    signature = sender.key.sign(signature_base("POST", "/v1/entries", "", digest, seal))
    headers = signed_headers(digest, seal, signature)
    line.post("/v1/entries", content=batch, headers=headers).raise_for_status()


def _plain(line: httpx.Client, sender: Sender, batch: bytes) -> None:
    line.post(f"/{sender.who.terminal_id}", content=batch).raise_for_status()


def _sender(database: Database, terminal_id: str) -> Sender:
    who, key = joined(database, MERCHANT, terminal_id)
    lines = [entry_to_json(entry).encode() for entry in _chain(terminal_id, wall_ms())]
    batches = [b"\n".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES)]
    return Sender(who, key, batches)


def _chain(terminal_id: str, now: int) -> Iterator[Entry]:
    """Payments as a kiosk writes them down, with a slip each."""
    last: Entry | None = None
    for number in range(PAYMENTS):
        name = f"{terminal_id}{number:020d}"
        new = Payment(name, name, "wechatpay", Method.FACE, Money(1200), now)
        approved = event_to_json(Approved(f"42{name}", 1200))
        for kind, body in (
            ("payment_opened", {"payment": payment_to_json(new), "basket": BASKET}),
            ("payment", event_to_json(Submit(now))),
            ("payment", approved),
            ("delivery_started", {"kind": "slip", "body": {"copy": False}}),
        ):
            last = follow(last, now, kind, name, body)
            yield last
