"""The face calls: authinfo for the merchant, and the face service's own calls.

Those are: a face code for a probe, the name of a face, how a payment by face has ended, and the
report of an order that was not paid by face, by its payment code or its number. The last two are
only recorded; the audit says which orders lack a report.
"""

from __future__ import annotations

from kiosk.sandbox.clock import Clock
from kiosk.sandbox.faces import AUTHINFO_LIFE, Faces
from kiosk.sandbox.fields import (
    AUTHINFO,
    FACE_CODE,
    OLD_FACE_CODE,
    PAY_RESULT,
    REPORT,
    USER_INFO,
    Refused,
    check,
)
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.reply import Act, Answers, Reply, decline
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields

_SKEW = 300
"""Seconds an authinfo request's clock may be off."""

_KINDS = {"PARAM_ERROR", "SYSTEMERROR", "USER_CANCEL", "SCAN_PAYMENT", "FACEPAY_NOT_AUTH"}
"""Words of return_code; the last three are for what the shopper does at the face service."""


class FaceCalls:
    """From rawdata to a face code."""

    def __init__(self, merchant: Merchant, answers: Answers, clock: Clock, faces: Faces) -> None:
        self._merchant = merchant
        self._answers = answers
        self._clock = clock
        self._faces = faces

    def acts(self) -> dict[Api, Act]:
        """What each call does."""
        return {
            Api.AUTHINFO: self._authinfo,
            Api.FACECODE: self._face_code,
            Api.USERINFO: self._user_info,
            Api.PAYRESULT: self._pay_result,
            Api.REPORT: self._report,
        }

    def refused(self, api: Api, refused: Refused) -> Reply:
        """A refusal: the kind of it in return_code, as the face service says it."""
        code, sentence = refused.code, refused.sentence
        kind = "PARAM_ERROR" if code == "LACK_PARAMS" else code if code in _KINDS else "ERROR"
        fields = {"return_code": kind, "return_msg": sentence}
        more = self._answers.parties() if api is Api.AUTHINFO else {"err": code}
        return Reply({**fields, **more}, code)

    def _authinfo(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, AUTHINFO)
        self._merchant.check_pair(fields)
        if abs(int(fields["now"]) - self._clock.wall()) > _SKEW:
            raise Refused("PARAM_ERROR", "参数now与服务器时间相差过大")
        decline(faults)
        answer = self._answers.accepted(fields)
        answer.pop("result_code")  # this call has only the one result
        answer["authinfo"] = self._faces.authinfo(fields)
        answer["expires_in"] = str(AUTHINFO_LIFE)
        return Reply(answer, "SUCCESS")

    def _face_code(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, FACE_CODE if fields.get("face_code_type") == "1" else OLD_FACE_CODE)
        decline(faults)
        found = self._faces.face_code(fields)
        answer = {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            "face_code": found.face_code,
            "openid": found.openid,
        }
        return Reply(answer, "SUCCESS")

    def _user_info(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, USER_INFO)
        decline(faults)
        found = self._faces.identify(fields)
        named = {"openid": found.openid, "nickname": found.name}
        return Reply({"return_code": "SUCCESS", "return_msg": "OK", **named}, "SUCCESS")

    def _pay_result(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, PAY_RESULT)
        decline(faults)
        self._faces.check_authinfo(fields)
        return Reply({"return_code": "SUCCESS", "return_msg": "OK"}, f"TOLD {fields['payresult']}")

    def _report(self, fields: Fields, faults: Faults) -> Reply:
        check(fields, REPORT)
        if not fields.get("auth_code") and not fields.get("out_trade_no"):
            raise Refused("LACK_PARAMS", "缺少参数auth_code或out_trade_no")
        if fields.get("mch_id", self._merchant.mch_id) != self._merchant.mch_id:
            raise Refused("PARAM_ERROR", "参数mch_id错误")
        decline(faults)
        return Reply({"return_code": "SUCCESS", "return_msg": "OK"}, "SUCCESS")
