"""All that the proof tried and found, as one table; every line that must be zero says so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.prove.crash import Cell, cells_of, results
from tests.prove.lanes import LANES
from tests.prove.soak import MINUTES, SLOPE, VISITS, finished, slopes
from tests.prove.sums import pieces

ORACLE = Path(__file__).with_name("oracle.py")
NAMED = ("authinfo", "facecode", "refund", "refundquery", "native", "close")
"""Calls whose faults are looked for by the call as well, not by their words alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was counted; `wanted` is None where any number is right."""

    proof: str
    what: str
    found: int
    wanted: int | None = None
    examples: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return self.wanted is None or self.found == self.wanted


def rows_of(folder: Path) -> list[Row]:
    """The table of what is finished in `folder`."""
    return [*_crash(folder / "crash"), *_sums(folder / "sums"), *_soak(folder / "soak")]


def bound(tries: int) -> str:
    """The 95 % upper bound of a rate that was 0 in so many tries (rule of three)."""
    return f"{3 / tries:.2g}" if tries else "1"


def markdown(rows: list[Row]) -> str:
    """The table, as text that reads well unrendered too."""
    kills = next((row.found for row in rows if row.what == "kills"), 0)
    runs = next((row.found for row in rows if row.what == "random runs"), 0)
    wide = max(len(row.what) for row in rows)
    lines = [
        f"| {'proof':<7} | {'counted':<{wide}} | {'found':>7} | must be |",
        f"| {'-' * 7} | {'-' * wide} | {'-' * 7} | ------- |",
    ]
    for row in rows:
        wanted = "" if row.wanted is None else str(row.wanted)
        mark = "" if row.holds else "  <-- " + "; ".join(row.examples[:2])[:300]
        lines.append(
            f"| {row.proof:<7} | {row.what:<{wide}} | {row.found:>7} | {wanted:>7} |{mark}"
        )
    lines += [
        "",
        f"95 % upper bounds where none was found: {bound(kills)} a kill, {bound(runs)} a visit run",
    ]
    return "\n".join(lines) + "\n"


def _crash(folder: Path) -> list[Row]:
    lanes = [lane for lane in LANES if (folder / lane / "cells.jsonl").exists()]
    if not lanes:
        return [Row("crash", "cells", 0), Row("crash", "lanes not begun", len(LANES), 0)]
    found = {lane: results(folder / lane / "cells.jsonl") for lane in lanes}
    every = list({each.cell: each for one in found.values() for each in one}.values())
    kills = [each for each in every if each.cell.edge]
    missed = [_named(each.cell) for each in kills if each.settled and not each.killed]
    stuck = [_named(each.cell) + f": {each.entries}" for each in every if not each.settled]
    judged = _judged([folder / lane for lane in lanes])
    struck = judged["faults_struck"]
    silent = [each for each in _planned(lanes) if not any(each in one for one in struck)]
    counts = judged["counts"]
    return [
        Row("crash", f"paths: {', '.join(_paths(lanes))}", len(_paths(lanes))),
        Row("crash", "faults (none, wallet, printer) x paths", _faults(lanes)),
        Row("crash", "different edges: entries, calls, paper, drops, moments", len(_edges(kills))),
        Row("crash", "cells: edge x fault", len(kills)),
        Row("crash", "kills", sum(each.killed for each in kills)),
        Row("crash", "of these inside the recovery", sum(each.killed == 2 for each in kills)),
        Row("crash", "edges that were not reached in three visits", len(missed)),
        Row("crash", f"payments: {_states(counts, 'state_')}", counts["payments"]),
        Row("crash", f"refunds: {_states(counts, 'back_')}", counts["refunds"]),
        Row("crash", "fen that went back", counts["fen_given_back"]),
        Row("crash", "calls at the wallet", counts["calls"]),
        Row("crash", "slips, whole", counts["slips"]),
        Row("crash", "kitchen tickets begun", counts["tickets"]),
        Row("crash", "drops begun", counts["drops"]),
        Row("crash", "copies that staff asked for", counts["copies"]),
        Row(
            "crash",
            "paid, no whole slip (cut while printing, trouble)",
            counts["paid_without_whole_slip"],
        ),
        Row("crash", "cells not finished", _left(found), 0),
        Row("crash", "visits that got stuck", len(stuck), 0, tuple(stuck)),
        Row("crash", "faults that never struck", len(silent), 0, tuple(silent)),
        *(
            Row("crash", name.replace("_", " "), len(each), 0, tuple(each))
            for name, each in judged["findings"].items()
        ),
    ]


def _planned(lanes: list[str]) -> set[str]:
    return {
        f"{api} {words}" if api in NAMED else words
        for lane in lanes
        for _, fault in LANES[lane]
        for api, words, _ in fault.scripts[-1:]
    }


def _paths(lanes: list[str]) -> list[str]:
    return list(dict.fromkeys(path for lane in lanes for path, _ in LANES[lane]))


def _states(counts: dict[str, int], start: str) -> str:
    """How many there were of each state, the commonest first."""
    states = Counter({k: v for k, v in counts.items() if k.startswith(start)})
    return ", ".join(f"{k.removeprefix(start)} {v}" for k, v in states.most_common())


def _edges(kills: list[Any]) -> set[tuple[str, str]]:
    """An entry is the same edge under every fault; a call or a moment has its number only."""
    cells = [each.cell for each in kills]
    named = [(cell.edge.split()[0], cell.says) for cell in cells if "commit" in cell.edge]
    return {*named, *((cell.edge, "") for cell in cells if "commit" not in cell.edge)}


def _faults(lanes: list[str]) -> int:
    return sum(len(LANES[lane]) for lane in lanes)


def _left(found: dict[str, list[Any]]) -> int:
    """Cells that a whole proof has and this one has not yet; a fault not begun counts as one."""
    left = 0
    for lane, plan in LANES.items():
        if lane == "sample":
            continue
        done = {each.cell: each for each in found.get(lane, []) if each.settled}
        index = 0
        for path, fault in plan:
            shown = done.get(Cell(path, fault.name, ""))
            if shown is None:
                left += 1
                continue
            cells = list(cells_of(shown, index))
            index += len(cells)
            left += sum(cell not in done for cell in cells)
    return left


def _judged(folders: list[Path]) -> Any:
    """What the oracle says; without site (-S) it has only the standard library to import from."""
    command = [sys.executable, "-E", "-s", "-S", str(ORACLE), *map(str, folders)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode > 1 or not said.stdout:
        raise RuntimeError(f"the oracle failed: {said.stderr}")
    return json.loads(said.stdout)


def _named(cell: Cell) -> str:
    return f"{cell.path}, {cell.fault}, {cell.edge} {cell.says} {cell.again}".strip()


def _sums(folder: Path) -> list[Row]:
    done = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    left = [name for name in pieces() if name not in done]
    power = [done[name] for name in sorted(done) if name.startswith("power")]
    visits = [done[name] for name in sorted(done) if name.startswith("visits")]
    return [
        *_power(power),
        *_network(done.get("network", [])),
        *_visits(visits),
        *_gateway([done[name] for name in sorted(done) if name.startswith("gateway")]),
        *_fleet([done[name] for name in sorted(done) if name.startswith("fleet")]),
        *_zoo(done.get("zoo", [])),
        *_fuzz(list(done.get("fuzz", {}).values())),
        Row("sums", "pieces not finished", len(left), 0, tuple(left)),
    ]


def _soak(folder: Path) -> list[Row]:
    soak = finished(folder)
    if soak is None:
        return [Row("soak", "visits missing through the window of one kiosk", VISITS, 0)]
    grown = [f"{name} {by:+.2f} %" for name, by in slopes(soak.samples).items() if by > SLOPE]
    minutes = round(soak.seconds / 60)
    return [
        Row("soak", "visits through the window of one kiosk", soak.count),
        Row("soak", f"minutes they took ({MINUTES:g} where nothing else works)", minutes),
        Row("soak", "visits that got stuck", len(soak.stuck), 0, tuple(soak.stuck)),
        Row(
            "soak", "memory, files, threads that grow by more than 1 %", len(grown), 0, tuple(grown)
        ),
    ]


def _total(pieces: list[Any], name: str) -> int:
    return sum(each[name] for each in pieces)


def _listed(pieces: list[Any], name: str) -> tuple[str, ...]:
    return tuple(one for each in pieces for one in each[name])


def _power(pieces: list[Any]) -> list[Row]:
    def never(what: str, name: str) -> Row:
        found = _listed(pieces, name)
        return Row("power", what, len(found), 0, found)

    cut = "operations of the disk before which the power was cut"
    acknowledged = pieces[0]["acknowledged"] if pieces else 0
    return [
        Row("power", cut, _total(pieces, "operations")),
        Row("power", "images of the disk that were opened", _total(pieces, "images")),
        Row("power", "of these different", _total(pieces, "distinct")),
        Row("power", "commits acknowledged in the run", acknowledged),
        never("acknowledged commits lost", "lost"),
        never("images that do not open", "unreadable"),
        never("chains broken or tables that do not agree", "faults"),
    ]


def _network(lines: list[Any]) -> list[Row]:
    wrong = [f"{each['line']}, {each['call']}: {each['ended']}" for each in lines if each["fault"]]
    unsent = sum(each["ended"] == "NotSent" for each in lines)
    return [
        Row("network", "bad lines x calls, second and third version", len(lines)),
        Row("network", "of these that ended as NotSent", unsent),
        Row("network", "wrong endings", len(wrong), 0, tuple(wrong)),
    ]


def _visits(pieces: list[Any]) -> list[Row]:
    broken = [each["broken"] for each in pieces if each["broken"]]
    return [
        Row("visits", "random runs", _total(pieces, "runs")),
        Row("visits", "payments in them", _total(pieces, "payments")),
        Row("visits", "of these by QR", _total(pieces, "qr")),
        Row("visits", "of these for a part of the total", _total(pieces, "parts")),
        Row("visits", "visits left with a part paid", _total(pieces, "left")),
        Row("visits", "fen that went back", _total(pieces, "given_back")),
        Row("visits", "power cuts in them", _total(pieces, "cuts")),
        Row("visits", "laws broken", len(broken), 0, tuple(broken)),
    ]


def _fleet(pieces: list[Any]) -> list[Row]:
    def never(what: str, name: str) -> Row:
        found = _listed(pieces, name)
        return Row("fleet", what, len(found), 0, found)

    databases = sorted({each["database"].partition("+")[0] for each in pieces})
    return [
        Row("fleet", f"sieges, on {', '.join(databases)}", len(pieces)),
        Row("fleet", "kills of the server", _total(pieces, "kills")),
        Row("fleet", "batches, some twice or out of order", _total(pieces, "batches")),
        Row("fleet", "of these without an answer", _total(pieces, "unanswered")),
        Row("fleet", "entries, of old disks put back as well", _total(pieces, "entries")),
        Row("fleet", "stolen keys, copied requests, wrong clocks", _total(pieces, "thefts")),
        never("acknowledged entries lost", "lost"),
        never("entries stored twice", "twice"),
        never("devices whose count is not their own", "miscounted"),
        never("what nobody proved and was believed", "believed"),
    ]


def _gateway(pieces: list[Any]) -> list[Row]:
    wrong, unsound = _listed(pieces, "contradicted"), _listed(pieces, "unsound")
    return [
        Row("gateway", "kills while kiosks pay through it", _total(pieces, "kills")),
        Row("gateway", "payments, by code and by card", _total(pieces, "payments")),
        Row("gateway", "of these paid", _total(pieces, "paid")),
        Row("gateway", "told paid and not held, or held and not told", len(wrong), 0, wrong),
        Row("gateway", "faults in the journal of cards", len(unsound), 0, unsound),
    ]


def _zoo(files: list[Any]) -> list[Row]:
    lost, faults = _listed(files, "lost"), _listed(files, "faults")
    return [
        Row("zoo", "ledgers of earlier versions", len(files)),
        Row("zoo", "rows in them", _total(files, "rows")),
        Row("zoo", "payments that were open in them", _total(files, "open_payments")),
        Row("zoo", "rows lost on the way to this version", len(lost), 0, lost),
        Row("zoo", "chains broken or tables that do not agree", len(faults), 0, faults),
    ]


def _fuzz(pieces: list[Any]) -> list[Row]:
    slowest = max((each["slowest_s"] for each in pieces), default=0.0)
    most = max((each["most_bytes"] for each in pieces), default=0)
    crashes = _total(pieces, "crashes")
    return [
        Row("fuzz", "parsers", len(pieces)),
        Row("fuzz", "inputs that nobody meant", _total(pieces, "inputs")),
        Row("fuzz", "of these refused by an error that is declared", _total(pieces, "refused")),
        Row("fuzz", "slowest of them, ms", round(slowest * 1000)),
        Row("fuzz", "most memory one took, KiB", round(most / 1024)),
        Row("fuzz", "crashes, hangs, floods", crashes, 0, _listed(pieces, "told")),
    ]
