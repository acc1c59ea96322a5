"""The rows of a month that are unfinished, in memory beside its file, so that asking costs nothing.

They are few, asked for before every write, and by far most rows are not among them.
"""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.domain.payment import Payment
from kiosk.domain.refund import Refund
from kiosk.ledger.rows import DeliveryRow


class Unfinished:
    """Payments and refunds that are not final, deliveries that have no result."""

    __slots__ = ("deliveries", "payments", "refunds")

    def __init__(
        self,
        payments: Iterable[Payment],
        deliveries: Iterable[DeliveryRow],
        refunds: Iterable[Refund],
    ) -> None:
        """Of those rows, in no order."""
        self.payments = {each.out_trade_no: each for each in payments}
        self.deliveries = {row[0]: row for row in deliveries}
        self.refunds = {each.out_refund_no: each for each in refunds}

    def put_payment(self, payment: Payment) -> None:
        """The row of a payment was written."""
        if payment.final:
            self.payments.pop(payment.out_trade_no, None)
        else:
            self.payments[payment.out_trade_no] = payment

    def put_delivery(self, row: DeliveryRow) -> None:
        """The row of a delivery without a result was written."""
        self.deliveries[row[0]] = row

    def end_delivery(self, key: str) -> None:
        """The result of a delivery was written."""
        self.deliveries.pop(key, None)

    def put_refund(self, refund: Refund) -> None:
        """The row of a refund was written."""
        if refund.final:
            self.refunds.pop(refund.out_refund_no, None)
        else:
            self.refunds[refund.out_refund_no] = refund
