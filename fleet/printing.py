"""`python -m fleet counts`: what every device sold, beside what the device itself says it sold.

A kiosk says it with `kiosk counts`, in the same form: so each line either stands on both sides,
or is named with its side. A kiosk that has not sent everything yet differs until it has.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sqlalchemy import func, select

from fleet import tables
from fleet.count import SUMS
from fleet.database import Database

KEYS = ("merchant_id", "terminal_id", "day", "channel", "method")
HEAD = (*KEYS, *SUMS)

Line = tuple[str, ...]
Say = Callable[[str], object]


class CountsError(Exception):
    """A file that is not what `kiosk counts` writes."""


def print_out(text: str) -> object:
    """To standard output, whatever that is by now."""
    return sys.stdout.write(text)


def counts(database: Database, against: Sequence[Path], say: Say = print_out) -> int:
    """Print them, or where files of kiosks are named what differs; 1 where something does."""
    ours = list(_counted(database))
    if not against:
        for line in (HEAD, *ours):
            say(",".join(line) + "\n")
        return 0
    theirs = [line for path in against for line in _read(path)]
    devices = {line[:2] for line in theirs}
    here = {line for line in ours if line[:2] in devices}
    only_here = [(line, "fleet") for line in here.difference(theirs)]
    only_there = [(line, "kiosk") for line in set(theirs) - here]
    differ = sorted([*only_here, *only_there])
    for line, side in differ:
        say(f"only the {side} says {','.join(line)}\n")
    if not differ:
        say(f"{len(theirs)} lines of {len(devices)} devices are the same on both sides\n")
    return 1 if differ else 0


def _counted(database: Database) -> Iterable[Line]:
    days = tables.device_day
    keys = [days.c[name] for name in KEYS]
    sums = [func.sum(days.c[name]) for name in SUMS]
    anything = sum((days.c[name] for name in SUMS[1:]), days.c[SUMS[0]])
    query = select(*keys, *sums).where(anything != 0).group_by(*keys).order_by(*keys)
    with database.read() as connection:
        for row in connection.execute(query):
            yield tuple(str(each) for each in row)


def _read(path: Path) -> list[Line]:
    try:
        lines = [tuple(line) for line in csv.reader(path.read_text("utf-8").splitlines())]
    except (OSError, ValueError, csv.Error) as error:
        raise CountsError(f"{path} cannot be read: {error}") from error
    if not lines or lines[0] != HEAD or any(len(line) != len(HEAD) for line in lines):
        raise CountsError(f"{path} is not what kiosk counts writes")
    return lines[1:]
