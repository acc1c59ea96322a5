"""The fields of each request, before nonce and signature: plain functions of options and order.

Field names, lengths and formats are those of the channel's v2 documents: micropay, orderquery,
reverse and get_wxpayface_authinfo. The same order always gives the same fields.
"""

from __future__ import annotations

import json
import re

from kiosk.channels.channel import GoodsLine, PayOrder, Token
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.xml import without_forbidden

MICROPAY = "/pay/micropay"
ORDERQUERY = "/pay/orderquery"
REVERSE = "/secapi/pay/reverse"
AUTHINFO = "/face/get_wxpayface_authinfo"

_NUMBER = re.compile(r"[A-Za-z0-9_\-|*]{1,32}")
# What the server takes as auth_code; a face code of type 1 has the form of a payment code.
_AUTH_CODE = re.compile(r"1[0-6][0-9]{16}")
_BODY_BYTES = 127
_DETAIL_CHARACTERS = 6000
_SCENE_CHARACTERS = 256
_RAWDATA_CHARACTERS = 2048


def is_auth_code(value: str) -> bool:
    """Whether the server would take this as a payment code or face code at all."""
    return _AUTH_CODE.fullmatch(value) is not None


def micropay(options: WechatPayOptions, order: PayOrder, token: Token) -> dict[str, str]:
    """One payment; raises ValueError for an order that the channel's format cannot carry."""
    if order.amount.currency != "CNY" or order.amount.fen <= 0:
        raise ValueError(f"{order.amount} cannot be asked of WeChat Pay")
    body = _cut(without_forbidden(order.body).strip(), _BODY_BYTES)
    if not body:
        raise ValueError("an order needs a body")
    return {
        **_account(options),
        "device_info": options.device_id,
        "body": body,
        "detail": _detail(order),
        "out_trade_no": number(order),
        "total_fee": str(order.amount.fen),
        "fee_type": "CNY",
        "spbill_create_ip": options.client_ip,
        "auth_code": token.value,
        "scene_info": _scene(options),
    }


def orderquery(options: WechatPayOptions, out_trade_no: str) -> dict[str, str]:
    """What became of a number."""
    return {**_account(options), "out_trade_no": out_trade_no}


def reverse(options: WechatPayOptions, out_trade_no: str) -> dict[str, str]:
    """Undo a number, paid or not."""
    return {**_account(options), "out_trade_no": out_trade_no}


def authinfo(options: WechatPayOptions, rawdata: str, now: float) -> dict[str, str]:
    """Permission for one face authentication; `now` in Unix seconds, checked by the server."""
    if not 0 < len(rawdata) <= _RAWDATA_CHARACTERS:
        raise ValueError(f"rawdata of {len(rawdata)} characters")
    return {
        **_account(options),
        "store_id": options.store_id,
        "store_name": options.store_name,
        "device_id": options.device_id,
        "rawdata": rawdata,
        "now": str(int(now)),
        "version": "1",
    }


def number(order: PayOrder) -> str:
    """The order's number; raises ValueError where WeChat would not take it."""
    if not _NUMBER.fullmatch(order.out_trade_no):
        raise ValueError("out_trade_no must be 1 to 32 characters of A-Za-z0-9_-|*")
    return order.out_trade_no


def _account(options: WechatPayOptions) -> dict[str, str]:
    return {
        "appid": options.appid,
        "mch_id": options.mch_id,
        "sub_appid": options.sub_appid,
        "sub_mch_id": options.sub_mch_id,
    }


def _detail(order: PayOrder) -> str:
    """The lines for coupons on single goods; a basket too long for the field goes without."""
    if not order.goods:
        return ""
    detail = {"goods_detail": [_line(goods) for goods in order.goods]}
    text = without_forbidden(_json(detail))
    return text if len(text) <= _DETAIL_CHARACTERS else ""


def _line(goods: GoodsLine) -> dict[str, str | int]:
    return {
        "goods_id": goods.goods_id,
        "goods_name": goods.goods_name,
        "quantity": goods.quantity,
        "price": goods.price.fen,
    }


def _scene(options: WechatPayOptions) -> str:
    full = _json({"store_info": {"id": options.store_id, "name": options.store_name}})
    return (
        full if len(full) <= _SCENE_CHARACTERS else _json({"store_info": {"id": options.store_id}})
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(text: str, most: int) -> str:
    """The longest start of `text` that has at most `most` bytes, no character broken."""
    return text.encode()[:most].decode(errors="ignore")
