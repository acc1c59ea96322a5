"""What a call of the face service must hold, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_INITIALISED = 271378620
INITIALISING = 271378621

_PARTIES = ("appid", "mch_id", "store_id")

REQUIRED: dict[str, tuple[str, ...]] = {
    "initWxpayface": (),
    "getWxpayfaceRawdata": (),
    "getWxpayfaceCode": (*_PARTIES, "face_authtype", "authinfo", "ask_face_permit"),
    "getWxpayfaceUserInfo": (*_PARTIES, "face_authtype", "authinfo"),
    "updateWxpayfacePayResult": (*_PARTIES, "authinfo", "payresult"),
    "startCodeScanner": ("face_authtype",),
    "stopCodeScanner": (),
    "reportPaycode": ("auth_code",),
    "reportOrder": ("mch_id", "out_trade_no"),
    "releaseWxpayface": (),
}
"""Every call by its name, and the fields it cannot be without."""

_OF_THE_CALL = {"cmd", "version", "now"}


class Refusal(Exception):
    """A call that comes to nothing: return_code, a sentence, and err_code where it is known."""

    def __init__(self, return_code: str, return_msg: str, err_code: int = 0) -> None:
        super().__init__(return_code)
        self.answer = answer(return_code, return_msg, err_code)


def answer(return_code: str, return_msg: str, err_code: int = 0) -> dict[str, Any]:
    """The fields that every answer has."""
    return {"return_code": return_code, "return_msg": return_msg, "err_code": err_code}


def done(**more: str) -> dict[str, Any]:
    """The answer of a call that was carried out."""
    return {**answer("SUCCESS", "OK"), **more}


def name_of(call: Mapping[str, Any]) -> str:
    """The call's name; raises Refusal."""
    name = call.get("cmd")
    if not isinstance(name, str) or name not in REQUIRED:
        raise Refusal("PARAM_ERROR", "未知的cmd")
    return name


def fields_of(call: Mapping[str, Any]) -> dict[str, str]:
    """What the call says beside its name, version and time; raises Refusal."""
    if type(call.get("now")) is not int or not call.get("version"):
        raise Refusal("PARAM_ERROR", "参数version或now错误")
    fields = {name: value for name, value in call.items() if name not in _OF_THE_CALL}
    for name in REQUIRED[name_of(call)]:
        if not fields.get(name):
            raise Refusal("PARAM_ERROR", f"缺少参数{name}")
    for name, value in fields.items():
        if not isinstance(value, str):
            raise Refusal("PARAM_ERROR", f"参数{name}须为字符串")
    return fields
