"""A day's books compared by `kiosk reconcile`: how long, and how much memory, also of many days."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kiosk.bench.figure import Figure
from kiosk.reconciling.measure import measure

PAYMENTS = 100_000
DAYS = 3
_FLAT = 1.05  # what the kernel counts as a process's peak is never twice the same

Found = Mapping[str, float]


def observe(directory: Path, n: int = PAYMENTS) -> tuple[Found, Found]:
    """A day of `n` payments in a ledger of one day, and in one of several."""
    return measure(directory, n), measure(directory, n, DAYS)


def figures(one: Found, several: Found) -> list[Figure]:
    """The budget of a day, and its memory beside that of a ledger of several."""
    note = f"the command as a process; {one['processor']:.1f} s of a processor; in a ledger of "
    return [
        Figure(
            f"a day of {one['payments']:,.0f} payments reconciled",
            one["seconds"],
            "s",
            5.0,
            note=f"{note}{DAYS} such days {several['seconds']:.1f} s",
        ),
        Figure(
            f"its memory, of {DAYS} days ÷ of one",
            several["peak_mb"] / one["peak_mb"],
            "×",
            _FLAT,
            note=f"peak {several['peak_mb']:.0f} MB ÷ {one['peak_mb']:.0f} MB",
        ),
    ]
