"""The board over the counter, thought out without a widget: who is new, what fits, which page.

A number that is ready for the first time is fresh for `FRESH` seconds. Numbers are set as large
as lets all of them be seen; where even the smallest are too many, pages take turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kiosk.messages.menu import OrdersShown

FRESH = 10.0  # seconds
TURN = 6.0  # seconds a page is seen
WIDE, HIGH = 3.4, 1.55  # a number's place in heights of its font: four digits and some air


@dataclass(frozen=True, slots=True)
class Grid:
    """Places for numbers, `size` the height of their font in pixels."""

    size: float
    columns: int
    rows: int

    @property
    def places(self) -> int:
        """How many there are."""
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Orders:
    """What the board shows; `fresh` says until when a number is lit."""

    preparing: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    """The newest first."""
    fresh: dict[str, float] = field(default_factory=dict)
    known: bool = False
    """The core has said something: what is ready from now on is new."""

    def follow(self, shown: OrdersShown, now: float) -> Orders:
        """After what the core says."""
        came = set(shown.ready) - set(self.ready) if self.known else set()
        lit = {one: until for one, until in self.fresh.items() if one in shown.ready}
        lit |= dict.fromkeys(came, now + FRESH)
        return Orders(shown.preparing, shown.ready[::-1], lit, known=True)

    def at(self, now: float) -> Orders:
        """With what is not fresh any more left out; the same object where nothing changed."""
        lit = {one: until for one, until in self.fresh.items() if until > now}
        return self if lit == self.fresh else replace(self, fresh=lit)

    def newly(self, before: Orders) -> bool:
        """Whether a number became fresh."""
        return any(one not in before.fresh for one in self.fresh)

    @property
    def empty(self) -> bool:
        """Whether nothing is ordered."""
        return not self.preparing and not self.ready


def grid_for(count: int, width: float, height: float, sizes: Sequence[float]) -> Grid:
    """The grid of the largest size in which so many fit; that of the smallest where none does."""
    grid = Grid(sizes[0], 1, 1)
    for size in sizes:
        columns, rows = int(width // (size * WIDE)), int(height // (size * HIGH))
        grid = Grid(size, max(columns, 1), max(rows, 1))
        if count <= columns * rows:
            break
    return grid


def turn_of(numbers: Sequence[str], places: int, now: float) -> Sequence[str]:
    """The page whose turn it is."""
    pages = max(-(-len(numbers) // places), 1)
    page = int(now / TURN) % pages
    return numbers[page * places : (page + 1) * places]
