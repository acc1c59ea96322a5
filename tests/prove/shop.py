"""A shop without a window: sandbox, devices and core as processes, and a hand on the wire.

    sandbox ◄─HTTP─ core ◄─socket─ hand (the proof, in the role of the ui)
                     │ └──socket── faces, where a face is paid
       scanner, printer: simulated peers on pseudo-terminals

The hand says what a shopper touches and waits for what his screen would show.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from kiosk.config import load
from kiosk.demo.settings import Play, write_settings
from kiosk.demo.stage import Stage
from kiosk.messages import (
    Back,
    ChooseTender,
    Command,
    Consent,
    Leave,
    Pay,
    Role,
    Screen,
    Showing,
    Start,
)
from kiosk.wire import Client

SPEED = 40.0  # the sandbox's 15 s and 45 s and the kiosk's policy run this much faster
SUGAR = "6901000000042"
FEN = 690


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
        merchant = json.loads((self.folder / "sandbox" / "merchant.json").read_text("utf-8"))
        write_settings(self.places, self.play, merchant, self.sandbox_url)
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
        """The core kills itself at the next such edge; "" only counts the edges from now on."""
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
        """Payments without an end and slips without a result."""
        path = self.ledgers()[-1]
        finals = "'PAID','DECLINED','CANCELLED','REVERSED','PAID_LATE','LOST'"
        payments = _one(path, f"SELECT count(*) FROM payment WHERE state NOT IN ({finals})")
        return int(payments) + int(_one(path, "SELECT count(*) FROM delivery WHERE state<>'ENDED'"))

    def words_after(self, seq: int) -> list[str]:
        """What each entry behind `seq` says, in a word."""
        query = "SELECT kind, body FROM entry WHERE seq > ? ORDER BY seq"
        found = []
        for path in self.ledgers():
            for kind, body in _rows(path, query, seq):
                found.append(json.loads(body)["event"] if kind == "payment" else kind)
        return found

    def ledgers(self) -> list[Path]:
        return sorted((self.folder / "state" / "ledger").glob("ledger-*.db"))

    def slip_bytes(self) -> int:
        """How much paper has come out."""
        return sum(path.stat().st_size for path in self.slips.glob("slip-*.bin"))


class Hand:
    """The shopper's hand and eyes: a ui without a window."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._line = Client(load(shop.places.config).paths.socket, Role.UI, retry_after=0.03)
        self._line.start()
        self._seen: Showing | None = None

    def close(self) -> None:
        self._line.stop()

    def sees(self, happened: Callable[[Showing], bool], what: str, seconds: float = 20) -> Showing:
        """Wait until the screen is so; raises Stuck."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in self._line.wait(0.05):
                if isinstance(message, Showing):
                    self._seen = message
            if self._seen is not None and self._line.connected and happened(self._seen):
                return self._seen
        raise Stuck(f"waited {seconds:g} s for {what}; the screen shows {self._seen}")

    def forget(self) -> None:
        """What was seen of an earlier core says nothing of this one."""
        self._line.drain()
        self._seen = None

    def looks(self) -> Showing | None:
        """What the screen shows now; None while no core serves it."""
        for message in self._line.drain():
            if isinstance(message, Showing):
                self._seen = message
        return self._seen if self._line.connected else None

    def touches(self, command: Command) -> None:
        self._line.send(command)

    def fills_a_basket(self) -> None:
        """From attract to the choice of a tender, one thing in the basket."""
        self.touches(Start())
        self.sees(lambda seen: seen.screen is Screen.BASKET, "an empty basket")
        self._shop.scan(SUGAR)
        self.sees(lambda seen: seen.count == 1, "the goods")
        self.goes_to_pay()

    def goes_to_pay(self) -> None:
        self.touches(Pay())
        self.sees(lambda seen: seen.screen is Screen.TENDER, "the tenders")

    def chooses(self, tender: str) -> Showing:
        self.sees(lambda seen: tender in seen.tenders, f"{tender} on offer", 30)
        self.touches(ChooseTender(tender))
        wanted = Screen.CODE if tender == "code" else Screen.NOTICE
        return self.sees(lambda seen: seen.screen is wanted, wanted.value)

    def comes_to_an_idle_kiosk(self, *, pay_again: bool) -> bool:
        """Leave whatever the last visit left; whether a basket that came back was paid anew."""
        paid = False
        end = time.monotonic() + 40
        while (seen := self.sees(lambda _: True, "a screen")).screen is not Screen.ATTRACT:
            if time.monotonic() > end:
                raise Stuck(f"stuck at {seen}")
            if seen.screen is Screen.BASKET and seen.lines and pay_again and not paid:
                paid = True
                self.goes_to_pay()
                self.chooses("code")
                self._shop.scan(self._shop.payment_code())
                self.sees(lambda now: now.screen in (Screen.DONE, Screen.TROUBLE), "an end")
                continue
            self.touches(Leave() if seen.screen is not Screen.FACE else Back())
            before = seen
            try:
                self.sees(lambda now, before=before: now is not before, "a change", 0.3)
            except Stuck:
                continue
        return paid


def consent(seen: Showing) -> Consent:
    """Accept the notice that is shown."""
    return Consent(seen.notice_version)


def _one(path: Path, query: str) -> int:
    return next(_rows(path, query))[0] or 0


def _rows(path: Path, query: str, *values: object) -> Iterator[tuple]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
        yield from db.execute(query, values).fetchall()


def remove(folder: Path) -> None:
    """Away with an earlier lane."""
    shutil.rmtree(folder, ignore_errors=True)
