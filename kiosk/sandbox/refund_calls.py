"""The refund calls: /secapi/pay/refund and /pay/refundquery.

A refund's answer says that it was accepted, never that the shopper has the money: that is what
the query's `refund_status_$n` is for. The query lists twenty refunds of an order from `offset` on.
"""

from __future__ import annotations

from kiosk.sandbox.clock import dashed
from kiosk.sandbox.fields import REFUND, REFUNDQUERY, Refused, check
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.order import Order, Wire
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.promotion import refunded
from kiosk.sandbox.refund import Account, Course, Refund, RefundState, Wanted
from kiosk.sandbox.refunds import Refunds
from kiosk.sandbox.reply import Act, Answers, Reply, decline
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields

PAGE = 20


class RefundCalls:
    """Asking for a refund, and asking how it goes."""

    def __init__(
        self, merchant: Merchant, answers: Answers, orders: Orders, refunds: Refunds
    ) -> None:
        self._merchant = merchant
        self._answers = answers
        self._orders = orders
        self._refunds = refunds

    def acts(self) -> dict[Api, Act]:
        """What each call does."""
        return {Api.REFUND: self._refund, Api.REFUNDQUERY: self._refundquery}

    def _refund(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, REFUND)
        self._merchant.check_pair(fields)
        order = self._order(fields)
        decline(faults)
        wanted = Wanted(
            out_refund_no=fields["out_refund_no"],
            fen=int(fields["refund_fee"]),
            total=int(fields["total_fee"]),
            account=Account(fields.get("refund_account") or Account.UNSETTLED.value),
            reason=fields.get("refund_desc", ""),
            notify_url=fields.get("notify_url", ""),
            wire=Wire.XML,
        )
        refund = self._refunds.request(order, wanted, Course.of(faults))
        paid = self._paid(refund)
        answer = {
            **self._answers.accepted(fields),
            **_order_words(paid),
            "out_refund_no": refund.out_refund_no,
            "refund_id": refund.refund_id,
            "refund_fee": str(refund.fen),
            **refunded(paid, refund.fen),
        }
        return Reply(answer, "SUCCESS", definite=True)

    def _refundquery(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, REFUNDQUERY)
        self._merchant.check_pair(fields)
        decline(faults)
        found = [] if "not-found" in faults else self._named(fields)
        offset = int(fields.get("offset") or 0)
        page = found[offset : offset + PAGE]
        if not page:
            raise Refused("REFUNDNOTEXIST", "退款订单不存在")
        answer = {
            **self._answers.accepted(fields),
            **_order_words(self._paid(page[0])),
            "refund_count": str(len(page)),
        }
        if fields.get("offset"):
            answer["total_refund_count"] = str(len(found))
        for at, refund in enumerate(page):
            answer.update({f"{name}_{at}": value for name, value in _refund_words(refund).items()})
        word = " ".join(sorted({refund.state.value for refund in page}))
        return Reply(answer, word, definite=True)

    def _named(self, fields: Fields) -> list[Refund]:
        """The refunds a query names: one by its own numbers, all of an order by the order's."""
        out_refund_no, refund_id = fields.get("out_refund_no", ""), fields.get("refund_id", "")
        if out_refund_no or refund_id:
            refund = self._refunds.find(out_refund_no, refund_id)
            return [] if refund is None else [refund]
        order = self._order(fields)
        return [] if order is None else self._refunds.of_order(order.out_trade_no)

    def _order(self, fields: Fields) -> Order | None:
        out_trade_no, transaction_id = fields.get("out_trade_no"), fields.get("transaction_id")
        if not out_trade_no and not transaction_id:
            raise Refused("LACK_PARAMS", "缺少参数out_trade_no或transaction_id")
        return self._orders.find(out_trade_no or "", transaction_id or "")

    def _paid(self, refund: Refund) -> Order:
        order = self._orders.find(refund.out_trade_no)
        assert order is not None, "a refund has an order"
        return order


def _order_words(order: Order) -> Fields:
    """What an answer says of the order."""
    return {
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "total_fee": str(order.total_fee),
        "fee_type": "CNY",
        "cash_fee": str(order.cash_of(order.total_fee)),
    }


def _refund_words(refund: Refund) -> Fields:
    """What the query says of one refund; `accout` is how the channel spells it."""
    words = {
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "refund_channel": "ORIGINAL",
        "refund_fee": str(refund.fen),
        "refund_status": refund.state.value,
        "refund_account": refund.account.value,
        "refund_recv_accout": "支付用户零钱",
    }
    if refund.state is RefundState.SUCCESS and refund.ended_at is not None:
        words["refund_success_time"] = dashed(refund.ended_at)
    return words
