"""The face calls: authinfo for the merchant, and the face service's own call for a face code."""

from __future__ import annotations

from kiosk.sandbox.clock import Clock
from kiosk.sandbox.faces import AUTHINFO_LIFE, Faces
from kiosk.sandbox.fields import AUTHINFO, FACE_CODE, Refused, check
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.reply import Act, Answers, Reply, decline
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields

_SKEW = 300
"""Seconds an authinfo request's clock may be off."""


class FaceCalls:
    """From rawdata to a face code."""

    def __init__(self, merchant: Merchant, answers: Answers, clock: Clock, faces: Faces) -> None:
        self._merchant = merchant
        self._answers = answers
        self._clock = clock
        self._faces = faces

    def acts(self) -> dict[Api, Act]:
        """What each call does."""
        return {Api.AUTHINFO: self._authinfo, Api.FACECODE: self._face_code}

    def refused(self, api: Api, refused: Refused) -> Reply:
        """A refusal: the kind of it in return_code, as the face service says it."""
        code, sentence = refused.code, refused.sentence
        kind = "ERROR"
        if code in {"LACK_PARAMS", "PARAM_ERROR"}:
            kind = "PARAM_ERROR"
        elif code == "SYSTEMERROR":
            kind = "SYSTEMERROR"
        fields = {"return_code": kind, "return_msg": sentence}
        more = {"err": code} if api is Api.FACECODE else self._answers.parties()
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
        check(fields, FACE_CODE)
        decline(faults)
        found = self._faces.face_code(fields)
        answer = {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            "face_code": found.face_code,
            "openid": found.openid,
        }
        return Reply(answer, "SUCCESS")
