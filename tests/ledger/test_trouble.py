"""What a disk can do to a ledger, with real disks as far as this machine has them."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import apsw
import pytest

import kiosk
from kiosk.domain.payment import Approved, State, Submit, Waiting
from kiosk.ledger import (
    Ledger,
    LedgerBusy,
    LedgerDamaged,
    LedgerError,
    LedgerFull,
)


def in_a_process(script, *arguments, limit=None):
    """Run `script` for itself, with a limit on the size of files."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(kiosk.__file__).parents[1])},
        preexec_fn=None
        if limit is None
        else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )


def on_a_mount(mount, script, place):
    """Run `script` where `mount` was done for this process alone; skips where that is forbidden."""
    alone = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*alone, mount], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine does not let a test mount anything")
    return subprocess.run(
        [
            *alone,
            f'{mount} && exec "$0" "$@"',
            sys.executable,
            "-c",
            textwrap.dedent(script),
            place,
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(kiosk.__file__).parents[1])},
    )


def test_another_process_that_has_it_is_named(ledger, tmp_path, clock):
    with pytest.raises(LedgerBusy) as caught:
        Ledger(tmp_path / "ledger", clock)
    assert "another process" in caught.value.cause
    assert caught.value.mend
    ledger.append("visit", "v", {})


def test_a_killed_process_leaves_no_lock_behind(tmp_path, clock):
    place = tmp_path / "ledger"
    done = in_a_process(
        """
        import os, sys
        from pathlib import Path
        from kiosk.ledger import Ledger
        ledger = Ledger(Path(sys.argv[1]), lambda: 1772340896000)
        ledger.append("visit", "v1", {})
        os.kill(os.getpid(), 9)
        """,
        place,
    )
    assert done.returncode == -9
    ledger = Ledger(place, clock)
    assert [x.key for x in ledger.unsent("x", 9)][1:] == ["v1"]
    ledger.close()


@pytest.mark.parametrize("kept", ["nothing", "a ledger"])
def test_a_directory_without_write_permission_is_read_only(clock, kept):
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        if kept == "a ledger":
            Ledger(place, clock).close()
        for path in (*place.iterdir(), place):
            path.chmod(0o555)
        done = in_a_process(
            """
            import os, sys
            from pathlib import Path
            from kiosk.ledger import Ledger, LedgerError
            if os.geteuid() == 0:
                os.setuid(65534)  # root may write anywhere
            try:
                Ledger(Path(sys.argv[1]), lambda: 1772340896000)
            except LedgerError as error:
                print(type(error).__name__, bool(error.cause), bool(error.mend))
            """,
            place,
        )
    assert (done.stdout, done.stderr) == ("LedgerReadOnly True True\n", "")


def test_a_disk_that_was_mounted_read_only_says_so(tmp_path, clock):
    place = tmp_path / "ledger"
    Ledger(place, clock).close()
    done = on_a_mount(
        f"mount --bind {place} {place} && mount -o remount,bind,ro {place}",
        """
        import sys
        from pathlib import Path
        from kiosk.ledger import Ledger, LedgerReadOnly
        try:
            Ledger(Path(sys.argv[1]), lambda: 1772340896000)
        except LedgerReadOnly:
            print("read-only")
        """,
        place,
    )
    assert (done.stdout, done.stderr) == ("read-only\n", "")


def test_a_path_that_is_no_directory_says_so(tmp_path, clock):
    (tmp_path / "file").write_text("x")
    with pytest.raises(LedgerError):
        Ledger(tmp_path / "file", clock)


def test_a_full_disk_refuses_the_submit_and_keeps_the_payment(ledger, new_payment, clock):
    db = ledger._shelf.newest.db
    ledger.open_payment(new_payment(), {"total_fen": 100})
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerFull):
        ledger.append("visit", "v1", {"text": "x" * 50_000})
    assert ledger.verify().faults == ()
    db.execute("PRAGMA max_page_count = 1000000")
    ledger.record("1", Submit(1))
    assert ledger.record("1", Approved("T1", 100)).state is State.PAID
    assert ledger.verify().faults == ()


def test_a_file_system_that_takes_no_more_bytes_loses_nothing_that_was_written(tmp_path, clock):
    place = tmp_path / "ledger"
    done = in_a_process(
        """
        import sys
        from pathlib import Path
        from kiosk.ledger import Ledger, LedgerError
        ledger = Ledger(Path(sys.argv[1]), lambda: 1772340896000)
        for at in range(10_000):
            try:
                ledger.append("visit", str(at), {"text": "x" * 900})
            except LedgerError as error:
                print(at, type(error).__name__)
                break
        """,
        place,
        limit=400_000,
    )
    count, name = done.stdout.split()
    assert name in ("LedgerFull", "LedgerDamaged")  # EFBIG is neither "full" nor "broken" to SQLite
    ledger = Ledger(place, clock)
    assert [x.key for x in ledger.unsent("x", 10_000)][1:] == [str(x) for x in range(int(count))]
    assert ledger.verify().faults == ()
    ledger.close()


def test_a_real_small_disk_that_is_full_says_so_and_goes_on_with_room(tmp_path):
    script = """
        import sys
        from pathlib import Path
        from kiosk.ledger import Ledger, LedgerFull
        place = Path(sys.argv[1])
        filler = place / "filler"
        ledger = Ledger(place / "ledger", lambda: 1772340896000)
        ledger.append("visit", "first", {})
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        written = 0
        try:
            while written < 10_000:
                ledger.append("visit", str(written), {"text": "x" * 900})
                written += 1
        except LedgerFull:
            print("full")
        filler.unlink()
        ledger.append("visit", "last", {})
        assert len(ledger.unsent("x", 10_000)) == written + 3
        assert ledger.verify().holds
        print("went on")
    """
    disk = tmp_path / "disk"
    disk.mkdir()
    done = on_a_mount(f"mount -t tmpfs -o size=1m none {disk}", script, disk)
    assert (done.stdout, done.stderr) == ("full\nwent on\n", "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"no ledger at all" * 600,
        lambda data: b"",
        lambda data: data[:4096] + bytes(4096) + data[8192:],
        lambda data: data.replace(b'"language":"zh"', b'"language":"en"'),
        lambda data: data.replace(b"visitv1", b"visitv2"),
    ],
)
def test_a_file_that_was_spoiled_is_damaged_at_the_next_start(ledger, clock, tmp_path, spoil):
    ledger.append("visit", "v1", {"language": "zh"})
    ledger.close()
    path = tmp_path / "ledger" / "ledger-2026-03.db"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(LedgerDamaged):
        Ledger(tmp_path / "ledger", clock)


def test_a_ledger_of_another_version_is_not_touched(ledger, clock, tmp_path):
    ledger.close()
    path = tmp_path / "ledger" / "ledger-2026-03.db"
    db = apsw.Connection(str(path))
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LedgerDamaged, match="version"):
        Ledger(tmp_path / "ledger", clock)


def test_a_spoiled_old_month_is_found_and_the_rest_is_still_checked(ledger, clock, tmp_path):
    ledger.append("visit", "v1", {"language": "zh"})
    clock.ms += 31 * 86_400_000
    ledger.append("visit", "v2", {})
    ledger.close()
    path = tmp_path / "ledger" / "ledger-2026-03.db"
    path.write_bytes(path.read_bytes().replace(b'"language":"zh"', b'"language":"en"'))
    again = Ledger(tmp_path / "ledger", clock)
    report = again.verify()
    assert report.faults == ("ledger-2026-03.db: entry 2 was changed after it was written",)
    assert not report.holds
    again.close()


def test_derived_tables_that_were_changed_are_found_and_rebuilt(ledger, new_payment):
    ledger.open_payment(new_payment(), {})
    ledger.record("1", Submit(1))
    ledger._shelf.newest.db.execute("UPDATE payment SET state = 'PAID'")
    assert not ledger.verify().holds
    ledger.rebuild()
    assert ledger.verify().holds
    assert ledger.payment("1").state is State.PAYING


def test_a_write_that_fails_half_way_leaves_nothing_and_the_next_one_is_right(ledger, new_payment):
    ledger.open_payment(new_payment(), {})
    db = ledger._shelf.newest.db

    def refuse_the_fold(operation, table, *_):
        fold = operation == apsw.SQLITE_INSERT and table == "payment"
        return apsw.SQLITE_DENY if fold else apsw.SQLITE_OK

    db.set_authorizer(refuse_the_fold)
    with pytest.raises(apsw.AuthError):
        ledger.record("1", Submit(1))
    db.set_authorizer(None)
    assert ledger.payment("1").state is State.NEW
    ledger.record("1", Submit(1))
    assert ledger.verify().faults == ()


def test_what_is_unfinished_is_asked_of_the_file_again_after_a_write_that_failed(
    ledger, new_payment
):
    ledger.open_payment(new_payment("1"), {})
    ledger.record("1", Submit(1))
    waiting = ledger.unsettled()
    db = ledger._shelf.newest.db

    def refuse_the_slip(operation, table, *_):
        slip = operation == apsw.SQLITE_INSERT and table == "delivery"
        return apsw.SQLITE_DENY if slip else apsw.SQLITE_OK

    db.set_authorizer(refuse_the_slip)
    with pytest.raises(apsw.AuthError):
        ledger.record("1", Approved("T1", 100))  # its row is written before the slip's
    db.set_authorizer(None)
    assert (ledger.unsettled(), ledger.undelivered()) == (waiting, [])
    with pytest.raises(ValueError, match="not final"):
        ledger.open_payment(new_payment("2", "v1"), {})
    ledger.record("1", Approved("T1", 100))
    assert (ledger.unsettled(), [x.key for x in ledger.undelivered()]) == ([], ["1"])
    assert ledger.verify().faults == ()


def test_a_commit_that_the_disk_refuses_leaves_neither_file_nor_memory_changed(ledger, new_payment):
    ledger.open_payment(new_payment(), {})
    db = ledger._shelf.newest.db
    db.set_commit_hook(lambda: True)
    with pytest.raises(apsw.ConstraintError):
        ledger.record("1", Submit(1))
    db.set_commit_hook(None)
    assert [x.state for x in ledger.unsettled()] == [State.NEW]
    assert [x.kind for x in ledger.unsent("x", 9)] == ["month", "payment_opened"]
    ledger.record("1", Submit(1))
    assert ledger.verify().faults == ()


def test_another_process_reads_the_file_while_the_ledger_writes_it(ledger, new_payment, tmp_path):
    ledger.open_payment(new_payment(), {})
    ledger.record("1", Submit(1))
    script = """
        import sqlite3, sys
        db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
        print(*db.execute("SELECT state FROM payment").fetchone())
    """
    for event, state in ((Waiting("USERPAYING"), "PENDING"), (Approved("T1", 100), "PAID")):
        ledger.record("1", event)
        done = in_a_process(script, tmp_path / "ledger" / "ledger-2026-03.db")
        assert (done.stdout, done.stderr) == (f"{state}\n", "")
        ledger.append("visit", "v", {})
