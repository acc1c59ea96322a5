"""The ledger, looked at: by the doctor among other things, and by `kiosk ledger verify | rebuild`.

A ledger has one writer. While a kiosk runs it holds the ledger's lock; then only that is said.
"""

from __future__ import annotations

import fcntl
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, bad, failed, good
from kiosk.ledger import ChainReport, Ledger, LedgerError
from kiosk.till import room_trouble

SECONDS = 60.0  # for a year of entries on a slow disk
_FILE = re.compile(r"ledger-\d{4}-\d{2}\.db")
_SHORT = 12  # characters of a hash that a person compares

Say = Callable[[str], object]


def checks(config: Config) -> list[Check]:
    """All of this file."""
    return [Check("ledger", lambda: examined(config.paths.state), SECONDS)]


def examined(state: Path) -> Iterator[Finding]:
    """Whether the next entry can be written, and whether all that were written are as they were."""
    if not state.is_dir():
        mend = "Check that its disk is mounted. On a new kiosk make it, for the core's user."
        yield bad("ledger", f"{state} does not exist", mend)
        return
    trouble = room_trouble(state)
    if trouble is not None:
        yield bad("ledger", *trouble)
        return
    directory = state / "ledger"
    if in_use(directory):
        yield good("ledger", f"{directory}, in use by the running kiosk")
    elif not _begun(directory):
        yield good("ledger", f"none in {directory} yet; the first start begins one")
    else:
        report = _verified(directory)
        if report.holds:
            yield good("ledger", f"{directory}: {_told(report)}; {_room(state)} free")
        else:
            yield bad("ledger", "; ".join(report.faults[:3]), _mend(report))


def command(config: Config, what: str, say: Say = sys.stdout.write) -> int:
    """`kiosk ledger verify` or `rebuild`; 0 when every entry is as it was written."""
    directory = config.paths.state / "ledger"
    try:
        if not _begun(directory):
            say(f"there is no ledger in {directory}\n")
            return 1
        if what == "rebuild":
            with closing(_opened(directory)) as ledger:
                ledger.rebuild()
            say("rebuilt: what the entries add up to was written anew\n")
        report = _verified(directory)
    except (LedgerError, PermissionError) as error:
        found = failed("ledger", error)
        say(f"{found.says}\n  → {found.mend}\n")
        return 1
    for fault in report.faults:
        say(f"{fault}\n")
    if not report.holds:
        say(f"  → {_mend(report)}\n")
        return 1
    say(f"{directory}: {_told(report)}\n")
    return 0


def in_use(directory: Path) -> bool:
    """Whether another process writes this ledger now."""
    try:
        handle = os.open(directory / "ledger.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False  # never begun, or not ours to read: opening it will say so
    try:
        # Shared, so that two who only ask do not take each other for a running kiosk.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _begun(directory: Path) -> bool:
    """Raises PermissionError where glob would find nothing in silence."""
    try:
        return any(_FILE.fullmatch(path.name) for path in directory.iterdir())
    except FileNotFoundError:
        return False


def _opened(directory: Path) -> Ledger:
    return Ledger(directory, lambda: time.time_ns() // 1_000_000)


def _verified(directory: Path) -> ChainReport:
    with closing(_opened(directory)) as ledger:
        return ledger.verify()


def _told(report: ChainReport) -> str:
    files = "1 file" if report.files == 1 else f"{report.files} files"
    entries = "1 entry" if report.entries == 1 else f"{report.entries} entries"
    return f"{entries} in {files}, every hash right, the last {report.last_hash[:_SHORT]}…"


def _mend(report: ChainReport) -> str:
    if all("rebuild" in fault for fault in report.faults):
        return "Stop the kiosk and run: kiosk ledger rebuild."
    return "Keep every file, put the disk aside and call the service provider."


def _room(state: Path) -> str:
    disk = os.statvfs(state)
    return f"{disk.f_bavail * disk.f_frsize / 1e9:.1f} GB"
