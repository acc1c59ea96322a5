"""What an order says of the wallet's coupon on it, in the words of either wire.

    total_fee = cash_fee of the shopper + coupon_fee
    COUPON, CASH        prefunded (充值): the merchant is settled the whole
    DISCOUNT, NOCASH    borne by the merchant (免充值): he is settled the cash

A coupon's share of a refund is rounded down, part by part; the odd fen are the shopper's.
"""

from __future__ import annotations

import json
from typing import Any

from kiosk.sandbox.order import Order
from kiosk.sandbox.wire import Fields

_NAME = "代金券"


def promotion(order: Order) -> Fields:
    """Of the signed XML; nothing where there is no coupon."""
    if not order.coupon_fee:
        return {}
    fen, borne = str(order.coupon_fee), bool(order.coupon_borne)
    item = {
        "promotion_id": _number(order),
        "name": _NAME,
        "scope": "GLOBAL",
        "type": "DISCOUNT" if borne else "COUPON",
        "amount": fen,
        "wxpay_contribute": "0" if borne else fen,
        "merchant_contribute": fen if borne else "0",
        "other_contribute": "0",
    }
    return {
        "coupon_fee": fen,
        "coupon_count": "1",
        "coupon_type_0": "NO_CASH" if borne else "CASH",
        "coupon_id_0": _number(order),
        "coupon_fee_0": fen,
        "settlement_total_fee": str(order.settled_of(order.total_fee)),
        "promotion_detail": json.dumps({"promotion_detail": [item]}, ensure_ascii=False),
    }


def promotion_detail(order: Order) -> list[dict[str, Any]]:
    """Of the third-version wire."""
    if not order.coupon_fee:
        return []
    fen, borne = order.coupon_fee, bool(order.coupon_borne)
    return [
        {
            "coupon_id": _number(order),
            "name": _NAME,
            "scope": "GLOBAL",
            "type": "NOCASH" if borne else "CASH",
            "amount": fen,
            "stock_id": "1",
            "wechatpay_contribute": 0 if borne else fen,
            "merchant_contribute": fen if borne else 0,
            "other_contribute": 0,
            "currency": "CNY",
        }
    ]


def refunded(order: Order, fen: int) -> Fields:
    """How a refund of `fen` splits, in the signed XML."""
    coupon = order.coupon_of(fen)
    words = {
        "cash_refund_fee": str(fen - coupon),
        "coupon_refund_fee": str(coupon),
        "coupon_refund_count": "1" if coupon else "0",
    }
    if order.coupon_fee:
        words["settlement_refund_fee"] = str(order.settled_of(fen))
    return words


def _number(order: Order) -> str:
    return order.transaction_id[-10:]
