"""Takes what kiosks upload: each line once, on the disk before it is acknowledged.

    lines, hashes checked ─► placed in the terminal's chains ─► one transaction ─► Receipt

What a batch adds is noted as an `arrival`; `books.py` adds it up afterwards, so no line that
cannot be understood ever holds up one that can be kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, select

from fleet import tables
from fleet.auth import UNKNOWN, Unproven
from fleet.chain import GENESIS, LOOSE, Branch, Held, Terminal, by_place, follows
from fleet.database import Database, insert_rows, locked, put
from fleet.line import POISON, Line, Poison
from fleet.who import Who, of

COLUMNS = (
    "merchant_id", "terminal_id", "branch", "seq", "at_ms", "kind", "key", "body", "prev", "hash",
    "received_ms",
)  # fmt: skip


def _owned(table: Table) -> ColumnElement[bool]:
    return and_(
        table.c.merchant_id == bindparam("merchant"), table.c.terminal_id == bindparam("terminal")
    )


# Asked for every batch, so they are put together once.
_TERMINAL = locked(select(tables.terminal.c.public_key).where(_owned(tables.terminal)))
_BRANCHES = select(
    *(tables.chain.c[name] for name in ("branch", "parent", "first", "prev", "top", "top_hash"))
).where(_owned(tables.chain))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the fleet has for good of the chain that the kiosk is writing.

    Everything up to `high_water` is here; `gaps` are places above it that are not. `forked`: the
    terminal has sent two chains, since an old disk was put back. `new` lines were stored, of which
    `poison` are kept apart because nobody can believe them.
    """

    high_water: int
    gaps: tuple[tuple[int, int], ...]
    forked: bool
    new: int
    poison: int


class Ingest:
    """Safe for threads and for processes: a terminal's batches are taken one after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self, who: Who, lines: Sequence[Line | Poison], now_ms: int, key: bytes | None = None
    ) -> Receipt:
        """Store what is new of a batch; the answer is true after a power cut, too.

        `key` is the public key that `Auth.claim` believed. Raises Unproven where the register has
        another by now, ValueError for an empty batch and KeyError for a terminal that nobody
        registered.
        """
        if not lines:
            raise ValueError("a batch has at least one line")
        with self._database.write() as connection:
            _hold(connection, who, key)
            terminal = load_terminal(connection, who)
            known = dict(terminal.branches)
            placed = _place(connection, who, terminal, lines)
            poison = [(branch, line) for branch, line in placed if isinstance(line, Poison)]
            _store(connection, who, placed, now_ms)
            _put_aside(connection, who, poison, now_ms)
            _keep_branches(connection, who, known, terminal, now_ms)
        for number in terminal.branches.keys() - known.keys():
            one = terminal.branches[number]
            if terminal.forked(one):
                log.warning("chain forked terminal=%s branch=%d seq=%d", who, number, one.first)
        branch = _branch_of(terminal, lines[-1], placed)
        missing = terminal.missing(branch)
        return Receipt(
            terminal.high_water(branch),
            () if missing is None else (missing,),
            any(terminal.forked(one) for one in terminal.branches.values()),
            len(placed),
            len(poison),
        )


def _place(
    connection: Connection, who: Who, terminal: Terminal, lines: Sequence[Line | Poison]
) -> list[tuple[int, Line | Poison]]:
    """The lines that are not here yet, each with its branch."""
    newest = terminal.newest
    if follows(terminal, lines):
        if newest is None:
            newest = Branch(0, LOOSE, lines[0].seq, GENESIS, 0, GENESIS)
        last = lines[-1]
        terminal.branches[newest.number] = replace(newest, top=last.seq, top_hash=last.hash)
        return [(newest.number, line) for line in lines]
    places = [line.seq for line in lines]
    terminal.held = _held(connection, who, min(places) - 1, max(places) + 1)
    placed = [(terminal.place(line), line) for line in sorted(lines, key=lambda x: x.seq)]
    return [(branch, line) for branch, line in placed if branch is not None]


def _branch_of(
    terminal: Terminal, line: Line | Poison, placed: Sequence[tuple[int, Line | Poison]]
) -> int:
    """The newest branch that has the line, as its own or from what it grew from."""
    owners = {branch for branch, one in placed if one is line}
    owners |= {one.branch for one in terminal.held.get(line.seq, []) if one.hash == line.hash}
    return max(
        lineage[0][0]
        for lineage in terminal.lineages()
        if any(part in owners and a <= line.seq <= b for part, a, b in lineage)
    )


def _hold(connection: Connection, who: Who, key: bytes | None) -> None:
    row = connection.execute(_TERMINAL, _named(who)).first()
    if row is None:
        raise KeyError(str(who))
    if key is not None and row.public_key != key:
        raise Unproven("TERMINAL_UNKNOWN", UNKNOWN)


def load_terminal(connection: Connection, who: Who) -> Terminal:
    """The branches of a terminal, without its lines."""
    rows = connection.execute(_BRANCHES, _named(who))
    return Terminal({row.branch: Branch(*row) for row in rows})


def _named(who: Who) -> dict[str, str]:
    return {"merchant": who.merchant_id, "terminal": who.terminal_id}


def _held(connection: Connection, who: Who, first: int, last: int) -> dict[int, list[Held]]:
    stored = tables.entry
    query = select(stored.c.seq, stored.c.branch, stored.c.hash, stored.c.kind)
    found = connection.execute(query.where(of(stored, who), stored.c.seq.between(first, last)))
    return by_place((row.seq, Held(row.branch, row.hash, row.kind == POISON)) for row in found)


def _store(
    connection: Connection, who: Who, placed: Sequence[tuple[int, Line | Poison]], now_ms: int
) -> None:
    merchant, terminal, now = who.merchant_id, who.terminal_id, now_ms
    insert_rows(
        connection,
        tables.entry,
        COLUMNS,
        [
            (
                merchant,
                terminal,
                branch,
                x.seq,
                x.at_ms,
                x.kind,
                x.key,
                x.body,
                x.prev,
                x.hash,
                now_ms,
            )
            if isinstance(x, Line)
            else (merchant, terminal, branch, x.seq, now, POISON, "", "", b"", x.hash, now)
            for branch, x in placed
        ],
    )
    insert_rows(
        connection,
        tables.arrival,
        ("merchant_id", "terminal_id", "branch", "first", "last", "received_ms"),
        [
            (merchant, terminal, branch, first, last, now)
            for branch, first, last in _stretches(placed)
        ],
    )


def _put_aside(
    connection: Connection, who: Who, poison: Sequence[tuple[int, Poison]], now_ms: int
) -> None:
    insert_rows(
        connection,
        tables.quarantine,
        ("merchant_id", "terminal_id", "branch", "seq", "cause", "raw", "seen_ms"),
        [
            (who.merchant_id, who.terminal_id, branch, line.seq, line.cause, line.raw, now_ms)
            for branch, line in poison
        ],
    )
    for _, line in poison:
        log.warning("line quarantined terminal=%s seq=%d cause=%s", who, line.seq, line.cause)


def _stretches(placed: Iterable[tuple[int, Line | Poison]]) -> list[tuple[int, int, int]]:
    """The places that were filled, as (branch, first, last) of those that lie side by side."""
    found: list[tuple[int, int, int]] = []
    start, last = (-1, 0), (-1, 0)
    for place in sorted((branch, line.seq) for branch, line in placed):
        if place != (last[0], last[1] + 1):
            if last[1]:
                found.append((*start, last[1]))
            start = place
        last = place
    return [*found, (*start, last[1])] if last[1] else found


def _keep_branches(
    connection: Connection,
    who: Who,
    known: dict[int, Branch],
    terminal: Terminal,
    now_ms: int,
) -> None:
    owner = {"merchant_id": who.merchant_id, "terminal_id": who.terminal_id}
    changed = [one for one in terminal.branches.values() if known.get(one.number) != one]
    rows = [
        {
            **owner,
            "branch": one.number,
            "parent": one.parent,
            "first": one.first,
            "prev": one.prev,
            "top": one.top,
            "top_hash": one.top_hash,
            "begun_ms": now_ms,
        }
        for one in changed
    ]
    put(connection, tables.chain, rows, keep=("begun_ms",))
    # Now that it is known what they follow, their payments may have a beginning.
    again = [
        {**owner, "branch": one.number, "first": one.first, "last": one.top, "received_ms": now_ms}
        for one in (terminal.branches[number] for number in sorted(terminal.tied))
        if one.number in known
    ]
    put(connection, tables.arrival, again)
