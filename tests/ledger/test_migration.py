"""A ledger that an earlier version wrote; `zoo/` keeps a file of each, as that version left it."""

from __future__ import annotations

import shutil
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import apsw
import pytest

from kiosk.domain.payment import Approved, Declined
from kiosk.domain.refund import RefundState
from kiosk.ledger import DeliveryState, Ledger, LedgerDamaged, LedgerFull
from kiosk.ledger.migrate import steps
from kiosk.ledger.month import VERSION
from tests.ledger.test_refunds import done, give_back, refund
from tests.ledger.test_trouble import in_a_process

ZOO = Path(__file__).parent / "zoo"
NAME = "ledger-2026-03.db"
STEPS = ["sealed", "copied", "changed", "verified", "on the disk", "swapped"]

# Every row of a ledger of version 1 that must still be there.
ROWS = (
    "SELECT * FROM entry ORDER BY seq",
    "SELECT * FROM cursor ORDER BY reader",
    "SELECT * FROM payment ORDER BY out_trade_no",
    "SELECT * FROM basket ORDER BY out_trade_no",
    "SELECT * FROM delivery ORDER BY key",
    "SELECT out_trade_no, transaction_id, fen, reason FROM refund_due ORDER BY 1, 2",
)


def test_the_old_ledgers_are_as_their_version_left_them():
    sums = dict(line.split()[::-1] for line in (ZOO / "SHA256SUMS").read_text("ascii").splitlines())
    files = {path.name: sha256(path.read_bytes()).hexdigest() for path in ZOO.glob("*.db*")}
    assert files == sums, "an old ledger was opened where it lies, or is not in the list"


@pytest.fixture
def place(tmp_path):
    """A directory with a ledger of version 1."""
    place = tmp_path / "ledger"
    place.mkdir()
    shutil.copy(ZOO / "ledger-v1.db", place / NAME)
    return place


def rows(path):
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as db:
        return [db.execute(query).fetchall() for query in ROWS]


def version(path):
    return int.from_bytes(path.read_bytes()[60:64])


def demand_whole(ledger):
    """The zoo's ledger, with all that it knows."""
    states = {number: ledger.payment(number).state.name for number in "123456789"}
    assert states == {
        "1": "PAID",
        "2": "PAID",
        "3": "PAID",
        "4": "UNKNOWN",
        "5": "PENDING",
        "6": "REVERSING",
        "7": "PAID_LATE",
        "8": "DECLINED",
        "9": "PAYING",
    }
    assert [x.out_trade_no for x in ledger.unsettled()] == ["4", "5", "6", "9"]
    assert [(x.key, x.state) for x in ledger.undelivered()] == [
        ("2", DeliveryState.OWED),
        ("3", DeliveryState.STARTED),
    ]
    assert [(x.transaction_id, x.left_fen) for x in ledger.refunds_due()] == [
        ("T7", 120),
        ("T8", 100),
    ]
    assert ledger.basket_of("1") == {"lines": ["茶"], "total_fen": 100}
    assert (ledger.unsent("fleet", 1)[0].seq, ledger.unsent("audit", 1)[0].seq) == (8, 4)
    report = ledger.verify()
    assert (report.entries, report.faults) == (36, ())


def test_a_ledger_of_version_1_opens_without_losing_a_row(place, clock):
    before = rows(place / NAME)
    with closing(Ledger(place, clock)) as ledger:
        demand_whole(ledger)
        assert rows(place / NAME) == before
    assert [len(table) for table in before] == [36, 2, 9, 9, 3, 2]
    assert version(place / NAME) == VERSION
    assert sorted(path.name for path in place.iterdir()) == [NAME, "ledger.lock"]


def test_what_was_open_in_it_goes_on_and_what_was_paid_can_go_back(place, clock):
    with closing(Ledger(place, clock)) as ledger:
        ledger.recover()
        ledger.record("4", Approved("T4", 100))
        ledger.record("9", Declined("CLOSED"))
        give_back(ledger, refund(number="4"), *done())
        give_back(ledger, refund(number="7", fen=120, paid=120), *done(120))
        assert [x.transaction_id for x in ledger.refunds_due()] == ["T8"]
        assert ledger.refund("4R1").state is RefundState.DONE
        ledger.rebuild()
        assert ledger.verify().faults == ()


def test_every_month_is_brought_to_this_version(tmp_path, place, clock):
    """Two months, both as version 1 left them: the tables of the first are taken from the zoo."""
    with closing(Ledger(place, clock)) as ledger:
        clock.ms += 31 * 86_400_000
        ledger.append("visit", "april", {})
    april = place / "ledger-2026-04.db"
    shutil.copy(ZOO / "ledger-v1.db", place / NAME)
    _downgrade(april)
    with closing(Ledger(place, clock)) as ledger:
        assert ledger.verify().faults == ()
        assert [x.out_trade_no for x in ledger.unsettled()] == ["4", "5", "6", "9"]
        give_back(ledger, refund(number="2", at=1), *done())
    assert (version(place / NAME), version(april)) == (VERSION, VERSION)


def _downgrade(path):
    with closing(apsw.Connection(str(path))) as db:
        db.execute(
            "DROP TABLE refund; ALTER TABLE refund_due DROP COLUMN back_fen;"
            "PRAGMA user_version = 1; PRAGMA journal_mode = DELETE"
        )


@pytest.mark.parametrize("done_steps", range(len(STEPS) + 1))
def test_a_crash_at_any_step_leaves_the_old_or_the_new_file_whole(
    tmp_path, place, clock, done_steps
):
    """What the power cut leaves is what the directory holds then, open files and all."""
    before = rows(place / NAME)
    migration = steps(place / NAME)
    assert [next(migration) for _ in range(done_steps)] == STEPS[:done_steps]
    after_the_cut = tmp_path / "after"
    shutil.copytree(place, after_the_cut)
    assert rows(after_the_cut / NAME) == before
    assert version(after_the_cut / NAME) == (VERSION if done_steps == len(STEPS) else 1)
    with closing(Ledger(after_the_cut, clock)) as ledger:
        demand_whole(ledger)
    assert sorted(path.name for path in after_the_cut.iterdir()) == [NAME, "ledger.lock"]
    assert list(migration) == STEPS[done_steps:]


@pytest.mark.parametrize("kept", [0, 1, 100, 5000, 45_000])
def test_a_copy_that_was_cut_short_is_thrown_away(place, clock, kept):
    (place / "ledger-2026-03.new").write_bytes((place / NAME).read_bytes()[:kept])
    (place / "ledger-2026-03.new-journal").write_bytes(b"half a page")
    with closing(Ledger(place, clock)) as ledger:
        demand_whole(ledger)
    assert sorted(path.name for path in place.iterdir()) == [NAME, "ledger.lock"]


def test_a_copy_that_lost_a_row_is_not_swapped_in(place):
    before = (place / NAME).read_bytes()
    migration = steps(place / NAME)
    while next(migration) != "changed":
        pass
    sealed = (place / NAME).read_bytes()
    with closing(apsw.Connection(str(place / "ledger-2026-03.new"))) as db:
        db.execute("DELETE FROM payment WHERE out_trade_no = '4'")
    with pytest.raises(LedgerDamaged, match="not a true copy"):
        next(migration)
    assert (place / NAME).read_bytes() == sealed
    assert len(sealed) == len(before)


def test_a_wal_that_was_not_taken_in_yet_is_not_lost(tmp_path, place, clock):
    """Version 1 lost its power: its newest rows are beside the file, not in it."""
    db = apsw.Connection(str(place / NAME))
    db.execute("INSERT INTO cursor VALUES('late', 30)")
    hot = tmp_path / "hot"
    shutil.copytree(place, hot)
    db.close()
    assert (hot / f"{NAME}-wal").stat().st_size
    with closing(Ledger(hot, clock)) as ledger:
        assert ledger.unsent("late", 1)[0].seq == 31
        demand_whole(ledger)


def test_a_file_of_version_1_that_is_spoiled_is_left_as_it_is(place, clock):
    data = (place / NAME).read_bytes()
    (place / NAME).write_bytes(data[:8192] + bytes(4096) + data[12288:])
    spoiled = (place / NAME).read_bytes()
    with pytest.raises(LedgerDamaged):
        Ledger(place, clock)
    assert (place / NAME).read_bytes()[100:] == spoiled[100:]


def test_without_room_for_a_copy_the_old_file_stays(place, clock, tmp_path):
    """A copy needs room for once the file: the kiosk says so, and begins when there is some."""
    before = rows(place / NAME)
    script = """
        import sys
        from pathlib import Path
        from kiosk.ledger import Ledger, LedgerError
        try:
            Ledger(Path(sys.argv[1]), lambda: 1772340896000)
        except LedgerError as error:
            print(type(error).__name__)
    """
    told = in_a_process(script, place, limit=40_000)
    assert (told.stdout, told.stderr) == (f"{LedgerFull.__name__}\n", "")
    assert rows(place / NAME) == before
    assert version(place / NAME) == 1
    with closing(Ledger(place, clock)) as ledger:
        demand_whole(ledger)
