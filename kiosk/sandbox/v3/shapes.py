"""What the JSON of each request must and may hold, as tables of shapes.

A shape is checked strictly: missing, of another type, too long, or not in the table at all is
PARAM_ERROR, as the wallet answers it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from kiosk.sandbox.fields import REFUND_NO, TRADE_NO, Refused, is_address

Shape = Mapping[str, "Part"]


def _anything(_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Part:
    """One member of an object: its type, whether it must be there, its form, what is inside."""

    kind: type = str
    required: bool = False
    longest: int = 0
    form: Callable[[Any], bool] = _anything
    inside: Shape | None = None

    def check(self, value: Any, where: str) -> None:
        """Raise Refused where `value`, at the path `where`, does not fit."""
        fits = type(value) is self.kind and (value != "" or not self.required)
        if isinstance(value, str) and self.longest:
            fits = fits and len(value) <= self.longest
        if not fits or not self.form(value):
            raise Refused("PARAM_ERROR", f"参数错误：{where}不符合规则")
        if self.inside is not None:
            for item in value if isinstance(value, list) else [value]:
                check(item, self.inside, where)


def check(document: Any, shape: Shape, where: str = "/body") -> None:
    """Raise Refused unless `document` is an object of this shape."""
    if not isinstance(document, dict):
        raise Refused("PARAM_ERROR", f"参数错误：{where}须为对象")
    for name in document:
        if name not in shape:
            raise Refused("UNKNOWN_PARAMETER", f"参数错误：不支持的参数{where}/{name}")
    for name, part in shape.items():
        if name in document:
            part.check(document[name], f"{where}/{name}")
        elif part.required:
            raise Refused("PARAM_ERROR", f"参数错误：缺少{where}/{name}")


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None and "T" in value
    except ValueError:
        return False


def _is_notify_url(value: str) -> bool:
    """https, or plain http on this machine; no query."""
    try:
        url = urlsplit(value)
        here = url.scheme == "http" and url.hostname in {"127.0.0.1", "localhost"}
        return bool(url.hostname) and (url.scheme == "https" or here) and "?" not in value
    except ValueError:
        return False


def _fen(value: int) -> bool:
    return 0 < value < 10**10


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words


_DIRECT: Shape = {"appid": Part(required=True, longest=32), "mchid": Part(required=True)}
_PARTNER: Shape = {
    "sp_appid": Part(required=True, longest=32),
    "sp_mchid": Part(required=True, longest=32),
    "sub_appid": Part(longest=32),
    "sub_mchid": Part(required=True, longest=32),
}
_STORE: Shape = {
    "id": Part(longest=32),
    "name": Part(required=True, longest=256),
    "area_code": Part(required=True, longest=32),
    "address": Part(required=True, longest=512),
}
_SCENE: Shape = {
    "payer_client_ip": Part(required=True, longest=45, form=is_address),
    "device_id": Part(longest=32),
    "store_info": Part(dict, inside=_STORE),
}
_GOODS: Shape = {
    "merchant_goods_id": Part(required=True, longest=32),
    "wechatpay_goods_id": Part(longest=32),
    "goods_name": Part(longest=256),
    "quantity": Part(int, required=True, form=_fen),
    "unit_price": Part(int, required=True),
}
_ORDER: Shape = {
    "description": Part(required=True, longest=127),
    "out_trade_no": Part(
        required=True, longest=32, form=lambda number: len(number) >= 6 and TRADE_NO(number)
    ),
    "time_expire": Part(longest=64, form=_is_moment),
    "attach": Part(longest=128),
    "notify_url": Part(required=True, longest=255, form=_is_notify_url),
    "goods_tag": Part(longest=32),
    "support_fapiao": Part(bool),
    "limit_pay": Part(list),
    "amount": Part(
        dict,
        required=True,
        inside={
            "total": Part(int, required=True, form=_fen),
            "currency": Part(form=_one_of("CNY")),
        },
    ),
    "detail": Part(
        dict,
        inside={
            "cost_price": Part(int),
            "invoice_id": Part(longest=32),
            "goods_detail": Part(list, inside=_GOODS),
        },
    ),
    "scene_info": Part(dict, inside=_SCENE),
    "settle_info": Part(dict, inside={"profit_sharing": Part(bool)}),
}

NATIVE: Shape = {**_DIRECT, **_ORDER}
PARTNER_NATIVE: Shape = {**_PARTNER, **_ORDER}
CLOSE: Shape = {"mchid": Part(required=True)}
PARTNER_CLOSE: Shape = {"sp_mchid": Part(required=True), "sub_mchid": Part(required=True)}

REFUND: Shape = {
    "sub_mchid": Part(longest=32),
    "transaction_id": Part(longest=32),
    "out_trade_no": Part(longest=32, form=TRADE_NO),
    "out_refund_no": Part(required=True, longest=64, form=REFUND_NO),
    "reason": Part(longest=80),
    "notify_url": Part(longest=255, form=_is_notify_url),
    "funds_account": Part(form=_one_of("AVAILABLE", "UNSETTLED")),
    "amount": Part(
        dict,
        required=True,
        inside={
            "refund": Part(int, required=True, form=_fen),
            "total": Part(int, required=True, form=_fen),
            "currency": Part(required=True, form=_one_of("CNY")),
            "from": Part(
                list,
                inside={
                    "account": Part(required=True, form=_one_of("AVAILABLE", "UNAVAILABLE")),
                    "amount": Part(int, required=True, form=_fen),
                },
            ),
        },
    ),
    "goods_detail": Part(
        list,
        inside={
            "merchant_goods_id": Part(required=True, longest=32),
            "wechatpay_goods_id": Part(longest=32),
            "goods_name": Part(longest=256),
            "unit_price": Part(int, required=True),
            "refund_amount": Part(int, required=True),
            "refund_quantity": Part(int, required=True),
        },
    ),
}

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BILL: Shape = {
    "bill_date": Part(required=True, form=lambda text: _DAY.fullmatch(text) is not None),
    "tar_type": Part(form=_one_of("GZIP")),
}
TRADE_BILL: Shape = {
    **_BILL,
    "sub_mchid": Part(longest=32),
    "bill_type": Part(longest=16),
}
FUND_FLOW: Shape = {
    **_BILL,
    "account_type": Part(form=_one_of("BASIC", "OPERATION", "FEES")),
}
