"""Cash as a channel whose other end is the attendant: nobody else can say what became of it.

    the shopper chooses it     PAYING, on disk; no call is made
    staff say "received"       PAID          staff say "not paid"   CANCELLED
    a crash lies between       UNKNOWN until staff say which: no query, no clock, no reversal

A refund waits in PROCESSING until staff say that they paid it out of the drawer, or did not.
"""

from __future__ import annotations

import math

from kiosk.channels.channel import (
    NotFound,
    OutcomeUnknown,
    PayOrder,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    Settled,
)
from kiosk.domain.payment import Reversed
from kiosk.domain.refund import RefundAccepted

CASH = "cash"
"""Its name in the ledger."""
NEVER = QueryPolicy(
    query_after=60, query_every=60, give_up_after=math.inf, reverse_not_before=math.inf
)


class Cash:
    """Answers what a machine can know of cash: nothing that a person has not said."""

    name = CASH
    policy = NEVER
    sandbox = False

    def query(self, order: PayOrder) -> QueryAnswer:
        """Raises OutcomeUnknown: only staff know."""
        raise OutcomeUnknown(f"cash for {order.out_trade_no}", "Say whether it was taken.")

    def reverse(self, order: PayOrder) -> Reversed:
        """Raises OutcomeUnknown: cash is never undone by itself."""
        raise OutcomeUnknown(f"cash for {order.out_trade_no}", "Say whether it was taken.")

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """From now on it waits for staff to pay it out."""
        del order
        return RefundAccepted("")

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        """The number is free, and nothing new is known of it."""
        del order
        return NotFound()

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        """The cash of another till is not known here."""
        del out_trade_no, transaction_id
        return NotFound()

    def check(self) -> None:
        """Nothing to reach."""
