"""What WeChat Pay's err_code values mean, as data: was anything charged, and what to do about it.

    DECLINED  nothing was charged; a new attempt needs a new number
    UNKNOWN   it may have been charged: query
    WAITING   the shopper types a password on the phone: query
    UNDO      the channel asks for a reversal first

The codes are those of the channel's documents for micropay, face pay, orderquery and reverse. A
code that is not here counts as UNKNOWN for a payment: a query costs seconds, a wrong guess money.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What an err_code says about the money when it answers the one pay call of a number."""

    DECLINED = "DECLINED"
    UNKNOWN = "UNKNOWN"
    WAITING = "WAITING"
    UNDO = "UNDO"


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One err_code: verdict, what the shopper reads (text key), what staff read (cause, mend)."""

    verdict: Verdict
    shopper: str
    cause: str
    mend: str = ""


_D, _U, _W, _UNDO = Verdict.DECLINED, Verdict.UNKNOWN, Verdict.WAITING, Verdict.UNDO
_SETUP = "declined.unavailable"
_TELL_PROVIDER = "Tell the service provider; the kiosk must be updated."

RULES: Mapping[str, ErrorRule] = {
    # --- the outcome is open: micropay's documents ask for orderquery
    "SYSTEMERROR": ErrorRule(_U, "declined.other", "WeChat Pay had an internal error"),
    "BANKERROR": ErrorRule(_U, "declined.other", "the shopper's bank did not answer"),
    "USERPAYING": ErrorRule(_W, "declined.password", "the shopper is confirming on the phone"),
    "ORDERPAID": ErrorRule(_U, "declined.other", "this number is already paid"),
    "OUT_TRADE_NO_USED": ErrorRule(
        _U, "declined.other", "this number was used with other values", _TELL_PROVIDER
    ),
    "PAYERROR": ErrorRule(_UNDO, "declined.other", "the payment failed and must be reversed"),
    # --- the code that was shown
    "AUTHCODEEXPIRE": ErrorRule(_D, "declined.code_expired", "the payment code was too old"),
    "AUTH_CODE_ERROR": ErrorRule(_D, "declined.code_used", "the payment code was used or misread"),
    "AUTH_CODE_INVALID": ErrorRule(_D, "declined.wrong_code", "not a code of WeChat Pay"),
    # --- the wallet behind it
    "NOTENOUGH": ErrorRule(_D, "declined.balance", "the shopper's balance is too low"),
    "NOTSUPORTCARD": ErrorRule(_D, "declined.card", "the shopper's card cannot be used here"),
    "NOTSUPPORTCARD": ErrorRule(_D, "declined.card", "the shopper's card cannot be used here"),
    "BUYER_MISMATCH": ErrorRule(_D, "declined.other", "two people tried to pay one order"),
    "TRADE_ERROR": ErrorRule(_D, "declined.other", "WeChat Pay refused the trade"),
    # --- the number is over
    "ORDERCLOSED": ErrorRule(_D, "declined.other", "the order was closed unpaid"),
    "ORDERREVERSED": ErrorRule(_D, "declined.other", "the order was reversed"),
    "CLOSED": ErrorRule(_D, "declined.other", "the order was closed unpaid"),
    "REVOKED": ErrorRule(_D, "declined.other", "the order was reversed"),
    # --- how the merchant is set up
    "NOAUTH": ErrorRule(
        _D, _SETUP, "the merchant may not use this product", "Apply for it at WeChat Pay."
    ),
    "APPID_NOT_EXIST": ErrorRule(_D, _SETUP, "appid is unknown", "Check appid in the config."),
    "MCHID_NOT_EXIST": ErrorRule(_D, _SETUP, "mch_id is unknown", "Check mch_id in the config."),
    "APPID_MCHID_NOT_MATCH": ErrorRule(
        _D,
        _SETUP,
        "appid does not belong to mch_id",
        "Bind them at WeChat Pay, or mend the config.",
    ),
    "SIGNERROR": ErrorRule(
        _D, _SETUP, "WeChat Pay refused the signature", "Check the APIv2 key and sign_type."
    ),
    # --- how the request was made
    "INVALID_REQUEST": ErrorRule(_D, _SETUP, "WeChat Pay refused the request", _TELL_PROVIDER),
    "PARAM_ERROR": ErrorRule(_D, _SETUP, "WeChat Pay refused a field", _TELL_PROVIDER),
    "LACK_PARAMS": ErrorRule(_D, _SETUP, "a field is missing", _TELL_PROVIDER),
    "XML_FORMAT_ERROR": ErrorRule(_D, _SETUP, "the request is not XML", _TELL_PROVIDER),
    "POST_DATA_EMPTY": ErrorRule(_D, _SETUP, "the request arrived empty", _TELL_PROVIDER),
    "NOT_UTF8": ErrorRule(_D, _SETUP, "the request is not UTF-8", _TELL_PROVIDER),
    "REQUIRE_POST_METHOD": ErrorRule(_D, _SETUP, "the request was no POST", _TELL_PROVIDER),
}

OTHER = ErrorRule(Verdict.UNKNOWN, "declined.other", "WeChat Pay answered with an unknown code")


# What err_code_des refines, first match counts: one err_code stands for several mishaps. "101" is
# WeChat's number for a stale or spent code.
_BY_TEXT: Sequence[tuple[str, re.Pattern[str], str]] = (
    ("", re.compile("付款码已过期|二维码已过期"), "declined.code_expired"),
    ("", re.compile("仅限使用一次|已被使用|已使用"), "declined.code_used"),
    ("PARAM_ERROR", re.compile("auth_code"), "declined.wrong_code"),
    ("TRADE_ERROR", re.compile("密码"), "declined.password"),
    ("TRADE_ERROR", re.compile("余额|不足"), "declined.balance"),
    ("", re.compile("限额|上限"), "declined.limit"),
)

# A spent code is what the second arrival of one request hears as well, after the first took the
# money: a line may deliver twice what was sent once. A query of the number tells the two apart.
_SPENT_TEXT = re.compile("^101|付款码已过期|仅限使用一次|已被使用|已使用")

# return_code=FAIL without result_code: definite only where the text says that the request was not
# even read as a payment. Each is the sentence or the code of a validation, and the code it means.
_VALIDATION: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile("签名错误|签名失败|SIGNERROR", re.IGNORECASE), "SIGNERROR"),
    (re.compile("post数据为空|POST_DATA_EMPTY", re.IGNORECASE), "POST_DATA_EMPTY"),
    (re.compile("XML格式错误|XML_FORMAT_ERROR", re.IGNORECASE), "XML_FORMAT_ERROR"),
    (re.compile("缺少参数|LACK_PARAMS", re.IGNORECASE), "LACK_PARAMS"),
    (
        re.compile("参数错误|PARAM_ERROR|格式错误|长度|^invalid [a-z]+_fee", re.IGNORECASE),
        "PARAM_ERROR",
    ),
    (re.compile("编码格式|NOT_UTF8", re.IGNORECASE), "NOT_UTF8"),
    (re.compile("POST方法|REQUIRE_POST_METHOD", re.IGNORECASE), "REQUIRE_POST_METHOD"),
    (re.compile("不匹配|APPID_MCHID_NOT_MATCH", re.IGNORECASE), "APPID_MCHID_NOT_MATCH"),
    (re.compile("appid不存在|APPID_NOT_EXIST", re.IGNORECASE), "APPID_NOT_EXIST"),
    (re.compile("mch_?id不存在|商户号不存在|MCHID_NOT_EXIST", re.IGNORECASE), "MCHID_NOT_EXIST"),
)

# Reversals: only an order older than seven days is closed to them for good (refund it instead).
# Everything else is worth another try: WeChat repairs itself, staff repair a key or a certificate,
# and a reversal that came too early (within 15 s of the payment) is in time a little later.
REVERSE_CLOSED = frozenset({"REVERSE_EXPIRE"})

# The order is over without money: there is nothing to undo.
REVERSE_NOTHING = frozenset({"ORDERREVERSED", "ORDERCLOSED"})


def rule_of(err_code: str) -> ErrorRule:
    """The rule of `err_code`, or `OTHER`."""
    return RULES.get(err_code, OTHER)


def shopper_text(err_code: str, message: str) -> str:
    """The shopper's text key, from the code and, where one code has several causes, its text."""
    for code, pattern, key in _BY_TEXT:
        if code in ("", err_code) and pattern.search(message):
            return key
    return rule_of(err_code).shopper


def names_a_spent_code(err_code: str, message: str) -> bool:
    """Whether this refusal of a payment could be the echo of the same payment, carried out."""
    return err_code == "AUTH_CODE_ERROR" or _SPENT_TEXT.search(message) is not None


def validation_code(return_msg: str) -> str:
    """The err_code that a bare return_code=FAIL stands for; "" if the text is no validation."""
    return next((code for pattern, code in _VALIDATION if pattern.search(return_msg)), "")
