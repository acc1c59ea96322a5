"""How a call is read and its answer written: signed XML, or JSON for the face service.

The face service's call is not signed: its authinfo is what it may do. Its JSON is flat, and every
value is a string, amounts in fen included.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from kiosk.sandbox.calls import Calls
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.reply import Reply
from kiosk.sandbox.scripts import Api, Faults, Subject
from kiosk.sandbox.wire import Fields, Malformed, SignType, parse, render, signed, verify

CERTIFIED = "kiosk.sandbox.certified"
"""Where an ASGI scope's extensions say whether the client has shown its certificate."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that was read: what it is about, what it does, how its answer is written.

    `carry_out` never raises Refused; `write` with True makes the signature wrong.
    """

    subject: Subject
    carry_out: Callable[[Faults], Reply]
    refuse: Callable[[Refused], Reply]
    write: Callable[[Reply, bool], Response]


class Call(Protocol):
    """One of the wallet's calls in the words of its wire."""

    @property
    def api(self) -> Api:
        """Its name in scripts and audit."""

    def read(self, request: Request, body: bytes) -> Heard:
        """Read and verify; raises Malformed."""

    def unreadable(self, malformed: Malformed) -> Response:
        """The answer to what could not be read."""


@dataclass(frozen=True, slots=True)
class XmlCall:
    """A merchant's call; `failure` is the return_code of an unreadable request.

    A `certified` one is refused to who shows no client certificate; `only` is the one algorithm
    of signature the call allows, where it does.
    """

    api: Api
    merchant: Merchant
    calls: Calls
    failure: str = "FAIL"
    certified: bool = False
    only: SignType | None = None

    def read(self, request: Request, body: bytes) -> Heard:
        fields = _posted(request, parse, body)
        self.merchant.check_known(fields)
        sign_type = verify(fields, self.merchant.key)
        if self.only not in {None, sign_type}:
            raise Malformed("签名类型不支持，请使用HMAC-SHA256")

        def write(reply: Reply, wrong: bool) -> Response:  # noqa: FBT001  see Heard
            if reply.file is not None:
                return Response(reply.file.content, media_type=reply.file.media)
            if reply.unsigned:
                return _xml(reply.fields)
            complete = signed(reply.fields, self.merchant.key, sign_type)
            if wrong:
                complete["sign"] = complete["sign"].translate(_OTHER_DIGITS)
            return _xml(complete)

        heard = _heard(self.calls, self.api, fields, write)
        if self.certified and not request.scope["extensions"][CERTIFIED]:
            refusal = heard.refuse(Refused("CERT_ERROR", "证书校验错误，请使用商户API证书"))
            return replace(heard, carry_out=lambda _: refusal)
        return heard

    def unreadable(self, malformed: Malformed) -> Response:
        return _xml({"return_code": self.failure, "return_msg": malformed.return_msg})


@dataclass(frozen=True, slots=True)
class JsonCall:
    """A call of the face service."""

    api: Api
    calls: Calls

    def read(self, request: Request, body: bytes) -> Heard:
        fields = _posted(request, _flat_json, body)
        return _heard(self.calls, self.api, fields, lambda reply, _: _json(reply.fields))

    def unreadable(self, malformed: Malformed) -> Response:
        said = malformed.return_msg
        return _json({"return_code": "PARAM_ERROR", "return_msg": said, "err": "PARAM_ERROR"})


_OTHER_DIGITS = str.maketrans("0123456789ABCDEF", "123456789ABCDEF0")


def _posted(request: Request, parser: Callable[[bytes], Fields], body: bytes) -> Fields:
    if request.method != "POST":
        raise Malformed("请使用post方法")
    return parser(body)


def _heard(
    calls: Calls, api: Api, fields: Fields, write: Callable[[Reply, bool], Response]
) -> Heard:
    return Heard(
        calls.subject(api, fields),
        partial(calls.carry_out, api, fields),
        partial(calls.refused, api),
        write,
    )


def _xml(fields: Mapping[str, str]) -> Response:
    return Response(render(fields), media_type="text/xml")


def _json(fields: object) -> Response:
    return Response(json.dumps(fields), media_type="application/json")


def _flat_json(body: bytes) -> Fields:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("JSON格式错误") from error
    if not isinstance(request, dict):
        raise Malformed("JSON格式错误")
    if not all(isinstance(value, str) for value in request.values()):
        raise Malformed("参数须为字符串")
    return request
