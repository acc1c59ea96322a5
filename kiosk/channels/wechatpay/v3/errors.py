"""What the codes of the third-version interface mean for an order on the screen, as data.

    DECLINED  no order was made: a new attempt needs a new number
    UNKNOWN   there may be an order: query

The verdicts are for the one call that makes an order, and only with a status of 400 to 499; a
code that is not here is UNKNOWN. Where a table stops, the channel's document stops too.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.channels.wechatpay.errors import ErrorRule, Verdict

_D, _U = Verdict.DECLINED, Verdict.UNKNOWN
_SETUP = "declined.unavailable"
_TELL_PROVIDER = "Tell the service provider; the kiosk must be updated."
_CONFIG = "Check appid, mch_id and sub_mch_id in the config."
_PORTAL = "Look at the merchant portal, or call WeChat Pay."

RULES: Mapping[str, ErrorRule] = {
    # --- the outcome is open
    "SYSTEM_ERROR": ErrorRule(_U, "declined.other", "WeChat Pay had an internal error"),
    "ORDERPAID": ErrorRule(_U, "declined.other", "this number is already paid"),
    "OUT_TRADE_NO_USED": ErrorRule(
        _U, "declined.other", "this number was used with other values", _TELL_PROVIDER
    ),
    "ALREADY_EXISTS": ErrorRule(
        _U, "declined.other", "this number was used with other values", _TELL_PROVIDER
    ),
    # --- too many at once: nothing was made, and what nobody has seen nobody can pay
    "FREQUENCY_LIMITED": ErrorRule(_D, "declined.other", "too many calls at once"),
    "RATELIMIT_EXCEEDED": ErrorRule(_D, "declined.other", "too many calls at once"),
    # --- the order
    "ORDER_CLOSED": ErrorRule(_D, "declined.other", "the order was closed unpaid"),
    "ORDER_NOT_EXIST": ErrorRule(_D, "declined.other", "WeChat Pay does not know the order"),
    "RESOURCE_NOT_EXISTS": ErrorRule(_D, "declined.other", "WeChat Pay does not know the number"),
    "TRADE_ERROR": ErrorRule(_D, "declined.other", "WeChat Pay refused the trade"),
    "RULE_LIMIT": ErrorRule(_D, "declined.limit", "the payment is above a limit", _PORTAL),
    # --- how the merchant is set up
    "SIGN_ERROR": ErrorRule(
        _D,
        _SETUP,
        "WeChat Pay refused the signature",
        "Check private_key_path, serial_no and the clock.",
    ),
    "NO_AUTH": ErrorRule(
        _D, _SETUP, "the merchant may not use this product", "Apply for it at WeChat Pay."
    ),
    "APPID_MCHID_NOT_MATCH": ErrorRule(
        _D,
        _SETUP,
        "appid does not belong to mch_id",
        "Bind them at WeChat Pay, or mend the config.",
    ),
    "MCH_NOT_EXISTS": ErrorRule(_D, _SETUP, "mch_id is unknown", _CONFIG),
    "ACCOUNT_ERROR": ErrorRule(_D, _SETUP, "the merchant's account is not in order", _PORTAL),
    "NOT_ENOUGH": ErrorRule(_D, "declined.balance", "a balance is too low"),
    "REQUEST_BLOCKED": ErrorRule(_D, _SETUP, "WeChat Pay blocks the merchant's calls", _PORTAL),
    # --- how the request was made
    "INVALID_REQUEST": ErrorRule(_D, _SETUP, "WeChat Pay refused the request", _TELL_PROVIDER),
    "PARAM_ERROR": ErrorRule(_D, _SETUP, "WeChat Pay refused a field", _TELL_PROVIDER),
}

OTHER = ErrorRule(Verdict.UNKNOWN, "declined.other", "WeChat Pay answered with an unknown code")

# What the number in Request-ID tells apart where one code stands for several mishaps. That header
# is not signed; so a number only ever makes an answer less certain, or leads to a query.
_BY_NUMBER: Mapping[str, str] = {
    "268449538": "ORDERPAID",
    "268498689": "ORDERPAID",
    "268498688": "OUT_TRADE_NO_USED",
}

# Closing: the shopper was quicker; the query says so.
CLOSE_PAID = frozenset({"ORDERPAID", "ORDER_PAID"})
# The order is over without money: there is nothing to close.
CLOSE_NOTHING = frozenset({"ORDER_CLOSED"})

NO_ORDER = frozenset({"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})


def meant(code: str, number: str) -> str:
    """The code that an answer means, by the number in its Request-ID."""
    return _BY_NUMBER.get(number, code)


def rule_of(code: str) -> ErrorRule:
    """The rule of `code`, or `OTHER`."""
    return RULES.get(code, OTHER)
