"""How the kiosks are: the newest report of each, as it said it, and when it was last heard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import update

from fleet import tables
from fleet.database import Database, put
from fleet.door import Number
from fleet.who import Who, of


class Report(BaseModel):
    """What a kiosk says of itself; there may be more in it, which is kept as it is."""

    model_config = ConfigDict(extra="allow", strict=True)
    at_ms: Annotated[Number, Field(description="by its own clock")]
    version: str = Field(max_length=50, pattern=r"^[^\x00]*$")


class Healths:
    """Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, who: Who, body: bytes, now_ms: int) -> None:
        """Keep a `Report` in JSON. Raises ValueError."""
        report = Report.model_validate_json(body)
        row = {
            "merchant_id": who.merchant_id,
            "terminal_id": who.terminal_id,
            "at_ms": report.at_ms,
            "received_ms": now_ms,
            "version": report.version,
            "troubles": len(troubles(report.model_dump())),
            "report": json.dumps(report.model_dump(), ensure_ascii=True),
        }
        terminals = tables.terminal
        with self._database.write() as connection:
            put(connection, tables.health, [row])
            connection.execute(update(terminals).where(of(terminals, who)).values(seen_ms=now_ms))


def troubles(report: Mapping[str, Any]) -> dict[str, str]:
    """What a report says is wrong: the cause, by the name of the channel or device.

    A kiosk names all that it has, with "" where nothing is wrong.
    """
    parts = (report.get("channels"), report.get("devices"))
    named = [each for part in parts if isinstance(part, dict) for each in part.items()]
    return {name: str(cause) for name, cause in named if cause}
