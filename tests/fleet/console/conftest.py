"""A database of the console's own on each kind, so that whoever sees all sees no other test's."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from fleet.database import Database
from fleet.migrations.migrate import migrate
from tests.fleet.console.browser import Console, browser, chromium
from tests.fleet.console.town import Town


@pytest.fixture(scope="session")
def console_url(database_url, tmp_path_factory) -> Iterator[str]:
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path_factory.mktemp('console')}/fleet.db"
        return
    name = f"console{uuid4().hex[:8]}"
    server = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    yield database_url.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def console_database(console_url) -> Iterator[Database]:
    database = Database(console_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def town(console_database) -> Town:
    return Town(console_database)


@pytest.fixture(scope="session")
def console(console_url, console_database, tmp_path_factory) -> Iterator[Console]:
    """The console as a process."""
    started = Console(console_url, tmp_path_factory.mktemp("key"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    """A browser."""
    if chromium() is None:
        pytest.skip("no Chromium is installed here, so the pages cannot be looked at")
    with browser() as opened:
        yield opened
