"""Takes what kiosks upload: each line once, on the disk before it is acknowledged.

    lines, hashes checked ─► placed in the terminal's chains ─► one transaction ─► Receipt

What a batch adds is noted as an `arrival`; `books.py` adds it up afterwards, so no line that
cannot be understood ever holds up one that can be kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, insert, select, update

from fleet import tables
from fleet.chain import Branch, Gap, Held, Terminal, by_place, follows
from fleet.database import Database, insert_rows, locked
from fleet.line import POISON, Line, Poison
from fleet.who import Who, of

_COLUMNS = (
    "merchant_id", "terminal_id", "branch", "seq", "at_ms", "kind", "key", "body", "prev", "hash",
    "received_ms",
)  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the fleet has for good of the chain that the kiosk is writing.

    Everything up to `high_water` is here; `gaps` are places above it that are not. `branch` counts
    from 0 how often an old disk was put back. `new` lines were stored, of which `poison` are kept
    apart because nobody can believe them.
    """

    high_water: int
    gaps: tuple[tuple[int, int], ...]
    branch: int
    new: int
    poison: int


class Ingest:
    """Safe for threads and for processes: a terminal's batches are taken one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, who: Who, lines: Sequence[Line | Poison], now_ms: int) -> Receipt:
        """Store what is new of a batch; the answer is true after a power cut, too.

        Raises ValueError for an empty batch and KeyError for a terminal that nobody registered.
        """
        if not lines:
            raise ValueError("a batch has at least one line")
        with self._database.write() as connection:
            _hold(connection, who)
            terminal = load_terminal(connection, who)
            known = dict(terminal.branches)
            gaps = list(terminal.gaps)
            branch, placed = self._place(connection, who, terminal, lines)
            _store(connection, who, placed, now_ms)
            _keep_branches(connection, who, known, terminal, now_ms)
            _keep_gaps(connection, who, gaps, terminal.gaps, now_ms)
        for number in terminal.branches.keys() - known.keys():
            if number:
                forked_at = terminal.branches[number].forked_at
                log.warning("chain forked terminal=%s branch=%d seq=%d", who, number, forked_at)
        return Receipt(
            terminal.high_water(branch),
            tuple((gap.first, gap.last) for gap in terminal.missing(branch)),
            branch,
            len(placed),
            sum(isinstance(line, Poison) for _, line in placed),
        )

    def _place(
        self,
        connection: Connection,
        who: Who,
        terminal: Terminal,
        lines: Sequence[Line | Poison],
    ) -> tuple[int, list[tuple[int, Line | Poison]]]:
        current = terminal.branches.get(terminal.current)
        if current is None:
            current = terminal.branches[0] = Branch(0)
        if follows(current, lines):
            last = lines[-1]
            terminal.branches[current.number] = Branch(
                current.number, current.parent, current.forked_at, last.seq, last.hash
            )
            return current.number, [(current.number, line) for line in lines]
        places = [line.seq for line in lines]
        terminal.held = _held(connection, who, min(places) - 1, max(places) + 1)
        placed = [(terminal.place(line), line) for line in sorted(lines, key=lambda x: x.seq)]
        new = [(branch, line) for branch, line in placed if branch is not None]
        return _branch_of(terminal, lines[-1]), new


def _branch_of(terminal: Terminal, line: Line | Poison) -> int:
    """The newest branch that has the line, as its own or from what it grew from."""
    owners = [one.branch for one in terminal.held[line.seq] if one.hash == line.hash]
    having = [
        number
        for number in terminal.branches
        if any(
            part in owners and first <= line.seq <= last
            for part, first, last in terminal.lineage(number)
        )
    ]
    return max(having)


def _hold(connection: Connection, who: Who) -> None:
    row = tables.terminal
    query = select(row.c.terminal_id).where(of(row, who))
    if connection.execute(locked(query)).first() is None:
        raise KeyError(str(who))


def load_terminal(connection: Connection, who: Who) -> Terminal:
    """The branches and gaps of a terminal, without its lines."""
    chains, gaps = tables.chain, tables.gap
    branches = {
        row.branch: Branch(row.branch, row.parent, row.forked_at, row.top, row.top_hash)
        for row in connection.execute(select(chains).where(of(chains, who)))
    }
    missing = [
        Gap(row.branch, row.first, row.last)
        for row in connection.execute(select(gaps).where(of(gaps, who)))
    ]
    return Terminal(branches, missing)


def _held(connection: Connection, who: Who, first: int, last: int) -> dict[int, list[Held]]:
    stored = tables.entry
    query = select(stored.c.seq, stored.c.branch, stored.c.hash, stored.c.prev, stored.c.kind)
    found = connection.execute(query.where(of(stored, who), stored.c.seq.between(first, last)))
    return by_place(
        (row.seq, Held(row.branch, row.hash, row.prev, row.kind == POISON)) for row in found
    )


def _store(
    connection: Connection, who: Who, placed: Sequence[tuple[int, Line | Poison]], now_ms: int
) -> None:
    poison = [(branch, line) for branch, line in placed if isinstance(line, Poison)]
    merchant, terminal = who.merchant_id, who.terminal_id
    insert_rows(
        connection,
        tables.entry,
        _COLUMNS,
        [(merchant, terminal, branch, *_row(line, now_ms), now_ms) for branch, line in placed],
    )
    insert_rows(
        connection,
        tables.quarantine,
        ("merchant_id", "terminal_id", "branch", "seq", "cause", "raw", "seen_ms"),
        [
            (merchant, terminal, branch, line.seq, line.cause, line.raw, now_ms)
            for branch, line in poison
        ],
    )
    for _, line in poison:
        log.warning("line quarantined terminal=%s seq=%d cause=%s", who, line.seq, line.cause)
    insert_rows(
        connection,
        tables.arrival,
        ("merchant_id", "terminal_id", "branch", "first", "last", "received_ms"),
        [
            (merchant, terminal, branch, first, last, now_ms)
            for branch, first, last in _stretches(placed)
        ],
    )


def _row(line: Line | Poison, now_ms: int) -> tuple[object, ...]:
    """From seq to hash."""
    if isinstance(line, Poison):
        return line.seq, now_ms, POISON, "", "", b"", line.hash
    return line.seq, line.at_ms, line.kind, line.key, line.body, line.prev, line.hash


def _stretches(placed: Iterable[tuple[int, Line | Poison]]) -> list[tuple[int, int, int]]:
    """The places that were filled, as (branch, first, last) of those that lie side by side."""
    found: list[tuple[int, int, int]] = []
    for branch, seq in sorted((branch, line.seq) for branch, line in placed):
        if found and found[-1][0] == branch and found[-1][2] == seq - 1:
            found[-1] = (branch, found[-1][1], seq)
        else:
            found.append((branch, seq, seq))
    return found


def _keep_branches(
    connection: Connection,
    who: Who,
    known: dict[int, Branch],
    terminal: Terminal,
    now_ms: int,
) -> None:
    chains = tables.chain
    for number, branch in terminal.branches.items():
        if number not in known:
            connection.execute(
                insert(chains).values(
                    merchant_id=who.merchant_id,
                    terminal_id=who.terminal_id,
                    branch=number,
                    parent=branch.parent,
                    forked_at=branch.forked_at,
                    top=branch.top,
                    top_hash=branch.top_hash,
                    begun_ms=now_ms,
                )
            )
        elif branch != known[number]:
            connection.execute(
                update(chains)
                .where(of(chains, who), chains.c.branch == number)
                .values(top=branch.top, top_hash=branch.top_hash)
            )


def _keep_gaps(
    connection: Connection, who: Who, before: Sequence[Gap], after: Sequence[Gap], now_ms: int
) -> None:
    gaps = tables.gap
    for gap in set(before) - set(after):
        place = and_(gaps.c.branch == gap.branch, gaps.c.first == gap.first)
        connection.execute(delete(gaps).where(of(gaps, who), place))
    insert_rows(
        connection,
        gaps,
        ("merchant_id", "terminal_id", "branch", "first", "last", "seen_ms"),
        [
            (who.merchant_id, who.terminal_id, gap.branch, gap.first, gap.last, now_ms)
            for gap in set(after) - set(before)
        ],
    )
