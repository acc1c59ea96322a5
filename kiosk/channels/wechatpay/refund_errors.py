"""What WeChat Pay's err_code values mean when money is to go back, as data.

    CLOSED  nothing goes back by this request, and asking again unchanged is pointless
    AGAIN   nothing is certain, or something will mend: ask again with the same out_refund_no

The codes are those of the published v2 pages for refund and refundquery; the list may be older than
the service. A code that is not here is AGAIN: asking twice costs a second, since the channel pays
one out_refund_no at most once, and a wrong "closed" makes staff refund a second time.

NOTENOUGH is AGAIN although the v2 page calls the request failed. The merchant tops up, and by the
v3 page repeats the same number: then the shopper gets what was promised without another slip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class RefundVerdict(Enum):
    """What an err_code says about a refund."""

    CLOSED = "CLOSED"
    AGAIN = "AGAIN"


@dataclass(frozen=True, slots=True)
class RefundRule:
    """One err_code: verdict, and what staff read (cause, mend)."""

    verdict: RefundVerdict
    cause: str
    mend: str = ""


_CLOSED, _AGAIN = RefundVerdict.CLOSED, RefundVerdict.AGAIN
_CASH = "Give the money back in another way."
_TELL_PROVIDER = "Tell the service provider; the kiosk must be updated."
_CONFIG = "Check appid and mch_id in the config."

# The number is another till's, with another amount: theirs is carried out, ours never.
NUMBER_TAKEN = "NUMBER_TAKEN"
NO_REFUND = "REFUNDNOTEXIST"
NO_ORDER = "ORDERNOTEXIST"

RULES: Mapping[str, RefundRule] = {
    # --- the pages ask for the same number with the same values once more
    "SYSTEMERROR": RefundRule(_AGAIN, "WeChat Pay had an internal error"),
    "BIZERR_NEED_RETRY": RefundRule(_AGAIN, "WeChat Pay was busy with this order"),
    "FREQUENCY_LIMITED": RefundRule(_AGAIN, "too many refunds of old orders at once"),
    "INVALID_REQ_TOO_MUCH": RefundRule(_AGAIN, "too many wrong requests; shut out for a minute"),
    "ORDER_NOT_READY": RefundRule(_AGAIN, "WeChat Pay is still busy with the payment"),
    "NOTENOUGH": RefundRule(
        _AGAIN,
        "the merchant's balance at WeChat Pay is too low for the refund",
        "Top it up in the merchant portal; the same refund is then asked for again.",
    ),
    # --- the order or the shopper's account
    "TRADE_OVERDUE": RefundRule(_CLOSED, "the payment is more than a year old", _CASH),
    "USER_ACCOUNT_ABNORMAL": RefundRule(_CLOSED, "the shopper's account is closed", _CASH),
    "ERROR": RefundRule(_CLOSED, "WeChat Pay refused the refund"),
    "INVALID_REQUEST": RefundRule(_CLOSED, "WeChat Pay refused the refund"),
    "TRADE_STATE_ERROR": RefundRule(_CLOSED, "the order is not in a state to be refunded"),
    "REFUND_FEE_INVALID": RefundRule(_CLOSED, "more than what is left of the payment"),
    "REFUND_FEE_MISMATCH": RefundRule(_CLOSED, "this refund was asked for with other amounts"),
    NUMBER_TAKEN: RefundRule(
        _CLOSED, "another till refunds this payment", "Look the payment up again."
    ),
    NO_ORDER: RefundRule(_CLOSED, "WeChat Pay does not know the payment"),
    "INVALID_TRANSACTIONID": RefundRule(_CLOSED, "not a number of a payment"),
    # --- how the merchant is set up
    "NOAUTH": RefundRule(_CLOSED, "the merchant may not refund", "Apply for it at WeChat Pay."),
    "NO_AUTH": RefundRule(_CLOSED, "the merchant may not refund", "Apply for it at WeChat Pay."),
    "CERT_ERROR": RefundRule(
        _CLOSED,
        "WeChat Pay refused the client certificate",
        "Check certificate_path and private_key_path in the config.",
    ),
    "SIGNERROR": RefundRule(
        _CLOSED, "WeChat Pay refused the signature", "Check the APIv2 key and sign_type."
    ),
    "APPID_NOT_EXIST": RefundRule(_CLOSED, "appid is unknown", _CONFIG),
    "MCHID_NOT_EXIST": RefundRule(_CLOSED, "mch_id is unknown", _CONFIG),
    "APPID_MCHID_NOT_MATCH": RefundRule(_CLOSED, "appid does not belong to mch_id", _CONFIG),
    # --- how the request was made
    "PARAM_ERROR": RefundRule(_CLOSED, "WeChat Pay refused a field", _TELL_PROVIDER),
    "LACK_PARAMS": RefundRule(_CLOSED, "a field is missing", _TELL_PROVIDER),
    "XML_FORMAT_ERROR": RefundRule(_CLOSED, "the request is not XML", _TELL_PROVIDER),
    "POST_DATA_EMPTY": RefundRule(_CLOSED, "the request arrived empty", _TELL_PROVIDER),
    "NOT_UTF8": RefundRule(_CLOSED, "the request is not UTF-8", _TELL_PROVIDER),
    "REQUIRE_POST_METHOD": RefundRule(_CLOSED, "the request was no POST", _TELL_PROVIDER),
    # --- refund_status of a refund that was accepted
    "REFUNDCLOSE": RefundRule(
        _CLOSED, "WeChat Pay closed the refund; nothing went back", "Refund the payment again."
    ),
    "CHANGE": RefundRule(
        _AGAIN,
        "the money cannot go back to the card it came from",
        "Hand it over in the merchant portal, at the refund's number.",
    ),
}

OTHER = RefundRule(RefundVerdict.AGAIN, "WeChat Pay answered with an unknown code")


def refund_rule_of(code: str) -> RefundRule:
    """The rule of an err_code or of a refund_status, or `OTHER`."""
    return RULES.get(code, OTHER)
