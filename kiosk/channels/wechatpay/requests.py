"""The fields of each request, before nonce and signature: plain functions of options and order.

Field names, lengths and formats are those of the channel's v2 documents: micropay, facepay,
orderquery, reverse, refund, refundquery, downloadbill, downloadfundflow and get_wxpayface_authinfo.
The same order always gives the same fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import ParamSpec, TypeVar

from kiosk.channels.channel import GoodsLine, NotSent, PayOrder, RefundOrder, Token
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.xml import without_forbidden

MICROPAY = "/pay/micropay"
FACEPAY = "/pay/facepay"
ORDERQUERY = "/pay/orderquery"
REVERSE = "/secapi/pay/reverse"
REFUND = "/secapi/pay/refund"
REFUNDQUERY = "/pay/refundquery"
DOWNLOADBILL = "/pay/downloadbill"
DOWNLOADFUNDFLOW = "/pay/downloadfundflow"
AUTHINFO = "/face/get_wxpayface_authinfo"

_NUMBER = re.compile(r"[A-Za-z0-9_\-|*]{1,32}")
# What the server takes as auth_code; a face code of type 1 has the form of a payment code.
_AUTH_CODE = re.compile(r"1[0-6][0-9]{16}")
_FACE_CODE = re.compile(r"[!-~]{1,128}")
_REFUND_NUMBER = re.compile(r"[A-Za-z0-9_\-|*@]{1,64}")
_TRANSACTION = re.compile(r"[A-Za-z0-9]{1,32}")
_BODY_BYTES = 127
_REASON_BYTES = 80
_DETAIL_CHARACTERS = 6000
_SCENE_CHARACTERS = 256
_RAWDATA_CHARACTERS = 2048

P = ParamSpec("P")
T = TypeVar("T")


def is_auth_code(value: str) -> bool:
    """Whether the server would take this as a payment code or face code at all."""
    return _AUTH_CODE.fullmatch(value) is not None


def is_face_code(value: str) -> bool:
    """Whether this can be a face code of type 0, whose form is the face SDK's own affair."""
    return _FACE_CODE.fullmatch(value) is not None


def micropay(options: WechatPayOptions, order: PayOrder, token: Token) -> dict[str, str]:
    """One payment; raises ValueError for an order that the channel's format cannot carry."""
    return {
        **_payment(options, order, count="quantity"),
        "auth_code": token.value,
        "scene_info": _scene(options),
    }


def facepay(options: WechatPayOptions, order: PayOrder, token: Token) -> dict[str, str]:
    """One payment by a face code of type 0, which is bound to this number and amount.

    The older page: it has no scene_info and calls a line's quantity goods_num. Raises ValueError
    as `micropay` does.
    """
    return {**_payment(options, order, count="goods_num"), "face_code": token.value}


def orderquery(
    options: WechatPayOptions, out_trade_no: str, transaction_id: str = ""
) -> dict[str, str]:
    """What became of a number, ours or the channel's."""
    return {**_account(options), "out_trade_no": out_trade_no, "transaction_id": transaction_id}


def reverse(options: WechatPayOptions, out_trade_no: str) -> dict[str, str]:
    """Undo a number, paid or not."""
    return {**_account(options), "out_trade_no": out_trade_no}


def refund(options: WechatPayOptions, order: RefundOrder) -> dict[str, str]:
    """Give back; raises ValueError for an order that the channel's format cannot carry."""
    if not 0 < order.amount.fen <= order.paid.fen:
        raise ValueError(f"{order.amount} of {order.paid} cannot be refunded")
    if {order.amount.currency, order.paid.currency} != {"CNY"}:
        raise ValueError(f"{order.amount} cannot be asked of WeChat Pay")
    return {
        **_account(options),
        "out_trade_no": _number(order.out_trade_no),
        "out_refund_no": refund_number(order),
        "total_fee": str(order.paid.fen),
        "refund_fee": str(order.amount.fen),
        "refund_fee_type": "CNY",
        "refund_desc": _cut(without_forbidden(order.reason).strip(), _REASON_BYTES),
    }


def refundquery(
    options: WechatPayOptions, *, out_refund_no: str = "", out_trade_no: str = "", offset: int = 0
) -> dict[str, str]:
    """What became of one refund, or a page of all refunds of a payment from `offset` on.

    An offset, even 0, makes the channel say how many refunds there are altogether.
    """
    number = {"out_refund_no": out_refund_no} if out_refund_no else {"offset": str(offset)}
    return {**_account(options), "out_trade_no": out_trade_no, **number}


def downloadbill(
    options: WechatPayOptions, day: date, bill_type: str, *, packed: bool
) -> dict[str, str]:
    """The bill of a day (Beijing time), as gzip or as text."""
    return {
        **_account(options),
        "bill_date": f"{day:%Y%m%d}",
        "bill_type": bill_type,
        "tar_type": "GZIP" if packed else "",
    }


def downloadfundflow(options: WechatPayOptions, day: date, account_type: str) -> dict[str, str]:
    """What moved on the account of who signs, as gzip; a shop under a provider has none here."""
    return {
        "appid": options.appid,
        "mch_id": options.mch_id,
        "bill_date": f"{day:%Y%m%d}",
        "account_type": account_type,
        "tar_type": "GZIP",
    }


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
    return _number(order.out_trade_no)


def refund_number(order: RefundOrder) -> str:
    """The refund's number; raises ValueError where WeChat would not take it."""
    if not _REFUND_NUMBER.fullmatch(order.out_refund_no):
        raise ValueError("out_refund_no must be 1 to 64 characters of A-Za-z0-9_-|*@")
    return order.out_refund_no


def one_number(out_trade_no: str, transaction_id: str) -> str:
    """The one of the two that is given; raises ValueError unless it is one and well-formed."""
    if bool(out_trade_no) == bool(transaction_id):
        raise ValueError("either out_trade_no or transaction_id")
    if transaction_id and not _TRANSACTION.fullmatch(transaction_id):
        raise ValueError("transaction_id must be 1 to 32 letters and digits")
    return transaction_id or _number(out_trade_no)


def built(build: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What `build` makes of its arguments; a value that the format cannot carry never leaves."""
    try:
        return build(*args, **named)
    except ValueError as error:
        raise NotSent(
            str(error), "Tell the service provider; the kiosk must be updated."
        ) from error


def _number(out_trade_no: str) -> str:
    if not _NUMBER.fullmatch(out_trade_no):
        raise ValueError("out_trade_no must be 1 to 32 characters of A-Za-z0-9_-|*")
    return out_trade_no


def _payment(options: WechatPayOptions, order: PayOrder, *, count: str) -> dict[str, str]:
    """What both ways of paying send; `count` is the name of a line's quantity."""
    if order.amount.currency != "CNY" or order.amount.fen <= 0:
        raise ValueError(f"{order.amount} cannot be asked of WeChat Pay")
    body = _cut(without_forbidden(order.body).strip(), _BODY_BYTES)
    if not body:
        raise ValueError("an order needs a body")
    return {
        **_account(options),
        "device_info": options.device_id,
        "body": body,
        "detail": _detail(order, count),
        "out_trade_no": number(order),
        "total_fee": str(order.amount.fen),
        "fee_type": "CNY",
        "spbill_create_ip": options.client_ip,
    }


def _account(options: WechatPayOptions) -> dict[str, str]:
    return {
        "appid": options.appid,
        "mch_id": options.mch_id,
        "sub_appid": options.sub_appid,
        "sub_mch_id": options.sub_mch_id,
    }


def _detail(order: PayOrder, count: str) -> str:
    """The lines for coupons on single goods; a basket too long for the field goes without."""
    if not order.goods:
        return ""
    detail = {"goods_detail": [_line(goods, count) for goods in order.goods]}
    text = without_forbidden(_json(detail))
    return text if len(text) <= _DETAIL_CHARACTERS else ""


def _line(goods: GoodsLine, count: str) -> dict[str, str | int]:
    return {
        "goods_id": goods.goods_id,
        "goods_name": goods.goods_name,
        count: goods.quantity,
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
