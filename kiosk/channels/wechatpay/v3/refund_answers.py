"""From a verified answer about a refund to a fact of the refund's state machine.

200   status SUCCESS done, PROCESSING accepted, CLOSED closed, ABNORMAL waits for the merchant
404   to a query: the channel does not know the number
else  the code decides, by the tables of refund_errors.py
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.channels.channel import KnownRefund, NotFound, OutcomeUnknown, RefundAnswer, Refused
from kiosk.channels.wechatpay.refund_errors import NUMBER_TAKEN, RefundVerdict
from kiosk.channels.wechatpay.trust import masked
from kiosk.channels.wechatpay.v3 import documents, refund_errors
from kiosk.channels.wechatpay.v3.client import Answer
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.trust import demand, said_of
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone


def refund_answer(answer: Answer, about: Mapping[str, str], amount: Money) -> RefundAnswer:
    """What the refund call says; a refusal is not yet proof that an earlier one was refused too.

    Raises OutcomeUnknown: ask again with the same number.
    """
    try:
        known = known_refund(answer, about)
    except Refused as refusal:
        return RefundClosed(refusal.code, refusal.message)
    if isinstance(known, NotFound):
        return RefundClosed(answer.code, masked(answer.text("message")))
    return one_refund(known, amount)


def known_refund(answer: Answer, about: Mapping[str, str]) -> KnownRefund | NotFound:
    """The refund that an answer tells of; raises Refused or OutcomeUnknown."""
    if answer.status == 200:
        try:
            demand(answer.document, about, named=True)
            return _told(answer.document, "status")
        except ValueError as error:
            raise OutcomeUnknown(f"WeChat Pay's answer {error}") from error
    if answer.status == 404 and answer.code in refund_errors.NO_REFUND:
        return NotFound()
    rule = refund_errors.rule_of(answer.code)
    if 400 <= answer.status < 500 and rule.verdict is RefundVerdict.CLOSED:
        said = masked(answer.text("message")) or rule.cause
        raise Refused(answer.code, said, rule.mend, answer.request_id)
    raise OutcomeUnknown(f"{rule.cause}: {said_of(answer)}", rule.mend)


def one_refund(known: KnownRefund, amount: Money) -> RefundAnswer:
    """What is known of a refund of this amount; RefundClosed where the number is another's."""
    return known.answer if known.amount == amount else RefundClosed(NUMBER_TAKEN)


def notified_refund(document: Document, about: Mapping[str, str]) -> KnownRefund:
    """The refund that a notify tells of; raises ValueError."""
    demand(document, about, named=True)
    return _told(document, "refund_status")


def _told(document: Document, status_name: str) -> KnownRefund:
    refund_id = documents.text(document, "refund_id")
    if not refund_id:
        raise ValueError("tells of a refund without its number")
    currency = documents.text(document, "amount", "currency")
    if currency not in ("", "CNY"):
        raise ValueError(f"tells of a refund in {masked(currency)!r}")
    try:
        amount = Money(documents.fen(document, "amount", "refund"))
    except ValueError as error:
        raise ValueError(f"has {error}") from error
    said = _status(documents.text(document, status_name), refund_id, amount.fen)
    return KnownRefund(documents.text(document, "out_refund_no"), amount, said)


def _status(status: str, refund_id: str, fen: int) -> RefundAnswer:
    match status:
        case "SUCCESS":
            return RefundDone(refund_id, fen)
        case "PROCESSING":
            return RefundAccepted(refund_id)
        case "CLOSED":
            return RefundClosed(status)
        case refund_errors.ABNORMAL:
            return RefundAbnormal(status)
        case _:
            raise ValueError(f"says that the refund is {masked(status)!r}")
