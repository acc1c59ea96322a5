"""The shipped core with a knife at its throat: `kill -9` of itself at one exact edge.

    python -m tests.prove.knife ORDER core --config FILE

It runs the program's own entry point unchanged and listens where Python and SQLite let one listen:
the trace of the ledger's connection and the audit event of every connection that is made.

    before commit N   the N-th commit with ledger entries is about to be written
    after commit N    it is on the disk; nothing that follows from it has happened
    before call N     the N-th connection to a wallet is about to be made

ORDER holds `{"edge": "after commit 3"}`; counting begins anew whenever it is replaced. Every edge
that is reached is a line of ORDER.log with the seconds since ORDER was read.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import apsw


class Knife:
    """Counts edges and kills this process at the one that is ordered."""

    def __init__(self, order: Path) -> None:
        self._order = order
        self._log = order.with_suffix(".log")
        self._lock = threading.Lock()
        self._read: tuple[int, int] | None = None
        self._wanted = ""
        self._since = 0.0
        self._counts: dict[str, int] = {}
        self._entries = 0

    def watch(self, connection: apsw.Connection) -> None:
        """Listen to the ledger's newest file."""
        if "ledger-" in connection.filename:
            mask = apsw.SQLITE_TRACE_STMT | apsw.SQLITE_TRACE_PROFILE
            connection.trace_v2(mask, self._traced)

    def audited(self, event: str, arguments: tuple[object, ...]) -> None:
        """Hear of every connection: only those to an internet address are calls."""
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            self._reached("before call")

    def _traced(self, about: dict[str, object]) -> None:
        sql, begins = str(about["sql"]), about["code"] == apsw.SQLITE_TRACE_STMT
        if begins and sql.startswith("INSERT INTO entry"):
            self._entries += 1
        elif sql == "COMMIT" and self._entries:
            self._reached("before commit" if begins else "after commit", self._entries)
            self._entries = self._entries if begins else 0
        elif sql == "ROLLBACK":
            self._entries = 0

    def _reached(self, kind: str, entries: int = 0) -> None:
        # Whoever changes ORDER takes the same lock, so nothing is killed by an order that is over.
        with self._lock, self._order.with_suffix(".lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self._look()
            self._counts[kind] = self._counts.get(kind, 0) + 1
            edge = f"{kind} {self._counts[kind]}"
            passed = time.monotonic() - self._since
            line = json.dumps({"edge": edge, "entries": entries, "after_s": round(passed, 4)})
            with self._log.open("a", encoding="ascii") as log:  # the proof takes it away at will
                log.write(line + "\n")
            if edge == self._wanted:
                os.kill(os.getpid(), signal.SIGKILL)

    def _look(self) -> None:
        try:
            found = self._order.stat()
        except FileNotFoundError:
            return
        version = (found.st_ino, found.st_mtime_ns)
        if version != self._read:
            self._read = version
            self._wanted = json.loads(self._order.read_text("ascii")).get("edge", "")
            self._since = time.monotonic()
            self._counts.clear()


def main() -> int:
    """Run `kiosk` with what follows ORDER."""
    knife = Knife(Path(sys.argv[1]))
    apsw.connection_hooks.append(knife.watch)
    sys.addaudithook(knife.audited)
    from kiosk.cli import main as kiosk

    return kiosk(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
