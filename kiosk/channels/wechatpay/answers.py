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
from kiosk.channels.wechatpay.trust import (
    demand_ours,
    demand_return,
    masked,
    said_of,
    succeeded,
)
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting

_FEN = re.compile(r"[0-9]{1,12}")
_SECONDS = re.compile(r"[0-9]{1,9}")

# trade_state of orderquery, as the channel documents them
_PAID = frozenset({"SUCCESS", "REFUND"})
_OPEN = frozenset({"USERPAYING", "NOTPAY", "ACCEPT"})
_OVER = frozenset({"CLOSED", "REVOKED"})


def pay_answer(answer: Answer, options: WechatPayOptions, out_trade_no: str) -> PayAnswer:
    """What micropay or facepay says, the one time that it is asked; raises OutcomeUnknown."""
    if answer["return_code"] != "SUCCESS":
        code = errors.validation_code(answer["return_msg"])
        if answer["return_code"] == "FAIL" and not answer["result_code"] and code:
            return Declined(code, masked(answer["return_msg"]))
        raise OutcomeUnknown(f"the payment failed: {said_of(answer)}")
    if succeeded(answer, options, {"out_trade_no": out_trade_no}):
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
            raise OutcomeUnknown(f"{rule.cause}: {said_of(answer)}", rule.mend)


def query_answer(
    answer: Answer, options: WechatPayOptions, out_trade_no: str, transaction_id: str = ""
) -> QueryAnswer:
    """What orderquery says of one of the numbers, the other being "" if it is not known.

    Raises Refused for its errors and OutcomeUnknown for open ones.
    """
    demand_return(answer)
    about = {"out_trade_no": out_trade_no}
    if transaction_id:
        about["transaction_id"] = transaction_id
    if not succeeded(answer, options, about):
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
        demand_return(answer)
        if succeeded(answer, options, {"out_trade_no": out_trade_no}, names_all=False):
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
        raise OutcomeUnknown(f"authinfo failed: {said_of(answer)}")
    if code != "SUCCESS":
        raise Refused(code, masked(answer["return_msg"]), "Check store_id, device_id and the key.")
    demand_ours(answer, options, {}, complete=True)
    if not answer["authinfo"] or not _SECONDS.fullmatch(answer["expires_in"]):
        raise OutcomeUnknown("authinfo came without its value or its life")
    return Authinfo(answer["authinfo"], float(answer["expires_in"]))


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
    return OutcomeUnknown(f"{rule.cause}: {said_of(answer)}", rule.mend)
