"""Somebody who pays at a till whose service provider may die meanwhile."""

from __future__ import annotations

import time

from kiosk.channels.channel import NotSent, OutcomeUnknown
from kiosk.domain.payment import Approved, Declined, Reversed
from kiosk.sandbox.testing import Refusal


class Customer:
    """One payment at one till, from the call to its end."""

    def __init__(self, till, order, token):
        self.till, self.order, self.token = till, order, token
        self.paid = None

    def pay(self):
        try:
            said = self.till.pay(self.order, self.token)
        except NotSent:
            self.paid = False
        except OutcomeUnknown:
            pass
        else:
            assert isinstance(said, Approved), said
            self.paid = True

    def settle(self):
        """As a kiosk does: query, and undo what nobody can find."""
        deadline = time.monotonic() + 20
        while self.paid is None:
            assert time.monotonic() < deadline, self.order
            try:
                match self.till.query(self.order):
                    case Approved():
                        self.paid = True
                        return
                    case Declined():
                        self.paid = False
                        return
                assert self.till.reverse(self.order) == Reversed()
                self.paid = False
            except OutcomeUnknown:
                time.sleep(0.2)


def held_by_wallet(provider, number):
    try:
        order = provider.wallet.order(number)
    except Refusal:
        return False
    return order["state"] == "SUCCESS"
