"""The crash table: `kill -9` of the core at every edge of every path, under every fault.

    python -m tests.prove.crash LANE FOLDER      one lane: a shop, its faults, its cells in turn

A cell is one visit. Its edges are found by playing the visit once without a kill, and are:

    before/after commit N   around the N-th transaction of the ledger since the shopper paid (knife)
    before call N           the N-th connection to the wallet is about to be made (knife)
    call N arrived          the wallet has it on its disk; the answer is under way
    slip begun              the first bytes are on the paper
    moment N                some moment, drawn with a seed, that no name was thought of for

After the kill the core comes up again, settles, and the shopper goes on; in every second cell the
core is killed once more at an edge of its own recovery. A cell is finished when every payment has
its end and every slip its result; the oracle judges the disks afterwards.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kiosk.messages import Screen
from tests.prove.faults import SAMPLE, Fault, code_faults, face_faults
from tests.prove.shop import Hand, Shop, Stuck, consent

MOMENTS = 2
KNIFE = (
    0.03  # seconds from an entry that can be read to the end of a core that was to be killed there
)
TRIES = 3
SETTLES = 60.0  # seconds a payment may take to its end, at the speed of the shop
AGAIN = ("after commit 1", "before call 2", "before commit 1", "before call 3", "after commit 2")
LANES = {
    "code-0": ("code", code_faults()[0::3]),
    "code-1": ("code", code_faults()[1::3]),
    "code-2": ("code", code_faults()[2::3]),
    "face": ("face", face_faults()),
    "sample": ("code", list(SAMPLE)),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One visit with one kill; edge "" is the visit that shows the edges."""

    path: str
    fault: str
    edge: str
    says: str = ""
    """The entries or the call of the edge, in words."""
    again: str = ""
    """The edge of the recovery at which the core is killed once more."""


@dataclass(slots=True)
class Result:
    """What became of a cell; `killed` counts kills, 0: the edge was not reached."""

    cell: Cell
    killed: int = 0
    tries: int = 0
    entries: list[str] = field(default_factory=list)
    settled: bool = False
    seconds: float = 0.0
    edges: list[dict[str, object]] = field(default_factory=list)
    printed: bool = False


class Lane:
    """Plays cells in one shop, one after the other."""

    def __init__(self, shop: Shop, hand: Hand, path: str) -> None:
        self._shop = shop
        self._hand = hand
        self._path = path

    def edges_of(self, fault: Fault) -> Result:
        """Play the visit without a kill and note every edge it has."""
        return self._play(Cell(self._path, fault.name, ""), fault)

    def play(self, cell: Cell, fault: Fault) -> Result:
        """Play one cell; an edge that was missed (a call came late) is tried again."""
        for tries in range(1, TRIES + 1):
            try:
                result = self._play(cell, fault)
            except Stuck as stuck:
                result = Result(cell, entries=[str(stuck)])
                self._begin_anew()
            result.tries = tries
            if result.killed:
                break
        return result

    def _play(self, cell: Cell, fault: Fault) -> Result:
        shop, hand, began = self._shop, self._hand, time.monotonic()
        result = Result(cell)
        self._prepare(fault)
        seq, calls, paper = shop.seq(), shop.calls(), shop.slip_bytes()
        self._pay(cell)
        started = time.monotonic()
        self._kill_from_outside(cell, seq, calls, paper)
        self._wait(lambda: not shop.alive("core") or self._ended(seq), "an end or a kill")
        time.sleep(KNIFE)
        result.edges = shop.edges() if not cell.edge else []
        result.printed = shop.slip_bytes() > paper
        if not cell.edge:
            result.seconds = time.monotonic() - started
        if not shop.alive("core"):
            result.killed = 1
            self._recover(cell, result)
        shop.cut_at("")
        if fault.printer:
            shop.printer(fault.printer[1])
        self._wait(lambda: not shop.unsettled(), "every payment at its end")
        shop.sandbox("DELETE", "/sandbox/scripts")
        hand.comes_to_an_idle_kiosk(pay_again=True)
        self._wait(lambda: not shop.unsettled(), "the second payment at its end")
        result.settled, result.entries = True, shop.words_after(seq)
        if cell.edge:
            result.seconds = round(time.monotonic() - began, 2)
        return result

    def _begin_anew(self) -> None:
        """A visit went nowhere, which the cell says; the next one shall not suffer from it."""
        if self._shop.alive("core"):
            self._shop.kill_core()
        self._hand.forget()

    def _prepare(self, fault: Fault) -> None:
        shop, hand = self._shop, self._hand
        if not shop.alive("core"):
            shop.start("core")
        shop.cut_at("")
        hand.comes_to_an_idle_kiosk(pay_again=False)
        hand.fills_a_basket()
        seen = hand.chooses(self._path)
        for api, words, count in fault.scripts:
            shop.script(api, words, count)
        if fault.printer:
            shop.printer(fault.printer[0])
        self._accept = consent(seen)
        self._code = shop.payment_code() if self._path == "code" else ""

    def _pay(self, cell: Cell) -> None:
        by_knife = cell.edge.startswith(("before", "after"))
        self._shop.cut_at(cell.edge if by_knife else "")
        if self._path == "code":
            self._shop.scan(self._code)
        else:
            self._hand.touches(self._accept)

    def _kill_from_outside(self, cell: Cell, seq: int, calls: int, paper: int) -> None:
        """Kill at an edge that only the wallet, the printer or the clock can see."""
        shop, (kind, _, number) = self._shop, cell.edge.partition(" ")
        if kind == "call":
            wanted = calls + int(number.split()[0])
            self._wait(lambda: shop.calls() >= wanted or self._ended(seq), "a call", 0.001)
            reached = shop.calls() >= wanted
        elif kind == "slip":
            self._wait(lambda: shop.slip_bytes() > paper or self._ended(seq), "a slip", 0.001)
            reached = shop.slip_bytes() > paper
        elif kind == "moment":
            time.sleep(float(cell.says))
            reached = True
        else:
            return
        if reached and shop.alive("core"):
            shop.kill_core()

    def _recover(self, cell: Cell, result: Result) -> None:
        shop, hand = self._shop, self._hand
        hand.forget()
        shop.cut_at(cell.again)
        shop.start("core")
        self._wait(lambda: not shop.alive("core") or self._stands(), "the core to come up again")
        shop.cut_at("")
        time.sleep(KNIFE)  # from here on nothing kills it
        if not shop.alive("core"):
            result.killed = 2
            hand.forget()
            shop.start("core")
            self._wait(self._stands, "the core to come up a third time")

    def _stands(self) -> bool:
        """The core serves its screen, and nothing is left to settle."""
        return self._hand.looks() is not None and not self._shop.unsettled()

    def _ended(self, seq: int) -> bool:
        """The visit's payment is at its end; or it ended before there was one (no face)."""
        shop = self._shop
        if shop.seq() > seq and not shop.unsettled():
            seen = self._hand.looks()
            return seen is not None and seen.screen is not Screen.FACE
        return False

    def _wait(self, happened: Callable[[], bool], what: str, pause: float = 0.005) -> None:
        end = time.monotonic() + SETTLES
        while not happened():
            if time.monotonic() > end:
                raise Stuck(f"waited {SETTLES:g} s for {what}")
            time.sleep(pause)


def cells_of(shown: Result, index: int) -> Iterator[Cell]:
    """The cells of a fault: one for each edge that its visit showed, twins of a call left out."""
    chance = random.Random(f"{shown.cell.path} {shown.cell.fault}")
    path, fault, entries = shown.cell.path, shown.cell.fault, list(shown.entries)
    calls = [str(each["edge"]) for each in shown.edges if "call" in str(each["edge"])]
    kept = {*calls[:2], *calls[-2:]}  # the queries in between are all the same
    edges: list[tuple[str, str]] = []
    taken = 0
    for each in shown.edges:
        edge, count = str(each["edge"]), int(str(each["entries"]))
        if edge in kept:
            edges += [(edge, ""), (f"call {edge.rsplit(maxsplit=1)[-1]} arrived", "")]
        elif "commit" in edge:
            edges.append((edge, "+".join(entries[taken : taken + count])))
            taken += count if edge.startswith("after") else 0
    if shown.printed:
        edges.append(("slip begun", ""))
    for number in range(1, MOMENTS + 1):
        edges.append((f"moment {number}", f"{chance.uniform(0, shown.seconds):.3f}"))
    for at, (edge, says) in enumerate(edges, index):
        yield Cell(path, fault, edge, says, AGAIN[at // 2 % len(AGAIN)] if at % 2 else "")


def run(name: str, folder: Path, deadline: float) -> bool:
    """Play every cell of a lane that is not finished; whether none is left."""
    path, faults = LANES[name]
    kept = folder / "cells.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    done = {each.cell: each for each in results(kept) if each.settled}
    with Shop(folder, faces=path == "face") as shop:
        hand = Hand(shop)
        hand.sees(lambda seen: path in seen.tenders or seen.screen is Screen.ATTRACT, "attract")
        lane, index = Lane(shop, hand, path), 0
        for fault in faults:
            shown = done.get(Cell(path, fault.name, "")) or _keep(kept, lane.edges_of(fault))
            for cell in cells_of(shown, index):
                index += 1
                if cell in done:
                    continue
                if time.monotonic() > deadline:
                    return False
                _keep(kept, lane.play(cell, fault))
        time.sleep(3)  # what was to arrive late has arrived
        hand.close()
    return True


def results(kept: Path) -> list[Result]:
    """What is finished; a line that a crash of the proof cut short is not."""
    found = []
    for line in kept.read_text("utf-8").splitlines() if kept.exists() else []:
        try:
            read = json.loads(line)
        except ValueError:
            continue
        found.append(Result(**{**read, "cell": Cell(**read["cell"])}))
    return found


def _keep(kept: Path, result: Result) -> Result:
    with kept.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    return result


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # and the shop is closed
    whole = run(sys.argv[1], Path(sys.argv[2]), time.monotonic() + float(sys.argv[3]))
    sys.exit(0 if whole else 3)
