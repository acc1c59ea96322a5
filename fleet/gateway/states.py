"""What is kept of an order and of a refund: the wallet's last word, for limits and for doubt.

SENT ─┬─► OPEN ──► PAID | DECLINED | REVERSED       the wallet has the truth, and is asked for it
      └─► REFUSED                                   the wallet never heard of it, nor ever will
"""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """SENT: the wallet is being asked, or the process died meanwhile."""

    SENT = "SENT"
    OPEN = "OPEN"
    PAID = "PAID"
    DECLINED = "DECLINED"
    REVERSED = "REVERSED"
    REFUSED = "REFUSED"
    VOID = "VOID"


class RefundState(StrEnum):
    """CLOSED: the wallet gives nothing back for it."""

    SENT = "SENT"
    CLOSED = "CLOSED"


FREE: frozenset[str] = frozenset(OrderState) - {OrderState.SENT, OrderState.OPEN, OrderState.PAID}
"""Orders that no limit counts."""

FREE_REFUNDS: frozenset[str] = frozenset({RefundState.CLOSED})
