"""A shop without a window: sandbox, devices and core as processes, and a hand on the wire.

    sandbox ◄─HTTP─ core ◄─socket─ hand (the proof, in the role of the ui)
                     │ └──socket── faces, where a face is paid
       scanner, printer: simulated peers on pseudo-terminals

What shopper and staff do is in hand.py. A second till is one more core at the same sandbox.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from kiosk.demo.settings import Play, write_settings
from kiosk.demo.stage import Stage

SPEED = 40.0  # the sandbox's 15 s and 45 s and the kiosk's policy run this much faster
SUGAR = "6901000000042"
FEN = 690

# ABNORMAL waits for a person at the wallet's portal; the kiosk has done what it can.
_UNSETTLED = """
SELECT (SELECT count(*) FROM payment WHERE state NOT IN
            ('PAID', 'DECLINED', 'CANCELLED', 'REVERSED', 'PAID_LATE', 'LOST'))
     + (SELECT count(*) FROM refund WHERE state NOT IN ('DONE', 'CLOSED', 'ABNORMAL'))
     + (SELECT count(*) FROM delivery WHERE state <> 'ENDED')
"""


class Stuck(Exception):
    """What had to happen did not happen in time."""


class Shop(Stage):
    """One lane of the proof; may be opened again on its folder, and goes on where it was."""

    def __init__(self, folder: Path, *, faces: bool = False) -> None:
        visit = {"done": 0.2, "trouble": 30.0, "idle": 600.0}
        super().__init__(folder, Play("", speed=SPEED, enrolled=faces, settings={"visit": visit}))
        self._faces = faces
        self.order = folder / "knife"
        self.sandbox_db = folder / "sandbox" / "sandbox.db"

    def _set_up(self) -> None:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        for old in (self.folder / "sandbox.url", self.order):
            old.unlink(missing_ok=True)
        # The printer begins with an empty paper folder, so each opening has one of its own.
        self.slips = self.folder / f"slips-{time.time_ns()}"
        self.start("sandbox")
        ready = self.folder / "sandbox.url"
        self._wait(ready.is_file, "sandbox")
        self.sandbox_url = ready.read_text("ascii").strip()
        write_settings(self.places, self.play, self.folder / "sandbox", self.sandbox_url)
        for name in ("scanner", "printer"):
            self.start(name)
        self._wait((self.run / "scanner").exists, "scanner")
        self._wait((self.run / "printer").exists, "printer")
        self.sandbox("DELETE", "/sandbox/scripts")
        self.start("core")
        if self._faces:
            self.start("faces")
            self.enrol()

    def _command(self, name: str) -> list[str]:
        command = super()._command(name)
        if name == "core":
            return ["tests.prove.knife", str(self.order), *command[1:]]
        return command

    # --- what the proof does to it --------------------------------------------------------------

    def cut_at(self, edge: str) -> None:
        """The core kills itself at the next such edge; "" only counts the edges from now on.

        When this returns, no earlier order kills it any more.
        """
        with self.order.with_suffix(".lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.order.with_suffix(".log").unlink(missing_ok=True)
            beside = self.order.with_suffix(".new")
            beside.write_text(json.dumps({"edge": edge}), "ascii")
            beside.replace(self.order)

    def edges(self) -> list[dict[str, object]]:
        """The edges reached since the core began to write its log."""
        log = self.order.with_suffix(".log")
        return (
            [json.loads(line) for line in log.read_text("ascii").splitlines()]
            if log.exists()
            else []
        )

    def kill_core(self) -> None:
        """`kill -9` from outside."""
        os.kill(self.pid("core"), signal.SIGKILL)
        self._parts["core"].wait()

    def script(self, api: str, words: str, count: int) -> None:
        """Let the next `count` calls of `api` go wrong."""
        counted = words.startswith(("not-found", "recall"))
        body = {"script": words, "api": api} | ({} if counted else {"count": count})
        self.sandbox("POST", "/sandbox/scripts", body)

    # --- what is on the disks -------------------------------------------------------------------

    def calls(self) -> int:
        """How many calls have arrived at the sandbox."""
        return int(_one(self.sandbox_db, "SELECT count(*) FROM call"))

    def seq(self) -> int:
        """The number of the newest entry of the ledger."""
        return int(_one(self.ledgers()[-1], "SELECT max(seq) FROM entry"))

    def unsettled(self) -> int:
        """Payments and refunds without an end, and slips without a result."""
        return int(_one(self.ledgers()[-1], _UNSETTLED))

    def owed(self) -> int:
        """Fen that were taken by mistake and have not gone back."""
        return int(_one(self.ledgers()[-1], "SELECT sum(fen - back_fen) FROM refund_due"))

    def newest_payment(self) -> tuple[str, str]:
        """Its out_trade_no and its state."""
        query = "SELECT out_trade_no, state FROM payment ORDER BY created_ms DESC LIMIT 1"
        number, state = next(_rows(self.ledgers()[-1], query))
        return number, state

    def given_back(self, number: str) -> int:
        """Fen of a payment whose refunds by this till need nobody of the kiosk any more."""
        query = "SELECT fen FROM refund WHERE out_trade_no = ? AND state IN ('DONE', 'ABNORMAL')"
        return sum(row[0] for row in _rows(self.ledgers()[-1], query, number))

    def words_after(self, seq: int) -> list[str]:
        """What each entry behind `seq` says, in a word."""
        query = "SELECT kind, body FROM entry WHERE seq > ? ORDER BY seq"
        found = []
        for path in self.ledgers():
            for kind, body in _rows(path, query, seq):
                happened = kind in ("payment", "refund")
                found.append(json.loads(body)["event"] if happened else kind)
        return found

    def ledgers(self) -> list[Path]:
        return sorted((self.folder / "state" / "ledger").glob("ledger-*.db"))

    def slip_bytes(self) -> int:
        """How much paper has come out."""
        return sum(path.stat().st_size for path in self.slips.glob("slip-*.bin"))


class SecondTill(Shop):
    """Another till of the same shop: a core of its own, at the wallet of the first."""

    def __init__(self, first: Shop) -> None:
        super().__init__(first.folder / "till-2")
        self._first = first

    def _set_up(self) -> None:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        self.sandbox_url = self._first.sandbox_url
        write_settings(self.places, self.play, self._first.folder / "sandbox", self.sandbox_url)
        config = self.places.config.read_text("utf-8")
        config = config.replace('terminal_id = "0001"', 'terminal_id = "0002"', 1)
        self.places.config.write_text(config, "utf-8")
        self.start("core")


def _one(path: Path, query: str) -> int:
    return next(_rows(path, query))[0] or 0


def _rows(path: Path, query: str, *values: object) -> Iterator[tuple]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
        yield from db.execute(query, values).fetchall()


def remove(folder: Path) -> None:
    """Away with an earlier lane."""
    shutil.rmtree(folder, ignore_errors=True)
