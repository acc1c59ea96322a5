"""The pay calls: micropay, facepay, orderquery, reverse, closeorder, authcodetoopenid.

facepay takes the older kind of face code; its query and reverse are those of micropay under other
paths.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.sandbox.clock import Clock, stamp
from kiosk.sandbox.fields import (
    BY_NUMBER,
    CLOSE,
    FACEPAY,
    MICROPAY,
    TO_OPENID,
    Refused,
    check,
    check_auth_code,
)
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.order import Ending, Order, State, TradeType, Way
from kiosk.sandbox.orders import PASSWORD_ABOVE, Orders
from kiosk.sandbox.promotion import promotion
from kiosk.sandbox.reply import Act, Answers, Reply, decline
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wallet import Wallet
from kiosk.sandbox.wire import Fields

STATE_WORDS = {
    State.SUCCESS: "支付成功",
    State.REFUND: "转入退款",
    State.NOTPAY: "订单未支付",
    State.USERPAYING: "用户支付中",
    State.CLOSED: "已关闭",
    State.REVOKED: "已撤销",
    State.PAYERROR: "支付失败",
}
FINAL = {State.SUCCESS, State.REFUND, State.CLOSED, State.REVOKED}

CLOSABLE_AFTER = 300.0
"""closeorder of this wire is for orders at least five minutes old."""


class PayCalls:
    """Paying with a code, and what is asked of an order afterwards."""

    def __init__(
        self,
        merchant: Merchant,
        answers: Answers,
        clock: Clock,
        orders: Orders,
        wallet: Wallet,
    ) -> None:
        self._merchant = merchant
        self._answers = answers
        self._clock = clock
        self._orders = orders
        self._wallet = wallet

    def acts(self) -> dict[Api, Act]:
        """What each call does."""
        return {
            Api.MICROPAY: self._micropay,
            Api.FACEPAY: self._facepay,
            Api.ORDERQUERY: self._orderquery,
            Api.REVERSE: self._reverse,
            Api.CLOSE: self._close,
            Api.OPENID: self._openid,
        }

    def _micropay(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, MICROPAY)
        self._merchant.check_pair(fields)
        check_auth_code(fields["auth_code"])
        return self._paid(fields, fields["auth_code"], TradeType.MICROPAY, faults)

    def _facepay(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, FACEPAY)
        self._merchant.check_pair(fields)
        return self._paid(fields, fields["face_code"], TradeType.FACEPAY, faults)

    def _paid(self, fields: Fields, code: str, trade_type: TradeType, faults: Faults) -> Reply:
        if "code-used" in faults:
            self._wallet.use_up(code)
        order = self._orders.pay(fields, code, trade_type, _ending(fields, faults))
        answer = {**self._answers.accepted(fields), **order_words(order), **payment_words(order)}
        return Reply(answer, "SUCCESS", definite=True)

    def _orderquery(self, fields: Fields, faults: Faults) -> Reply:
        order = self._named(fields)
        decline(faults)
        if order is None or "not-found" in faults:
            raise Refused("ORDERNOTEXIST", "订单不存在")
        answer = {
            **self._answers.accepted(fields),
            **order_words(order),
            "trade_state": order.state.value,
            "trade_state_desc": STATE_WORDS[order.state],
        }
        if order.paid_at is not None:
            answer.update(payment_words(order))
        return Reply(answer, order.state.value, order.state in FINAL)

    def _reverse(self, fields: Fields, faults: Faults) -> Reply:
        self._named(fields)
        decline(faults)
        if "not-found" in faults:
            raise Refused("ORDERNOTEXIST", "订单不存在")
        answer = self._answers.accepted(fields)
        if "recall" in faults:
            return Reply({**answer, "recall": "Y"}, "RECALL")
        self._orders.reverse(fields)
        return Reply({**answer, "recall": "N"}, "SUCCESS", definite=True)

    def _close(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, CLOSE)
        self._merchant.check_pair(fields)
        decline(faults)
        order = self._orders.find(fields["out_trade_no"])
        if order is None:
            raise Refused("ORDERNOTEXIST", "订单不存在")
        if order.state is State.CLOSED:
            raise Refused("ORDERCLOSED", "该订单已关闭")
        age = self._clock.now() - order.created_at
        if order.trade_type is TradeType.NATIVE and age < self._clock.span(CLOSABLE_AFTER):
            raise Refused("INVALID_REQUEST", "下单后5分钟内不能调用关单接口")
        self._orders.close(order)
        return Reply(self._answers.accepted(fields), "SUCCESS", definite=True)

    def _openid(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, TO_OPENID)
        self._merchant.check_pair(fields)
        check_auth_code(fields["auth_code"])
        decline(faults)
        openid = self._wallet.whose(fields["auth_code"])
        return Reply({**self._answers.accepted(fields), "openid": openid}, "SUCCESS")

    def _named(self, fields: Fields) -> Order | None:
        """The order a query or reverse names, after the checks both share."""
        check(fields, BY_NUMBER)
        self._merchant.check_pair(fields)
        out_trade_no, transaction_id = fields.get("out_trade_no"), fields.get("transaction_id")
        if not out_trade_no and not transaction_id:
            raise Refused("LACK_PARAMS", "缺少参数out_trade_no或transaction_id")
        return self._orders.find(out_trade_no or "", transaction_id or "")


_NO_ORDER = {"AUTHCODEEXPIRE", "AUTH_CODE_ERROR", "AUTH_CODE_INVALID", "NOAUTH", "PARAM_ERROR"}
"""Refusals made before an order exists: a query for it finds nothing."""


def _ending(fields: Fields, faults: Faults) -> Ending:
    """How this pay call shall go: as scripted, else at once, or by password above 1000 yuan."""
    if "decline" in faults:
        code = faults.by_name["decline"]
        if code in _NO_ORDER:
            raise Refused(code, "付款码无效，请刷新付款码后重试")
        return Ending(Way.DECLINE, code=code)
    if "payerror" in faults:
        return Ending(Way.FAIL)
    coupon, _, borne = faults.by_name.get("coupon", "0").partition(" ")
    found = Ending(Way.PHONE, coupon=int(coupon), borne=bool(borne))
    if "userpaying" in faults:
        word, _, after = faults.by_name["userpaying"].rpartition(" ")
        if after in {"phone", "forever", "refuse"}:
            return replace(found, way=Way(after))
        return replace(found, way=Way(word or "confirm"), after=float(after))
    return replace(found, way=Way.NOW) if int(fields["total_fee"]) <= PASSWORD_ABOVE else found


def order_words(order: Order) -> Fields:
    """What an answer or notify says of an order."""
    return {
        "device_info": order.device_info,
        "out_trade_no": order.out_trade_no,
        "attach": order.attach,
        "total_fee": str(order.total_fee),
        "fee_type": "CNY",
    }


def payment_words(order: Order) -> Fields:
    """What it says of the payment of one that is paid."""
    return {
        **promotion(order),
        "openid": order.openid,
        "is_subscribe": "N",
        "trade_type": order.trade_type.value,
        "bank_type": "OTHERS",
        "transaction_id": order.transaction_id,
        "cash_fee": str(order.cash_of(order.total_fee)),
        "cash_fee_type": "CNY",
        "time_end": stamp(order.paid_at or order.created_at),
    }
