"""The closed sets of words in the tables of stored value."""

from __future__ import annotations

from enum import StrEnum


class AccountState(StrEnum):
    """OPEN and FROZEN turn into each other; CLOSED is final. Only OPEN pays and is topped up."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


class CardState(StrEnum):
    """A replaced card is dead for ever, and its number is never given out again."""

    ACTIVE = "ACTIVE"
    REPLACED = "REPLACED"


class PaymentState(StrEnum):
    """What is kept of a payment; OPEN is never committed."""

    OPEN = "OPEN"
    PAID = "PAID"
    DECLINED = "DECLINED"
    REVERSED = "REVERSED"


class RefundState(StrEnum):
    """What is kept of a refund; OPEN is never committed."""

    OPEN = "OPEN"
    DONE = "DONE"
    CLOSED = "CLOSED"
