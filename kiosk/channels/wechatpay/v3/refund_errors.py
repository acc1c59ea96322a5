"""What the codes of the third-version interface mean when money is to go back, as data.

    CLOSED  nothing goes back by this request, and asking again unchanged is pointless
    AGAIN   nothing is certain, or something will mend: ask again with the same out_refund_no

The codes are those of the channel's page on refund practice (2025). Even CLOSED counts only after a
query that does not know the number: what is refused now may have been accepted before. A code that
is not here is AGAIN: the channel pays one out_refund_no at most once, so asking twice costs a
second, and a wrong "closed" makes staff refund a second time.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.channels.wechatpay.refund_errors import NUMBER_TAKEN, RefundRule, RefundVerdict
from kiosk.channels.wechatpay.refund_errors import RULES as V2_RULES

_CLOSED, _AGAIN = RefundVerdict.CLOSED, RefundVerdict.AGAIN
_CASH = "Give the money back in another way."
_TELL_PROVIDER = "Tell the service provider; the kiosk must be updated."
_CONFIG = "Check mch_id and sub_mch_id in the config."

ABNORMAL = "ABNORMAL"
"""The status of a refund that the shopper's card cannot take back."""

RULES: Mapping[str, RefundRule] = {
    # --- the same number with the same values once more
    "SYSTEM_ERROR": RefundRule(_AGAIN, "WeChat Pay had an internal error"),
    "FREQUENCY_LIMITED": RefundRule(_AGAIN, "too many refunds at once, or of one payment"),
    "RATELIMIT_EXCEEDED": RefundRule(_AGAIN, "too many refunds at once"),
    "NOT_ENOUGH": RefundRule(
        _AGAIN,
        "the merchant's balance at WeChat Pay is too low for the refund",
        "Top it up in the merchant portal; the same refund is then asked for again.",
    ),
    "SIGN_ERROR": RefundRule(
        _AGAIN,
        "WeChat Pay refused the signature",
        "Check private_key_path, serial_no and the clock; the same refund is then asked for again.",
    ),
    # --- the order or the shopper's account
    "INVALID_REQUEST": RefundRule(_CLOSED, "WeChat Pay refused the refund"),
    "USER_ACCOUNT_ABNORMAL": RefundRule(_CLOSED, "the shopper's account is closed", _CASH),
    "RESOURCE_NOT_EXISTS": RefundRule(_CLOSED, "WeChat Pay does not know the payment"),
    NUMBER_TAKEN: V2_RULES[NUMBER_TAKEN],
    # --- how the merchant is set up, and how the request was made
    "MCH_NOT_EXISTS": RefundRule(_CLOSED, "mch_id is unknown", _CONFIG),
    "NO_AUTH": RefundRule(_CLOSED, "the merchant may not refund", "Apply for it at WeChat Pay."),
    "PARAM_ERROR": RefundRule(_CLOSED, "WeChat Pay refused a field", _TELL_PROVIDER),
    # --- the status of a refund that was accepted
    "CLOSED": RefundRule(
        _CLOSED, "WeChat Pay closed the refund; nothing went back", "Refund the payment again."
    ),
    ABNORMAL: V2_RULES["CHANGE"],
}

OTHER = RefundRule(RefundVerdict.AGAIN, "WeChat Pay answered with an unknown code")

NO_REFUND = frozenset({"RESOURCE_NOT_EXISTS"})


def rule_of(code: str) -> RefundRule:
    """The rule of a code or of a status, or `OTHER`."""
    return RULES.get(code, OTHER)
