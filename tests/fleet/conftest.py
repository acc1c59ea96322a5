"""The databases that the fleet runs on; every test runs on each, but those that say `once`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.database import Database
from fleet.migrations.migrate import migrate
from fleet.testing import missing_program, postgres
from tests.fleet.shop import Shop


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request, tmp_path_factory) -> Iterator[str]:
    """One empty database a session, so tests keep apart by their merchants."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('fleet')}/fleet.db"
        return
    if missing_program():
        pytest.skip(f"{missing_program()} is not installed here, so PostgreSQL cannot be tested")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgres(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def fleet_database(database_url) -> Iterator[Database]:
    database = Database(database_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def shop(fleet_database) -> Shop:
    """A merchant of the test's own."""
    return Shop(fleet_database)
