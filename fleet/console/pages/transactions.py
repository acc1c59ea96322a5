"""What every device sold, a line a day, channel and way to pay; a line leads to its payments."""

from __future__ import annotations

from fleet.console.markup import Column, Markup, table, tag
from fleet.console.pages.caller import Caller, query_text
from fleet.console.pages.filters import (
    CHANNELS,
    entry,
    link,
    place_fields,
    select,
)
from fleet.console.pages.listing import Listing, show_listing
from fleet.console.questions import sums as asked
from fleet.console.questions.sums import DayFilter, DeviceDay
from fleet.console.roles import Role
from fleet.console.words import channel_text, day_text, method_text, midnight_ms, money
from kiosk.domain.payment import Method

FILE = "/transactions.csv"


async def transactions(caller: Caller) -> None:
    """The page."""
    wanted = wanted_days(caller)
    await show_listing(caller, _LISTING, wanted, await _fields(caller, wanted))


def wanted_days(caller: Caller) -> DayFilter:
    """The filter that the address names."""
    return DayFilter(
        merchant_id=query_text(caller, "merchant"),
        store_id=query_text(caller, "store"),
        terminal_id=query_text(caller, "terminal"),
        channel=query_text(caller, "channel"),
        method=query_text(caller, "way"),
        first=_day(query_text(caller, "first")),
        last=_day(query_text(caller, "last")),
    )


def _day(text: str) -> int:
    return int(text.replace("-", "")) if midnight_ms(text) is not None else 0


async def _fields(caller: Caller, wanted: DayFilter) -> list[Markup]:
    say = caller.say
    everything = ("", say("filter.all"))
    channels = [(each, channel_text(say, each)) for each in CHANNELS]
    methods = [(each.value, method_text(say, each.value)) for each in Method]
    return [
        *await place_fields(caller),
        entry("terminal", say("terminal.title"), wanted.terminal_id, size="8"),
        select("channel", say("channel.title"), [everything, *channels], wanted.channel),
        select("way", say("method.title"), [everything, *methods], wanted.method),
        entry("first", say("filter.from"), query_text(caller, "first"), type="date"),
        entry("last", say("filter.to"), query_text(caller, "last"), type="date"),
    ]


def _table(caller: Caller, found: list[DeviceDay], _wanted: DayFilter) -> Markup:
    say = caller.say
    columns = [
        Column(say("day")),
        *([Column(say("merchant"))] if _whose(caller) else []),
        Column(say("store")),
        Column(say("terminal.title")),
        Column(say("channel.title")),
        Column(say("method.title")),
        Column(say("transactions.paid"), number=True),
        Column(say("transactions.sum"), number=True),
        Column(say("transactions.late"), number=True),
        Column(say("transactions.refunds"), number=True),
        Column(say("transactions.refund_sum"), number=True),
    ]
    rows = [(*_front(caller, each), *_sums(each)) for each in found]
    return table(say("transactions.title"), columns, rows, say("transactions.none"))


def _front(caller: Caller, line: DeviceDay) -> tuple[object, ...]:
    say, day = caller.say, day_text(line.day)
    where = link(
        "/payments",
        merchant=line.merchant_id,
        terminal=line.terminal_id,
        day=day,
        channel=line.channel,
        way=line.method,
    )
    return (
        tag("a", day, href=where, title=say("transactions.to_payments")),
        *([tag("span", line.merchant_id, class_="id")] if _whose(caller) else []),
        line.store_id or "–",
        tag("a", line.terminal_id, href=where, class_="code"),
        channel_text(say, line.channel),
        method_text(say, line.method),
    )


def _whose(caller: Caller) -> bool:
    return caller.user.role is Role.PROVIDER


def _sums(line: DeviceDay) -> tuple[object, ...]:
    sums, currency = line.sums, line.sums.currency
    return (
        f"{sums.paid:,}",
        money(sums.paid_fen, currency),
        f"{sums.late:,}" if sums.late else "–",
        f"{sums.refunds:,}" if sums.refunds else "–",
        money(sums.refund_fen, currency) if sums.refunds else "–",
    )


_LISTING = Listing(
    "/transactions",
    FILE,
    "transactions.title",
    ("transactions.note", "time.zone"),
    asked.device_days,
    _table,
)
