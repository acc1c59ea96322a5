"""Who is signed in: a random token in his browser, its hash here.

    CODE ──► IN      another token each time, so one that was planted is worth nothing

IN ends after half an hour without a page or an act (a page that updates by itself is none), CODE
after five minutes, both at sign-out and at a reset.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from fleet.console.tables import console_session
from fleet.database import Database

CODE, IN = "code", "in"
IDLE_MS = 30 * 60 * 1000
CODE_MS = 5 * 60 * 1000
LONGEST_MS = 12 * 60 * 60 * 1000
TOUCH_MS = 30 * 1000  # a session is not written more often


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one user."""

    name: str
    stage: str


class Sessions:
    """Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, stage: str, now_ms: int, instead_of: str = "") -> str:
        """The token of a new session; the old one's is worth nothing any more."""
        token, sessions = secrets.token_urlsafe(32), console_session
        row = {"token_hash": _hash(token), "name": name, "stage": stage}
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(instead_of)))
            connection.execute(delete(sessions).where(sessions.c.seen_ms < now_ms - LONGEST_MS))
            connection.execute(insert(sessions).values(**row, began_ms=now_ms, seen_ms=now_ms))
        return token

    def find(self, token: str, now_ms: int, *, touch: bool = False) -> Session | None:
        """Whose token it is; `touch`: he is doing something, so the half hour begins anew."""
        mine = console_session.c.token_hash == _hash(token)
        with self._database.read() as connection:
            row = connection.execute(select(console_session).where(mine)).first()
        if row is None:
            return None
        life = IDLE_MS if row.stage == IN else CODE_MS
        if now_ms - row.seen_ms > life or now_ms - row.began_ms > LONGEST_MS:
            return None
        if touch and row.stage == IN and now_ms - row.seen_ms > TOUCH_MS:
            with self._database.write() as connection:
                connection.execute(update(console_session).where(mine).values(seen_ms=now_ms))
        return Session(row.name, row.stage)

    def end(self, token: str) -> None:
        """Sign out."""
        mine = console_session.c.token_hash == _hash(token)
        with self._database.write() as connection:
            connection.execute(delete(console_session).where(mine))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
