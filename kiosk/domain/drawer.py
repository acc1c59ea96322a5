"""What lies in the drawer: notes and coins counted by kind, and what a count finds.

    ¥100 × 3 + ¥1 × 12 + ¥0.10 × 5 = ¥312.50      counted
    float + sales − refunds + in − out             expected, as the ledger says
    counted − expected                             the difference, booked with the count

A count never changes what was sold: it only says how much more or less lies there.
"""

from __future__ import annotations

from collections.abc import Mapping

KINDS = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10)
"""Fen of the notes and coins of the renminbi that are in use, largest first."""
MOST = 9_999  # of one kind; more is a slip of the finger
MOST_MOVED = 10_000_000  # fen; the same
FLOAT, PAY_IN, PAY_OUT, COUNT = "float", "pay_in", "pay_out", "count"
"""Why staff change what the drawer holds, beside sales and refunds."""
MOVES = frozenset({FLOAT, PAY_IN, PAY_OUT})
REASONS = ("change", "count", "look", "other")
"""Why staff open the drawer where nothing is sold, in the order of their screen."""


class NotThere(ValueError):
    """More would go out of the drawer than it holds; `fen` is what it holds."""

    def __init__(self, fen: int) -> None:
        super().__init__(f"the drawer holds {fen} fen")
        self.fen = fen


def worth(pieces: Mapping[int, int]) -> int:
    """The fen of so many pieces of each kind. Raises ValueError for a kind there is not."""
    for kind, count in pieces.items():
        if kind not in KINDS or not 0 <= count <= MOST:
            raise ValueError(f"{count} pieces of {kind} fen")
    return sum(kind * count for kind, count in pieces.items())


def moved(why: str, fen: int, held_fen: int) -> dict[str, object]:
    """The body of the entry that `fen` went into the drawer, or out of it.

    Raises ValueError for what cannot be meant, and NotThere where it does not hold so much.
    """
    if why not in MOVES or not 0 < fen <= MOST_MOVED:
        raise ValueError(f"{why} of {fen} fen")
    if why == PAY_OUT and fen > held_fen:
        raise NotThere(held_fen)
    return {"why": why, "fen": -fen if why == PAY_OUT else fen}


def counted(pieces: Mapping[int, int], held_fen: int) -> dict[str, object]:
    """The body of the entry of a count: `fen` is the difference. Raises ValueError."""
    fen = worth(pieces)
    return {
        "why": COUNT,
        "fen": fen - held_fen,
        "counted_fen": fen,
        "expected_fen": held_fen,
        "pieces": {str(kind): pieces[kind] for kind in KINDS if pieces.get(kind)},
    }
