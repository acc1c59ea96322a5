"""Commands of a terminal as a table: what was asked, by whom, and what the kiosk said."""

from __future__ import annotations

from collections.abc import Sequence

from fleet.console.markup import Column, Markup, join, table, tag
from fleet.console.texts import Texts
from fleet.console.words import badge, money, time_tag
from fleet.down.commands import Command


def command_table(say: Texts, commands: Sequence[Command]) -> Markup:
    """Newest first, with the answer or what is waited for."""
    columns = [
        Column(say("command.when")),
        Column(say("command.what")),
        Column(say("command.by")),
        Column(say("command.answer")),
    ]
    rows = [
        (time_tag(each.given_ms), _asked(say, each), each.by, _answer(say, each))
        for each in commands
    ]
    caption = say("command.list")
    return join([tag("h2", caption), table(caption, columns, rows, say("command.none"))])


def _asked(say: Texts, command: Command) -> Markup:
    name = say.known(f"command.{command.what}", command.what)
    about = [str(command.arguments[key]) for key in ("device",) if key in command.arguments]
    fen = command.arguments.get("fen")
    if isinstance(fen, int):
        about.append(money(fen))
    return tag("span", " ".join([name, *about]))


def _answer(say: Texts, command: Command) -> Markup:
    if command.answered_ms is None:
        waits = "command.fetched" if command.fetched_ms else "command.waiting"
        return badge("…", "wait", say(waits))
    mark = badge("✓", "good", say("command.done")) if command.done else None
    if mark is None:
        mark = badge("✕", "stop", say("command.failed"))
    return join([mark, tag("span", f" {command.said}")])
