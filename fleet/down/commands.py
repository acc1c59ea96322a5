"""Orders to single terminals: given by somebody, fetched by the kiosk, answered in its words.

A command is delivered until it is answered; the kiosk obeys each id once. None is ever deleted, so
the table is the record of who ordered what.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from fleet import tables as register
from fleet.database import Database, locked
from fleet.down import tables
from fleet.down.bell import ring
from fleet.register import LOST, RETIRED
from fleet.who import Who, of

ARGUMENTS: Mapping[str, Mapping[str, type]] = {
    "suspend": {},
    "resume": {},
    "send_now": {},
    "help_coming": {},
    "test_device": {"device": str},
    "reboot": {},
    "query": {"out_trade_no": str},
    "refund": {"out_trade_no": str, "fen": int, "reason": str},
    "sold_out": {"code": str},
    "there_again": {"code": str},
}
OPEN = 100  # commands of one terminal that wait
LONGEST = 200  # characters of an argument
SAID = 1_000  # characters of an answer


@dataclass(frozen=True, slots=True)
class Command:
    """One order and what became of it; `done` is None until it is answered."""

    command_id: str
    who: Who
    what: str
    arguments: Mapping[str, Any]
    by: str
    given_ms: int
    fetched_ms: int | None = None
    answered_ms: int | None = None
    done: bool | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the kiosk says of a command."""

    command_id: str
    done: bool
    said: str


class Commands:
    """Safe for threads and for processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, who: Who, what: str, arguments: Mapping[str, Any], by: str, now_ms: int) -> str:
        """Order something of a terminal; the command's id.

        Raises ValueError for an unknown order, other arguments than it takes, a terminal that is
        not registered, lost or retired, and where too many wait already.
        """
        _check(what, arguments)
        command_id = secrets.token_hex(8)
        commands, terminals = tables.command, register.terminal
        with self._database.write() as connection:
            status = connection.execute(
                locked(select(terminals.c.status).where(of(terminals, who)))
            ).scalar()
            if status is None or status in (LOST, RETIRED):
                raise ValueError(f"{who} is {str(status).lower() if status else 'not registered'}")
            waiting = select(func.count()).select_from(commands).where(of(commands, who), _OPEN)
            if connection.execute(waiting).scalar_one() >= OPEN:
                raise ValueError(f"{OPEN} commands wait for {who} already")
            row = {"merchant_id": who.merchant_id, "terminal_id": who.terminal_id}
            text = json.dumps(dict(arguments), ensure_ascii=False, sort_keys=True)
            connection.execute(
                insert(commands).values(
                    **row,
                    command_id=command_id,
                    what=what,
                    arguments=text,
                    by=by,
                    given_ms=now_ms,
                    said="",
                )
            )
            ring(connection, who, now_ms)
        return command_id

    def of(self, who: Who, limit: int = 50) -> list[Command]:
        """The terminal's, newest first."""
        commands = tables.command
        newest = (commands.c.given_ms.desc(), commands.c.command_id)
        query = select(commands).where(of(commands, who)).order_by(*newest).limit(limit)
        with self._database.read() as connection:
            return [_command(row) for row in connection.execute(query)]

    def find(self, merchant_id: str, command_id: str) -> Command | None:
        """One of the merchant's."""
        commands = tables.command
        query = select(commands).where(
            commands.c.merchant_id == merchant_id, commands.c.command_id == command_id
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _command(row)

    # --- the kiosk's end ------------------------------------------------------------------------

    def waiting(self, who: Who, holding: Collection[str]) -> list[Command]:
        """What the terminal has not answered and does not hold, oldest first."""
        commands = tables.command
        query = select(commands).where(of(commands, who), _OPEN).order_by(commands.c.given_ms)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [_command(row) for row in rows if row.command_id not in holding]

    def fetched(self, who: Who, command_ids: Sequence[str], now_ms: int) -> None:
        """They are on their way to the kiosk; the first time counts."""
        commands = tables.command
        with self._database.write() as connection:
            connection.execute(
                update(commands)
                .where(
                    of(commands, who),
                    commands.c.command_id.in_(command_ids),
                    commands.c.fetched_ms.is_(None),
                )
                .values(fetched_ms=now_ms)
            )

    def answer(self, who: Who, answers: Sequence[Answer], now_ms: int) -> None:
        """The kiosk's word; only the first one for a command counts."""
        commands = tables.command
        with self._database.write() as connection:
            for one in answers:
                connection.execute(
                    update(commands)
                    .where(of(commands, who), commands.c.command_id == one.command_id, _OPEN)
                    .values(answered_ms=now_ms, done=one.done, said=one.said[:SAID])
                )


_OPEN = tables.command.c.answered_ms.is_(None)


def _check(what: str, arguments: Mapping[str, Any]) -> None:
    takes = ARGUMENTS.get(what)
    if takes is None:
        raise ValueError(f"there is no command {what!r}; known: {', '.join(ARGUMENTS)}")
    if set(arguments) != set(takes):
        raise ValueError(f"{what} takes {', '.join(takes) or 'nothing'}")
    for name, kind in takes.items():
        value = arguments[name]
        if type(value) is not kind or len(str(value)) > LONGEST:
            raise ValueError(f"{what}: {name} is no {kind.__name__} that could be")
    if what == "refund" and arguments["fen"] <= 0:
        raise ValueError("a refund gives at least one fen back")


def _command(row: Row[Any]) -> Command:
    return Command(
        command_id=row.command_id,
        who=Who(row.merchant_id, row.terminal_id),
        what=row.what,
        arguments=json.loads(row.arguments),
        by=row.by,
        given_ms=row.given_ms,
        fetched_ms=row.fetched_ms,
        answered_ms=row.answered_ms,
        done=row.done,
        said=row.said,
    )
