"""The target and the document of each call, before the signature: plain functions of the options.

Field names, lengths and forms are those of the channel's third-version documents for Native, query,
close, refund and the two bills; a service provider's calls have paths and names of their own.
The same order at the same moment always gives the same document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from kiosk.channels.channel import GoodsLine, PayOrder, RefundOrder
from kiosk.channels.wechatpay import requests as v2
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.xml import without_forbidden
from kiosk.domain.receipt import CHINA

REFUNDS = "/v3/refund/domestic/refunds"

_NUMBER = re.compile(r"[A-Za-z0-9_\-|*]{6,32}")
_DESCRIPTION_BYTES = 127
_REASON_BYTES = 80
_GOODS_ID_CHARACTERS = 32
_GOODS_NAME_CHARACTERS = 256
_MOST_GOODS = 50  # a longer basket goes without its lines, which are for coupons only


def native_target(options: WechatNativeOptions) -> str:
    """Where an order is made."""
    return f"{_transactions(options)}/native"


def native(options: WechatNativeOptions, order: PayOrder, expires_at: float) -> Document:
    """An order for the screen, payable until `expires_at` (Unix seconds).

    Raises ValueError for an order that the channel's format cannot carry.
    """
    if order.amount.currency != "CNY" or order.amount.fen <= 0:
        raise ValueError(f"{order.amount} cannot be asked of WeChat Pay")
    description = cut(without_forbidden(order.body).strip(), _DESCRIPTION_BYTES)
    if not description:
        raise ValueError("an order needs a body")
    document = {
        **_parties(options, with_appid=True),
        "description": description,
        "out_trade_no": number(order.out_trade_no),
        "time_expire": moment(expires_at),
        "notify_url": options.notify_url,
        "amount": {"total": order.amount.fen, "currency": "CNY"},
        "scene_info": {"payer_client_ip": options.client_ip, "device_id": options.device_id},
    }
    goods = _goods(order.goods)
    return {**document, "detail": {"goods_detail": goods}} if goods else document


def query_target(
    options: WechatNativeOptions, out_trade_no: str = "", transaction_id: str = ""
) -> str:
    """Where an order is asked for, by our number or the channel's."""
    one = f"id/{transaction_id}" if transaction_id else f"out-trade-no/{quote(out_trade_no, '')}"
    return f"{_transactions(options)}/{one}?{urlencode(_parties(options))}"


def close_target(options: WechatNativeOptions, out_trade_no: str) -> str:
    """Where an order is closed."""
    return f"{_transactions(options)}/out-trade-no/{quote(out_trade_no, '')}/close"


def close(options: WechatNativeOptions) -> Document:
    """Whose order is closed."""
    return _parties(options)


def refund(options: WechatNativeOptions, order: RefundOrder) -> Document:
    """Give back; raises ValueError for an order that the channel's format cannot carry."""
    if not 0 < order.amount.fen <= order.paid.fen:
        raise ValueError(f"{order.amount} of {order.paid} cannot be refunded")
    if {order.amount.currency, order.paid.currency} != {"CNY"}:
        raise ValueError(f"{order.amount} cannot be asked of WeChat Pay")
    amount = {"refund": order.amount.fen, "total": order.paid.fen, "currency": "CNY"}
    document = {
        **_shop(options),
        "out_trade_no": v2.one_number(order.out_trade_no, ""),  # v2 takes shorter ones
        "out_refund_no": v2.refund_number(order),
        "notify_url": options.notify_url,
        "amount": amount,
    }
    reason = cut(without_forbidden(order.reason).strip(), _REASON_BYTES)
    return {**document, "reason": reason} if reason else document


def refund_target(options: WechatNativeOptions, out_refund_no: str) -> str:
    """Where one refund is asked for."""
    shop = _shop(options)
    return f"{REFUNDS}/{quote(out_refund_no, '')}{'?' + urlencode(shop) if shop else ''}"


def trade_bill_target(options: WechatNativeOptions, day: date, bill_type: str) -> str:
    """Where the link of a day's trade bill is asked for."""
    asked = {"bill_date": day.isoformat(), **_shop(options), "bill_type": bill_type}
    return f"/v3/bill/tradebill?{urlencode({**asked, 'tar_type': 'GZIP'})}"


def fund_flow_target(day: date, account: str) -> str:
    """Where the link of a day's fund-flow bill is asked for; it is always the caller's own."""
    asked = {"bill_date": day.isoformat(), "account_type": account, "tar_type": "GZIP"}
    return f"/v3/bill/fundflowbill?{urlencode(asked)}"


def number(out_trade_no: str) -> str:
    """Our number; raises ValueError where Native would not take it."""
    if not _NUMBER.fullmatch(out_trade_no):
        raise ValueError("out_trade_no must be 6 to 32 characters of A-Za-z0-9_-|*")
    return out_trade_no


def moment(seconds: float) -> str:
    """Unix seconds in the channel's form, RFC 3339 in Beijing time, to the second."""
    at = datetime.fromtimestamp(int(seconds), UTC).astimezone(CHINA)
    return at.isoformat(timespec="seconds")


def cut(text: str, most: int) -> str:
    """The longest start of `text` that has at most `most` bytes, no character broken."""
    return text.encode()[:most].decode(errors="ignore")


def _transactions(options: WechatNativeOptions) -> str:
    return f"/v3/pay/{'partner/' if options.partner else ''}transactions"


def _parties(options: WechatNativeOptions, *, with_appid: bool = False) -> dict[str, str]:
    """Who asks, and for whom."""
    if not options.partner:
        names = {"appid": options.appid} if with_appid else {}
        return {**names, "mchid": options.mch_id}
    names = {"sp_appid": options.appid} if with_appid else {}
    if with_appid and options.sub_appid:
        names["sub_appid"] = options.sub_appid
    return {**names, "sp_mchid": options.mch_id, "sub_mchid": options.sub_mch_id}


def _shop(options: WechatNativeOptions) -> dict[str, str]:
    return {"sub_mchid": options.sub_mch_id} if options.partner else {}


def _goods(goods: Sequence[GoodsLine]) -> list[dict[str, Any]]:
    """The lines for coupons on single goods; all of them or none."""
    fit = all(
        0 < len(line.goods_id) <= _GOODS_ID_CHARACTERS and line.quantity > 0 for line in goods
    )
    if not fit or len(goods) > _MOST_GOODS:
        return []
    return [
        {
            "merchant_goods_id": without_forbidden(line.goods_id),
            "goods_name": without_forbidden(line.goods_name)[:_GOODS_NAME_CHARACTERS],
            "quantity": line.quantity,
            "unit_price": line.price.fen,
        }
        for line in goods
    ]
