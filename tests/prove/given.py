"""What was given out beside the slips: kitchen tickets and drops, by ledger, paper and dispenser.

    fallen     visit | 3 | 5 | of 0001…        a visit begins, slots out of which a piece fell, the
                                                payments of that visit; the next visit begins …

No basket owes two pieces from one slot, so within a visit each piece can be told from every other.
Part of the oracle: it imports nothing of the project and knows only how the files are laid out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

DROP, KITCHEN = "drop", "kitchen"


@dataclass
class Given:
    """One delivery as its entries tell it."""

    kind: str
    slot: str = ""
    begun: int = 1
    result: str = ""

    @classmethod
    def begins(cls, body: dict) -> Given:
        return cls(body["kind"], str(body["body"].get("slot", "")))


@dataclass
class Fallen:
    """What fell in one visit, and the payments it may have fallen for."""

    slots: Counter[str] = field(default_factory=Counter)
    payments: set[str] = field(default_factory=set)


def visits(path: Path) -> list[Fallen]:
    """Every visit of which the payments are known."""
    found = []
    for line in path.read_text("ascii").splitlines() if path.exists() else []:
        if line == "visit":
            found.append(Fallen())
        elif line.startswith("of "):
            found[-1].payments.add(line[3:])
        else:
            found[-1].slots[line] += 1
    return [visit for visit in found if visit.payments]


def judge_drops(given: dict[str, Given], path: Path) -> tuple[list[str], list[str]]:
    """Pieces that fell more often than they were begun, and such as only the ledger saw fall."""
    twice, missing = [], []
    for visit in visits(path):
        begun: Counter[str] = Counter()
        told: Counter[str] = Counter()
        for key, each in given.items():
            if each.kind == DROP and key.partition("/")[0] in visit.payments:
                begun[each.slot] += 1  # a key that was begun twice may still fall only once
                told[each.slot] += each.result == "dropped"
        named = ", ".join(sorted(visit.payments))
        twice += [f"{named}: slot {slot} {n}" for slot, n in (visit.slots - begun).items()]
        missing += [f"{named}: slot {slot} {n}" for slot, n in (told - visit.slots).items()]
    return twice, missing


def tickets(shop: Path) -> Counter[str]:
    """How many tickets without the word COPY came out for each number, whole or not."""
    found: Counter[str] = Counter()
    for path in sorted(shop.glob("kitchen-*/slip-*.bin")):
        data = path.read_bytes()
        if b"COPY" not in data:
            numbers = re.findall(rb"\n([0-9]{24})\n", data)
            found.update(number.decode() for number in numbers)
    return found
