"""Bringing a database to the newest version of its tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from fleet.database import Database

HERE = Path(__file__).parent
ONE_AT_A_TIME = 0x666C656574  # the number of PostgreSQL's lock that a migration holds


def migrate(database: Database) -> str:
    """Make every table, or take the steps that are missing; answers the version that it is at.

    All of it or nothing. Two at once wait for each other; the second finds nothing to do.
    """
    with database.write() as connection:
        if not database.sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        command.upgrade(config(connection), "head")
        return _at(connection)


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, of which no file is needed; the steps are taken on `connection`."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    return settings


def _at(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""
