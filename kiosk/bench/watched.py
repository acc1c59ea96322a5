"""The shipped core, and a line for each of its durable commits.

    python -m kiosk.bench.watched LOG core --config FILE

It runs the program's own entry point unchanged. A file system of SQLite's that passes everything on
hears each flush of the ledger's log (its WAL) to the disk; the trace of the connection says how
many entries were written since the flush before: `{"at_ms": 81234.5, "entries": 2, "ms": 0.41}`.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from pathlib import Path

import apsw


class Flushes:
    """Writes a line to `path` when the ledger's log is on the disk, with what is new in it."""

    def __init__(self, path: Path) -> None:
        self._out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._entries = 0
        self._before = 0

    def watch(self, connection: apsw.Connection) -> None:
        """Listen to what a connection writes."""
        connection.trace_v2(apsw.SQLITE_TRACE_STMT, self._traced)

    def flushed(self, name: str, seconds: float) -> None:
        """A file was synced; flushes of nothing new are of no payment."""
        if name.endswith("-wal") and self._entries:
            line = {
                "at_ms": round(time.monotonic() * 1000, 2),
                "entries": self._entries,
                "ms": round(seconds * 1000, 3),
            }
            os.write(self._out, json.dumps(line).encode() + b"\n")
            self._entries = 0

    def _traced(self, about: dict[str, object]) -> None:
        sql = str(about["sql"])
        if sql.startswith("INSERT INTO entry"):
            self._entries += 1
        elif sql.startswith("BEGIN"):
            self._before = self._entries
        elif sql == "ROLLBACK":
            self._entries = self._before


class _File(apsw.VFSFile):
    """One open file of the system's; its syncs are timed."""

    def __init__(
        self, flushes: Flushes, system: str, name: str | apsw.URIFilename, flags: list[int]
    ) -> None:
        self._flushes = flushes
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else name
        super().__init__(system, name, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        start = time.perf_counter()
        super().xSync(flags)
        self._flushes.flushed(self._name, time.perf_counter() - start)


class WatchedDisk(apsw.VFS):
    """The system's files while it is the default, which it is from now on."""

    def __init__(self, flushes: Flushes) -> None:
        self._flushes = flushes
        self._system = apsw.vfs_names()[0]
        super().__init__("watched", self._system, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if name is None:
            return apsw.VFSFile(self._system, name, flags)
        return _File(self._flushes, self._system, name, flags)


def main(arguments: list[str]) -> None:
    """Run `kiosk` with what follows LOG; ends with its exit code."""
    flushes = Flushes(Path(arguments[0]))
    apsw.connection_hooks.append(flushes.watch)
    disk = WatchedDisk(flushes)
    sys.argv = ["kiosk", *arguments[1:]]
    try:
        runpy.run_module("kiosk", run_name="__main__")
    finally:
        disk.unregister()


if __name__ == "__main__":
    main(sys.argv[1:])
