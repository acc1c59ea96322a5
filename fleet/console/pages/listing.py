"""A page of lines, newest first: a filter, a file of the same lines, and what lies further back.

Its first page is renewed by itself; further back nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fleet.console.markup import Markup, join, tag
from fleet.console.pages.caller import Caller, show
from fleet.console.pages.filters import filter_form, pages_on, place_of, same_with
from fleet.console.roles import Act
from fleet.console.view import View

EVERY, FRESH = 2.0, 1.5  # seconds
LINES = 50


class Placed(Protocol):
    """A line that says where it stands among all."""

    @property
    def place(self) -> tuple[str, ...]: ...


Filter = TypeVar("Filter")
Line = TypeVar("Line", bound=Placed)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Filter, Line]):
    """`where` it is and where its `file` is; `title` and `notes` are keys of the texts.

    `ask` answers so many lines behind a place, `draw` the table of them.
    """

    where: str
    file: str
    title: str
    notes: Sequence[str]
    ask: Callable[[View, Filter, tuple[str, ...], int], list[Line]]
    draw: Callable[[Caller, list[Line], Filter], Markup]


async def show_listing(
    caller: Caller, listing: Listing[Filter, Line], wanted: Filter, fields: Sequence[Markup]
) -> None:
    """Show it with the lines that the filter wants, from where the address says."""
    say, place = caller.say, place_of(caller)
    note = tag("p", " ".join(say(key) for key in listing.notes), class_="soft")
    show(tag("div", tag("h1", say(listing.title)), note, class_="title"))
    export = tag(
        "a", say("export"), href=same_with(caller, listing.file, {}), class_="quiet", download=True
    )
    more = export if caller.user.may(Act.EXPORT) else None
    show(filter_form(say, listing.where, fields, more))
    listed = show("", "panel")

    async def renew() -> None:
        found = await caller.watch(
            (listing.where, wanted, place),
            FRESH,
            lambda view: listing.ask(view, wanted, place, LINES + 1),
        )
        last = found[LINES - 1].place if len(found) > LINES else None
        lines = listing.draw(caller, found[:LINES], wanted)
        listed.set_content(str(join([lines, pages_on(caller, listing.where, last)])))

    await renew()
    if not place:
        caller.every(EVERY, renew)
