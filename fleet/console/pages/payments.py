"""Payments, newest first; the first page is renewed by itself."""

from __future__ import annotations

from fleet.console.markup import Column, Markup, table, tag
from fleet.console.pages.caller import Caller, query_text
from fleet.console.pages.filters import (
    CHANNELS,
    entry,
    place_fields,
    select,
)
from fleet.console.pages.listing import Listing, show_listing
from fleet.console.pages.rows import payment_row
from fleet.console.questions import payments as asked
from fleet.console.questions.payments import SHORTEST, Booked, Outcome, PaymentFilter
from fleet.console.roles import Role
from fleet.console.words import channel_text, method_text, midnight_ms, outcome_badge
from kiosk.domain.payment import Method

FILE = "/payments.csv"


async def payments(caller: Caller) -> None:
    """The page."""
    wanted = wanted_payments(caller)
    await show_listing(caller, _LISTING, wanted, await _fields(caller, wanted))


def wanted_payments(caller: Caller) -> PaymentFilter:
    """The filter that the address names."""
    outcome = query_text(caller, "outcome")
    known = outcome in {each.value for each in Outcome}
    return PaymentFilter(
        merchant_id=query_text(caller, "merchant"),
        store_id=query_text(caller, "store"),
        terminal_id=query_text(caller, "terminal"),
        channel=query_text(caller, "channel"),
        method=query_text(caller, "way"),
        outcome=Outcome(outcome) if known else None,
        begun_ms=midnight_ms(query_text(caller, "day")),
        number=query_text(caller, "number"),
    )


async def _fields(caller: Caller, wanted: PaymentFilter) -> list[Markup]:
    say = caller.say
    everything = ("", say("filter.all"))
    outcomes = [(each.value, say(f"outcome.{each.value}")) for each in Outcome]
    channels = [(each, channel_text(say, each)) for each in CHANNELS]
    methods = [(each.value, method_text(say, each.value)) for each in Method]
    chosen = wanted.outcome.value if wanted.outcome else ""
    return [
        *await place_fields(caller),
        entry("terminal", say("terminal.title"), wanted.terminal_id, size="8"),
        entry("day", say("payments.begun_on"), query_text(caller, "day"), type="date"),
        select("outcome", say("payments.state"), [everything, *outcomes], chosen),
        select("channel", say("channel.title"), [everything, *channels], wanted.channel),
        select("way", say("method.title"), [everything, *methods], wanted.method),
        entry("number", say("payments.search"), wanted.number, type="search", size="24"),
    ]


def _table(caller: Caller, found: list[Booked], wanted: PaymentFilter) -> Markup:
    say = caller.say
    whose = caller.user.role is Role.PROVIDER
    columns = [
        Column(say("payments.begun")),
        Column(say("payments.amount"), number=True),
        Column(say("payments.tender")),
        Column(say("payments.state")),
        Column(say("payments.number")),
        *([Column(say("merchant"))] if whose else []),
        Column(say("terminal.title")),
        Column(say("payments.transaction")),
    ]
    rows = [
        (
            *payment_row(say, each, outcome_badge(say, each.outcome)),
            *([tag("span", each.who.merchant_id, class_="id")] if whose else []),
            tag("a", each.who.terminal_id, href=f"/terminals/{each.who}", class_="code"),
            tag("span", each.payment.transaction_id or "–", class_="code"),
        )
        for each in found
    ]
    short = 0 < len(wanted.number) < SHORTEST
    empty = say("payments.short", count=SHORTEST) if short else say("payments.none")
    return table(say("payments.title"), columns, rows, empty)


_LISTING = Listing(
    "/payments", "/payments.csv", "payments.title", ("time.zone",), asked.payments, _table
)
