"""What each call must and may carry: presence, length and form of every field, as tables.

The tables follow the wallet's field lists for its signed XML calls, and the request of the face
service's call. Lengths count characters. A field that is not in a table is
accepted and signed over, as the wallet does.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class Refused(Exception):
    """A business refusal: the wallet read the request, and says no with a code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def is_address(value: str) -> bool:
    """Whether it is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request: its greatest length, whether it must be there, and its form."""

    name: str
    longest: int
    required: bool = True
    form: Callable[[str], bool] = bool

    def check(self, fields: Mapping[str, str]) -> None:
        """Raise Refused when the field is missing, too long or of another form."""
        value = fields.get(self.name, "")
        if not value:
            if self.required:
                raise Refused("LACK_PARAMS", f"缺少参数{self.name}")
        elif len(value) > self.longest or not self.form(value):
            raise Refused("PARAM_ERROR", f"参数{self.name}格式错误")


TRADE_NO = _matches(r"[A-Za-z0-9_\-|*]{1,32}")
REFUND_NO = _matches(r"[A-Za-z0-9_\-|*@]{1,64}")
FEN = _matches(r"[1-9][0-9]{0,9}")
_NONCE = _matches(r"[A-Za-z0-9]{1,32}")
_STAMP = _matches(r"[0-9]{14}")
_NOTIFY_URL = _matches(r"https?://[^\s?#/]+(/[^\s?#]*)?")

_PARTIES = (
    Field("appid", 32),
    Field("mch_id", 32),
    Field("sub_appid", 32, required=False),
    Field("sub_mch_id", 32, required=False),
    Field("nonce_str", 32, form=_NONCE),
    Field("sign", 64),
)

AUTHINFO = (
    *_PARTIES,
    Field("store_id", 32),
    Field("store_name", 128),
    Field("device_id", 32),
    Field("attach", 2048, required=False),
    Field("rawdata", 2048),
    Field("now", 10, form=_matches(r"[0-9]{10}")),
    Field("version", 1, form=_matches("1")),
    Field("sign_type", 32),
)

MICROPAY = (
    *_PARTIES,
    Field("device_info", 32, required=False),
    Field("body", 128),
    Field("detail", 6000, required=False, form=_is_json),
    Field("attach", 127, required=False),
    Field("out_trade_no", 32, form=TRADE_NO),
    Field("total_fee", 10, form=FEN),
    Field("fee_type", 16, required=False, form=_matches("CNY")),
    Field("spbill_create_ip", 64, form=is_address),
    Field("goods_tag", 32, required=False),
    Field("limit_pay", 32, required=False, form=_matches("no_credit")),
    Field("time_start", 14, required=False, form=_STAMP),
    Field("time_expire", 14, required=False, form=_STAMP),
    Field("receipt", 8, required=False, form=_matches("Y")),
    Field("auth_code", 128),
    Field("scene_info", 256, required=False, form=_is_json),
    Field("profit_sharing", 1, required=False, form=_matches("[YN]")),
)

FACEPAY = (
    *_PARTIES,
    Field("device_info", 32, required=False),
    Field("body", 128),
    Field("detail", 6000, required=False, form=_is_json),
    Field("attach", 127, required=False),
    Field("out_trade_no", 32, form=TRADE_NO),
    Field("total_fee", 10, form=FEN),
    Field("fee_type", 16, form=_matches("CNY")),
    Field("spbill_create_ip", 64, form=is_address),
    Field("goods_tag", 32, required=False),
    Field("limit_pay", 32, required=False, form=_matches("no_credit")),
    Field("time_start", 14, required=False, form=_STAMP),
    Field("time_expire", 14, required=False, form=_STAMP),
    Field("openid", 128, required=False),
    Field("face_code", 128, form=_matches("[A-Za-z0-9]+")),
)

UNIFIED = (
    *_PARTIES,
    Field("device_info", 32, required=False),
    Field("body", 128),
    Field("detail", 6000, required=False, form=_is_json),
    Field("attach", 127, required=False),
    Field("out_trade_no", 32, form=TRADE_NO),
    Field("fee_type", 16, required=False, form=_matches("CNY")),
    Field("total_fee", 10, form=FEN),
    Field("spbill_create_ip", 64, form=is_address),
    Field("time_start", 14, required=False, form=_STAMP),
    Field("time_expire", 14, required=False, form=_STAMP),
    Field("goods_tag", 32, required=False),
    Field("notify_url", 256, form=_NOTIFY_URL),
    Field("trade_type", 16, form=_matches("NATIVE")),
    Field("product_id", 32),
    Field("limit_pay", 32, required=False, form=_matches("no_credit")),
    Field("receipt", 8, required=False, form=_matches("Y")),
    Field("profit_sharing", 1, required=False, form=_matches("[YN]")),
    Field("scene_info", 256, required=False, form=_is_json),
)

CLOSE = (*_PARTIES, Field("out_trade_no", 32, form=TRADE_NO))

TO_OPENID = (*_PARTIES, Field("auth_code", 128))

REPORT = (
    Field("auth_code", 128, required=False),
    Field("mch_id", 32, required=False),
    Field("sub_mch_id", 32, required=False),
    Field("out_trade_no", 32, required=False, form=TRADE_NO),
)

BY_NUMBER = (
    *_PARTIES,
    Field("transaction_id", 32, required=False),
    Field("out_trade_no", 32, required=False, form=TRADE_NO),
)

REFUND = (
    *BY_NUMBER,
    Field("out_refund_no", 64, form=REFUND_NO),
    Field("total_fee", 10, form=FEN),
    Field("refund_fee", 10, form=FEN),
    Field("refund_fee_type", 8, required=False, form=_matches("CNY")),
    Field("refund_desc", 80, required=False),
    Field(
        "refund_account",
        30,
        required=False,
        form=_matches(r"REFUND_SOURCE_(UNSETTLED|RECHARGE)_FUNDS"),
    ),
    Field("notify_url", 256, required=False, form=_NOTIFY_URL),
)

REFUNDQUERY = (
    *BY_NUMBER,
    Field("out_refund_no", 64, required=False, form=REFUND_NO),
    Field("refund_id", 32, required=False),
    Field("offset", 10, required=False, form=_matches(r"[0-9]{1,6}")),
)

DOWNLOADBILL = (
    *_PARTIES,
    Field("bill_date", 8, form=_matches("[0-9]{8}")),
    Field("bill_type", 16, required=False, form=_matches("ALL|SUCCESS|REFUND|RECHARGE_REFUND")),
    Field("tar_type", 8, required=False, form=_matches("GZIP")),
)

DOWNLOADFUNDFLOW = (
    *_PARTIES,
    Field("bill_date", 8, form=_matches("[0-9]{8}")),
    Field("account_type", 16, form=_matches("Basic|Operation|Fees")),
    Field("tar_type", 8, required=False, form=_matches("GZIP")),
)

FACE_CODE = (
    Field("appid", 32),
    Field("mch_id", 32),
    Field("sub_appid", 32, required=False),
    Field("sub_mch_id", 32, required=False),
    Field("store_id", 32),
    Field("face_authtype", 32, form=_matches("FACEPAY")),
    Field("authinfo", 4096),
    Field("face_code_type", 1, required=False, form=_matches("[01]")),
    Field("out_trade_no", 32, required=False, form=TRADE_NO),
    Field("total_fee", 10, required=False, form=FEN),
    Field("ask_face_permit", 1, form=_matches("[01]")),
    Field("probe", 2048, required=False),
)

OLD_FACE_CODE = (
    *FACE_CODE,
    Field("out_trade_no", 32),
    Field("total_fee", 10),
)
"""For the older kind of code, which is always bound to an order."""

USER_INFO = (
    Field("appid", 32),
    Field("mch_id", 32),
    Field("sub_appid", 32, required=False),
    Field("sub_mch_id", 32, required=False),
    Field("store_id", 32),
    Field("face_authtype", 32, form=_matches("FACEID-ONCE")),
    Field("authinfo", 4096),
    Field("probe", 2048, required=False),
)

PAY_RESULT = (
    Field("appid", 32),
    Field("mch_id", 32),
    Field("store_id", 32),
    Field("authinfo", 4096),
    Field("payresult", 8, form=_matches("SUCCESS|ERROR")),
)


def check(fields: Mapping[str, str], table: tuple[Field, ...]) -> None:
    """Check every field of `table`; raises Refused at the first that does not fit."""
    for field in table:
        field.check(fields)


def check_auth_code(code: str) -> None:
    """Refuse what is not a payment code of this wallet: 18 digits, prefix 10 to 16."""
    if re.fullmatch(r"1[0-6][0-9]{16}", code):
        return
    if re.fullmatch(r"[0-9]{16,24}", code):
        raise Refused("AUTH_CODE_INVALID", "请扫描微信支付付款码，18位数字，以10至15开头")
    raise Refused("PARAM_ERROR", "参数错误：/body/xml/auth_code不符合^1[0-6][0-9]{16}$")
