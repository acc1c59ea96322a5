"""A month that somebody reads while the next one begins."""

from __future__ import annotations

import apsw

from kiosk.ledger import Ledger

MARCH, APRIL = 1_772_600_000_000, 1_775_300_000_000


def test_a_reader_of_the_old_month_does_not_stop_the_new_one(tmp_path):
    now = [MARCH]
    ledger = Ledger(tmp_path, lambda: now[0])
    ledger.append("visit", "1", {})
    (old,) = tmp_path.glob("ledger-*.db")
    reader = apsw.Connection(str(old))  # not sqlite3: two copies of SQLite share no locks
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM entry").fetchone()[0] > 0
    now[0] = APRIL
    entry = ledger.append("visit", "2", {})
    assert len(list(tmp_path.glob("ledger-*.db"))) == 2
    reader.close()
    ledger.close()
    again = Ledger(tmp_path, lambda: now[0])
    assert again.verify().faults == ()
    assert [one.seq for one in again.unsent("fleet", 100)][-1] == entry.seq
    again.close()
