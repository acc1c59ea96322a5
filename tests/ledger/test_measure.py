"""The measure of the ledger, so that its figures mean what they say."""

from __future__ import annotations

from kiosk.bench.ledger import in_plain_sql, in_the_ledger, measure, opened
from kiosk.ledger.fold import TABLES
from kiosk.ledger.month import SCHEMA


def test_the_ledger_can_be_measured(tmp_path):
    found = measure(tmp_path, 30)
    assert set(found) == {"entries", "payments", "bare", "bare_same_rows"}
    assert all(each > 0 for each in found.values())
    assert list(tmp_path.iterdir()) == []


def test_the_measure_compares_like_with_like(ledger, tmp_path):
    """The same rows, but for hashes and the time."""
    plain = opened(tmp_path / "plain.db", SCHEMA)
    visits, commits = 3, 0
    for _ in zip(in_the_ledger(ledger, visits), in_plain_sql(plain, visits), strict=True):
        commits += 1
    assert commits == 4 * visits
    for query in (
        "SELECT seq, kind, key, body, length(prev), length(hash) FROM entry WHERE seq > 1",
        *(f"SELECT * FROM {table} ORDER BY 1" for table in TABLES),
    ):
        rows = ledger._shelf.newest.db.execute(query).fetchall()
        assert rows == plain.execute(query).fetchall()
        assert rows or "refund" in query
    plain.close()
