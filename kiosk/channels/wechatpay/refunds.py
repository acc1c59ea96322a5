"""Giving money back over the v2 interface: refund, its query, and what a payment's money came to.

refund        /secapi/pay/refund      with the merchant's client certificate
query_refund  /pay/refundquery        by out_refund_no
settled       /pay/orderquery, then /pay/refundquery page by page
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import assert_never

from kiosk.channels.channel import (
    ChannelError,
    KnownRefund,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RefundAnswer,
    RefundOrder,
    Refused,
    Settled,
)
from kiosk.channels.wechatpay import answers, refund_answers, refund_errors, requests
from kiosk.channels.wechatpay.client import SignedClient
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Waiting
from kiosk.domain.refund import RefundClosed

_PAGE = 10  # refunds on a page, by the refundquery document

log = logging.getLogger(__name__)


class Refunds:
    """One merchant's refunds; safe for threads, keeps no state."""

    def __init__(self, options: WechatPayOptions, client: SignedClient) -> None:
        self._options = options
        self._client = client

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Ask for the refund; the same number again is the same refund, however often it is asked.

        A refusal counts only after a query that does not know the number: a second request is
        refused as well because the first one was carried out and nothing is left.
        """
        if not self._options.sandbox and self._options.certificate_path is None:
            raise NotSent(
                "WeChat Pay refunds only with a client certificate",
                "Set certificate_path and private_key_path in the config.",
            )
        fields = requests.built(requests.refund, self._options, order)
        log.info("refund out_refund_no=%s fen=%d", order.out_refund_no, order.amount.fen)
        answer = self._client.ask_any(requests.REFUND, fields)
        said: RefundAnswer = refund_answers.refund_answer(answer, self._options, order)
        if isinstance(said, RefundClosed):
            said = self._unless_known(order, said)
        _log_answer("refunded?", order, said)
        return said

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        """What became of it. RefundClosed(NUMBER_TAKEN): the number is another till's refund."""
        number = requests.built(requests.refund_number, order)
        fields = requests.refundquery(self._options, out_refund_no=number)
        page = self._page(fields, {"out_trade_no": order.out_trade_no})
        said = refund_answers.one_refund(page, order)
        _log_answer("query", order, said)
        return said

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        """What was paid for a payment of any till, and every refund of it, made wherever.

        Raises Refused for a payment that never was or was undone, OutcomeUnknown while it is open
        or where the list of its refunds is not whole.
        """
        requests.built(requests.one_number, out_trade_no, transaction_id)
        fields = requests.orderquery(self._options, out_trade_no, transaction_id)
        answer = self._client.ask_any(requests.ORDERQUERY, fields)
        said = answers.query_answer(answer, self._options, out_trade_no, transaction_id)
        match said:
            case Approved(transaction_id=number, fen=fen):
                refunds = self._refunds_of(answer["out_trade_no"])
                return Settled(answer["out_trade_no"], number, Money(fen), refunds)
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
        if closed.code == refund_errors.NUMBER_TAKEN:
            return closed
        try:
            known = self.query_refund(order)
        except ChannelError as error:
            mend = error.mend or refund_errors.refund_rule_of(closed.code).mend
            cause = f"refund refused ({closed.code} {closed.message}), and no query: {error.cause}"
            raise OutcomeUnknown(cause, mend) from error
        return closed if isinstance(known, NotFound) else known

    def _refunds_of(self, out_trade_no: str) -> tuple[KnownRefund, ...]:
        """All refunds of a payment; raises OutcomeUnknown rather than give an incomplete list.

        The next free index is counted from this list; with a gap a new refund would be an old one.
        """
        found: dict[str, KnownRefund] = {}
        while True:
            fields = requests.refundquery(
                self._options, out_trade_no=out_trade_no, offset=len(found)
            )
            page = self._page(fields, {"out_trade_no": out_trade_no})
            if isinstance(page, NotFound) and not found:
                return ()
            if isinstance(page, NotFound) or not page.refunds or found.keys() & page.refunds.keys():
                raise OutcomeUnknown("WeChat Pay's list of refunds is not whole")
            found |= page.refunds
            if page.altogether is None and len(page.refunds) >= _PAGE:
                raise OutcomeUnknown("WeChat Pay does not say how many refunds there are")
            if page.altogether is None or len(found) >= page.altogether:
                return tuple(found.values())

    def _page(
        self, fields: Mapping[str, str], about: Mapping[str, str]
    ) -> refund_answers.RefundPage | NotFound:
        answer = self._client.ask_any(requests.REFUNDQUERY, fields)
        return refund_answers.refund_page(answer, self._options, about)


def _log_answer(event: str, order: RefundOrder, said: RefundAnswer | NotFound) -> None:
    log.info("%s out_refund_no=%s answer=%s", event, order.out_refund_no, type(said).__name__)
