"""What the proof reckons in one process beside the crash lanes: lines, old ledgers, parsers,
visits, the fleet and power cuts.

    python -m tests.prove.sums FOLDER SECONDS

Each finished piece is a file of FOLDER and is not done again.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.prove import network, power, visits, zoo
from tests.prove.fleet import fleet
from tests.prove.fuzz import fuzz
from tests.prove.gateway import gateway
from tests.prove.parsers import parsers

RUNS, CHUNK = 10_000, 500
PAYMENTS, PARTS = 12, 8
INPUTS, SEED = 10_000, 1
SIEGES, BESIEGED = 8, 6


def pieces() -> dict[str, Callable[[], object]]:
    """Every piece by its name, cheapest first."""
    found: dict[str, Callable[[], object]] = {"network": _network, "zoo": _zoo, "fuzz": _fuzz}
    for number in range(RUNS // CHUNK):
        found[f"visits-{number:02}"] = lambda number=number: _visits(number)
    for number in range(SIEGES):
        found[f"fleet-{number:02}"] = lambda number=number: asdict(fleet(number))
    for number in range(BESIEGED):
        found[f"gateway-{number:02}"] = lambda number=number: asdict(gateway(number))
    for part in range(PARTS):
        found[f"power-{part:02}"] = lambda part=part: _power(part)
    return found


def run(folder: Path, deadline: float) -> bool:
    """Do what is not done; whether nothing is left."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, work in pieces().items():
        kept = folder / f"{name}.json"
        if kept.exists():
            continue
        if time.monotonic() > deadline:
            return False
        beside = kept.with_suffix(".part")
        beside.write_text(json.dumps(work(), indent=1), "utf-8")
        beside.replace(kept)
    return True


def _network() -> object:
    return [asdict(row) for row in network.table()]


def _zoo() -> object:
    return [asdict(each) for each in zoo.grown()]


def _fuzz() -> object:
    with tempfile.TemporaryDirectory() as folder:
        every = parsers(Path(folder))
        return {each.name: asdict(fuzz(each, INPUTS, SEED)) for each in every}


def _visits(number: int) -> object:
    count, broken = visits.Count(), ""
    try:
        visits.play(CHUNK, number, count)
    except BaseException as error:  # noqa: BLE001 - Hypothesis groups what it found
        notes = getattr(error, "__notes__", [])
        broken = "\n".join([f"seed {number}: {error!r}", *notes])
    return {**asdict(count), "broken": broken}


def _power(part: int) -> object:
    ops = power.record(PAYMENTS)
    return {**asdict(power.examine(ops, range(part, len(ops), PARTS))), "kinds": power.kinds(ops)}


if __name__ == "__main__":
    whole = run(Path(sys.argv[1]), time.monotonic() + float(sys.argv[2]))
    sys.exit(0 if whole else 3)
