"""Notes and coins: what is handed over, what goes back, and what staff most likely hold.

due 6.90     6.90 · 7 · 10 · 20 · 50 · 100     exact, and what notes make of it
due 69.00    69 · 70 · 80 · 100
due 198.60   198.60 · 199 · 200
"""

from __future__ import annotations

from collections.abc import Mapping

MOST_CHANGE = 100_000  # fen; more is a slip of the finger, not a note
MOST_QUICK = 6
_NOTES = (100, 1000, 2000, 5000, 10_000)  # fen: a yuan, and notes of 10, 20, 50 and 100

MOVED = "cash_moved"
"""The kind of the entries that say what the drawer holds more (`fen`) or less."""
SALE, REFUND = "sale", "refund"
"""Why cash moves between the drawer and a shopper."""


def change_of(due_fen: int, tendered_fen: int) -> int | None:
    """What goes back of what was handed over, in fen; None where that cannot be meant."""
    change = tendered_fen - due_fen
    return change if 0 <= change <= MOST_CHANGE else None


def quick_amounts(due_fen: int) -> tuple[int, ...]:
    """What a shopper is likely to hand over, least first: the exact amount, and it rounded up."""
    rounded = {-(-due_fen // note) * note for note in _NOTES}
    return tuple(sorted({due_fen, *rounded}))[:MOST_QUICK]


def taken(due_fen: int, tendered_fen: int) -> dict[str, object]:
    """The body of the entry that says that the drawer holds more: `fen` counts up."""
    change = tendered_fen - due_fen
    return {"why": SALE, "fen": due_fen, "tendered_fen": tendered_fen, "change_fen": change}


def paid_out(fen: int) -> dict[str, object]:
    """The body of the entry that says that it holds less: `fen` counts down."""
    return {"why": REFUND, "fen": -fen}


def tendered(body: Mapping[str, object] | None) -> int:
    """The fen that were handed over, by the body of that entry; 0 where nobody wrote it."""
    return int(str((body or {}).get("tendered_fen", 0)))
