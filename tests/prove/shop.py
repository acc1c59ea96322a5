"""A shop without a window: sandbox, devices and core as processes, and a hand on the wire.

    sandbox ◄─HTTP─ core ◄─socket─ hand (the proof, in the role of the ui)
                     │ └──socket── faces, where a face is paid
       scanner, printer: simulated peers on pseudo-terminals

What shopper and staff do is in kiosk/demo/hand.py. A second till is one more core at the same
sandbox.
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
NOODLES, WATER, JUICE = "6908000000010", "6902000000025", "6912000000048"
BOOK = f"""gtin,plu,name_zh,name_en,price,sold_by,tax,station,slot
{NOODLES},,牛肉面,Beef noodles,28.00,piece,6,kitchen,
{WATER},,矿泉水,Water,2.00,piece,13,,3
{JUICE},,橙汁,Juice,6.90,piece,13,,5
{SUGAR},,白砂糖,White sugar,6.90,piece,13,,
"""
KITCHEN = "kitchen"
FALLEN = "fallen"
QR_LIFE = 4.0  # seconds; the 120 s of a shop would be three at this speed

# ABNORMAL waits for a person at the wallet's portal; the kiosk has done what it can.
_UNSETTLED = """
SELECT (SELECT count(*) FROM payment WHERE state NOT IN
            ('PAID', 'DECLINED', 'CANCELLED', 'REVERSED', 'PAID_LATE', 'LOST'))
     + (SELECT count(*) FROM refund WHERE state NOT IN ('DONE', 'CLOSED', 'ABNORMAL'))
     + (SELECT count(*) FROM delivery WHERE state <> 'ENDED')
"""


class Shop(Stage):
    """One lane of the proof; may be opened again on its folder, and goes on where it was."""

    def __init__(self, folder: Path, *, faces: bool = False, canteen: bool = False) -> None:
        """`faces`: with a camera. `canteen`: with a kitchen and a dispenser."""
        settings = {
            "visit": {"done": 0.2, "trouble": 30.0, "idle": 600.0},
            "channels.wechatpay_native": {"qr_life": QR_LIFE},
            **(_canteen(folder) if canteen else {}),
        }
        stations = (KITCHEN,) if canteen else ()
        play = Play("", speed=SPEED, enrolled=faces, stations=stations, settings=settings)
        super().__init__(folder, play)
        self._faces = faces
        self._book = BOOK if canteen else ""
        self.order = folder / "knife"
        self.sandbox_db = folder / "sandbox" / "sandbox.db"

    def _set_up(self) -> None:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        self.order.unlink(missing_ok=True)
        if self._book:
            (self.folder / "book.csv").write_text(self._book, "utf-8")
        # A printer begins with an empty paper folder, so each opening has one of its own.
        self.slips = self.folder / f"slips-{time.time_ns()}"
        self._open_wallet()
        write_settings(self.places, self.play, self.wallet, self.sandbox_url)
        for name in ("scanner", "printer", *self.play.stations):
            self.start(name)
            self._wait((self.run / name).exists, name)
        self.sandbox("DELETE", "/sandbox/scripts")
        self.start("core")
        if self._faces:
            self.start("faces")
            self.enrol()

    def paper(self, name: str) -> Path:
        beside = self.slips.name.replace("slips", name)
        return self.slips if name == "printer" else self.slips.with_name(beside)

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

    def payments_after(self, seq: int) -> list[str]:
        """The numbers of the payments that were opened since."""
        query = "SELECT key FROM entry WHERE seq > ? AND kind = 'payment_opened' ORDER BY seq"
        return [row[0] for path in self.ledgers() for row in _rows(path, query, seq)]

    def things(self) -> dict[str, int]:
        """How much has come out: bytes on the paper, pieces that have fallen."""
        fallen = self.folder / FALLEN
        lines = fallen.read_text("ascii").splitlines() if fallen.exists() else []
        paper = {"slip": self.slips, "ticket": self.paper(KITCHEN)}
        written = {
            name: sum(path.stat().st_size for path in folder.glob("slip-*.bin"))
            for name, folder in paper.items()
        }
        return written | {"drop": sum(line.isdigit() for line in lines)}

    def marks_goods(self, line: str) -> None:
        """Write a line between what has fallen."""
        with (self.folder / FALLEN).open("a", encoding="ascii") as file:
            file.write(f"{line}\n")


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


def _canteen(folder: Path) -> dict[str, dict[str, object]]:
    dispenser = {"driver": "simulated", "turn_ms": 150, "fallen_file": str(folder / FALLEN)}
    return {"content": {"catalogue": str(folder / "book.csv")}, "devices.dispenser": dispenser}


def _one(path: Path, query: str) -> int:
    return next(_rows(path, query))[0] or 0


def _rows(path: Path, query: str, *values: object) -> Iterator[tuple]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
        yield from db.execute(query, values).fetchall()


def remove(folder: Path) -> None:
    """Away with an earlier lane."""
    shutil.rmtree(folder, ignore_errors=True)
