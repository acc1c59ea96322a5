"""Money that moved between shoppers and the merchant, as the bills list it.

PAID      an order was paid
REFUND    a refund was asked for: listed on the day of the request, moved when it was done
REVOKED   a paid order was reversed
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.sandbox.clock import stamp
from kiosk.sandbox.order import Order
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.refund import Refund, RefundState
from kiosk.sandbox.refunds import Refunds


class Kind(Enum):
    """Why money moved; the value is the trade state in the bill."""

    PAID = "SUCCESS"
    REFUND = "REFUND"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement in fen; `at` when asked for, `done_at` when the money moved, if it has."""

    kind: Kind
    order: Order
    fen: int
    at: float
    done_at: float | None
    refund_id: str = ""
    out_refund_no: str = ""
    state: str = ""
    reason: str = ""

    @property
    def settled(self) -> int:
        """The fen that the merchant's account moves by, before the fee."""
        return self.order.settled_of(self.fen)


class Movements:
    """All movements, told as they stood at a moment: what came later is not known yet."""

    def __init__(self, orders: Orders, refunds: Refunds) -> None:
        self._orders = orders
        self._refunds = refunds

    def between(self, begin: float, end: float, known_at: float) -> list[Movement]:
        """Those asked for from `begin` until before `end`, by time."""
        return [each for each in self._all(known_at) if begin <= each.at < end]

    def settled(self, begin: float, end: float, known_at: float) -> list[Movement]:
        """Those whose money moved from `begin` until before `end`, by that time."""
        moved = [(each.done_at, each) for each in self._all(known_at) if each.done_at is not None]
        found = [pair for pair in moved if begin <= pair[0] < end]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def _all(self, known_at: float) -> list[Movement]:
        found = []
        for order in self._orders.every():
            fen, paid_at, back_at = order.total_fee, order.paid_at, order.refunded_at
            if paid_at is not None:
                found.append(Movement(Kind.PAID, order, fen, paid_at, paid_at))
            if back_at is not None:
                number = f"5030{stamp(back_at)[:8]}{order.transaction_id[-16:]}"
                found.append(
                    Movement(Kind.REVOKED, order, fen, back_at, back_at, number, "", "SUCCESS")
                )
            refunds = self._refunds.of_order(order.out_trade_no)
            found.extend(_of(order, refund, known_at) for refund in refunds)
        return sorted(found, key=lambda each: (each.at, each.order.out_trade_no))


_BILLED = {RefundState.CLOSED: "FAIL"}
"""Where the bill has another word for a refund's state than the query."""


def _of(order: Order, refund: Refund, known_at: float) -> Movement:
    ended = refund.ended_at is not None and refund.ended_at < known_at
    state = refund.state if ended else RefundState.PROCESSING
    done_at = refund.ended_at if state is RefundState.SUCCESS else None
    word = _BILLED.get(state, state.value)
    return Movement(
        Kind.REFUND,
        order,
        refund.fen,
        refund.requested_at,
        done_at,
        refund.refund_id,
        refund.out_refund_no,
        word,
        refund.reason,
    )
