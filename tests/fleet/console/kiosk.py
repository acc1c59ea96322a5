"""Temporary: how a kiosk answers a command."""

from __future__ import annotations
from sqlalchemy import update
from fleet.down.commands import Commands, command


def answer_command(database, who, what, *, said, done=True):
    found = next(c for c in Commands(database).of(who) if c.what == what)
    with database.write() as connection:
        connection.execute(
            update(command)
            .where(command.c.command_id == found.command_id)
            .values(fetched_ms=1, answered_ms=2, done=done, said=said)
        )
    return found
