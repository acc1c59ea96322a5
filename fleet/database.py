"""The fleet's database: one set of tables on SQLite for a chain of shops, on PostgreSQL beyond.

    sqlite:////var/lib/fleet/fleet.db       one process writes; WAL, every commit flushed
    postgresql+psycopg:///fleet             any number of processes

`write` is one transaction that may wait for another; what it commits is on the disk. Times are
milliseconds since 1970, amounts are fen, and no key of a tenant's table is unique across tenants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import ConnectionPoolEntry

POOL = 20  # connections a process may hold
BUSY = 10.0  # seconds a writer waits for another
FEW = 8  # rows up to which a plain INSERT is quicker than COPY
# A process that hangs in its transaction lets go of what it holds before others have given up.
_PATIENCE = f"-c lock_timeout={BUSY:.0f}s -c idle_in_transaction_session_timeout={BUSY / 2:.0f}s"


class Database:
    """Connections to one database; safe for threads."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy writes it; nothing is connected yet."""
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            self.engine: Engine = create_engine(url, connect_args={"timeout": BUSY})
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(
                url,
                pool_size=POOL,
                max_overflow=0,
                pool_pre_ping=True,
                connect_args={"options": _PATIENCE, "connect_timeout": int(BUSY)},
            )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: all of it or nothing."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks; it waits for no writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    # The driver's own idea of when a transaction begins is not ours: see _begin_sqlite.
    connection.isolation_level = None
    for words in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {words}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer half-way is refused by SQLite, so who may write says so first.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def locked(query: Select[Any], *, skip: bool = False) -> Select[Any]:
    """The query, holding its rows until the transaction ends; SQLite holds the whole file anyway.

    `skip` leaves out what another transaction holds.
    """
    return query.with_for_update(skip_locked=skip)


def insert_rows(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Put many rows in, none of which is there yet, in the quickest way the database has."""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    postgres = connection.dialect.name == "postgresql"
    if postgres and len(rows) > FEW:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join(["%s" if postgres else "?"] * len(names))
    # The names are those of our own tables.
    connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})',  # noqa: S608
        [tuple(row) for row in rows],
    )


def claim(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Put one row in, unless its key is there; whoever else puts it in just now is awaited.

    False: it is there, committed, and can be read.
    """
    first = next(iter(table.primary_key))
    make = _insert(connection.dialect.name)
    statement = make(table).values(row).on_conflict_do_nothing().returning(first)
    return connection.execute(statement).first() is not None


def put(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    replace: bool = True,
    add: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> None:
    """Insert rows, or where the primary key is known replace the other columns' values.

    With `replace` false a row that is there stays as it is. The columns of `add` are added to
    what is there, those of `keep` stay.
    """
    given = list(rows)
    if given:
        kind = connection.dialect.name
        statement = _putting(
            kind, table, tuple(given[0]), replace=replace, add=tuple(add), keep=tuple(keep)
        )
        connection.execute(statement, given)


@lru_cache(maxsize=256)  # by table and columns, of which there are few
def _putting(
    kind: str,
    table: Table,
    names: tuple[str, ...],
    *,
    replace: bool,
    add: tuple[str, ...],
    keep: tuple[str, ...],
) -> Any:
    keys = [column.name for column in table.primary_key]
    statement = _insert(kind)(table)
    if not replace:
        return statement.on_conflict_do_nothing(index_elements=keys)
    new = statement.excluded
    changed = {
        name: table.c[name] + new[name] if name in add else new[name]
        for name in names
        if name not in keys and name not in keep
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _insert(kind: str) -> Any:
    return sqlite.insert if kind == "sqlite" else postgresql.insert
