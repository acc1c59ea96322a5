"""What the entries add up to: a row a payment, a row a refund, and counts a device and day.

    arrival ─► the numbers it speaks of ─► all entries of each number ─► its row ─► device_day

A row is made from all its entries each time, so it does not matter in which order they came. A
number's history may have branches (`chain.py`); then what took money wins, and two that took it
differently are trouble that the row names. The counts move by the difference of the row before and
after, in the same transaction; so they are at every moment the sum of the rows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select

from fleet import tables
from fleet.count import KEYS, SUMS, Counted, payment_count, refund_count
from fleet.database import Database, locked, put
from fleet.history import Lineage, Told, payment_row, refund_row
from fleet.ingest import load_terminal
from fleet.who import Who, of

KINDS = {
    "payment_opened": tables.payment,
    "payment": tables.payment,
    "refund_opened": tables.refund,
    "refund": tables.refund,
}
OPENED = frozenset({"payment_opened", "refund_opened"})
_TOLD = (
    select(*(tables.entry.c[name] for name in ("key", "branch", "seq", "at_ms", "kind", "body")))
    .where(tables.entry.c.kind.in_(KINDS))
    .order_by(tables.entry.c.branch, tables.entry.c.seq)
)
AT_ONCE = 2_000  # entries of one terminal in one transaction
NUMBERS = 400  # in one question to the database
IDLE = 1.0  # seconds until somebody looks who was not woken
QUIET = 0.1  # without an arrival
LATEST = 3.0  # after the first

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """So many entries were added up; `more` may wait."""

    entries: int
    more: bool


class Books:
    """Adds up what has arrived; any number of processes may, each terminal is one's at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def work(self) -> Done:
        """Add up some of what has arrived for the terminal that waits longest."""
        with self._database.write() as connection:
            who = _waiting(connection)
            if who is None:
                return Done(0, more=False)
            taken = _take_arrivals(connection, who)
            lineages = load_terminal(connection, who).lineages()
            for table, told in _arrived(connection, who, taken).items():
                for some in _parts(sorted(told)):
                    stories = _whole(
                        connection,
                        who,
                        {number: told[number] for number in some},
                        alone=len(lineages) == 1,
                    )
                    _renew(connection, who, table, stories, lineages)
        return Done(sum(last - first + 1 for _, first, last in taken), more=True)

    def work_all(self) -> int:
        """Add up everything that has arrived; the number of entries."""
        total = 0
        while (done := self.work()).more:
            total += done.entries
        return total

    def rebuild(self) -> int:
        """Forget all that was added up, and add it up again from the entries."""
        chains = tables.chain
        with self._database.write() as connection:
            for table in (tables.payment, tables.refund, tables.device_day, tables.arrival):
                connection.execute(delete(table))
            arrivals = [
                {
                    "merchant_id": row.merchant_id,
                    "terminal_id": row.terminal_id,
                    "branch": row.branch,
                    "first": first,
                    "last": min(first + AT_ONCE - 1, row.top),
                    "received_ms": row.begun_ms,
                }
                for row in connection.execute(select(chains))
                for first in range(row.first, row.top + 1, AT_ONCE)
            ]
            put(connection, tables.arrival, arrivals)
        return self.work_all()


class Bookkeeper:
    """A thread that adds up what arrives, once nothing has for a moment or it has waited enough.

    So a rush of uploads is written down first, and whoever looks at the counts sees them move.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._stopped = False
        self._changed = threading.Condition()
        self._first: float | None = None  # when the oldest of what waits arrived
        self._last = 0.0
        self._thread = threading.Thread(target=self._run, name="books", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process left."""
        self._thread.start()

    def wake(self) -> None:
        """Something has arrived."""
        with self._changed:
            self._last = time.monotonic()
            if self._first is None:
                self._first = self._last
                self._changed.notify()

    def stop(self) -> None:
        """End after the transaction at hand."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._wait():
            try:
                while self._books.work().more and not self._stopped:
                    pass
            except Exception:
                # The database may be away; what arrived is still there when it is back.
                log.exception("books failed")

    def _wait(self) -> bool:
        """Until there is something to do, or `IDLE` is over; False: no more."""
        with self._changed:
            if self._first is None and not self._stopped:
                self._changed.wait(IDLE)
            while self._first is not None and not self._stopped:
                due = min(self._last + QUIET, self._first + LATEST)
                if (wait := due - time.monotonic()) <= 0:
                    self._first = None
                else:
                    self._changed.wait(wait)
            return not self._stopped


def _waiting(connection: Connection) -> Who | None:
    """The terminal whose oldest arrival waits longest, held; None where nobody's free one does."""
    arrivals, terminals = tables.arrival, tables.terminal
    names = (arrivals.c.merchant_id, arrivals.c.terminal_id)
    oldest = select(*names).group_by(*names).order_by(func.min(arrivals.c.received_ms))
    for row in connection.execute(oldest.limit(50)):
        who = Who(row.merchant_id, row.terminal_id)
        held = locked(select(terminals.c.terminal_id).where(of(terminals, who)), skip=True)
        if connection.execute(held).first() is not None:
            return who
    return None


def _take_arrivals(connection: Connection, who: Who) -> list[tuple[int, int, int]]:
    arrivals = tables.arrival
    query = select(arrivals.c.branch, arrivals.c.first, arrivals.c.last).where(of(arrivals, who))
    taken: list[tuple[int, int, int]] = []
    for branch, first, last in connection.execute(query.order_by(arrivals.c.received_ms)):
        if taken and sum(b - a + 1 for _, a, b in taken) + last - first >= AT_ONCE:
            break
        taken.append((branch, first, last))
    for branch, first, _ in taken:
        row = (arrivals.c.branch == branch, arrivals.c.first == first)
        connection.execute(delete(arrivals).where(of(arrivals, who), *row))
    return taken


def _arrived(
    connection: Connection, who: Who, taken: Sequence[tuple[int, int, int]]
) -> dict[Table, dict[str, list[Told]]]:
    """What the arrivals say of payments and of refunds, by their numbers."""
    entries = tables.entry
    found: dict[Table, dict[str, list[Told]]] = {tables.payment: {}, tables.refund: {}}
    for branch, first, last in taken:
        query = _TOLD.where(
            of(entries, who), entries.c.branch == branch, entries.c.seq.between(first, last)
        )
        for key, *rest in connection.execute(query):
            told = Told(*rest)
            found[KINDS[told.kind]].setdefault(key, []).append(told)
    return found


def _whole(
    connection: Connection, who: Who, told: Mapping[str, list[Told]], *, alone: bool
) -> dict[str, list[Told]]:
    """All that was ever said of each number, in the order of the chains.

    On a terminal's only branch nothing was said of a number before it was opened, and what came
    later has an arrival of its own: so for what is opened here nobody needs to be asked.
    """
    here = {number for number, said in told.items() if alone and said[0].kind in OPENED}
    return {
        **{number: told[number] for number in here},
        **_told(connection, who, [number for number in told if number not in here]),
    }


def _renew(
    connection: Connection,
    who: Who,
    table: Table,
    stories: Mapping[str, Sequence[Told]],
    lineages: Sequence[Lineage],
) -> None:
    """Make the rows of these numbers anew, and move the counts along."""
    payments = table is tables.payment
    column = table.c.out_trade_no if payments else table.c.out_refund_no
    make, count = (payment_row, payment_count) if payments else (refund_row, refund_count)
    known = connection.execute(select(table).where(of(table, who), column.in_(stories))).mappings()
    before = {row[column.name]: dict(row) for row in known}
    owner = {"merchant_id": who.merchant_id, "terminal_id": who.terminal_id}
    rows = []
    moved: dict[tuple[Any, ...], list[int]] = {}
    for number, told in stories.items():
        row = make(told, lineages)
        # None: it was opened by an entry that is not here yet.
        if row is not None and row[column.name] == number:
            rows.append({**owner, **row})
            _move(moved, count(row), 1)
            _move(moved, count(before[number]) if number in before else None, -1)
    put(connection, table, rows)
    days = [
        {**owner, **dict(zip(KEYS, key, strict=True)), **dict(zip(SUMS, sums, strict=True))}
        for key, sums in sorted(moved.items())
        if any(sums)
    ]
    put(connection, tables.device_day, days, add=SUMS)


def _move(moved: dict[tuple[Any, ...], list[int]], counted: Counted | None, sign: int) -> None:
    if counted is None:
        return
    key, sums = counted
    total = moved.setdefault(key, [0] * len(SUMS))
    for index, each in enumerate(sums):
        total[index] += sign * each


def _told(connection: Connection, who: Who, numbers: Sequence[str]) -> dict[str, list[Told]]:
    entries = tables.entry
    found: dict[str, list[Told]] = {}
    if not numbers:
        return found
    query = _TOLD.where(of(entries, who), entries.c.key.in_(numbers))
    for key, *rest in connection.execute(query):
        found.setdefault(key, []).append(Told(*rest))
    return found


def _parts(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[start : start + NUMBERS] for start in range(0, len(numbers), NUMBERS))
