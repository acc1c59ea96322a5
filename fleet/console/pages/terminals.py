"""All terminals, how each is and why; the list is renewed by itself."""

from __future__ import annotations

from functools import partial

from fleet.console.markup import Column, join, table, tag
from fleet.console.pages.caller import Caller, query_text, show
from fleet.console.pages.filters import filter_form, pages_on, place_fields, place_of, select
from fleet.console.pages.rows import terminal_reason
from fleet.console.questions import terminals as asked
from fleet.console.questions.terminals import Condition, Seen, TerminalFilter
from fleet.console.view import View
from fleet.console.words import condition_badge, moment, since

WHERE = "/terminals"
EVERY, FRESH = 2.0, 1.5  # seconds
LINES = 50


async def terminals(caller: Caller) -> None:
    """The page."""
    say = caller.say
    wanted, place = _wanted(caller), place_of(caller, dated=False)
    note = tag("p", say("time.zone"), class_="soft")
    show(tag("div", tag("h1", say("terminals.title")), note, class_="title"))
    conditions = [(each.value, say(f"condition.{each.value}")) for each in Condition]
    chosen = wanted.condition.value if wanted.condition else ""
    fields = await place_fields(caller)
    options = [("", say("filter.all")), *conditions]
    fields.append(select("condition", say("terminals.condition"), options, chosen))
    show(filter_form(say, WHERE, fields, None))
    listed = show("", "panel")

    async def renew() -> None:
        now_ms = caller.now_ms
        question = partial(_found, wanted, now_ms, place)
        found = await caller.watch((wanted, place), FRESH, question)
        last = found[LINES - 1].who if len(found) > LINES else None
        behind = (last.merchant_id, last.terminal_id) if last else None
        paging = pages_on(caller, WHERE, behind)
        listed.set_content(str(join([_table(caller, found[:LINES], now_ms), paging])))

    await renew()
    caller.every(EVERY, renew)


def _found(wanted: TerminalFilter, now_ms: int, place: tuple[str, ...], view: View) -> list[Seen]:
    return asked.terminals(view, wanted, now_ms, place, LINES + 1)


def _wanted(caller: Caller) -> TerminalFilter:
    condition = query_text(caller, "condition")
    known = condition in {each.value for each in Condition}
    return TerminalFilter(
        query_text(caller, "merchant"),
        query_text(caller, "store"),
        Condition(condition) if known else None,
    )


def _table(caller: Caller, found: list[Seen], now_ms: int) -> str:
    say = caller.say
    columns = [
        Column(say("terminal.title")),
        Column(say("merchant")),
        Column(say("store")),
        Column(say("terminals.condition")),
        Column(say("terminals.reason")),
        Column(say("terminals.heard")),
        Column(say("terminals.version")),
    ]
    rows = [
        (
            tag("a", seen.who.terminal_id, href=f"{WHERE}/{seen.who}", class_="code"),
            tag("span", seen.who.merchant_id, class_="id", title=seen.who.merchant_id),
            seen.store_name,
            condition_badge(say, seen.condition),
            terminal_reason(say, seen, now_ms),
            tag("span", since(say, seen.heard_ms, now_ms), title=moment(seen.heard_ms)),
            seen.version or "–",
        )
        for seen in found
    ]
    return table(say("terminals.title"), columns, rows, say("terminals.none"))
