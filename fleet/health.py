"""How the kiosks are: the newest report of each, as it said it, and when it was last heard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from fleet import tables
from fleet.database import Database, put
from fleet.who import Who, of


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
            "troubles": len(troubles(report)),
            "report": json.dumps(report, ensure_ascii=True),
        }
        terminals = tables.terminal
        with self._database.write() as connection:
            put(connection, tables.health, [row])
            connection.execute(update(terminals).where(of(terminals, who)).values(seen_ms=now_ms))


def troubles(report: Mapping[str, Any]) -> dict[str, str]:
    """What a report says is wrong: the cause, by the name of the channel or device."""
    parts = (report.get("channels"), report.get("devices"))
    named = [each for part in parts if isinstance(part, dict) for each in part.items()]
    return {name: str(cause) for name, cause in named if cause}
