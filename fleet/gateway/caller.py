"""Who calls: a terminal, and the store in which it stands by the register."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from fleet import tables
from fleet.who import Who, of


@dataclass(frozen=True, slots=True)
class Caller:
    """A proven terminal and its store."""

    who: Who
    store_id: str

    @property
    def merchant_id(self) -> str:
        """Whose terminal it is."""
        return self.who.merchant_id


def caller_of(connection: Connection, who: Who) -> Caller:
    """The terminal with its store."""
    stands = select(tables.terminal.c.store_id).where(of(tables.terminal, who))
    return Caller(who, connection.execute(stands).scalar_one())
