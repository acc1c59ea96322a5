"""From a verified answer to a fact of the payment's state machine, or to a ChannelError.

200   the fields decide, once they are about our merchant and our number
204   done; only closing is answered so
else  the code decides, by the tables of errors.py
"""

from __future__ import annotations

import re

from kiosk.channels.channel import (
    NotFound,
    OutcomeUnknown,
    Presented,
    QueryAnswer,
    Refused,
)
from kiosk.channels.wechatpay.errors import Verdict
from kiosk.channels.wechatpay.trust import masked
from kiosk.channels.wechatpay.v3 import documents, errors
from kiosk.channels.wechatpay.v3.client import Answer
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.v3.trust import code_of, demand, failure, parties, said_of
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting

# What a phone opens as a payment of this wallet; anything else on the screen could be a page.
_CODE_URL = re.compile(r"weixin://wxpay/[!-~]{1,497}")

# trade_state, as the channel documents it
_PAID = frozenset({"SUCCESS", "REFUND"})
_OPEN = frozenset({"NOTPAY", "USERPAYING", "ACCEPT"})
_OVER = frozenset({"CLOSED", "REVOKED"})


def present_answer(answer: Answer, expires_at: float) -> Presented | Declined:
    """What the making of an order says; `expires_at` is what was asked, in Unix seconds.

    The life that is left is counted by the channel's clock, which ends it. Raises OutcomeUnknown.
    """
    if answer.status == 200:
        code_url = answer.text("code_url")
        if not _CODE_URL.fullmatch(code_url):
            raise OutcomeUnknown("WeChat Pay made the order, but gives no code for the screen")
        return Presented(code_url, max(0.0, int(expires_at) - answer.at))
    code = code_of(answer)
    rule = errors.rule_of(code)
    if 400 <= answer.status < 500 and rule.verdict is Verdict.DECLINED:
        return Declined(code, masked(answer.text("message")))
    raise OutcomeUnknown(f"{rule.cause}: {said_of(answer)}", rule.mend)


def query_answer(
    answer: Answer, options: WechatNativeOptions, out_trade_no: str, transaction_id: str = ""
) -> QueryAnswer:
    """What a query says of one of the numbers, the other being "" if it is not known.

    Raises Refused for its errors and OutcomeUnknown for open ones.
    """
    if answer.status == 404 and answer.code in errors.NO_ORDER:
        return NotFound()
    if answer.status != 200:
        rule = errors.rule_of(code_of(answer))
        raise failure(answer, rule, definite=rule.verdict is Verdict.DECLINED)
    about = {**parties(options), "out_trade_no": out_trade_no}
    if transaction_id:
        about["transaction_id"] = transaction_id
    try:
        return order_state(answer.document, about)
    except ValueError as error:
        raise OutcomeUnknown(f"WeChat Pay's answer {error}") from error


def order_state(document: Document, about: dict[str, str]) -> QueryAnswer:
    """What the words for an order come to; raises ValueError for another order or none.

    While the shopper pays, everything but the state may be missing.
    """
    state = documents.text(document, "trade_state")
    demand(document, about, named=state not in _OPEN)
    if state in _PAID:
        return _approved(document)
    if state in _OPEN:
        return Waiting(state)
    if state in _OVER:
        return Declined(state, masked(documents.text(document, "trade_state_desc")))
    if state == "PAYERROR":
        return PayError(state)
    raise ValueError(f"says trade_state {masked(state)!r}")


def close_answer(answer: Answer) -> Reversed | NotFound:
    """What closing says. Refused: it is paid. OutcomeUnknown: close it again."""
    if answer.status == 204:
        return Reversed()
    code = code_of(answer)
    rule = errors.rule_of(code)
    if 400 <= answer.status < 500:
        if code in errors.CLOSE_NOTHING:
            return Reversed()
        if code in errors.CLOSE_PAID:
            raise Refused(code, masked(answer.text("message")) or rule.cause)
        if answer.status == 404 and code in errors.NO_ORDER:
            return NotFound()
    raise OutcomeUnknown(f"the order is not closed: {said_of(answer)}", rule.mend)


def _approved(document: Document) -> Approved:
    transaction_id = documents.text(document, "transaction_id")
    if not transaction_id:
        raise ValueError("says paid, but not under which number")
    currency = documents.text(document, "amount", "currency")
    if currency not in ("", "CNY"):
        raise ValueError(f"says paid in {masked(currency)!r}")
    try:
        return Approved(transaction_id, documents.fen(document, "amount", "total"))
    except ValueError as error:
        raise ValueError(f"says paid, but has {error}") from error
