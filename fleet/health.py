"""How the kiosks are: the newest report of each, as it said it, and when it was last heard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from fleet import tables
from fleet.database import Database, put
from fleet.who import Who, of

CLOCK_OFF_MS = 300_000


@dataclass(frozen=True, slots=True)
class Health:
    """A terminal's own words, with when it said them and when they came."""

    who: Who
    at_ms: int
    received_ms: int
    version: str
    report: dict[str, Any]

    @property
    def clock_off_ms(self) -> int:
        """How far its clock was before ours, or (negative) behind; 0 where that is no matter."""
        off = self.at_ms - self.received_ms
        return off if abs(off) > CLOCK_OFF_MS else 0


class Healths:
    """Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, who: Who, body: bytes, now_ms: int) -> None:
        """Keep a report: a JSON table with `at_ms` and `version`. Raises ValueError."""
        try:
            report = json.loads(body)
            at_ms, version = report["at_ms"], report["version"]
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError("a health report has at_ms and version") from error
        if type(at_ms) is not int or not 0 <= at_ms < 2**53 or type(version) is not str:
            raise ValueError("a health report has at_ms in milliseconds and version as a text")
        if "\0" in version or len(version) > 50:
            raise ValueError("a version has at most 50 characters")
        row = {
            "merchant_id": who.merchant_id,
            "terminal_id": who.terminal_id,
            "at_ms": at_ms,
            "received_ms": now_ms,
            "version": version,
            "report": json.dumps(report, ensure_ascii=True),
        }
        terminals = tables.terminal
        with self._database.write() as connection:
            put(connection, tables.health, [row])
            connection.execute(update(terminals).where(of(terminals, who)).values(seen_ms=now_ms))

    def of(self, who: Who) -> Health | None:
        """The newest report of one terminal."""
        table = tables.health
        with self._database.read() as connection:
            row = connection.execute(select(table).where(of(table, who))).first()
        if row is None:
            return None
        return Health(who, row.at_ms, row.received_ms, row.version, json.loads(row.report))
