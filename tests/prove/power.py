"""The power-cut table: the ledger's own engine on a disk whose power goes at every operation.

A run of payments is recorded once (`disk.py`). For each prefix of it every image that a power cut
may leave is written to a directory and opened as at any start. What the ledger's caller had been
told must be there with its hash, the chain must hold and the derived tables must agree with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Authenticate,
    Contradiction,
    Declined,
    Event,
    FoundPaid,
    GiveUp,
    Method,
    PayError,
    Payment,
    Reversed,
    Submit,
    Unclear,
    Waiting,
)
from kiosk.ledger import Ledger
from tests.prove.disk import Disk, Image, Op, recording

MARCH = 1_772_340_896_000  # 2026-03-01 12:54:56 in China
DAY = 86_400_000
MEMORY = Path("/dev/shm")
PATHS: tuple[tuple[Event, ...], ...] = (
    (Submit(1), Approved("T", 100)),
    (Submit(1), Declined("NOTENOUGH")),
    (Authenticate(), Submit(1), Unclear("cut"), Approved("T", 100)),
    (Submit(1), Waiting("USERPAYING"), GiveUp("shopper"), Reversed()),
    (Submit(1), PayError("PAYERROR"), FoundPaid("T", 100)),
    (Submit(1), Unclear("cut"), GiveUp("spent"), Reversed(), Approved("T", 100)),
)


@dataclass(slots=True)
class Tally:
    """What was tried and what was found; every list must stay empty."""

    operations: int = 0
    acknowledged: int = 0
    images: int = 0
    distinct: int = 0
    lost: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def record(payments: int, pages: int = 60) -> list[Op]:
    """The operations of a run: payments, a restart, payments, a new month, payments.

    The WAL is folded into the file after `pages` pages instead of SQLite's 1000, so that the power
    goes in many checkpoints and no image is large; nothing else differs from the shipped engine.
    """
    apsw.connection_hooks.append(lambda connection: connection.wal_autocheckpoint(pages))
    try:
        return _record(payments)
    finally:
        apsw.connection_hooks.pop()


def _record(payments: int) -> list[Op]:
    with tempfile.TemporaryDirectory(dir=_memory()) as name, recording(Path(name)) as log:
        now = [MARCH]
        place = Path(name)
        ledger = _Told(place, lambda: now[0], log)
        for number in range(payments):
            ledger.pays(f"a{number}", PATHS[number % len(PATHS)])
        ledger.close()
        ledger = _Told(place, lambda: now[0], log)
        ledger.recovers()
        for number in range(payments // 2):
            ledger.pays(f"b{number}", PATHS[(number + 1) % len(PATHS)])
        ledger.opens("open")
        now[0] += 31 * DAY
        for number in range(payments // 2):
            ledger.pays(f"c{number}", PATHS[(number + 2) % len(PATHS)])
        ledger.close()
        return list(log)


class _Told(Ledger):
    """A ledger that notes in the log what its caller has been told."""

    def __init__(self, place: Path, clock: Callable[[], int], log: list[Op]) -> None:
        super().__init__(place, clock)
        self._ops = log

    def told(self, write: Callable[[], object]) -> None:
        with contextlib.suppress(Contradiction):  # it is written, and that is what counts here
            write()
        last = self._shelf.newest.last()
        self._ops.append(Op("ack", last.hash, last.seq))

    def opens(self, number: str) -> None:
        payment = Payment(number, f"v{number}", "wechatpay", Method.CODE, Money(100), MARCH)
        self.told(lambda: self.open_payment(payment, {"lines": [], "total_fen": 100}))

    def pays(self, number: str, events: tuple[Event, ...]) -> None:
        self.opens(number)
        for event in events:
            self.told(lambda event=event: self.record(number, event))
        if any(each.key == number for each in self.undelivered()):
            self.told(lambda: self.start_delivery(number, "slip", {"copy": False}))
            self.end_delivery(number, "done")  # it is there with the next entry, and no sooner
            self.told(lambda: self.acknowledge("fleet", self._shelf.newest.last().seq))

    def recovers(self) -> None:
        self.told(self.recover)


class Examiner:
    """Opens images as a start after a power cut does; each distinct one once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[dict[int, str], list[str]]] = {}

    def examine(self, image: Image, acknowledged: Op | None, where: str, tally: Tally) -> None:
        tally.images += 1
        digest = _digest(image)
        if digest not in self._known:
            tally.distinct += 1
            self._known[digest] = self._opened(image)
        hashes, faults = self._known[digest]
        if not hashes:
            tally.unreadable.append(f"{where}: {faults}")
        elif faults:
            tally.faults.append(f"{where}: {faults}")
        if acknowledged is not None and hashes.get(acknowledged.at) != acknowledged.file:
            tally.lost.append(f"{where}: entry {acknowledged.at}")

    def _opened(self, image: Image) -> tuple[dict[int, str], list[str]]:
        with tempfile.TemporaryDirectory(dir=_memory()) as name:
            for file, data in image.items():
                (Path(name) / file).write_bytes(data)
            try:
                ledger = Ledger(Path(name), lambda: MARCH + 40 * DAY)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                return {}, [repr(error)]
            try:
                hashes = {each.seq: each.hash for each in ledger.unsent("proof", 1_000_000)}
                return hashes, list(ledger.verify().faults)
            except Exception as error:  # noqa: BLE001 - same
                return {}, [repr(error)]
            finally:
                ledger.close()


def examine(ops: list[Op], cut: Container[int], *, honest: bool = True) -> Tally:
    """Cut the power before each operation whose number is in `cut`."""
    tally, disk, examiner = Tally(), Disk(honest), Examiner()
    acknowledged: Op | None = None
    for number, op in enumerate(ops):
        if number in cut and op.what != "ack":
            tally.operations += 1
            chance = random.Random(number)
            for index, image in enumerate(disk.images(chance)):
                where = f"operation {number} image {index}"
                examiner.examine(image, acknowledged, where, tally)
        if op.what == "ack":
            tally.acknowledged += 1
            acknowledged = op
        disk.play(op)
    return tally


def kinds(ops: list[Op]) -> dict[str, int]:
    """How many operations of each kind a run has."""
    return dict(Counter(op.what for op in ops))


def _digest(image: Image) -> str:
    whole = hashlib.sha256()
    for name in sorted(image):
        whole.update(f"{name} {len(image[name])} ".encode())
        whole.update(image[name])
    return whole.hexdigest()


def _memory() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None
