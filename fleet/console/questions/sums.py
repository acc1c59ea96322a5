"""What was sold: today at a glance, by hour, by day, and a row a device, day, channel and way.

A payment counts on the day it ended in the shop's time zone; by hour it counts where it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, tuple_

from fleet import tables
from fleet.console.view import View
from fleet.count import SUMS
from kiosk.domain.payment import State

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts and fen of one currency."""

    currency: str = CURRENCY
    paid: int = 0
    paid_fen: int = 0
    late: int = 0
    late_fen: int = 0
    refunds: int = 0
    refund_fen: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """What was paid in one hour (0 to 23) or on one day (20261126)."""

    at: int
    paid: int
    fen: int


@dataclass(frozen=True, slots=True)
class DeviceDay:
    """What one device sold on one day by one channel and way to pay; refunds have no way."""

    merchant_id: str
    terminal_id: str
    store_id: str
    day: int
    channel: str
    method: str
    sums: Sums

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands among all, for `before`."""
        front = (str(self.day), self.merchant_id, self.terminal_id)
        return (*front, self.channel, self.method, self.sums.currency)


@dataclass(frozen=True, slots=True)
class DayFilter:
    """Which device days; what is empty or 0 narrows nothing. Days are inclusive, as 20261126."""

    merchant_id: str = ""
    store_id: str = ""
    terminal_id: str = ""
    channel: str = ""
    method: str = ""
    first: int = 0
    last: int = 0


def day_sums(view: View, day: int) -> list[Sums]:
    """What was sold on a day, a row a currency; the usual one is always there, and first."""
    days = tables.device_day
    totals = [func.coalesce(func.sum(days.c[name]), 0) for name in SUMS]
    query = view.select(days, days.c.currency, *totals).where(days.c.day == day)
    found = {row[0]: Sums(row[0], *map(int, row[1:])) for row in _grouped(view, query)}
    usual = found.pop(CURRENCY, Sums())
    return [usual, *(found[name] for name in sorted(found))]


def hours(view: View, midnight_ms: int) -> list[Slot]:
    """What was paid in each hour of the day that begins at `midnight_ms`; 24 of them."""
    payments = tables.payment
    since = payments.c.created_ms - midnight_ms
    hour = ((since - since % HOUR_MS) // HOUR_MS).label("hour")
    query = (
        view.select(payments, hour, func.count(), func.sum(payments.c.taken_fen))
        .where(
            payments.c.created_ms >= midnight_ms,
            payments.c.created_ms < midnight_ms + DAY_MS,
            payments.c.state == State.PAID.value,
            payments.c.currency == CURRENCY,
        )
        .group_by(hour)
    )
    found = {int(row[0]): Slot(int(row[0]), int(row[1]), int(row[2])) for row in view.all(query)}
    return [found.get(each, Slot(each, 0, 0)) for each in range(24)]


def days(view: View, wanted: Sequence[int]) -> list[Slot]:
    """What was paid on each of these days, in their order."""
    table = tables.device_day
    query = (
        view.select(table, table.c.day, func.sum(table.c.paid), func.sum(table.c.paid_fen))
        .where(table.c.day.in_(wanted), table.c.currency == CURRENCY)
        .group_by(table.c.day)
    )
    found = {row[0]: Slot(row[0], int(row[1]), int(row[2])) for row in view.all(query)}
    return [found.get(day, Slot(day, 0, 0)) for day in wanted]


def device_days(
    view: View, wanted: DayFilter, before: Sequence[str] = (), limit: int = 50
) -> list[DeviceDay]:
    """Rows of device and day, newest first; `before`: the place of the last one that is known."""
    table, terminals = tables.device_day, tables.terminal
    names = ("merchant_id", "terminal_id", "day", "channel", "method", "currency")
    columns = [table.c[name] for name in (*names, *SUMS)]
    query = view.select(table, *columns, terminals.c.store_id).outerjoin(
        terminals,
        (terminals.c.merchant_id == table.c.merchant_id)
        & (terminals.c.terminal_id == table.c.terminal_id),
    )
    for name in ("merchant_id", "terminal_id", "channel", "method"):
        if value := getattr(wanted, name):
            query = query.where(table.c[name] == value)
    if wanted.store_id:
        query = query.where(terminals.c.store_id == wanted.store_id)
    if wanted.first:
        query = query.where(table.c.day >= wanted.first)
    if wanted.last:
        query = query.where(table.c.day <= wanted.last)
    order = [table.c[name] for name in ("day", *(name for name in names if name != "day"))]
    if len(before) == len(order):
        place = (int(before[0]), *before[1:])
        query = query.where(table.c.day <= place[0], tuple_(*order) < tuple_(*place))
    rows = view.all(query.order_by(*(each.desc() for each in order)).limit(limit))
    return [_device_day(row) for row in rows]


def _grouped(view: View, query: Select[Any]) -> list[Any]:
    return view.all(query.group_by(tables.device_day.c.currency))


def _device_day(row: Any) -> DeviceDay:
    sums = Sums(row.currency, *(int(getattr(row, name)) for name in SUMS))
    where = (row.merchant_id, row.terminal_id, row.store_id or "")
    return DeviceDay(*where, row.day, row.channel, row.method, sums)
