"""What was done at the console: who, what, to what, when, from where. Written and never changed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import insert

from fleet.console.tables import console_event
from fleet.database import Database

SIGNED_IN = "signed in"
SIGNED_OUT = "signed out"
REFUSED = "sign-in refused"
THROTTLED = "sign-in throttled"
ENROLLED = "second factor enrolled"
QUERIED = "query"
REFUND = "refund requested"
COMMANDED = "command"
EXPORTED = "export"


@dataclass(frozen=True, slots=True)
class Done:
    """One act; `merchant_id` is whose matter it was, "" where nobody's."""

    name: str
    address: str
    what: str
    merchant_id: str = ""
    about: str = ""
    detail: str = ""


class Events:
    """Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, done: Done, now_ms: int) -> None:
        """Write it down."""
        row = {
            "merchant_id": done.merchant_id,
            "event_id": f"{now_ms:014d}-{secrets.token_hex(8)}",
            "at_ms": now_ms,
            "name": done.name[:64],
            "address": done.address[:64],
            "what": done.what,
            "about": done.about[:200],
            "detail": done.detail[:300],
        }
        with self._database.write() as connection:
            connection.execute(insert(console_event).values(**row))
