"""How the terminals are, and why; what the register and the chains say of each.

PLANNED RETIRED LOST     what the register says
NEVER                    it has joined and was never heard
SILENT                   it was, but not for five minutes
TROUBLE                  a device, a channel or its ledger has a cause that somebody must see
WELL                     none of these
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, tuple_

from fleet import tables
from fleet.console.view import View
from fleet.health import troubles
from fleet.ingest import load_terminal
from fleet.register import LOST, PLANNED, RETIRED
from fleet.who import Who, of

SILENT_MS = 5 * 60 * 1000
EVENTS = 50


class Condition(Enum):
    """How a terminal is, the worst first."""

    TROUBLE = "trouble"
    SILENT = "silent"
    NEVER = "never"
    WELL = "well"
    PLANNED = "planned"
    LOST = "lost"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class TerminalFilter:
    """Which terminals; what is empty narrows nothing."""

    merchant_id: str = ""
    store_id: str = ""
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One terminal: `troubles` by the name of channel or device, `forks` and `gaps` of its chain.

    `heard_ms` is 0 where it was never heard; `aside` are the lines nobody can believe. A shopper
    has called for help since `called_ms` (0: nobody has), and waits for `held` approvals; `closed`
    is why its staff have closed it.
    """

    who: Who
    store_id: str
    store_name: str
    serial: str
    condition: Condition
    heard_ms: int
    version: str
    joined_ms: int
    troubles: dict[str, str]
    channels: tuple[str, ...]
    devices: tuple[str, ...]
    forks: int
    gaps: int
    aside: int
    called_ms: int = 0
    held: int = 0
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a terminal's life, as the register keeps it."""

    at_ms: int
    what: str
    by: str


def terminals(
    view: View,
    wanted: TerminalFilter,
    now_ms: int,
    after: Sequence[str] = (),
    limit: int = 50,
) -> list[Seen]:
    """Terminals by merchant and number; `after`: (merchant, terminal) of the last known one."""
    table = tables.terminal
    query = _query(view, now_ms)
    if wanted.merchant_id:
        query = query.where(table.c.merchant_id == wanted.merchant_id)
    if wanted.store_id:
        query = query.where(table.c.store_id == wanted.store_id)
    if wanted.condition is not None:
        query = query.where(_condition(now_ms) == wanted.condition.value)
    order = (table.c.merchant_id, table.c.terminal_id)
    if len(after) == len(order):
        query = query.where(tuple_(*order) > tuple_(*after))
    return [_seen(view, row) for row in view.all(query.order_by(*order).limit(limit))]


def terminal(view: View, who: Who, now_ms: int) -> Seen:
    """One terminal. Raises NotThere."""
    return _seen(view, view.one(_query(view, now_ms).where(of(tables.terminal, who))))


def conditions(view: View, now_ms: int) -> dict[Condition, int]:
    """How many terminals are how; every condition is there."""
    found = _condition(now_ms).label("found")
    health = tables.health
    query = view.select(tables.terminal, found, func.count()).outerjoin(health, _same(health))
    counts = {row[0]: int(row[1]) for row in view.all(query.group_by(found))}
    return {each: counts.get(each.value, 0) for each in Condition}


def life(view: View, who: Who) -> list[Happened]:
    """What the register says happened to it, newest first. Raises NotThere."""
    view.terminal(who)
    events = tables.terminal_event
    query = view.select(events).where(of(events, who)).order_by(events.c.number.desc())
    return [Happened(row.at_ms, row.what, row.who) for row in view.all(query.limit(EVENTS))]


def merchants(view: View) -> list[tuple[str, str]]:
    """(id, name) of the merchants, by name."""
    table = tables.merchant
    query = view.select(table, table.c.merchant_id, table.c.name)
    return [(row[0], row[1]) for row in view.all(query.order_by(table.c.name).limit(500))]


def stores(view: View, merchant_id: str) -> list[tuple[str, str]]:
    """(id, name) of a merchant's stores, by name."""
    table = tables.store
    query = view.select(table, table.c.store_id, table.c.name)
    query = query.where(table.c.merchant_id == merchant_id).order_by(table.c.name)
    return [(row[0], row[1]) for row in view.all(query.limit(500))]


# --- inside -------------------------------------------------------------------------------------


def _query(view: View, now_ms: int) -> Any:
    table, health, store = tables.terminal, tables.health, tables.store
    aside = tables.quarantine
    columns = (
        table,
        store.c.name.label("store_name"),
        health.c.version,
        health.c.report,
        _branched().label("branched"),
        select(func.count()).where(_same(aside)).correlate(table).scalar_subquery().label("aside"),
        _condition(now_ms).label("condition"),
    )
    in_store = and_(
        store.c.merchant_id == table.c.merchant_id, store.c.store_id == table.c.store_id
    )
    query = view.select(table, *columns)
    return query.outerjoin(health, _same(health)).outerjoin(store, in_store)


def _condition(now_ms: int) -> Any:
    table, health, aside = tables.terminal, tables.health, tables.quarantine
    kept_aside = exists().where(_same(aside)).correlate(table)
    broken = or_(health.c.troubles > 0, _branched(), kept_aside)
    return case(
        (table.c.status == PLANNED, Condition.PLANNED.value),
        (table.c.status == LOST, Condition.LOST.value),
        (table.c.status == RETIRED, Condition.RETIRED.value),
        (table.c.seen_ms == 0, Condition.NEVER.value),
        (table.c.seen_ms < now_ms - SILENT_MS, Condition.SILENT.value),
        (broken, Condition.TROUBLE.value),
        else_=Condition.WELL.value,
    )


def _branched() -> ColumnElement[bool]:
    chain = tables.chain
    return exists().where(_same(chain), chain.c.branch > 0).correlate(tables.terminal)


def _same(table: Any) -> ColumnElement[bool]:
    terminals = tables.terminal
    return and_(
        table.c.merchant_id == terminals.c.merchant_id,
        table.c.terminal_id == terminals.c.terminal_id,
    )


def _seen(view: View, row: Any) -> Seen:
    who = Who(row.merchant_id, row.terminal_id)
    report = json.loads(row.report) if row.report else {}
    forks, gaps = _chain(view, who) if row.branched else (0, 0)
    return Seen(
        who=who,
        store_id=row.store_id,
        store_name=row.store_name or row.store_id,
        serial=row.serial,
        condition=Condition(row.condition),
        heard_ms=row.seen_ms,
        version=row.version or "",
        joined_ms=row.joined_ms,
        troubles=troubles(report),
        channels=_named(report, "channels"),
        devices=_named(report, "devices"),
        forks=forks,
        gaps=gaps,
        aside=int(row.aside),
        called_ms=_number(_asked(report).get("called_ms")),
        held=_number(_asked(report).get("held")),
        closed=str(report.get("closed") or ""),
    )


def _asked(report: dict[str, Any]) -> dict[str, Any]:
    """What a kiosk's shopper asks of its staff; an older kiosk does not say."""
    asked = report.get("asking")
    return asked if isinstance(asked, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _chain(view: View, who: Who) -> tuple[int, int]:
    """How often an old disk was put back, and how many runs of lines are missing."""
    with view.database.read() as connection:
        chains = load_terminal(connection, who)
    branches = chains.branches.values()
    missing = {chains.missing(one.number) for one in branches} - {None}
    return sum(chains.forked(one) for one in branches), len(missing)


def _named(report: dict[str, Any], kind: str) -> tuple[str, ...]:
    part = report.get(kind)
    return tuple(sorted(part)) if isinstance(part, dict) else ()
