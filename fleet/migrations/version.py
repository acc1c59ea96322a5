"""At which version a database is, and whether it is the one this program was written for."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from fleet.database import Database

STEPS = Path(__file__).parent / "versions"


class Behind(Exception):
    """The database's tables are not the ones this program was written for."""


def newest() -> str:
    """The version that the last step leads to."""
    return max(path.name.partition("_")[0] for path in STEPS.glob("[0-9]*_*.py"))


def behind(database: Database) -> str:
    """What is wrong with the database's version; "" where it is the newest."""
    with database.read() as connection:
        at = ""
        if inspect(connection).has_table("alembic_version"):
            query = text("SELECT version_num FROM alembic_version")
            at = str(connection.execute(query).scalar() or "")
    if at == newest():
        return ""
    return f"its tables are of version {at}, not {newest()}" if at else "it has no tables yet"


def require_newest(database: Database) -> None:
    """Raises Behind."""
    if wrong := behind(database):
        raise Behind(wrong)
