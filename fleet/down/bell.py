"""Who waits is told that there is news, whichever process brought it.

    ring(connection, who) ─ commit ─► NOTIFY (PostgreSQL), a row (SQLite) ─► Bell's thread ─► hear

A ring is part of the transaction that it tells of: what was not committed is not heard. It says no
more than "look"; and whoever waits looks anyway when his time is over, so one that is lost costs
patience, never a command.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from fleet.database import Database, put
from fleet.down import tables
from fleet.who import Who

EVERYBODY = ""  # as terminal_id: all terminals of the merchant
CHANNEL = "fleet_down"
LOOK_EVERY = 0.5  # seconds, on SQLite
AGAIN = 2.0  # seconds after a line that broke
LATE_MS = 10_000  # how long a transaction may have taken between its time and its commit

Hear = Callable[[Who], None]

log = logging.getLogger(__name__)


def ring(connection: Connection, who: Who, now_ms: int) -> None:
    """Tell of news for the terminal, or for EVERYBODY of a merchant, with this transaction."""
    if connection.dialect.name == "postgresql":
        notify = text("SELECT pg_notify(:channel, :who)")
        connection.execute(notify, {"channel": CHANNEL, "who": str(who)})
        return
    row = {"merchant_id": who.merchant_id, "terminal_id": who.terminal_id}
    put(connection, tables.ring, [{**row, "rung": 1, "at_ms": now_ms}], add=("rung",))


class Bell:
    """A thread that calls `hear` for each ring of any process."""

    def __init__(self, database: Database, hear: Hear) -> None:
        self._database, self._hear = database, hear
        self._stopped = threading.Event()
        self._heard: dict[Who, int] = {}
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

    def start(self) -> None:
        """Listen from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        listen = self._look if self._database.sqlite else self._listen
        while not self._stopped.is_set():
            try:
                listen()
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("bell broken again_in=%.0f cause=%s", AGAIN, type(error).__name__)
                self._stopped.wait(AGAIN)

    def _listen(self) -> None:
        raw = self._database.engine.raw_connection()
        try:
            line: Any = raw.driver_connection
            line.autocommit = True
            line.execute(f"LISTEN {CHANNEL}")
            while not self._stopped.is_set():
                for heard in line.notifies(timeout=LOOK_EVERY):
                    merchant_id, _, terminal_id = heard.payload.partition("/")
                    self._hear(Who(merchant_id, terminal_id))
        finally:
            raw.invalidate()

    def _look(self) -> None:
        rings = tables.ring
        while not self._stopped.wait(LOOK_EVERY):
            since = time.time_ns() // 1_000_000 - LATE_MS
            with self._database.read() as connection:
                rows = connection.execute(select(rings).where(rings.c.at_ms > since)).all()
            counts = {Who(row.merchant_id, row.terminal_id): row.rung for row in rows}
            for who, count in counts.items():
                if self._heard.get(who) != count:
                    self._hear(who)
            self._heard = counts
