"""One line of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, what came out, and what it must be; "": it is there to compare with."""

    what: str
    found: str
    budget: str = ""
