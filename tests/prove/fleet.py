"""The service provider's side under fire: kills mid-batch, batches twice and out of order, thieves.

    tills ─► signed batches ─► server process, killed again and again ─► SQLite or PostgreSQL

Each till sends what it wrote, some of it twice, some before its turn; at some point an old disk is
put back. Beside them somebody signs with a key that is not the terminal's, with a clock two days
off, for another's terminal, or sends again what he copied. At the end all is sent once more, and:
what was acknowledged is there, every line is there once, every device's count is what its tills
sold, and nothing that was not proven was believed.
"""

from __future__ import annotations

import random
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from fleet import tables
from fleet.database import Database
from fleet.migrations.migrate import migrate
from fleet.testing import missing_program, postgres
from fleet.who import Who, of
from kiosk.domain.entry import entry_to_json
from tests.fleet.server import Server
from tests.fleet.shop import Shop
from tests.fleet.till import Till

TILLS = 4
BATCHES = 40  # of each till
SALES = 12  # in a batch at most
ALIVE = (0.15, 0.9)  # seconds a server lives
TWO_DAYS = 2 * 86_400
PATIENCE = 60.0  # seconds until all is counted


@dataclass(slots=True)
class Found:
    """What was tried, and what must not be."""

    database: str
    kills: int = 0
    batches: int = 0
    entries: int = 0
    unanswered: int = 0
    thefts: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    believed: list[str] = field(default_factory=list)


class Sender:
    """One till, its two disks, and what it was told is stored."""

    def __init__(self, shop: Shop, number: int, found: Found, server: Server, batches: int) -> None:
        self.who, self.key = shop.join(f"{number:04d}")
        self._random = random.Random(number)
        self._found, self._server = found, server
        self._batches = batches
        self.disks = [Till()]
        self.acknowledged: list[set[str]] = [set()]
        self.sold = 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        for number in range(self._batches):
            if number == self._batches // 2:
                old = self.disks[0].entries[: self._random.randrange(3, len(self.disks[0].entries))]
                self.disks.append(Till([*old]))
                self.acknowledged.append(set())
            till = self.disks[-1]
            start = len(till.entries)
            for _ in range(self._random.randint(1, SALES)):
                self.sold += 1
                till.sell(f"{self.who.terminal_id}{self.sold:020d}")
            self._send(till, start)
            if self._random.random() < 0.3:  # once more, from somewhere before
                self._send(till, self._random.randrange(start + 1))
            self._steal(till, start)

    def _send(self, till: Till, start: int) -> None:
        lines = till.entries[start:]
        if self._random.random() < 0.2:  # not in its order: the end first
            half = len(lines) // 2
            for part in (lines[half:], lines[:half]):
                self._post(till, part)
            return
        self._post(till, lines)

    def _post(self, till: Till, lines: list) -> None:
        if not lines:
            return
        self._found.batches += 1
        body = "\n".join(entry_to_json(entry) for entry in lines).encode()
        try:
            answer = self._server.post("/v1/entries", body, self.key, str(self.who))
        except httpx.TransportError:
            self._found.unanswered += 1
            self._wait()
            return
        if answer.status_code == 200:
            high_water = answer.json()["high_water"]
            self.acknowledged[-1] |= {entry.hash for entry in till.entries[:high_water]}
            self.acknowledged[-1] |= {entry.hash for entry in lines}

    def _steal(self, till: Till, start: int) -> None:
        """Whoever has no key of this terminal, or no word of just now, is not believed."""
        body = "\n".join(entry_to_json(entry) for entry in till.entries[start:]).encode()
        other = Ed25519PrivateKey.generate()
        stranger = Who(self.who.merchant_id, "9999")
        report = b'{"at_ms": 1, "version": "stolen"}'
        nonce = secrets.token_urlsafe(16)
        for what, path, said, key, who, change in (
            ("a stolen terminal's old key", "/v1/entries", body, other, self.who, {}),
            ("a clock two days off", "/v1/entries", body, self.key, self.who, {"off": TWO_DAYS}),
            ("another's terminal", "/v1/entries", body, self.key, stranger, {}),
            ("a first report", "/v1/health", report, self.key, self.who, {"nonce": nonce}),
            ("a request made again", "/v1/health", report, self.key, self.who, {"nonce": nonce}),
        ):
            try:
                answer = self._server.post(path, said, key, str(who), **change)
            except httpx.TransportError:
                self._wait()
                return  # whether a first report was taken nobody knows, so the second may be
            if what == "a first report":
                if answer.status_code != 204:
                    return
                continue
            self._found.thefts += 1
            if answer.status_code < 400:
                self._found.believed.append(f"{what}: {answer.status_code}")

    def _wait(self) -> None:
        """Until somebody answers again."""
        while not self._server.answers():
            time.sleep(0.05)

    def send_all(self) -> None:
        """At the end everything of both disks, until it is there."""
        for till in self.disks:
            for start in range(0, len(till.entries), 500):
                lines = till.entries[start : start + 500]
                body = "\n".join(entry_to_json(entry) for entry in lines).encode()
                answer = self._server.post("/v1/entries", body, self.key, str(self.who))
                answer.raise_for_status()


def fleet(number: int, batches: int = BATCHES) -> Found:
    """One run; even numbers on SQLite, odd ones on PostgreSQL where it is installed."""
    with throw_away(number) as url:
        database = Database(url)
        migrate(database)
        shop = Shop(database)
        found = Found(url.partition(":")[0])
        server = Server(url)
        senders = [Sender(shop, till + 1, found, server, batches) for till in range(TILLS)]
        for sender in senders:
            sender.thread.start()
        _cut(server, senders, found, random.Random(number))
        for sender in senders:
            sender.send_all()
        for sender in senders:
            _judge(database, sender, found)
        server.kill()
        database.close()
    return found


def _cut(server: Server, senders: list[Sender], found: Found, chance: random.Random) -> None:
    """Kill the server and start it again, for as long as somebody sends."""
    while any(sender.thread.is_alive() for sender in senders):
        time.sleep(chance.uniform(*ALIVE))
        server.kill()
        found.kills += 1
        server.start()
    for sender in senders:
        sender.thread.join()


def _judge(database: Database, sender: Sender, found: Found) -> None:
    entries, days = tables.entry, tables.device_day
    with database.read() as connection:
        rows = connection.execute(select(entries.c.hash).where(of(entries, sender.who))).all()
    kept = [row.hash.hex() for row in rows]
    found.entries += len(kept)
    for told in sender.acknowledged:
        found.lost += [f"{sender.who} {each}" for each in told - set(kept)]
    found.twice += [str(sender.who)] * (len(kept) - len(set(kept)))
    wrote = {entry.hash for till in sender.disks for entry in till.entries}
    found.believed += [f"{sender.who} {each}" for each in set(kept) - wrote]
    counted = None
    end = time.monotonic() + PATIENCE
    while counted != sender.sold and time.monotonic() < end:
        with database.read() as connection:
            query = select(func.sum(days.c.paid)).where(of(days, sender.who))
            counted = connection.execute(query).scalar()
        time.sleep(0.05)
    if counted != sender.sold:
        found.miscounted.append(f"{sender.who}: {counted} of {sender.sold}")


@contextmanager
def throw_away(number: int) -> Iterator[str]:
    """An empty database: SQLite for even numbers, PostgreSQL for odd ones where it is there."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        if number % 2 == 0 or missing_program():
            yield f"sqlite:///{folder}/fleet.db"
        else:
            with postgres(Path(folder)) as url:
                yield url
