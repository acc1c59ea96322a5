"""From a verified answer to a fact of the payment's state machine, or to a ChannelError.

return_code  FAIL     not even read as a request; definite only for texts of a validation
result_code  FAIL     err_code decides, by the tables of errors.py
             SUCCESS  the fields decide, once they are about our merchant and our number
"""

from __future__ import annotations

import re

from kiosk.channels.channel import (
    Authinfo,
    NotFound,
    OutcomeUnknown,
    PayAnswer,
    QueryAnswer,
    Refused,
)
from kiosk.channels.wechatpay import errors
from kiosk.channels.wechatpay.client import Answer
from kiosk.channels.wechatpay.errors import Verdict
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting

_FEN = re.compile(r"[0-9]{1,12}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_LONG_NUMBER = re.compile(r"[0-9]{8,}([0-9]{4})")
_LONGEST_MESSAGE = 200

# trade_state of orderquery, as the channel documents them
_PAID = frozenset({"SUCCESS", "REFUND"})
_OPEN = frozenset({"USERPAYING", "NOTPAY", "ACCEPT"})
_OVER = frozenset({"CLOSED", "REVOKED"})


def pay_answer(answer: Answer, options: WechatPayOptions, out_trade_no: str) -> PayAnswer:
    """What micropay says, the one time that it is asked; raises OutcomeUnknown."""
    if answer["return_code"] != "SUCCESS":
        code = errors.validation_code(answer["return_msg"])
        if answer["return_code"] == "FAIL" and not answer["result_code"] and code:
            return Declined(code, masked(answer["return_msg"]))
        raise OutcomeUnknown(f"micropay failed: {_said(answer)}")
    if _succeeded(answer, options, out_trade_no):
        return _approved(answer)
    code = answer["err_code"]
    rule = errors.rule_of(code)
    match rule.verdict:
        case Verdict.DECLINED:
            return Declined(code, masked(answer["err_code_des"]))
        case Verdict.WAITING:
            return Waiting(code)
        case Verdict.UNDO:
            return PayError(code)
        case Verdict.UNKNOWN:
            raise OutcomeUnknown(f"{rule.cause}: {_said(answer)}", rule.mend)


def query_answer(answer: Answer, options: WechatPayOptions, out_trade_no: str) -> QueryAnswer:
    """What orderquery says; raises Refused for its errors and OutcomeUnknown for open ones."""
    _demand_return(answer)
    if not _succeeded(answer, options, out_trade_no):
        if answer["err_code"] == "ORDERNOTEXIST":
            return NotFound()
        raise _failure(answer)
    state = answer["trade_state"]
    if state in _PAID:
        return _approved(answer)
    if state in _OPEN:
        return Waiting(state)
    if state in _OVER:
        return Declined(state, masked(answer["trade_state_desc"]))
    if state == "PAYERROR":
        return PayError(state)
    raise OutcomeUnknown(f"orderquery answered trade_state {masked(state)!r}")


def reverse_answer(
    answer: Answer, options: WechatPayOptions, out_trade_no: str
) -> Reversed | NotFound:
    """What reverse says; raises OutcomeUnknown to be asked again, Refused when it is too late."""
    try:
        _demand_return(answer)
        if _succeeded(answer, options, out_trade_no, names_order=False):
            if answer["recall"] == "N":
                return Reversed()
            raise OutcomeUnknown("WeChat Pay asks for the reversal again (recall)")
        if answer["err_code"] == "ORDERNOTEXIST":
            return NotFound()
        if answer["err_code"] in errors.REVERSE_NOTHING:
            return Reversed()
        raise _failure(answer)
    except Refused as refusal:
        if refusal.code in errors.REVERSE_CLOSED:
            raise
        raise OutcomeUnknown(refusal.cause, refusal.mend) from refusal


def authinfo_answer(answer: Answer, options: WechatPayOptions) -> Authinfo:
    """What get_wxpayface_authinfo says; it has no result_code. Raises Refused, OutcomeUnknown."""
    code = answer["return_code"]
    if code in ("", "SYSTEMERROR"):
        raise OutcomeUnknown(f"authinfo failed: {_said(answer)}")
    if code != "SUCCESS":
        raise Refused(code, masked(answer["return_msg"]), "Check store_id, device_id and the key.")
    _demand_ours(answer, options, "", complete=True)
    if not answer["authinfo"] or not _SECONDS.fullmatch(answer["expires_in"]):
        raise OutcomeUnknown("authinfo came without its value or its life")
    return Authinfo(answer["authinfo"], float(answer["expires_in"]))


def masked(text: str) -> str:
    """A channel's text as it may be kept: one line, and of a long number its last four digits.

    The refusal of a wrong payment code repeats the code, and this text goes into the ledger.
    """
    return _LONG_NUMBER.sub(r"…\1", " ".join(text.split()))[:_LONGEST_MESSAGE]


def _succeeded(
    answer: Answer, options: WechatPayOptions, out_trade_no: str, *, names_order: bool = True
) -> bool:
    """Whether result_code is SUCCESS; raises OutcomeUnknown for another order's answer.

    A failure may leave out what it is about, and a reversal never says it; what is said must fit.
    """
    result = answer["result_code"]
    if result not in ("SUCCESS", "FAIL"):
        raise OutcomeUnknown(f"WeChat Pay answered result_code {masked(result)!r}")
    complete = result == "SUCCESS"
    _demand_ours(answer, options, out_trade_no, complete=complete)
    if complete and names_order and not answer["out_trade_no"]:
        raise OutcomeUnknown("WeChat Pay's answer does not name the order")
    return complete


def _demand_ours(
    answer: Answer, options: WechatPayOptions, out_trade_no: str, *, complete: bool
) -> None:
    for name, ours in (("appid", options.appid), ("mch_id", options.mch_id)):
        if answer[name] != ours and (answer[name] or complete):
            raise OutcomeUnknown(f"WeChat Pay's answer is for another {name}")
    for name, ours in (("sub_mch_id", options.sub_mch_id), ("out_trade_no", out_trade_no)):
        if ours and answer[name] not in ("", ours):
            raise OutcomeUnknown(f"WeChat Pay's answer is for another {name}")


def _demand_return(answer: Answer) -> None:
    """Raises Refused for a validation's text and OutcomeUnknown for any other failure."""
    if answer["return_code"] == "SUCCESS":
        return
    code = errors.validation_code(answer["return_msg"])
    if answer["return_code"] == "FAIL" and code:
        raise Refused(code, masked(answer["return_msg"]), errors.rule_of(code).mend)
    raise OutcomeUnknown(f"WeChat Pay failed: {_said(answer)}")


def _approved(answer: Answer) -> Approved:
    if not _FEN.fullmatch(answer["total_fee"]) or not answer["transaction_id"]:
        raise OutcomeUnknown("WeChat Pay says paid, but not how much or under which number")
    if answer["fee_type"] not in ("", "CNY"):
        raise OutcomeUnknown(f"WeChat Pay says paid in {masked(answer['fee_type'])!r}")
    return Approved(answer["transaction_id"], int(answer["total_fee"]))


def _failure(answer: Answer) -> OutcomeUnknown | Refused:
    code = answer["err_code"]
    rule = errors.rule_of(code)
    if rule.verdict is Verdict.DECLINED or code in errors.REVERSE_CLOSED:
        return Refused(code, masked(answer["err_code_des"]) or rule.cause, rule.mend)
    return OutcomeUnknown(f"{rule.cause}: {_said(answer)}", rule.mend)


def _said(answer: Answer) -> str:
    words = (answer["return_code"], answer["err_code"])
    texts = (answer["return_msg"], answer["err_code_des"])
    return masked(" ".join(word for word in (*words, *texts) if word and word != "OK")) or "nothing"
