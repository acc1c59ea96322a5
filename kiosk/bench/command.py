"""`kiosk bench`: measures, prints a table, writes bench.json. A missed budget is only told.

whole    the kiosk with its screen      ledger   a commit
vision   a frame, a decision            money    a payment, a refund
faces    the process that looks         start    with open payments
peers    others on the same frames      books    a day beside its bill
scan     a code, to the basket          slips    the bytes of a slip
frames   computing a full basket        idle     drivers that wait
touch    a touch, a scan, to the pixels
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.bench import (
    books,
    drawing,
    idle,
    ledger,
    looking,
    payments,
    restart,
    scanning,
    slips,
    touching,
    whole,
)
from kiosk.bench.figure import Budget, Figure, table
from kiosk.bench.machine import this_machine
from kiosk.errors import KioskError

Measure = Callable[[], Sequence[Figure]]


def run(out: Path, measures: Mapping[str, Measure] | None = None, only: Sequence[str] = ()) -> int:
    """Measure everything, or `only` some groups, into `out`; 0 unless one could not be measured.

    Raises KioskError for a group that there is not.
    """
    groups = _everything(out) if measures is None else measures
    unknown = [name for name in only if name not in groups]
    if unknown:
        raise KioskError(f"there is no group {', '.join(unknown)}", f"Known: {', '.join(groups)}")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    machine = str(this_machine())
    sys.stdout.write(f"{machine}\nscreens are drawn by software on a virtual display\n\n")
    figures = [
        figure
        for name, measure in groups.items()
        if not only or name in only
        for figure in _attempted(name, measure)
    ]
    content = {"machine": machine, "figures": [one.to_json() for one in figures]}
    path = out / "bench.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    sys.stdout.write(f"{table(figures)}\n{path}\n")
    return int(any(one.measured is None for one in figures))


def commits(directory: Path) -> list[Figure]:
    """On the disk of `directory`."""
    found = ledger.measure(directory)
    entries, payments, bare = found["entries"], found["payments"], found["bare"]
    alone = f"an entry each: {entries:.0f} a second beside {bare:.0f}"
    same = payments / found["bare_same_rows"]
    steps = f"with their tables; ÷ plain SQL for the same rows {same:.2f}"
    return [
        Figure("ledger commits ÷ bare SQLite's", entries / bare, "×", 0.8, Budget.AT_LEAST, alone),
        Figure("payment steps ÷ bare SQLite's", payments / bare, "×", None, note=steps),
    ]


def _everything(out: Path) -> Mapping[str, Measure]:
    return {
        "whole": lambda: whole.figures(whole.observe(out / "shop")),
        "scan": lambda: scanning.figures(scanning.observe(out / "scan")),
        "frames": lambda: drawing.figures(drawing.observe(out / "frames")),
        "touch": lambda: touching.figures(touching.observe(out / "touch")),
        "vision": looking.vision,
        "faces": lambda: looking.faces(out / "faces"),
        "peers": looking.peers,
        "ledger": lambda: commits(out),
        "money": lambda: payments.figures(payments.observe(out / "money")),
        "start": lambda: restart.figures(restart.observe(out / "start")),
        "books": lambda: books.figures(*books.observe(out)),
        "slips": slips.measure,
        "idle": lambda: idle.figures(idle.observe()),
    }


def _attempted(name: str, measure: Measure) -> Sequence[Figure]:
    try:
        return measure()
    except (
        KioskError,
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        subprocess.SubprocessError,
    ) as error:
        return [Figure(name, None, "", 0, note=str(error).splitlines()[0])]
