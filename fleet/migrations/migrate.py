"""Bringing a database to the newest version of its tables, and saying where it is not."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from fleet.database import Database

HERE = Path(__file__).parent
ONE_AT_A_TIME = 0x666C656574  # the number of PostgreSQL's lock that a migration holds


class Behind(Exception):
    """The database's tables are not the ones this program was written for."""


def migrate(database: Database) -> str:
    """Make every table, or take the steps that are missing; answers the version that it is at.

    All of it or nothing. Two at once wait for each other; the second finds nothing to do.
    """
    with database.write() as connection:
        if not database.sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        command.upgrade(config(connection), "head")
        return _at(connection)


def behind(database: Database) -> str:
    """What is wrong with the database's version; "" where it is the newest."""
    newest = ScriptDirectory.from_config(config()).get_current_head() or ""
    with database.read() as connection:
        at = _at(connection)
    if at == newest:
        return ""
    return f"its tables are of version {at}, not {newest}" if at else "it has no tables yet"


def require_newest(database: Database) -> None:
    """Raises Behind."""
    if wrong := behind(database):
        raise Behind(wrong)


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, of which no file is needed; the steps are taken on `connection`."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    return settings


def _at(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""
