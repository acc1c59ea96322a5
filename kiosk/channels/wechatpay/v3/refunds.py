"""Giving money back over the third-version interface, and what a payment's money came to.

refund        POST /v3/refund/domestic/refunds
query_refund  GET  …/{out_refund_no}
settled       the order by either number, then its refunds R1, R2, … one by one

Unlike the v2 interface this one lists no refunds of an order, it only finds one by its number.
All tills number the refunds of a payment alike (out_trade_no, R, index), so they are asked for in
turn. A refused refund leaves a gap, since the channel does not keep its number: a few numbers that
are missing in a row end the search. But an order in state REFUND has given something back; where
none of its possible fifty numbers says what, somebody refunded by other rules, in the merchant's
portal for instance, and what is left is for a person to say.
"""

from __future__ import annotations

import logging
from typing import assert_never

from kiosk.channels.channel import (
    ChannelError,
    KnownRefund,
    NotFound,
    OutcomeUnknown,
    RefundAnswer,
    RefundOrder,
    Refused,
    Settled,
)
from kiosk.channels.wechatpay import requests as v2
from kiosk.channels.wechatpay.v3 import answers, refund_answers, refund_errors, requests
from kiosk.channels.wechatpay.v3.client import V3Client
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Waiting
from kiosk.domain.refund import RefundClosed, refund_number

_MOST = 50  # refunds of a payment, by the channel's document
_GAP = 3  # numbers missing in a row after which no other is looked for

log = logging.getLogger(__name__)


class Refunds:
    """One merchant's refunds; safe for threads, keeps no state."""

    def __init__(self, options: WechatNativeOptions, client: V3Client) -> None:
        self._options = options
        self._client = client

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Ask for the refund; the same number again is the same refund, however often it is asked.

        A refusal counts only after a query that does not know the number.
        """
        document = v2.built(requests.refund, self._options, order)
        log.info("refund out_refund_no=%s fen=%d", order.out_refund_no, order.amount.fen)
        answer = self._client.ask_any("POST", requests.REFUNDS, document)
        said = refund_answers.refund_answer(answer, _about(order), order.amount)
        # With status 200 the channel has told of this very refund; everything else is a refusal.
        if isinstance(said, RefundClosed) and answer.status != 200:
            said = self._unless_known(order, said)
        _log_answer("refunded?", order, said)
        return said

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        """What became of it. RefundClosed(NUMBER_TAKEN): the number is another till's refund."""
        number = v2.built(v2.refund_number, order)
        known = self._known(number, order.out_trade_no)
        if isinstance(known, NotFound):
            said: RefundAnswer | NotFound = known
        else:
            said = refund_answers.one_refund(known, order.amount)
        _log_answer("query", order, said)
        return said

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        """What was paid for a payment of any till, and every refund of it under our numbers.

        Raises Refused for a payment that never was or was undone, OutcomeUnknown while it is open
        or where something went back that has none of our numbers.
        """
        v2.built(v2.one_number, out_trade_no, transaction_id)
        target = requests.query_target(self._options, out_trade_no, transaction_id)
        answer = self._client.ask_any("GET", target)
        said = answers.query_answer(answer, self._options, out_trade_no, transaction_id)
        match said:
            case Approved(transaction_id=number, fen=fen):
                ours = answer.text("out_trade_no")
                given_back = answer.text("trade_state") == "REFUND"
                refunds = self._refunds_of(ours, given_back=given_back)
                return Settled(ours, number, Money(fen), refunds)
            case Declined(code=code) | PayError(code=code):
                raise Refused(code, "the payment was not made, or was undone")
            case Waiting():
                raise OutcomeUnknown("the payment is not decided yet")
            case NotFound():
                return said
            case _:
                assert_never(said)

    def _unless_known(self, order: RefundOrder, closed: RefundClosed) -> RefundAnswer:
        """`closed`, unless the channel has this refund all the same; then what became of it."""
        try:
            known = self.query_refund(order)
        except ChannelError as error:
            mend = error.mend or refund_errors.rule_of(closed.code).mend
            cause = f"refund refused ({closed.code} {closed.message}), and no query: {error.cause}"
            raise OutcomeUnknown(cause, mend) from error
        return closed if isinstance(known, NotFound) else known

    def _refunds_of(self, out_trade_no: str, *, given_back: bool) -> tuple[KnownRefund, ...]:
        """The refunds of a payment under our numbers; `given_back` is what the order itself says.

        Raises OutcomeUnknown where they cannot be all.
        """
        found: list[KnownRefund] = []
        explained = not given_back
        missing = 0
        for index in range(1, _MOST + 1):
            known = self._known(refund_number(out_trade_no, index), out_trade_no)
            if isinstance(known, NotFound):
                missing += 1
                if missing == _GAP and explained:
                    break
                continue
            missing = 0
            found.append(known)
            explained = explained or not isinstance(known.answer, RefundClosed)
        if not explained:
            raise OutcomeUnknown(
                "money of this payment went back under a number that is not the kiosk's",
                "Look the payment up in the merchant portal, and refund it there.",
            )
        return tuple(found)

    def _known(self, out_refund_no: str, out_trade_no: str) -> KnownRefund | NotFound:
        target = requests.refund_target(self._options, out_refund_no)
        answer = self._client.ask_any("GET", target)
        about = {"out_trade_no": out_trade_no, "out_refund_no": out_refund_no}
        return refund_answers.known_refund(answer, about)


def _about(order: RefundOrder) -> dict[str, str]:
    return {"out_trade_no": order.out_trade_no, "out_refund_no": order.out_refund_no}


def _log_answer(event: str, order: RefundOrder, said: RefundAnswer | NotFound) -> None:
    log.info("%s out_refund_no=%s answer=%s", event, order.out_refund_no, type(said).__name__)
