"""How payments, deliveries and refunds stand in the rows of a month and in its opening entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.refund import Refund, refund_from_json, refund_to_json

DeliveryRow = tuple[str, str, str, str, str, int]
"""key, kind, state, body as canonical JSON, result, seq of the entry that put it there."""


class DeliveryState(Enum):
    """OWED: paid for, not begun. STARTED: begun, outcome not known (yet). ENDED: see the result."""

    OWED = "OWED"
    STARTED = "STARTED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something the shopper gets for a payment: the slip (its key is the out_trade_no), a drop."""

    key: str
    kind: str
    state: DeliveryState
    body: Mapping[str, Any]
    result: str = ""


@dataclass(frozen=True, slots=True)
class RefundDue:
    """Money that a channel took and that must go back to the shopper.

    `fen` is what was taken as `transaction_id`; `back_fen` of it have gone back since.
    """

    out_trade_no: str
    transaction_id: str
    fen: int
    reason: str
    back_fen: int = 0

    @property
    def left_fen(self) -> int:
        """What still has to go back."""
        return self.fen - self.back_fen


def payment_to_row(payment: Payment) -> tuple[str | int | None, ...]:
    """The payment as a row of its table."""
    return (
        payment.out_trade_no,
        payment.visit_id,
        payment.channel,
        payment.method.value,
        payment.amount.fen,
        payment.amount.currency,
        payment.created_ms,
        payment.state.value,
        payment.submitted_ms,
        payment.transaction_id,
        payment.code,
        payment.message,
        payment.taken_fen,
    )


def payment_from_row(row: tuple[Any, ...]) -> Payment:
    """What `payment_to_row` wrote."""
    number, visit, channel, method, fen, currency, created, state, *rest = row
    submitted, transaction, code, message, taken = rest
    return Payment(
        out_trade_no=number,
        visit_id=visit,
        channel=channel,
        method=Method(method),
        amount=Money(fen, currency),
        created_ms=created,
        state=State(state),
        submitted_ms=submitted,
        transaction_id=transaction,
        code=code,
        message=message,
        taken_fen=taken,
    )


def delivery_from_row(row: DeliveryRow) -> Delivery:
    """The delivery of a row."""
    key, kind, state, body, result, _ = row
    return Delivery(key, kind, DeliveryState(state), json.loads(body), result)


def refund_to_row(refund: Refund) -> tuple[Any, ...]:
    """The refund as a row of its table."""
    return tuple(refund_to_json(refund).values())


def refund_from_row(row: tuple[Any, ...]) -> Refund:
    """What `refund_to_row` wrote."""
    return refund_from_json(dict(zip(_REFUND_COLUMNS, row, strict=True)))


# In the order of the table's columns and of `refund_to_json`.
_REFUND_COLUMNS = (
    "out_refund_no", "out_trade_no", "channel", "paid_fen", "fen", "currency",
    "reason", "created_ms", "state", "sent_ms", "refund_id", "code",
)  # fmt: skip
