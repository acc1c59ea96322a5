"""How a kiosk answers an order, by the fleet's own way down."""

from __future__ import annotations

from fleet.clock import wall_ms
from fleet.database import Database
from fleet.down.commands import Answer, Command, Commands
from fleet.who import Who


def answer_command(
    database: Database, who: Who, what: str, *, said: str, done: bool = True
) -> Command:
    """Fetch what waits for the terminal, and answer the first order of this kind."""
    commands = Commands(database)
    waiting = commands.waiting(who, ())
    commands.fetched(who, [each.command_id for each in waiting], wall_ms())
    order = next(each for each in waiting if each.what == what)
    commands.answer(who, [Answer(order.command_id, done, said)], wall_ms())
    return order
