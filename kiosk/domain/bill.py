"""One row of a channel's bill: money that moved, as the channel tells it the day after.

A bill is the channel's own book of a day. It is compared with the ledger, so its rows come down to
what both books know, whatever the channel's columns are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.money import ZERO, Money


class LineKind(Enum):
    """Which way the money went, and by which call."""

    PAYMENT = "payment"
    REFUND = "refund"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One movement of money; `amount` is positive whichever way it went.

    `amount` is what the order asked for, before the channel's own coupons. `fee` is what the
    channel keeps for it, negative where it gives a fee back. `settled` is what comes to the
    merchant's account or leaves it, before the fee; None where that is `amount`. `at` is the bill's
    own text (Beijing time, of a refund: when it was requested) and `at_ms` the same as Unix
    milliseconds. `state` is the channel's word; of a refund it is that of the hour when the bill
    was written. `terminal` and `attach` are what the payment's request carried. Numbers that a row
    does not have are "".
    """

    channel: str
    kind: LineKind
    out_trade_no: str
    transaction_id: str
    amount: Money
    at: str
    at_ms: int
    state: str
    out_refund_no: str = ""
    refund_id: str = ""
    fee: Money = ZERO
    trade_type: str = ""
    terminal: str = ""
    attach: str = ""
    settled: Money | None = None

    def __post_init__(self) -> None:
        if self.amount.fen <= 0:
            raise ValueError(f"{self.out_trade_no}: a line of {self.amount}")
