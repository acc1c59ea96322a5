"""Why stored value says no, as codes: to the shopper's payment, to a refund, to staff."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.channels.channel import Refused
from kiosk.domain.payment import Declined
from kiosk.domain.refund import RefundClosed

# Code to what happened and what mends it; "" where nothing needs to be done.
REASONS: Mapping[str, tuple[str, str]] = {
    # --- a payment
    "CARD_UNKNOWN": ("no card has this number", "Read the card again."),
    "CARD_REPLACED": ("the card was replaced by another", "Use the new card."),
    "CARD_FROZEN": ("the account is frozen", "Unfreeze the account if the holder is known."),
    "ACCOUNT_CLOSED": ("the account is closed", "Open a new account."),
    "BALANCE_NOT_ENOUGH": ("the balance is too low", "Top the account up."),
    "LIMIT_EXCEEDED": ("more than the account may pay at once", "Pay in another way."),
    "DAY_LIMIT_EXCEEDED": ("more than the account may pay in a day", "Pay in another way."),
    # --- a number
    "REVERSED": ("the payment was undone", ""),
    "NUMBER_TAKEN": ("the number was used with other values", "Use a new number."),
    # --- money back
    "PAYMENT_UNKNOWN": ("no payment has this number", ""),
    "NOT_PAID": ("nothing was paid under this number, or it was undone", ""),
    "PAID_DIFFERS": ("another amount was paid under this number", "Look the payment up again."),
    "REFUND_TOO_MUCH": ("more than is left of the payment", "Look the payment up again."),
    "REFUNDED": ("money of the payment has gone back already", "Refund what is left."),
    # --- staff
    "ACCOUNT_UNKNOWN": ("no account has this number", ""),
    "AMOUNT_INVALID": ("not an amount of CNY above zero", ""),
    "BALANCE_LEFT": ("the account still has a balance", "Pay the balance out first."),
    "BALANCE_LIMIT_EXCEEDED": ("more than the account may hold", "Top up less."),
    "CARD_NUMBER_INVALID": ("not 16 to 19 digits with a right check digit", ""),
    "CARD_TAKEN": ("the card has or had an account", "Take another card."),
}


def declined(code: str) -> Declined:
    """The answer to a payment that took nothing."""
    return Declined(code, REASONS[code][0])


def refund_closed(code: str) -> RefundClosed:
    """The answer to a refund that gives nothing back."""
    return RefundClosed(code, REASONS[code][0])


def refused(code: str) -> Refused:
    """The error to raise where nothing was done and the same again is pointless."""
    message, mend = REASONS[code]
    return Refused(code, message, mend)
