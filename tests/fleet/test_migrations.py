"""Every step that a database has ever taken, and what the program says where one is missing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from fleet.database import Database
from fleet.migrations.migrate import config, migrate
from fleet.migrations.version import Behind, behind, require_newest
from fleet.schema import metadata


@pytest.fixture
def empty(database_url):
    """A database of the test's own, without tables."""
    if database_url.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{folder}/empty.db")
            yield database
            database.close()
        return
    name = f"t{uuid4().hex}"
    server = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(database_url.replace("/postgres?", f"/{name}?"))
    yield database
    database.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    server.dispose()


def test_the_steps_lead_to_the_tables_that_the_program_knows(empty):
    assert migrate(empty)
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert behind(empty) == ""


def test_the_steps_are_taken_once_whoever_comes_at_the_same_time(empty):
    said, failed = [], []

    def come():
        try:
            said.append(migrate(empty))
        except DatabaseError as error:
            failed.append(error)

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(set(said)) == 1


def test_a_database_without_tables_or_of_another_version_is_not_worked_with(empty):
    with pytest.raises(Behind, match="no tables"):
        require_newest(empty)
    migrate(empty)
    require_newest(empty)
    with empty.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Behind, match="9999"):
        require_newest(empty)


def test_rows_of_the_first_version_are_there_after_every_later_step(empty):
    with empty.write() as connection:
        command.upgrade(config(connection), "0001")
        connection.execute(text("INSERT INTO merchant (merchant_id, name) VALUES ('M1', '鲜果')"))
        connection.execute(
            text(
                "INSERT INTO device_day (merchant_id, terminal_id, day, channel, method, currency,"
                " paid, paid_fen) VALUES ('M1', '0001', 20260701, 'wechatpay', 'FACE', 'CNY', 2, 9)"
            )
        )
    migrate(empty)
    with empty.read() as connection:
        assert connection.execute(text("SELECT name FROM merchant")).scalar_one() == "鲜果"
        assert connection.execute(text("SELECT paid_fen FROM device_day")).scalar_one() == 9


@pytest.mark.parametrize("change", ["UPDATE journal SET at_ms = 0", "DELETE FROM posting"])
def test_the_migrated_database_itself_refuses_to_change_the_journal(empty, change):
    migrate(empty)
    journal, posting = metadata.tables["journal"], metadata.tables["posting"]
    with empty.write() as connection:
        for table in (journal, posting):
            row = {c.name: 1 if "INT" in str(c.type).upper() else "x" for c in table.columns}
            connection.execute(table.insert().values(row))
    with pytest.raises(DatabaseError, match="append-only"), empty.write() as connection:
        connection.execute(text(change))


def test_a_writer_that_hangs_lets_go_before_others_give_up(empty):
    if empty.sqlite:
        pytest.skip("SQLite has one writer, and the kernel frees its lock when it dies")
    with empty.read() as connection:
        told = connection.execute(
            text(
                "SELECT current_setting('lock_timeout'),"
                " current_setting('idle_in_transaction_session_timeout')"
            )
        ).one()
    assert tuple(told) == ("10s", "5s")


def test_without_words_no_step_is_written():
    run = subprocess.run(
        [sys.executable, "-m", "fleet.migrations"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "few words" in run.stderr
