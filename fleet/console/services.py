"""What the console's pages work with, made once a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fleet.console.events import Events
from fleet.console.keys import ConsoleKey
from fleet.console.sessions import Sessions
from fleet.console.shared import Shared
from fleet.console.throttle import Throttle
from fleet.console.users import Users
from fleet.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """`secure`: cookies go over TLS only."""

    database: Database
    key: ConsoleKey
    users: Users
    sessions: Sessions
    throttle: Throttle
    events: Events
    shared: Shared
    now_ms: Callable[[], int]
    secure: bool = False


def services(
    database: Database, key: ConsoleKey, now_ms: Callable[[], int], *, secure: bool = False
) -> Services:
    """All of them on one database."""
    return Services(
        database,
        key,
        Users(database, key),
        Sessions(database),
        Throttle(database),
        Events(database),
        Shared(),
        now_ms,
        secure,
    )
