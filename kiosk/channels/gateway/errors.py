"""What the service provider's own codes mean: of the gateway, and of cards with stored value."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.channels.wechatpay.errors import ErrorRule, Verdict
from kiosk.channels.wechatpay.refund_errors import RefundRule, RefundVerdict

_D = Verdict.DECLINED
_CLOSED = RefundVerdict.CLOSED
_ASK = "Ask the service provider."
_LOOK = "Look the payment up again."

RULES: Mapping[str, ErrorRule] = {
    # --- a card
    "CARD_UNKNOWN": ErrorRule(_D, "declined.wrong_code", "no card has this number"),
    "CARD_REPLACED": ErrorRule(
        _D, "declined.card", "the card was replaced by another", "The shopper has a newer card."
    ),
    "CARD_FROZEN": ErrorRule(_D, "declined.card", "the card's account is frozen", _ASK),
    "ACCOUNT_CLOSED": ErrorRule(_D, "declined.card", "the card's account is closed", _ASK),
    "BALANCE_NOT_ENOUGH": ErrorRule(
        _D, "declined.balance", "the balance of the card is too low", "It can be topped up."
    ),
    "DAY_LIMIT_EXCEEDED": ErrorRule(
        _D, "declined.limit", "more than the card may pay in a day", "Pay in another way."
    ),
    "REVERSED": ErrorRule(_D, "declined.other", "the payment was undone"),
    # --- the gateway
    "LIMIT_EXCEEDED": ErrorRule(
        _D, "declined.limit", "more than may be paid with the card or at this terminal", _ASK
    ),
    "TOO_MANY_TRIES": ErrorRule(
        _D,
        "declined.unavailable",
        "too many cards that nobody has were shown here",
        "Wait ten minutes; look who tries numbers.",
    ),
    "NOT_SENT": ErrorRule(
        _D, "declined.unavailable", "the service provider did not reach the wallet", _ASK
    ),
}

REFUND_RULES: Mapping[str, RefundRule] = {
    "LIMIT_EXCEEDED": RefundRule(_CLOSED, "more than may be given back at this terminal", _ASK),
    "PAYMENT_UNKNOWN": RefundRule(_CLOSED, "no payment of this store has this number", _LOOK),
    "NOT_PAID": RefundRule(_CLOSED, "nothing was paid under this number, or it was undone"),
    "PAID_DIFFERS": RefundRule(_CLOSED, "another amount was paid under this number", _LOOK),
    "REFUND_TOO_MUCH": RefundRule(_CLOSED, "more than is left of the payment", _LOOK),
    "ACCOUNT_CLOSED": RefundRule(
        _CLOSED, "the card's account is closed", "Give the money back in another way."
    ),
}
