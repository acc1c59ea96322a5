"""Any two books compared and added up: what is found of one number, and how much it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from kiosk.domain.difference import Reason, Verdict
from kiosk.domain.money import Money


class Compared(Protocol):
    """All that two books say of one number, "here" and "there", and why they say it."""

    @property
    def cause(self) -> Reason:
        """Why."""

    @property
    def number(self) -> str:
        """What both know it by."""

    @property
    def at(self) -> str:
        """When, in Beijing."""

    @property
    def here(self) -> Money:
        """What moved by the first book: what came counts up, what went counts down."""

    @property
    def there(self) -> Money:
        """What moved by the second."""

    @property
    def difference(self) -> Money:
        """What the second says beyond the first."""


@dataclass(slots=True)
class Sum:
    """So many findings, and the fen that moved by the one book and the other."""

    numbers: int = 0
    here: int = 0
    there: int = 0


@dataclass(slots=True)
class Tally:
    """The findings added up, by cause and currency."""

    sums: dict[tuple[Reason, str], Sum] = field(default_factory=dict)

    def add(self, finding: Compared) -> None:
        """Count one more."""
        here = finding.here
        key = (finding.cause, here.currency)
        total = self.sums.get(key)
        if total is None:
            total = self.sums[key] = Sum()
        total.numbers += 1
        total.here += here.fen
        total.there += finding.there.fen

    def numbers(self, cause: Reason) -> int:
        """How many findings have this cause."""
        return sum(total.numbers for (each, _), total in self.sums.items() if each is cause)

    def total(self, currency: str, verdict: Verdict | None = None) -> Sum:
        """All of one currency, and of one verdict if it is given."""
        chosen = [
            total
            for (cause, unit), total in self.sums.items()
            if unit == currency and verdict in (None, cause.verdict)
        ]
        return Sum(
            sum(each.numbers for each in chosen),
            sum(each.here for each in chosen),
            sum(each.there for each in chosen),
        )
