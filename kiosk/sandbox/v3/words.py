"""Orders, refunds and refusals in the JSON of the third-version wire."""

from __future__ import annotations

from enum import Enum
from typing import Any

from kiosk.sandbox.clock import zoned
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.order import Order
from kiosk.sandbox.pay_calls import STATE_WORDS
from kiosk.sandbox.promotion import promotion_detail
from kiosk.sandbox.refund import Account, Refund, RefundState
from kiosk.sandbox.reply import Reply, settles
from kiosk.sandbox.scripts import Api

Json = dict[str, Any]


class Party(Enum):
    """Who calls: the shop itself, or a service provider for it; its words for who is who."""

    DIRECT = ("appid", "mchid", "openid")
    PARTNER = ("sp_appid", "sp_mchid", "sp_openid")

    def check(self, merchant: Merchant, said: Json) -> None:
        """Raise Refused unless the request names this merchant, and his shop where it must."""
        appid, mchid, _ = self.value
        if said.get(mchid) != merchant.mch_id:
            raise Refused("PARAM_ERROR", f"参数{mchid}与签名的商户号不一致")
        if said.get(appid, merchant.appid) != merchant.appid:
            raise Refused("APPID_MCHID_NOT_MATCH", "商户号与appid不匹配")
        if self is Party.PARTNER and said.get("sub_mchid") != merchant.sub_mch_id:
            raise Refused("NO_RELATION", "sub_mchid与sp_mchid没有受理关系")

    def names(self, merchant: Merchant) -> Json:
        """How an answer names them."""
        appid, mchid, _ = self.value
        names = {appid: merchant.appid, mchid: merchant.mch_id}
        return {**names, "sub_mchid": merchant.sub_mch_id} if self is Party.PARTNER else names


def of_order(order: Order, merchant: Merchant) -> Json:
    """What a query or a notify says of an order; no coupon is ever used."""
    party = Party.PARTNER if order.sub_mch_id else Party.DIRECT
    told: Json = {
        **party.names(merchant),
        "out_trade_no": order.out_trade_no,
        "attach": order.attach,
        "trade_state": order.state.value,
        "trade_state_desc": STATE_WORDS[order.state],
    }
    if order.paid_at is None:
        return told
    return told | {
        "transaction_id": order.transaction_id,
        "trade_type": order.trade_type.value,
        "bank_type": "OTHERS",
        "success_time": zoned(order.paid_at),
        "payer": {party.value[2]: order.openid},
        "amount": {
            "total": order.total_fee,
            "payer_total": order.cash_of(order.total_fee),
            "currency": "CNY",
            "payer_currency": "CNY",
        },
        "scene_info": {"device_id": order.device_info},
        "promotion_detail": promotion_detail(order),
    }


ACCOUNTS = {"AVAILABLE": Account.RECHARGE, "UNSETTLED": Account.UNSETTLED}
"""`funds_account` of a request."""

_STATES = {RefundState.CLOSED: "CLOSED", RefundState.CHANGE: "ABNORMAL"}


def refund_state(refund: Refund) -> str:
    """The word for its state on this wire."""
    return _STATES.get(refund.state, refund.state.value)


def of_refund(refund: Refund, order: Order) -> Json:
    """What an answer says of a refund."""
    words = {account: word for word, account in ACCOUNTS.items()}
    told: Json = {
        **_refund_head(refund, order),
        "channel": "ORIGINAL",
        "create_time": zoned(refund.requested_at),
        "status": refund_state(refund),
        "funds_account": words[refund.account],
        "amount": {
            **_amounts(refund, order),
            "from": [],
            "settlement_refund": order.settled_of(refund.fen),
            "settlement_total": order.settled_of(order.total_fee),
            "discount_refund": order.coupon_of(refund.fen),
            "currency": "CNY",
            "refund_fee": 0,
        },
        "promotion_detail": [],
    }
    return told | _done(refund)


def notified_refund(refund: Refund, order: Order, merchant: Merchant) -> Json:
    """What a notify says of a refund."""
    told: Json = {
        "mchid": merchant.mch_id,
        **_refund_head(refund, order),
        "refund_status": refund_state(refund),
        "amount": _amounts(refund, order),
    }
    return told | _done(refund)


def _refund_head(refund: Refund, order: Order) -> Json:
    return {
        "out_trade_no": order.out_trade_no,
        "transaction_id": order.transaction_id,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "user_received_account": "支付用户零钱",
    }


def _amounts(refund: Refund, order: Order) -> Json:
    return {
        "total": order.total_fee,
        "refund": refund.fen,
        "payer_total": order.cash_of(order.total_fee),
        "payer_refund": order.cash_of(refund.fen),
    }


def _done(refund: Refund) -> Json:
    if refund.state is not RefundState.SUCCESS or refund.ended_at is None:
        return {}
    return {"success_time": zoned(refund.ended_at)}


_DENIED = {
    "SIGN_ERROR": (401, "SIGN_ERROR", "268443699"),
    "METHOD_NOT_ALLOWED": (405, "PARAM_ERROR", "268435461"),
    "PARAM_ERROR": (400, "PARAM_ERROR", "268435461"),
    "LACK_PARAMS": (400, "PARAM_ERROR", "268435461"),
    "UNKNOWN_PARAMETER": (400, "PARAM_ERROR", "270924358"),
    "APPID_MCHID_NOT_MATCH": (400, "APPID_MCHID_NOT_MATCH", "268445527"),
    "NO_RELATION": (403, "NO_AUTH", "268443701"),
    "ORDERNOTEXIST": (404, "ORDER_NOT_EXIST", "268512771"),
    "ORDERPAID": (400, "ORDERPAID", "268449538"),
    "ORDERCLOSED": (400, "ORDER_CLOSED", "268447914"),
    "OUT_TRADE_NO_USED": (403, "OUT_TRADE_NO_USED", "268498688"),
    "268449641": (400, "INVALID_REQUEST", "268449641"),
    "ERROR": (400, "INVALID_REQUEST", "268435461"),
    "TRADE_OVERDUE": (400, "INVALID_REQUEST", "268435461"),
    "REFUND_FEE_INVALID": (400, "INVALID_REQUEST", "268435461"),
    "INVALID_TRANSACTIONID": (404, "RESOURCE_NOT_EXISTS", "268512771"),
    "REFUNDNOTEXIST": (404, "RESOURCE_NOT_EXISTS", "268512771"),
    "RESOURCE_NOT_EXISTS": (404, "RESOURCE_NOT_EXISTS", "268512771"),
    "FREQUENCY_LIMITED": (429, "FREQUENCY_LIMITED", "268447840"),
    "NO_BILL_EXIST": (400, "NO_STATEMENT_EXIST", "268435461"),
    "BILL_CREATING": (400, "STATEMENT_CREATING", "268435461"),
    "SYSTEMERROR": (500, "SYSTEM_ERROR", "0"),
}
_FORBIDDEN = {"NOT_ENOUGH", "NO_AUTH", "RULE_LIMIT", "TRADE_ERROR", "ACCOUNT_ERROR"}
_FORBIDDEN |= {"USER_ACCOUNT_ABNORMAL", "REQUEST_BLOCKED", "OUT_TRADE_NO_USED"}


def refusal(api: Api, refused: Refused) -> Reply:
    """A refusal: HTTP status, code, sentence. An unknown code of a script stays as it is."""
    usual = (403 if refused.code in _FORBIDDEN else 400, refused.code, "0")
    status, code, numeric = _DENIED.get(refused.code, usual)
    return Reply(
        {"code": code, "message": refused.sentence},
        code,
        settles(api, refused.code),
        status=status,
        numeric=numeric,
    )
