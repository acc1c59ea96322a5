"""What a call comes to: one value for every outcome, so a refusal is committed like a success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.sandbox.fields import Refused
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.scripts import Api, Faults
from kiosk.sandbox.wire import Fields


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is a file: a bill."""

    content: bytes
    media: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is written and signed.

    `word` is for the audit; `definite` when it ends the kiosk's doubt about the order or refund.
    A `file` is the whole answer, in place of the fields; files are never signed. `status` and
    `numeric`, the number in Request-ID, are for the third-version wire.
    """

    fields: Mapping[str, Any]
    word: str
    definite: bool = False
    file: File | None = None
    unsigned: bool = False
    status: int = 200
    numeric: str = "0"


Act = Callable[[Fields, Faults], Reply]
"""What one call does; raises Refused. Runs inside a transaction that is committed in any case."""

_UNPAID = {"SYSTEMERROR", "BANKERROR", "USERPAYING", "PAYERROR", "ORDERPAID"}
_DOUBT = {
    Api.MICROPAY: _UNPAID,
    Api.FACEPAY: _UNPAID,
    Api.NATIVE: {*_UNPAID, "OUT_TRADE_NO_USED"},
    Api.REFUND: {"SYSTEMERROR", "BIZERR_NEED_RETRY", "FREQUENCY_LIMITED"},
}
"""Refusals that leave open how the order or refund ends; other calls' refusals settle nothing."""


def settles(api: Api, code: str) -> bool:
    """Whether a refusal with this code tells how the order or refund ends."""
    return api in _DOUBT and code not in _DOUBT[api]


class Answers:
    """The fields that the answers of the signed XML calls have in common."""

    def __init__(self, merchant: Merchant, nonce: Callable[[], str]) -> None:
        self._merchant = merchant
        self._nonce = nonce

    def parties(self) -> Fields:
        """Who answers whom, and a fresh nonce."""
        return {
            "appid": self._merchant.appid,
            "mch_id": self._merchant.mch_id,
            "nonce_str": self._nonce(),
        }

    def accepted(self, fields: Fields) -> Fields:
        """The head of an answer to a request that was carried out."""
        echoed = {name: fields.get(name, "") for name in ("sub_appid", "sub_mch_id")}
        return {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            **self.parties(),
            **echoed,
            "result_code": "SUCCESS",
        }

    def refused(self, api: Api, refused: Refused) -> Reply:
        """A business refusal."""
        fields = {
            "return_code": "SUCCESS",
            "return_msg": "OK",
            **self.parties(),
            "result_code": "FAIL",
            "err_code": refused.code,
            "err_code_des": refused.sentence,
        }
        return Reply(fields, refused.code, settles(api, refused.code))


def decline(faults: Faults) -> None:
    """Raise the refusal a script asks for."""
    if "decline" in faults:
        raise Refused(faults.by_name["decline"], "交易被拒绝")
