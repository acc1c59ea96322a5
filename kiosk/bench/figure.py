"""One figure, its budget, and the table of all of them.

A ratio is measured against something plain on the same machine in the same run, so that it says
something about our code; seconds and megabytes say something about this machine as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Budget(Enum):
    """On which side of the limit a figure must stay."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured; None, and the reason as its note, where that was not possible.

    A figure without a limit is told for what it is.
    """

    name: str
    measured: float | None
    unit: str
    limit: float | None
    budget: Budget = Budget.AT_MOST
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it keeps its budget; None where it was not measured or has none."""
        if self.measured is None or self.limit is None:
            return None
        if self.budget is Budget.AT_MOST:
            return self.measured <= self.limit
        return self.measured >= self.limit

    @property
    def used(self) -> float | None:
        """The share of the budget that is used: 1.0 is the limit itself, more is a miss."""
        if self.measured is None or self.limit is None:
            return None
        if self.budget is Budget.AT_LEAST and self.measured == 0:
            return None
        if self.budget is Budget.AT_MOST:
            return self.measured / self.limit
        return self.limit / self.measured

    def to_json(self) -> dict[str, object]:
        """All of it, by name."""
        return {
            "name": self.name,
            "measured": None if self.measured is None else round(self.measured, 3),
            "unit": self.unit,
            "budget": None if self.limit is None else f"{self.budget.value} {self.limit:g}",
            "used": None if self.used is None else round(self.used, 3),
            "met": self.met,
            "note": self.note,
        }


HEAD = ("figure", "measured", "budget", "of budget", "met", "")


def table(figures: Sequence[Figure]) -> str:
    """Aligned columns, a line a figure."""
    rows = [HEAD, *(_row(one) for one in figures)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell + " " * (widths[at] - _width(cell)) for at, cell in enumerate(row)).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[figure.met]
    if figure.measured is None:
        met = "not measured"
    used = "" if figure.used is None else f"{figure.used * 100:.0f} %"
    limit = ""
    if figure.limit is not None:
        limit = f"{figure.budget.value} {figure.limit:g} {figure.unit}"
    return figure.name, _amount(figure), limit, used, met, figure.note


def _amount(figure: Figure) -> str:
    if figure.measured is None:
        return "–"
    places = 2 if figure.measured < 10 else 1
    return f"{figure.measured:.{places}f} {figure.unit}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
