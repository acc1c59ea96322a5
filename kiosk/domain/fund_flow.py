"""One row of a channel's fund-flow bill: how the merchant's account moved, and what is in it then.

The trade bill says what was sold and given back; this one says that the money came and went. A sale
is two rows, the amount and the channel's fee on it, under the number that the channel gave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.money import Money


class FlowKind(Enum):
    """Why the account moved."""

    PAYMENT = "payment"
    REFUND = "refund"  # or the reversal of a payment
    FEE = "fee"  # taken for a payment, or given back with a refund
    OTHER = "other"  # no sale: withdrawal, transfer, a fee for something else


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One movement of the account; `amount` is positive for what came in.

    `balance` is what is in the account after it. `number` is the row's own, `business_no` the
    channel's number of what moved it: a payment's transaction_id, a refund's refund_id. `voucher`
    is the merchant's number of the same. `name` is the channel's word for it, `at` the bill's own
    text (Beijing time) and `at_ms` the same as Unix milliseconds.
    """

    number: str
    business_no: str
    kind: FlowKind
    name: str
    amount: Money
    balance: Money
    at: str
    at_ms: int
    voucher: str = ""

    def __post_init__(self) -> None:
        if not self.amount:
            raise ValueError(f"{self.number}: a line that moves nothing")
