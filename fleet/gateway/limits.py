"""How much may go through the gateway: at once and in a day, by merchant, store and terminal.

Every limit that is there binds; a day is one of Beijing time, and counts what was not declined,
closed or undone. Whoever counts holds the merchant's row, so that requests at the same moment
cannot exceed together what each may alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from fleet import tables
from fleet.accounts.journal import MOST_FEN
from fleet.database import Database, locked, put
from fleet.days import DAY_MS, day_begin
from fleet.gateway.caller import Caller
from fleet.gateway.states import FREE, FREE_REFUNDS
from fleet.gateway.tables import gateway_limit, gateway_order, gateway_refund


@dataclass(frozen=True, slots=True)
class Limits:
    """In fen; None: no limit. The second and the fourth are sums of a day."""

    payment_fen: int | None = None
    day_fen: int | None = None
    refund_fen: int | None = None
    refund_day_fen: int | None = None

    def __post_init__(self) -> None:
        if any(fen is not None and not 0 <= fen <= MOST_FEN for fen in asdict(self).values()):
            raise ValueError(f"a limit is from 0 to {MOST_FEN} fen")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a limit is for: the merchant where both are "", or one store, or one terminal."""

    merchant_id: str
    store_id: str = ""
    terminal_id: str = ""

    def __post_init__(self) -> None:
        if self.store_id and self.terminal_id:
            raise ValueError("a limit is for a store or for a terminal, not for both")


def set_limits(database: Database, scope: Scope, limits: Limits) -> None:
    """These and no others, from the next request on."""
    with database.write() as connection:
        put(connection, gateway_limit, [{**asdict(scope), **asdict(limits)}])


def limits_of(database: Database, merchant_id: str) -> list[tuple[Scope, Limits]]:
    """All limits of a merchant, its own first."""
    limits = gateway_limit
    query = (
        select(limits)
        .where(limits.c.merchant_id == merchant_id)
        .order_by(limits.c.terminal_id, limits.c.store_id)
    )
    with database.read() as connection:
        return [
            (Scope(row.merchant_id, row.store_id, row.terminal_id), _limits(row))
            for row in connection.execute(query)
        ]


def payment_excess(
    connection: Connection, binding: Iterable[Row[Any]], fen: int, now_ms: int
) -> str:
    """Which of the limits that were held a payment would exceed, for staff; "": none."""
    for row in binding:
        if row.payment_fen is not None and fen > row.payment_fen:
            return f"{_scope(row)} pays at most {row.payment_fen} fen at once"
        if row.day_fen is not None:
            spent = _sum(connection, gateway_order, row, FREE, now_ms)
            if spent + fen > row.day_fen:
                return f"{_scope(row)} takes at most {row.day_fen} fen in a day"
    return ""


def refund_excess(
    connection: Connection, binding: Iterable[Row[Any]], fen: int, now_ms: int
) -> str:
    """Which of the limits that were held a refund would exceed, for staff; "": none."""
    for row in binding:
        if row.refund_fen is not None and fen > row.refund_fen:
            return f"{_scope(row)} gives back at most {row.refund_fen} fen at once"
        if row.refund_day_fen is not None:
            given = _sum(connection, gateway_refund, row, FREE_REFUNDS, now_ms)
            if given + fen > row.refund_day_fen:
                return f"{_scope(row)} gives back at most {row.refund_day_fen} fen in a day"
    return ""


def hold(connection: Connection, caller: Caller) -> list[Row[Any]]:
    """The limits that bind the caller.

    Where there are any, others who count for the same merchant wait until the transaction ends.
    """
    limits, merchants = gateway_limit.c, tables.merchant
    query = select(gateway_limit).where(
        limits.merchant_id == caller.merchant_id,
        limits.store_id.in_(("", caller.store_id)),
        limits.terminal_id.in_(("", caller.who.terminal_id)),
    )
    if not connection.execute(query).all():
        return []
    one = select(merchants.c.merchant_id).where(merchants.c.merchant_id == caller.merchant_id)
    connection.execute(locked(one))
    return list(connection.execute(query))


def _sum(
    connection: Connection, table: Table, row: Row[Any], free: frozenset[str], now_ms: int
) -> int:
    """What of the day counts for the scope of a limit's row."""
    begin = day_begin(now_ms)
    query = select(func.coalesce(func.sum(table.c.fen), 0)).where(
        table.c.merchant_id == row.merchant_id,
        table.c.created_ms >= begin,
        table.c.created_ms < begin + DAY_MS,
        table.c.state.not_in(free),
    )
    if row.store_id:
        query = query.where(table.c.store_id == row.store_id)
    if row.terminal_id:
        query = query.where(table.c.terminal_id == row.terminal_id)
    return int(connection.execute(query).scalar_one())


def _scope(row: Row[Any]) -> str:
    if row.terminal_id:
        return f"terminal {row.terminal_id}"
    return f"store {row.store_id}" if row.store_id else "the merchant"


def _limits(row: Row[Any]) -> Limits:
    return Limits(row.payment_fen, row.day_fen, row.refund_fen, row.refund_day_fen)
