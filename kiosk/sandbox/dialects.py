"""How a call is read and its answer written: signed XML, or JSON for the face service.

The face service's call is not signed: its authinfo is what it may do. Its JSON is flat, and every
value is a string, amounts in fen included.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.wire import Fields, Malformed, parse, render, signed, verify

Write = Callable[[Fields, bool], bytes]
"""Writes an answer; with True, one whose signature is wrong."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that was read, and how its answer is to be written."""

    fields: Fields
    write: Write


class Dialect(Protocol):
    """One way to write requests and answers."""

    media: str

    def read(self, body: bytes) -> Heard:
        """Read and verify; raises Malformed."""

    def unreadable(self, malformed: Malformed) -> bytes:
        """The answer to what could not be read."""


class SignedXml:
    """The merchant's calls; `failure` is the return_code of an unreadable request."""

    media = "text/xml"

    def __init__(self, merchant: Merchant, failure: str = "FAIL") -> None:
        self._merchant = merchant
        self._failure = failure

    def read(self, body: bytes) -> Heard:
        fields = parse(body)
        self._merchant.check_known(fields)
        key = self._merchant.key
        sign_type = verify(fields, key)

        def write(answer: Fields, wrong: bool) -> bytes:  # noqa: FBT001  see Write
            complete = signed(answer, key, sign_type)
            if wrong:
                complete["sign"] = complete["sign"].translate(_OTHER_DIGITS)
            return render(complete)

        return Heard(fields, write)

    def unreadable(self, malformed: Malformed) -> bytes:
        return render({"return_code": self._failure, "return_msg": malformed.return_msg})


_OTHER_DIGITS = str.maketrans("0123456789ABCDEF", "123456789ABCDEF0")


class PlainJson:
    """The face service's call."""

    media = "application/json"

    def read(self, body: bytes) -> Heard:
        try:
            request = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Malformed("JSON格式错误") from error
        if not isinstance(request, dict):
            raise Malformed("JSON格式错误")
        if not all(isinstance(value, str) for value in request.values()):
            raise Malformed("参数须为字符串")
        return Heard(request, lambda answer, _: json.dumps(answer).encode())

    def unreadable(self, malformed: Malformed) -> bytes:
        said = malformed.return_msg
        answer = {"return_code": "PARAM_ERROR", "return_msg": said, "err": "PARAM_ERROR"}
        return json.dumps(answer).encode()
