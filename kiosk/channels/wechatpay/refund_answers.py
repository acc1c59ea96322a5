"""From a verified answer about a refund to a fact of the refund's state machine.

refund        result_code SUCCESS   taken, not yet done: RefundAccepted
refundquery   refund_status_$n      SUCCESS done, PROCESSING accepted, REFUNDCLOSE closed, CHANGE
                                    abnormal (the shopper's card cannot take it back)
either        err_code              by the tables of refund_errors.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.channels.channel import (
    KnownRefund,
    NotFound,
    OutcomeUnknown,
    RefundAnswer,
    RefundOrder,
    Refused,
)
from kiosk.channels.wechatpay import refund_errors
from kiosk.channels.wechatpay.client import Answer
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.refund_errors import RefundVerdict
from kiosk.channels.wechatpay.trust import demand_return, fen_of, masked, said_of, succeeded
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone

_INDEXED = re.compile(r"refund_id_([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class RefundPage:
    """Some refunds of one payment, by the channel's number of each, and how many there are."""

    refunds: Mapping[str, KnownRefund]
    altogether: int | None


def refund_answer(
    answer: Answer, options: WechatPayOptions, order: RefundOrder
) -> RefundAccepted | RefundClosed:
    """What refund says; a refusal is not yet proof that an earlier request was refused too.

    Raises OutcomeUnknown: ask again with the same number.
    """
    about = {"out_trade_no": order.out_trade_no, "out_refund_no": order.out_refund_no}
    try:
        demand_return(answer)
        if succeeded(answer, options, about):
            return _accepted(answer, order)
        raise _failure(answer)
    except Refused as refusal:
        return RefundClosed(refusal.code, refusal.message)


def refund_page(
    answer: Answer, options: WechatPayOptions, about: Mapping[str, str]
) -> RefundPage | NotFound:
    """What refundquery says of one refund or of a payment's; raises Refused or OutcomeUnknown."""
    demand_return(answer)
    if not succeeded(answer, options, about):
        if answer["err_code"] in (refund_errors.NO_REFUND, refund_errors.NO_ORDER):
            return NotFound()
        raise _failure(answer)
    indexes = [match[1] for name in answer.fields if (match := _INDEXED.fullmatch(name))]
    refunds = {answer[f"refund_id_{n}"]: _known(answer, n) for n in sorted(indexes, key=int)}
    if len(refunds) != fen_of(answer, "refund_count"):
        raise OutcomeUnknown("WeChat Pay counts other refunds than it lists")
    total = answer["total_refund_count"]
    return RefundPage(refunds, fen_of(answer, "total_refund_count") if total else None)


def one_refund(page: RefundPage | NotFound, order: RefundOrder) -> RefundAnswer | NotFound:
    """What a page says of this refund; RefundClosed where its number is another refund's."""
    if isinstance(page, NotFound):
        return page
    known = [each for each in page.refunds.values() if each.out_refund_no == order.out_refund_no]
    if len(known) != 1:
        raise OutcomeUnknown(f"WeChat Pay lists the refund {len(known)} times")
    return known[0].answer if known[0].amount == order.amount else _taken()


def _accepted(answer: Answer, order: RefundOrder) -> RefundAccepted | RefundClosed:
    if not answer["refund_id"]:
        raise OutcomeUnknown("WeChat Pay took the refund, but does not say under which number")
    if fen_of(answer, "refund_fee") != order.amount.fen:
        return _taken()
    return RefundAccepted(answer["refund_id"])


def _known(answer: Answer, n: str) -> KnownRefund:
    refund_id, fen = answer[f"refund_id_{n}"], fen_of(answer, f"refund_fee_{n}")
    if not refund_id:
        raise OutcomeUnknown("WeChat Pay lists a refund without its number")
    said = _status(answer[f"refund_status_{n}"], refund_id, fen)
    return KnownRefund(answer[f"out_refund_no_{n}"], Money(fen), said)


def _status(status: str, refund_id: str, fen: int) -> RefundAnswer:
    match status:
        case "SUCCESS":
            return RefundDone(refund_id, fen)
        case "PROCESSING":
            return RefundAccepted(refund_id)
        case "REFUNDCLOSE":
            return RefundClosed(status)
        case "CHANGE":
            return RefundAbnormal(status)
        case _:
            raise OutcomeUnknown(f"WeChat Pay says refund_status {masked(status)!r}")


def _taken() -> RefundClosed:
    return RefundClosed(refund_errors.NUMBER_TAKEN)


def _failure(answer: Answer) -> OutcomeUnknown | Refused:
    code = answer["err_code"]
    rule = refund_errors.refund_rule_of(code)
    if rule.verdict is RefundVerdict.CLOSED:
        return Refused(code, masked(answer["err_code_des"]) or rule.cause, rule.mend)
    return OutcomeUnknown(f"{rule.cause}: {said_of(answer)}", rule.mend)
