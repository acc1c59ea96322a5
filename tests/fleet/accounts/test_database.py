"""When the database fails, nobody is told that a payment was declined."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import event

from fleet.accounts import CardNumbers, Counter, Journal, StoredValue
from fleet.database import Database
from fleet.migrations.migrate import migrate
from fleet.testing import missing_program, postgres
from kiosk.channels.channel import NotSent, OutcomeUnknown, PayOrder, RefundOrder, Token, TokenKind
from kiosk.channels.testing.peer import raised
from kiosk.domain.money import Money
from tests.fleet.accounts.peer import KEY, card_number

ORDER = PayOrder("T1", Money(100), "苹果")
TOKEN = Token(TokenKind.CODE, card_number(1))
BACK = RefundOrder("T1", "T1R1", Money(100), Money(100))


@pytest.fixture
def bare(tmp_path):
    """A database without any tables."""
    database = Database(f"sqlite:///{tmp_path}/bare.db")
    yield StoredValue(Journal(database, "M1"), CardNumbers(KEY))
    database.close()


def test_a_database_that_fails_half_way_leaves_the_outcome_open(bare):
    for call in (
        lambda: bare.pay(ORDER, TOKEN),
        lambda: bare.query(ORDER),
        lambda: bare.reverse(ORDER),
        lambda: bare.refund(BACK),
        lambda: bare.query_refund(BACK),
        lambda: bare.settled("T1"),
    ):
        raised(OutcomeUnknown, call)
    raised(NotSent, bare.check)


def test_a_place_where_no_database_can_be_is_not_sent_to(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/nowhere/fleet.db")
    nowhere = StoredValue(Journal(database, "M1"), CardNumbers(KEY))
    raised(NotSent, lambda: nowhere.pay(ORDER, TOKEN))
    database.close()


@pytest.mark.parametrize("breaks", ["before", "after"])
def test_a_top_up_that_broke_off_is_asked_for_again(accounts, counter, database, breaks):
    account_id = accounts.open(card_number(1), by="staff 1").account_id
    database.breaks = breaks
    raised(OutcomeUnknown, lambda: counter.top_up(account_id, "U1", Money(5), by="staff 1"))
    assert accounts.account(account_id).balance == Money(0 if breaks == "before" else 5)
    counter.top_up(account_id, "U1", Money(5), by="staff 1")
    assert accounts.account(account_id).balance == Money(5)


def test_every_commit_is_on_the_disk(database):
    asked = {
        "sqlite": {"PRAGMA synchronous": 2, "PRAGMA journal_mode": "wal"},
        "postgresql": {"SHOW fsync": "on", "SHOW synchronous_commit": "on"},
    }
    with database.read() as connection:
        for question, answer in asked[connection.dialect.name].items():
            assert connection.exec_driver_sql(question).scalar_one() == answer


@pytest.mark.skipif(bool(missing_program()), reason=f"{missing_program()} is not installed here")
def test_a_postgresql_that_cannot_start_says_why():
    with tempfile.TemporaryDirectory(prefix="pg-") as short:
        too_long = Path(short) / ("x" * 100)  # for a socket
        too_long.mkdir()
        Path(short).chmod(0o755)
        with pytest.raises(RuntimeError, match="too long"), postgres(too_long):
            pass


def test_whoever_waits_too_long_for_another_writer_has_sent_nothing(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/busy.db")
    event.listen(database.engine, "connect", _impatient)
    migrate(database)
    channel = StoredValue(Journal(database, "M1"), CardNumbers(KEY))
    with database.write():
        raised(NotSent, lambda: channel.pay(ORDER, TOKEN))
        raised(NotSent, lambda: Counter(Journal(database, "M1")).top_up("0", "U1", Money(1), by=""))
    assert channel.pay(ORDER, TOKEN).code == "CARD_UNKNOWN"
    database.close()


def _impatient(connection, _record):
    connection.execute("PRAGMA busy_timeout=50")
