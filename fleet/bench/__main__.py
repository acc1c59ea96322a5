"""`python -m fleet.bench`: entries a second through the whole way in, and beside a bare handler.

    tills, written beforehand ─► signed batches over TCP ─► server process ─► PostgreSQL

Load generator, server and database share the machine. A database is thrown away with each run.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.books import Books
from fleet.database import Database
from fleet.door import wall_ms
from fleet.migrations import migrate
from fleet.register import Asked, Plan, Register, Store
from fleet.testing import missing_program, postgres
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

TILLS = 4
PAYMENTS = 5_000  # of each till
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


def main() -> int:
    """Print the table; 1 where there is no PostgreSQL."""
    if missing_program():
        sys.stderr.write(f"{missing_program()} is not installed here: nothing was measured\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgres(Path(folder)) as url:
        database = Database(url)
        migrate(database)
        senders = [_sender(database, f"{number:04d}") for number in range(1, TILLS + 1)]
        total = TILLS * PAYMENTS * 4
        with _server(url, "fleet") as address:
            whole = total / _sent(senders, address, _signed)
            start = time.perf_counter()
            Books(database).work_all()
            after = time.perf_counter() - start
        with _server(url, "fleet.bench.bare") as address:
            bare = total / _sent(senders, address, _plain)
        database.close()
    sys.stdout.write(
        f"entries in {TILLS} chains of {PAYMENTS} payments, {LINES} a batch, PostgreSQL\n"
        f"the whole way in         {whole:>9,.0f} entries/s   budget ≥ 10,000\n"
        f"bare handler             {bare:>9,.0f} entries/s\n"
        f"whole ÷ bare             {whole / bare:>9.2f} ×           budget ≥ 0.6\n"
        f"added up after the last  {after:>9.1f} s\n"
    )
    return 0


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
    who, key = Who(MERCHANT, terminal_id), Ed25519PrivateKey.generate()
    register, now = Register(database, secrets.randbelow), wall_ms()
    register.put_merchant(MERCHANT, "measured", now)
    register.put_store(Store(MERCHANT, "S1", "measured"))
    register.plan(Plan(who, "S1", terminal_id), "bench", now)
    asked = Asked(key.public_key().public_bytes_raw(), terminal_id, "09", terminal_id, "")
    register.approve(register.ask(asked, now), who, "bench", now)
    lines = [entry_to_json(entry).encode() for entry in _chain(terminal_id, now)]
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


@contextmanager
def _server(url: str, module: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["fleet", "serve", "--listen", f"127.0.0.1:{port}"]
    if module != "fleet":
        command = ["uvicorn", f"{module}:app", "--port", str(port), "--log-level", "warning"]
    environment = {**os.environ, "FLEET_DATABASE": url}
    with subprocess.Popen([sys.executable, "-m", *command], env=environment) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
