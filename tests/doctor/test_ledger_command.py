"""`kiosk ledger verify | rebuild`, and what the doctor says of the same ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from patient import held_by_a_running_kiosk

from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.ledger import Ledger

NUMBER = "0001" + "7" * 20


@pytest.fixture
def file(shop) -> Path:
    """The one file of a ledger with one paid payment."""
    with closing(Ledger(shop.ledger, lambda: 1_790_000_000_000)) as ledger:
        payment = Payment(NUMBER, "v1", "wechatpay", Method.FACE, Money(1380), 0)
        ledger.open_payment(payment, {"lines": []})
        ledger.record(NUMBER, Submit(0))
        ledger.record(NUMBER, Approved("4200", 1380))
    (path,) = shop.ledger.glob("ledger-*.db")
    return path


def alter(file: Path, statement: str) -> None:
    """What a hand with SQLite would do, past the triggers."""
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("DROP TRIGGER IF EXISTS no_update")
        db.execute(statement)


def last_hash(file: Path) -> str:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT hash FROM entry ORDER BY seq DESC").fetchone()[0]


def test_a_whole_ledger_is_counted_and_its_last_hash_is_shown(shop, file):
    done = shop.run("ledger", "verify")
    assert done.returncode == 0, done.stdout
    assert "4 entries in 1 file, every hash right" in done.stdout
    assert last_hash(file)[:12] in done.stdout
    assert "4 entries in 1 file" in shop.doctor().findings["ledger"]["says"]


def test_an_altered_amount_is_found_by_command_and_doctor(shop, file):
    alter(file, "UPDATE entry SET body = replace(body, '1380', '138') WHERE seq = 2")
    done = shop.run("ledger", "verify")
    assert done.returncode == 1
    assert f"{file.name}: entry 2" in done.stdout
    assert "Keep every file" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert f"{file.name}: entry 2" in shop.doctor().only_bad("ledger")["says"]


def test_a_derived_table_that_was_altered_is_rebuilt_from_the_entries(shop, file):
    alter(file, "UPDATE payment SET state = 'DECLINED'")
    done = shop.run("ledger", "verify")
    assert done.returncode == 1
    assert "kiosk ledger rebuild" in done.stdout
    assert shop.run("ledger", "rebuild").returncode == 0
    assert shop.run("ledger", "verify").returncode == 0


def test_a_ledger_in_use_is_left_alone(shop, file):
    with held_by_a_running_kiosk(shop):
        done = shop.run("ledger", "rebuild")
    assert done.returncode == 1
    assert "in use by another process" in done.stdout
    assert "Stop the other kiosk process" in done.stdout


def test_where_there_is_no_ledger_none_is_begun(shop):
    done = shop.run("ledger", "verify")
    assert done.returncode == 1
    assert "there is no ledger" in done.stdout
    assert not shop.ledger.exists()
