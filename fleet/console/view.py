"""What of the database a user may see: the one place that knows.

    view.select(tables.payment)  ─►  SELECT … WHERE <his rows>

Every question of the console begins with `select` and only narrows it, so a row that is not his
cannot come out, and the id of one is as unknown as an id that was never given. What joins a table
joins it by merchant and terminal, so it stays within.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, false, or_, select, true

from fleet import tables
from fleet.console.roles import Act, Role, User
from fleet.console.tables import console_event
from fleet.database import Database
from fleet.who import Who, of

MONEY = frozenset({tables.payment, tables.refund, tables.device_day, tables.entry})


class NotThere(LookupError):
    """There is no such row for this user, whoever else may have one."""


class View:
    """Questions of one user to the database; safe for threads."""

    def __init__(self, database: Database, user: User) -> None:
        self.database = database
        self.user = user

    @property
    def shared_by(self) -> tuple[Any, ...]:
        """Equal for users who see the same rows, who may then share an answer."""
        user = self.user
        return (user.role, user.merchant_id, user.store_id, user.merchants, user.districts)

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """His rows of the table: all columns, or these."""
        return select(*(columns or (table,))).select_from(table).where(_his(self.user, table))

    def all(self, query: Select[Any]) -> list[Any]:
        """The rows of a query that began with `select`."""
        with self.database.read() as connection:
            return list(connection.execute(query))

    def one(self, query: Select[Any]) -> Any:
        """The first row. Raises NotThere."""
        with self.database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        if row is None:
            raise NotThere
        return row

    def terminal(self, who: Who) -> Any:
        """The terminal, where it is his to see. Raises NotThere."""
        return self.one(self.select(tables.terminal).where(of(tables.terminal, who)))


def _his(user: User, table: Table) -> ColumnElement[bool]:
    if table in MONEY and not user.may(Act.MONEY):
        return false()
    match user.role:
        case Role.PROVIDER:
            return true()
        case Role.MERCHANT:
            return table.c.merchant_id == user.merchant_id
        case Role.STORE:
            return and_(table.c.merchant_id == user.merchant_id, _of_store(user, table))
        case Role.OPERATOR:
            return _of_operator(user, table)


def _of_store(user: User, table: Table) -> ColumnElement[bool]:
    if table is tables.merchant:
        return true()
    if "store_id" in table.c:
        return table.c.store_id == user.store_id
    if "terminal_id" not in table.c:
        return table.c.name == user.name if table is console_event else false()
    terminals = tables.terminal
    mine = select(terminals.c.terminal_id).where(
        terminals.c.merchant_id == user.merchant_id, terminals.c.store_id == user.store_id
    )
    return table.c.terminal_id.in_(mine)


def _of_operator(user: User, table: Table) -> ColumnElement[bool]:
    if table is console_event:
        return table.c.name == user.name
    stores, terminals = tables.store.alias(), tables.terminal.alias()
    assigned = or_(
        stores.c.merchant_id.in_(user.merchants), stores.c.district_id.in_(user.districts)
    )
    same = stores.c.merchant_id == table.c.merchant_id
    if "store_id" in table.c:
        return exists().where(same, stores.c.store_id == table.c.store_id, assigned)
    if "terminal_id" not in table.c:
        return exists().where(same, assigned)
    return exists().where(
        terminals.c.merchant_id == table.c.merchant_id,
        terminals.c.terminal_id == table.c.terminal_id,
        same,
        stores.c.store_id == terminals.c.store_id,
        assigned,
    )
