"""The tables of what goes down to the kiosks.

command   one order to one terminal: who gave it, when it was fetched, what came of it
desired   every version of every document there ever was, for a merchant, a store or a terminal
applied   what each terminal last said of each kind of document
ring      on SQLite: for whom there is news (PostgreSQL has NOTIFY)
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from fleet.tables import metadata, number_column, tenant, text_column

_text = partial(text_column, default=None)
_number = partial(number_column, default=None)

command = Table(
    "command",
    metadata,
    *tenant(_text("terminal_id", key=True), _text("command_id", key=True)),
    _text("what"),
    Column("arguments", Text, nullable=False),
    _text("by"),
    _number("given_ms"),
    Column("fetched_ms", BigInteger),
    Column("answered_ms", BigInteger),
    Column("done", Boolean),
    Column("said", Text, nullable=False),
)
Index("command_by_time", command.c.merchant_id, command.c.terminal_id, command.c.given_ms)
Index(
    "command_open",
    command.c.merchant_id,
    command.c.terminal_id,
    postgresql_where=command.c.answered_ms.is_(None),
    sqlite_where=command.c.answered_ms.is_(None),
)

desired = Table(
    "desired",
    metadata,
    *tenant(_text("kind", key=True), _number("version", key=True)),
    _text("scope"),
    _text("scope_id"),
    _text("sha256"),
    Column("text", Text, nullable=False),
    _text("by"),
    _number("at_ms"),
)
Index(
    "desired_of",
    desired.c.merchant_id,
    desired.c.scope,
    desired.c.scope_id,
    desired.c.kind,
    desired.c.version,
)

applied = Table(
    "applied",
    metadata,
    *tenant(_text("terminal_id", key=True), _text("kind", key=True)),
    _number("version"),
    _text("state"),
    Column("said", Text, nullable=False),
    _number("at_ms"),
)

ring = Table(
    "ring",
    metadata,
    *tenant(_text("terminal_id", key=True)),
    _number("rung"),
    _number("at_ms"),
)
Index("ring_by_time", ring.c.at_ms)
