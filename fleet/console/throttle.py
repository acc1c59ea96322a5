"""So many tries to sign in, and then a wait: by user and by address, whichever is spent first.

A try is counted before it is looked at, so a hundred at once are a hundred. The right answer gives
the user's tries back, not the address's.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import case, delete, select

from fleet.console.tables import console_guess
from fleet.database import Database, locked, put

WINDOW_MS = 15 * 60 * 1000
TRIES: Mapping[str, int] = {"user": 8, "address": 40}


class Throttle:
    """Safe for threads and among processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def allows(self, name: str, address: str, now_ms: int) -> bool:
        """Count a try; whether it may be looked at."""
        guesses = console_guess
        allowed = True
        with self._database.write() as connection:
            connection.execute(delete(guesses).where(guesses.c.first_ms <= now_ms - WINDOW_MS))
            for kind, whose in sorted(_whose(name, address).items()):
                row = {"whose": whose, "tries": 1, "first_ms": now_ms}
                put(connection, guesses, [row], add=("tries",), keep=("first_ms",))
                query = locked(select(guesses.c.tries).where(guesses.c.whose == whose))
                allowed &= connection.execute(query).scalar_one() <= TRIES[kind]
        return allowed

    def forget(self, name: str, address: str) -> None:
        """He was right."""
        guesses, whose = console_guess, _whose(name, address)
        with self._database.write() as connection:
            connection.execute(delete(guesses).where(guesses.c.whose == whose["user"]))
            one_less = case((guesses.c.tries > 2, guesses.c.tries - 2), else_=0)  # both factors
            connection.execute(
                guesses.update().where(guesses.c.whose == whose["address"]).values(tries=one_less)
            )


def _whose(name: str, address: str) -> dict[str, str]:
    return {"user": f"user {name[:64]}", "address": f"address {address}"}
