"""One file of the ledger: the entries of one month, and what they add up to.

    entry(seq, at_ms, kind, key, body, prev, hash)   append-only: triggers forbid UPDATE and DELETE
    cursor(reader, seq)                              how far each reader has come
    payment, basket, delivery, refund, refund_due    derived, see fold.py

The newest file is in WAL mode with synchronous=FULL: a commit that returned is on the disk, but for
one that was told not to wait: it is there with the next one. Older files are sealed: no WAL beside
them, opened for reading only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from kiosk.domain.entry import Entry, canonical, follow, verify
from kiosk.domain.payment import Payment
from kiosk.ledger.errors import LedgerDamaged
from kiosk.ledger.fold import Fold
from kiosk.ledger.tables import DERIVED, TABLES

VERSION = 2  # what is older, migrate.py brings to it
_APPLICATION = 0x4B696F73  # "Kios", so that `file` and we know what it is
_TAIL = 200  # entries whose hashes are checked at every start; `verify` checks all

SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {VERSION};
CREATE TABLE entry(
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE INDEX contradiction ON entry(key) WHERE kind = 'contradiction';
CREATE TRIGGER no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TABLE cursor(reader TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
{DERIVED}
"""


class Month:
    """One open file. Not safe for threads by itself: the Ledger's lock guards it."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open an existing file. Raises LedgerDamaged, and apsw errors."""
        self.path = path
        flags = apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY
        self.db = apsw.Connection(str(path), flags=flags)
        self.fold = Fold(self.db)
        self._last: Entry | None = None
        self._hurried = False  # synchronous is NORMAL now
        self._unflushed = False  # the newest commit is not on the disk for sure
        try:
            self._check_version()
            if writable:
                # The step into WAL mode leaves a journal whose end must be on the disk, too: EXTRA.
                self.db.execute("PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL")
                self.db.execute("PRAGMA synchronous = FULL")
        except BaseException:
            self.db.close()
            raise

    def close(self) -> None:
        """Let go of the file; the last connection folds the WAL into it."""
        self.db.close()

    def begin(self, *, wait: bool = True) -> None:
        """Begin a transaction; every one ends in `commit` or `undo`.

        One that does not `wait` is not flushed by itself: in WAL mode NORMAL keeps the order of
        commits and leaves the flush to the next one.
        """
        if self._hurried == wait:
            self.db.execute(f"PRAGMA synchronous = {'FULL' if wait else 'NORMAL'}")
            self._hurried = not wait
        self.db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """All of the transaction is on the disk when it returns; when it raises, nothing is."""
        try:
            self.db.execute("COMMIT")
        except BaseException:
            self.undo()
            raise
        self._unflushed = self._hurried

    def undo(self) -> None:
        """Nothing of the transaction happened."""
        self._last = None
        self.fold.forget()
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing, on the disk when it ends."""
        self.begin()
        try:
            yield
        except BaseException:
            self.undo()
            raise
        self.commit()

    def append(
        self, at_ms: int, kind: str, key: str, body: Mapping[str, Any], after: Payment | None = None
    ) -> Entry:
        """Write the next entry and what it adds up to, inside the caller's transaction.

        `after` is the payment as the entry leaves it, where the caller knows it already.
        """
        text = canonical(body)
        entry = follow(self.last(), at_ms, kind, key, body, text)
        self._put(entry, text)
        self.fold.take(entry, after)
        return entry

    def open_with(self, entry: Entry, cursors: Mapping[str, int]) -> None:
        """Write the opening entry of a new file, and how far the readers have come."""
        with self.transaction():
            self._put(entry, canonical(entry.body))
            self.fold.take(entry)
            self.move_cursors(cursors)

    def first(self) -> Entry:
        """The opening entry."""
        return next(self.entries(0))

    def last(self) -> Entry:
        """The newest entry."""
        if self._last is None:
            row = self.db.execute("SELECT * FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
            self._last = _entry(row)
        return self._last

    def entries(self, after: int, limit: int = -1) -> Iterator[Entry]:
        """The entries behind seq `after`, at most `limit` (-1: all). Raises LedgerDamaged."""
        query = "SELECT * FROM entry WHERE seq > ? ORDER BY seq LIMIT ?"
        for row in self.db.execute(query, (after, limit)):
            yield _entry(row)

    def contradictions(self, key: str) -> list[Mapping[str, Any]]:
        """The bodies of the contradictions noted for a payment."""
        query = "SELECT body FROM entry WHERE kind = 'contradiction' AND key = ?"
        return [json.loads(str(body)) for (body,) in self.db.execute(query, (key,))]

    def times(self, kind: str, since_ms: int) -> list[int]:
        """When entries of that kind were written since then, newest first.

        Looks from the end, and no farther than the first entry before `since_ms`, or the newest
        thousand where a clock that was wrong made all of them look new.
        """
        found = []
        newest = "SELECT at_ms, kind FROM entry ORDER BY seq DESC LIMIT 1000"
        for at_ms, each in self.db.execute(newest):
            if int(str(at_ms)) < since_ms:
                break
            if each == kind:
                found.append(int(str(at_ms)))
        return found

    def noted(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """The body of the newest entry of that kind and key: fast where it is not long ago."""
        query = "SELECT body FROM entry WHERE kind = ? AND key = ? ORDER BY seq DESC LIMIT 1"
        row = self.db.execute(query, (kind, key)).fetchone()
        body: Mapping[str, Any] | None = None if row is None else json.loads(str(row[0]))
        return body

    def cursors(self) -> dict[str, int]:
        """How far each reader has come."""
        return {
            str(reader): int(str(seq))
            for reader, seq in self.db.execute("SELECT reader, seq FROM cursor")
        }

    def move_cursors(self, cursors: Mapping[str, int]) -> None:
        """Note how far readers have come, inside the caller's transaction."""
        for reader, seq in cursors.items():
            self.db.execute("INSERT OR REPLACE INTO cursor VALUES(?,?)", (reader, seq))

    def check(self) -> None:
        """Look the file over as at every start: pages, newest entries, and that it takes writes.

        Raises LedgerDamaged, and apsw errors.
        """
        said = self.db.execute("PRAGMA quick_check(1)").fetchone()
        if said is None or said[0] != "ok":
            raise LedgerDamaged(f"{self.path.name}: {said and said[0]}")
        first, last = self.first(), self.last()
        start = next(self.entries(max(first.seq, last.seq - _TAIL) - 1))
        for fault in verify(self.entries(start.seq), start):
            raise LedgerDamaged(f"{self.path.name}: entry {fault.seq} {fault.cause}")
        self._touch()

    def flush(self) -> None:
        """Every commit is on the disk when it returns."""
        if self._unflushed:
            self._touch()

    def fold_agrees(self) -> bool:
        """Whether the derived tables are what the entries add up to."""
        memory = apsw.Connection(":memory:")
        memory.execute(DERIVED)
        again = Fold(memory)
        for entry in self.entries(0):
            again.take(entry)
        agrees = list(again.rows()) == list(self.fold.rows())
        memory.close()
        return agrees

    def rebuild(self) -> None:
        """Write the derived tables anew from the entries."""
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608  one of our own tables
            self.fold.forget()
            for entry in self.entries(0):
                self.fold.take(entry)

    def _touch(self) -> None:
        with self.transaction():  # the same number again, but it goes all the way to the disk
            self.db.execute(f"PRAGMA user_version = {VERSION}")

    def _put(self, entry: Entry, body: str) -> None:
        self.db.execute(
            "INSERT INTO entry VALUES(?,?,?,?,?,?,?)",
            (entry.seq, entry.at_ms, entry.kind, entry.key, body, entry.prev, entry.hash),
        )
        self._last = entry

    def _check_version(self) -> None:
        application = self.db.execute("PRAGMA application_id").fetchone()
        version = self.db.execute("PRAGMA user_version").fetchone()
        if application != (_APPLICATION,):
            raise LedgerDamaged(f"{self.path.name} is not a ledger")
        if version != (VERSION,):
            raise LedgerDamaged(f"{self.path.name} has version {version}, this program {VERSION}")


def create(path: Path, entry: Entry, cursors: Mapping[str, int]) -> None:
    """Make a month's file with its opening entry; a crash leaves all of it or nothing.

    It is written beside its place and moved there, so that a file with the right name is whole.
    """
    beside = path.with_suffix(".new")
    for leftover in (beside, Path(f"{beside}-journal")):
        leftover.unlink(missing_ok=True)
    db = apsw.Connection(str(beside))
    try:
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute(f"BEGIN; {SCHEMA}; COMMIT")
    finally:
        db.close()
    month = Month(beside, writable=True)
    try:
        month.open_with(entry, cursors)
    finally:
        month.close()
    seal(beside)
    beside.rename(path)
    sync_directory(path.parent)


def seal(path: Path) -> None:
    """Take the WAL into the file, so that it can be read without writing.

    A seal that the power cut short leaves a log beside the file: then it is done again.
    """
    wal = path.read_bytes()[18:19] == b"\x02"  # file format byte "write version": 2 is WAL
    if wal or any(Path(f"{path}{end}").exists() for end in ("-journal", "-wal")):
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            # EXTRA syncs the directory when the journal goes: else it may be back after a power
            # cut, and undo what was done after it.
            db.execute("PRAGMA synchronous = EXTRA; PRAGMA journal_mode = DELETE")
            db.execute("SELECT count(*) FROM entry").fetchone()
        finally:
            db.close()


def sync_directory(directory: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entry(row: Iterable[Any] | None) -> Entry:
    if row is None:
        raise LedgerDamaged("the file has no entry")
    seq, at_ms, kind, key, body, prev, hashed = row
    try:
        return Entry(seq, at_ms, kind, key, json.loads(body), prev, hashed)
    except ValueError as error:
        raise LedgerDamaged(f"entry {seq} cannot be read") from error
