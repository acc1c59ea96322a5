"""A merchant of each test's own on the session's database, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from fleet.accounts import Accounts, CardNumbers, Counter, Journal, StoredValue, audit
from fleet.database import Database
from fleet.migrations.migrate import migrate
from tests.fleet.accounts.peer import KEY, NOON, FragileDatabase, StoredValuePeer


@pytest.fixture(scope="session")
def database(database_url) -> Iterator[Database]:
    database = FragileDatabase(database_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def clock() -> list[int]:
    """The wall clock in ms; a test sets its only item."""
    return [NOON]


@pytest.fixture
def journal(database, clock) -> Iterator[Journal]:
    """The books of a new merchant; whatever a test does to them, they are sound afterwards."""
    journal = Journal(database, uuid4().hex, wall_ms=lambda: clock[0])
    yield journal
    assert audit(journal).faults == ()


@pytest.fixture
def accounts(journal) -> Accounts:
    return Accounts(journal, CardNumbers(KEY))


@pytest.fixture
def counter(journal) -> Counter:
    return Counter(journal)


@pytest.fixture
def channel(journal) -> StoredValue:
    return StoredValue(journal, CardNumbers(KEY))


@pytest.fixture
def peer(journal, database) -> Iterator[StoredValuePeer]:
    peer = StoredValuePeer(journal, database)
    yield peer
    peer.close()
