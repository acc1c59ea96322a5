"""What a terminal is to be set up as, and what it says that it is."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.console.view import View
from fleet.down import tables
from fleet.down.desired import Desired, State
from fleet.who import Who, of


@dataclass(frozen=True, slots=True)
class Setup:
    """One kind of document; version 0: none. `state` is None where it has said nothing yet."""

    kind: str
    desired: int
    applied: int
    state: State | None
    said: str
    at_ms: int


def setup(view: View, who: Who) -> list[Setup]:
    """Every kind that is desired or was ever taken, by name. Raises NotThere."""
    view.terminal(who)
    applied = tables.applied
    told = {row.kind: row for row in view.all(view.select(applied).where(of(applied, who)))}
    wanted = Desired(view.database).of(who)
    found = []
    for kind in sorted({*told, *wanted}):
        version = wanted[kind].version if kind in wanted else 0
        row = told.get(kind)
        if row is None:
            found.append(Setup(kind, version, 0, None, "", 0))
        else:
            state = State(row.state)
            found.append(Setup(kind, version, row.version, state, row.said, row.at_ms))
    return found
