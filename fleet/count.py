"""What a payment or a refund counts for, on its device and day: nothing until it is final."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.domain.payment import State
from kiosk.domain.refund import RefundState

KEYS = ("day", "channel", "method", "currency")
SUMS = ("paid", "paid_fen", "late", "late_fen", "refunds", "refund_fen")

Counted = tuple[tuple[Any, ...], tuple[int, ...]]
"""The key of a day's row, and what is added to its sums."""


def payment_count(row: Mapping[str, Any]) -> Counted | None:
    """One paid, or one paid too late, on the day when it was."""
    key = (row["day"], row["channel"], row["method"], row["currency"])
    match row["state"]:
        case State.PAID.value:
            return key, (1, row["taken_fen"], 0, 0, 0, 0)
        case State.PAID_LATE.value:
            return key, (0, 0, 1, row["taken_fen"], 0, 0)
        case _:
            return None


def refund_count(row: Mapping[str, Any]) -> Counted | None:
    """One refund that the shopper has, on the day when it was done."""
    if row["state"] != RefundState.DONE.value:
        return None
    return (row["day"], row["channel"], "", row["currency"]), (0, 0, 0, 0, 1, row["fen"])
