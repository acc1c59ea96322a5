"""Orders and refunds together: what time does to both, and where the money is."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.sandbox.fields import TRADE_NO
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.refund import RefundState
from kiosk.sandbox.refunds import Refunds


@dataclass(frozen=True, slots=True)
class Books:
    """The wallet's books. Law: Σ funded = Σ balances + money held."""

    orders: Orders
    refunds: Refunds

    def sweep(self) -> None:
        """Let time do what it has done since the last call."""
        self.orders.sweep()
        self.refunds.sweep()

    def money_held(self) -> int:
        """Fen the wallet holds for the merchant: paid, not reversed, less the refunds done.

        A refund under way is still held.
        """
        return self.orders.money_taken() - self.refunds.total(RefundState.SUCCESS)

    def number(self, out_trade_no: str, transaction_id: str) -> str:
        """The merchant's number of an order named by either number; "" where it is none."""
        if not out_trade_no and transaction_id:
            order = self.orders.find(transaction_id=transaction_id)
            return "" if order is None else order.out_trade_no
        return out_trade_no if TRADE_NO(out_trade_no) else ""
