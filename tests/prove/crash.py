"""The crash table: `kill -9` of the core at every edge of every path, under every fault.

    python -m tests.prove.crash LANE FOLDER      one lane: a shop, its faults, its cells in turn

A cell is one path (paths.py). Its edges are found by playing it once without a kill, and are:

    before/after commit N   around the N-th transaction of the ledger since its act (knife)
    before call N           the N-th connection to the wallet is about to be made (knife)
    call N arrived          the wallet has it on its disk; the answer is under way
    slip, ticket, drop 1    the first bytes are on the paper, a piece has fallen
    moment N                some moment, drawn with a seed, that no name was thought of for

After the kill the core comes up again, settles, and people go on; in every second cell the core is
killed once more at an edge of its own recovery. A cell is finished when every payment and refund
has its end and every slip its result; the oracle judges the disks afterwards.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kiosk.demo.hand import Hand, Stuck
from tests.prove.faults import Fault
from tests.prove.lanes import LANES, PATHS
from tests.prove.paths import Way, nobody_waits_any_more, wait
from tests.prove.shop import Shop

# Seconds from an entry that can be read to the stroke of the knife behind it, and from the stroke
# to a process that is seen to be gone.
KNIFE = 0.03
TRIES = 3
AGAIN = ("after commit 1", "before call 2", "before commit 1", "before call 3", "after commit 2")


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
    things: dict[str, int] = field(default_factory=dict)
    """What came out: 1 for a slip or a ticket, the number of drops."""


class Lane:
    """Plays cells in one shop, one after the other."""

    def __init__(self, shop: Shop, hand: Hand) -> None:
        self._shop = shop
        self._hand = hand
        self._ways: dict[str, Way] = {}

    def edges_of(self, path: str, fault: Fault) -> Result:
        """Play the path without a kill and note every edge it has."""
        return self._play(Cell(path, fault.name, ""), fault)

    def play(self, cell: Cell, fault: Fault) -> Result:
        """Play one cell; an edge that was missed (a call came late) is tried again."""
        for tries in range(1, TRIES + 1):
            try:
                result = self._play(cell, fault)
            except Stuck as stuck:
                result = Result(cell, entries=[str(stuck)])
                self._way(cell.path).gives_up()
                self._begin_anew()
            result.tries = tries
            if result.killed:
                break
        return result

    def ends(self) -> None:
        """What was to arrive late has arrived, and what is owed has gone back."""
        time.sleep(3)
        if self._shop.owed():
            self._begin_anew()
            self._shop.start("core")  # it looks at once
            wait(lambda: not self._shop.owed(), "the return of what was taken by mistake")

    def close(self) -> None:
        """Nothing more is played here."""
        for way in self._ways.values():
            way.close()

    def _play(self, cell: Cell, fault: Fault) -> Result:
        shop, way, began = self._shop, self._way(cell.path), time.monotonic()
        result = Result(cell)
        self._prepare(way, fault)
        seq, calls, things = shop.seq(), shop.calls(), shop.things()
        shop.cut_at(cell.edge if cell.edge.startswith(("before", "after")) else "")
        way.begins()
        started = time.monotonic()
        self._kill_from_outside(cell, way, seq, calls, things)
        _meanwhile(way, lambda: not shop.alive("core") or way.ended(seq), "an end or a kill")
        time.sleep(KNIFE)
        result.edges = shop.edges() if not cell.edge else []
        result.things = _more(shop.things(), things)
        if not cell.edge:
            result.seconds = time.monotonic() - started
        shop.cut_at("")
        time.sleep(KNIFE)
        if not shop.alive("core"):
            result.killed = 1
            self._recover(cell, way, result)
        if fault.printer:
            shop.printer(fault.printer[1])
        _meanwhile(way, lambda: not shop.unsettled(), "every payment at its end")
        shop.sandbox("DELETE", "/sandbox/scripts")
        way.goes_on(seq)
        wait(lambda: not shop.unsettled(), "what followed at its end")
        result.settled, result.entries = True, shop.words_after(seq)
        if cell.edge:
            result.seconds = round(time.monotonic() - began, 2)
        return result

    def _way(self, path: str) -> Way:
        if path not in self._ways:
            self._ways[path] = PATHS[path](self._shop, self._hand)
        return self._ways[path]

    def _begin_anew(self) -> None:
        """A cell went nowhere, which it says; the next one shall not suffer from it."""
        if self._shop.alive("core"):
            self._shop.kill_core()
        self._hand.forget()

    def _prepare(self, way: Way, fault: Fault) -> None:
        shop = self._shop
        if not shop.alive("core"):
            shop.start("core")
        shop.cut_at("")
        shop.sandbox("DELETE", "/sandbox/scripts")
        way.prepares()
        for api, words, count in fault.scripts:
            shop.script(api, words, count)
        if fault.printer:
            shop.printer(fault.printer[0])

    def _kill_from_outside(
        self, cell: Cell, way: Way, seq: int, calls: int, things: dict[str, int]
    ) -> None:
        """Kill at an edge that only the wallet, a device or the clock can see."""
        shop, (kind, _, number) = self._shop, cell.edge.partition(" ")
        reached: Callable[[], bool]
        if kind == "call":
            wanted = calls + int(number.split()[0])
            reached = lambda: shop.calls() >= wanted  # noqa: E731 - one of three
        elif kind in things:
            least = int(number)
            reached = lambda: _more(shop.things(), things).get(kind, 0) >= least  # noqa: E731
        elif kind == "moment":
            end = time.monotonic() + float(cell.says)
            reached = lambda: time.monotonic() >= end  # noqa: E731
        else:
            return
        over = kind != "moment"
        _meanwhile(way, lambda: reached() or (over and way.ended(seq)), cell.edge, 0.001)
        if reached() and shop.alive("core"):
            shop.kill_core()

    def _recover(self, cell: Cell, way: Way, result: Result) -> None:
        shop, hand = self._shop, self._hand
        hand.forget()
        shop.cut_at(cell.again)
        shop.start("core")
        _meanwhile(way, lambda: not shop.alive("core") or way.stands(), "the core to be back")
        time.sleep(KNIFE)
        shop.cut_at("")
        time.sleep(KNIFE)  # from here on nothing kills it
        if not shop.alive("core"):
            result.killed = 2
            hand.forget()
            shop.start("core")
            _meanwhile(way, way.stands, "the core to come up a third time")


def _meanwhile(way: Way, happened: Callable[[], bool], what: str, pause: float = 0.005) -> None:
    """Wait while people go on with what they do."""

    def looked() -> bool:
        way.goes_along()
        return happened()

    wait(looked, what, pause)


def _more(things: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """What has come out since: paper counts once, however much of it."""
    more = {name: number - before[name] for name, number in things.items()}
    return {name: n if name == "drop" else 1 for name, n in more.items() if n > 0}


def cells_of(shown: Result, index: int) -> Iterator[Cell]:
    """The cells of a fault: one for each edge that its path showed, twins of a call left out."""
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
    for name, count in shown.things.items():
        edges += [(f"{name} {number}", "") for number in range(1, count + 1)]
    for number in range(1, PATHS[path].moments + 1):
        edges.append((f"moment {number}", f"{chance.uniform(0, shown.seconds):.3f}"))
    for at, (edge, says) in enumerate(edges, index):
        yield Cell(path, fault, edge, says, AGAIN[at // 2 % len(AGAIN)] if at % 2 else "")


def run(name: str, folder: Path, deadline: float) -> bool:
    """Play every cell of a lane that is not finished; whether none is left."""
    kept = folder / "cells.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    done = {each.cell: each for each in results(kept) if each.settled}
    nobody_waits_any_more(folder)
    ways = [PATHS[path] for path, _ in LANES[name]]
    with (
        Shop(folder, faces=any(way.faces for way in ways), canteen=ways[0].canteen) as shop,
        closing(Hand(shop)) as hand,
        closing(Lane(shop, hand)) as lane,
    ):
        hand.sees(lambda _: True, "a kiosk that is up")
        index = 0
        for path, fault in LANES[name]:
            shown = done.get(Cell(path, fault.name, "")) or _keep(kept, lane.edges_of(path, fault))
            for cell in cells_of(shown, index):
                index += 1
                if cell in done:
                    continue
                if time.monotonic() > deadline:
                    return False
                _keep(kept, lane.play(cell, fault))
        lane.ends()
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
