"""The line of filters above a list: a form that puts them into the address, and links that page on.

So a list can be kept as a bookmark, sent to a colleague, and left by the browser's own way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from fleet.console.markup import Markup, join, tag
from fleet.console.pages.caller import Caller, printable, query_text
from fleet.console.questions import terminals as asked
from fleet.console.texts import Texts

NEXT = "~"  # no id has it
AFTER = "after"
_NUMBER = re.compile("[0-9]{1,15}")
CHANNELS = ("wechatpay", "alipay", "unionpay", "stored_value", "cash")


def select(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> Markup:
    """A labelled choice; an option whose value is "" stands for all."""
    known = list(options)
    if chosen and chosen not in {value for value, _ in known}:
        known.append((chosen, chosen))
    choices = join(
        tag("option", text, value=value, selected=value == chosen) for value, text in known
    )
    field = f"f-{name}"
    return tag(
        "div",
        tag("label", label, for_=field),
        tag("select", choices, id=field, name=name),
        class_="field",
    )


def entry(name: str, label: str, value: str, **attributes: object) -> Markup:
    """A labelled field."""
    field = f"f-{name}"
    box = tag("input", id=field, name=name, value=value, **attributes)
    return tag("div", tag("label", label, for_=field), box, class_="field")


def filter_form(say: Texts, where: str, fields: Sequence[Markup], more: Markup | None) -> Markup:
    """The form; `more` stands at its end, such as a link to the same rows as a file."""
    buttons = tag(
        "div",
        tag("button", say("filter.apply"), type="submit", class_="main"),
        tag("a", say("filter.clear"), href=where, class_="quiet"),
        more,
        class_="buttons",
    )
    return tag("form", *fields, buttons, action=where, class_="filters", role="search")


async def place_fields(caller: Caller) -> list[Markup]:
    """Choices of merchant and store, as far as this user has more than one."""
    say, merchant = caller.say, query_text(caller, "merchant")
    merchants = await caller.ask(asked.merchants)
    fields = []
    if len(merchants) > 1:
        options = [("", say("filter.all")), *merchants]
        fields.append(select("merchant", say("merchant"), options, merchant))
    only = merchant or (merchants[0][0] if len(merchants) == 1 else "")
    stores = await caller.ask(asked.stores, only) if only else []
    if len(stores) > 1:
        options = [("", say("filter.all")), *stores]
        fields.append(select("store", say("store"), options, query_text(caller, "store")))
    return fields


def link(where: str, **query: str) -> str:
    """An address with the values that are not empty."""
    kept = {name: value for name, value in query.items() if value}
    return f"{where}?{urlencode(kept)}" if kept else where


def same_with(caller: Caller, where: str, change: Mapping[str, str]) -> str:
    """This list's address with other values."""
    known = {name: query_text(caller, name) for name in caller.request.query_params}
    return link(where, **{**known, **change})


def place_of(caller: Caller, *, dated: bool = True) -> tuple[str, ...]:
    """Behind which row the page begins; () at the beginning or where it is none.

    `dated`: its rows stand in the order of a time or day, which is a number.
    """
    text = printable(caller.request.query_params.get(AFTER, "")[:400])
    place = tuple(text.split(NEXT)) if text else ()
    return () if place and dated and not _NUMBER.fullmatch(place[0]) else place


def pages_on(caller: Caller, where: str, last: Sequence[str] | None) -> Markup:
    """Links to the beginning and behind the last row shown; `last` is None where no more follow."""
    say, links = caller.say, []
    if caller.request.query_params.get(AFTER):
        newest = same_with(caller, where, {AFTER: ""})
        links.append(tag("a", say("filter.first"), href=newest))
    if last is not None:
        onward = same_with(caller, where, {AFTER: NEXT.join(last)})
        links.append(tag("a", say("filter.more"), href=onward, rel="next"))
    return tag("nav", *links, class_="paging", aria_label=say("filter.paging"))
