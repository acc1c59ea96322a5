"""What each of the wallet's calls does with a request it could read, and what it answers.

Everything here is synchronous and runs inside one transaction; faults on the line belong to
`delivery.py`. A Reply is made for every outcome, so a refusal is committed like a success.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.sandbox.clock import Clock, stamp
from kiosk.sandbox.faces import AUTHINFO_LIFE, Faces
from kiosk.sandbox.fields import (
    AUTHINFO,
    BY_NUMBER,
    FACE_CODE,
    MICROPAY,
    Refused,
    check,
    check_auth_code,
)
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.order import Ending, Order, State, Way
from kiosk.sandbox.orders import PASSWORD_ABOVE, Orders
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields

_SKEW = 300
"""Seconds an authinfo request's clock may be off."""

_UNDECIDED = {"SYSTEMERROR", "BANKERROR", "USERPAYING", "PAYERROR", "ORDERPAID"}
_STATES = {
    State.SUCCESS: "支付成功",
    State.NOTPAY: "订单未支付",
    State.USERPAYING: "用户支付中",
    State.CLOSED: "已关闭",
    State.REVOKED: "已撤销",
    State.PAYERROR: "支付失败",
}
_FINAL = {State.SUCCESS, State.CLOSED, State.REVOKED}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before signing: its fields, its word in the audit, whether it ends the doubt."""

    fields: Fields
    word: str
    definite: bool = False


class Calls:
    """The wallet's five calls."""

    def __init__(
        self, merchant: Merchant, clock: Clock, chance: random.Random, orders: Orders, faces: Faces
    ) -> None:
        self._merchant = merchant
        self._clock = clock
        self._chance = chance
        self._orders = orders
        self._faces = faces
        self._by_api: dict[Api, Callable[[Fields, Faults], Reply]] = {
            Api.AUTHINFO: self._authinfo,
            Api.FACECODE: self._face_code,
            Api.MICROPAY: self._micropay,
            Api.ORDERQUERY: self._orderquery,
            Api.REVERSE: self._reverse,
        }

    def carry_out(self, api: Api, fields: Fields, faults: Faults) -> Reply:
        """Do what the request asks, and say how it went; never raises Refused."""
        self._orders.sweep()
        try:
            return self._by_api[api](fields, faults)
        except Refused as refused:
            return self.refused(api, refused)

    def refused(self, api: Api, refused: Refused) -> Reply:
        """The answer to a refused request, in the words of its call."""
        code, sentence = refused.code, refused.sentence
        if api in {Api.MICROPAY, Api.ORDERQUERY, Api.REVERSE}:
            fields = {
                "return_code": "SUCCESS",
                "return_msg": "OK",
                **self._parties(),
                "result_code": "FAIL",
                "err_code": code,
                "err_code_des": sentence,
            }
            return Reply(fields, code, api is Api.MICROPAY and code not in _UNDECIDED)
        kind = "ERROR"
        if code in {"LACK_PARAMS", "PARAM_ERROR"}:
            kind = "PARAM_ERROR"
        elif code == "SYSTEMERROR":
            kind = "SYSTEMERROR"
        if api is Api.FACECODE:
            return Reply({"return_code": kind, "return_msg": sentence, "err": code}, code)
        return Reply({"return_code": kind, "return_msg": sentence, **self._parties()}, code)

    def _parties(self) -> Fields:
        return {
            "appid": self._merchant.appid,
            "mch_id": self._merchant.mch_id,
            "nonce_str": self._chance.randbytes(16).hex(),
        }

    def _accepted(self, fields: Fields) -> Fields:
        echoed = {name: fields.get(name, "") for name in ("sub_appid", "sub_mch_id")}
        return {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            **self._parties(),
            **echoed,
            "result_code": "SUCCESS",
        }

    def _authinfo(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, AUTHINFO)
        self._merchant.check_pair(fields)
        if abs(int(fields["now"]) - self._clock.wall()) > _SKEW:
            raise Refused("PARAM_ERROR", "参数now与服务器时间相差过大")
        _decline(faults)
        answer = self._accepted(fields)
        answer.pop("result_code")  # this call has only the one result
        answer["authinfo"] = self._faces.authinfo(fields)
        answer["expires_in"] = str(AUTHINFO_LIFE)
        return Reply(answer, "SUCCESS")

    def _face_code(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, FACE_CODE)
        _decline(faults)
        found = self._faces.face_code(fields)
        answer = {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            "face_code": found.face_code,
            "openid": found.openid,
        }
        return Reply(answer, "SUCCESS")

    def _micropay(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, MICROPAY)
        self._merchant.check_pair(fields)
        check_auth_code(fields["auth_code"])
        order = self._orders.pay(fields, _ending(fields, faults))
        answer = {**self._accepted(fields), **_told(order), **_payment(order)}
        return Reply(answer, "SUCCESS", definite=True)

    def _orderquery(self, fields: Fields, faults: Faults) -> Reply:
        order = self._named(fields)
        _decline(faults)
        if order is None or "not-found" in faults:
            raise Refused("ORDERNOTEXIST", "订单不存在")
        answer = {
            **self._accepted(fields),
            **_told(order),
            "trade_state": order.state.value,
            "trade_state_desc": _STATES[order.state],
        }
        if order.paid_at is not None:
            answer.update(_payment(order))
        return Reply(answer, order.state.value, order.state in _FINAL)

    def _reverse(self, fields: Fields, faults: Faults) -> Reply:
        self._named(fields)
        _decline(faults)
        if "not-found" in faults:
            raise Refused("ORDERNOTEXIST", "订单不存在")
        if "recall" in faults:
            return Reply({**self._accepted(fields), "recall": "Y"}, "RECALL")
        self._orders.reverse(fields)
        return Reply({**self._accepted(fields), "recall": "N"}, "SUCCESS", definite=True)

    def _named(self, fields: Fields) -> Order | None:
        """The order a query or reverse names, after the checks both share."""
        check(fields, BY_NUMBER)
        self._merchant.check_pair(fields)
        out_trade_no, transaction_id = fields.get("out_trade_no"), fields.get("transaction_id")
        if not out_trade_no and not transaction_id:
            raise Refused("LACK_PARAMS", "缺少参数out_trade_no或transaction_id")
        return self._orders.find(out_trade_no or "", transaction_id or "")


def _decline(faults: Faults) -> None:
    if "decline" in faults:
        raise Refused(faults.by_name["decline"], "交易被拒绝")


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
    if "userpaying" in faults:
        word, _, after = faults.by_name["userpaying"].rpartition(" ")
        if after in {"phone", "forever", "refuse"}:
            return Ending(Way(after))
        return Ending(Way(word or "confirm"), after=float(after))
    return Ending(Way.NOW if int(fields["total_fee"]) <= PASSWORD_ABOVE else Way.PHONE)


def _told(order: Order) -> Fields:
    return {
        "device_info": order.device_info,
        "out_trade_no": order.out_trade_no,
        "attach": order.attach,
        "total_fee": str(order.total_fee),
        "fee_type": "CNY",
    }


def _payment(order: Order) -> Fields:
    """What an order says of its payment; no coupon is ever used, so cash is the whole."""
    return {
        "openid": order.openid,
        "is_subscribe": "N",
        "trade_type": "MICROPAY",
        "bank_type": "OTHERS",
        "transaction_id": order.transaction_id,
        "cash_fee": str(order.total_fee),
        "cash_fee_type": "CNY",
        "time_end": stamp(order.paid_at or order.created_at),
    }
