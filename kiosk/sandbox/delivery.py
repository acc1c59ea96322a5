"""One call on the line: read, record, strike with its faults, carry out, answer.

    arrive ─► read and verify ─► recorded, faults taken ─► carried out ─► answer ─► sent
                                      (one commit)          (one commit)

What cannot be read is answered unsigned and not recorded: it was not a call.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kiosk.sandbox.audit import Audit
from kiosk.sandbox.calls import Calls, Reply
from kiosk.sandbox.dialects import Dialect, Heard
from kiosk.sandbox.fields import FEN, TRADE_NO, Refused
from kiosk.sandbox.scripts import Api, Faults, Scripts
from kiosk.sandbox.store import Store
from kiosk.sandbox.wire import Fields, Malformed

BODY_LIMIT = 64 * 1024
DROP = "kiosk.sandbox.drop"
"""Where an ASGI scope's extensions keep the function that cuts the connection."""

_UNHEARD = ("drop-answer", "http-500", "wrong-signature", "truncated")
"""Faults after which the kiosk has learned nothing it may trust."""

log = logging.getLogger("kiosk.sandbox")


class TooLarge(Exception):
    """A body beyond BODY_LIMIT."""


async def body_of(request: Request) -> bytes:
    """The request's body; raises TooLarge as soon as that is known."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > BODY_LIMIT:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise TooLarge
    return bytes(body)


@dataclass(frozen=True, slots=True)
class Line:
    """What the doors share."""

    store: Store
    scripts: Scripts
    audit: Audit
    calls: Calls


class Door:
    """One of the wallet's calls, as an ASGI application."""

    def __init__(self, line: Line, api: Api, dialect: Dialect) -> None:
        self._line = line
        self._api = api
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await body_of(request)
            if request.method != "POST":
                raise Malformed("请使用post方法")
            heard = self._dialect.read(body)
        except ClientDisconnect:
            return
        except TooLarge:
            gone = Response(status_code=413, headers={"connection": "close"})
            await gone(scope, receive, send)
            return
        except Malformed as malformed:
            log.info("%s unreadable", self._api.value)
            content = self._dialect.unreadable(malformed)
            await Response(content, media_type=self._dialect.media)(scope, receive, send)
            return
        try:
            await self._deliver(request, send, heard)
        except asyncio.CancelledError:  # the sandbox stops: to whoever still waits, a cut line
            scope["extensions"][DROP]()

    async def _deliver(self, request: Request, send: Send, heard: Heard) -> None:
        seq, faults = self._arrived(heard.fields)
        await asyncio.sleep(faults.seconds("late"))
        if "drop-request" in faults or "http-502" in faults:
            self._record(seq, heard.fields, Reply({}, "LOST"), faults)
            await _break_off(request, send, 502 if "http-502" in faults else None)
            return
        reply = self._carried_out(seq, heard.fields, faults)
        if "delay" in faults:
            await asyncio.sleep(faults.seconds("delay"))
            if await request.is_disconnected():
                self._record(seq, heard.fields, replace(reply, definite=False), faults)
        if "drop-answer" in faults or "http-500" in faults:
            await _break_off(request, send, 500 if "http-500" in faults else None)
            return
        content = heard.write(reply.fields, "wrong-signature" in faults)
        if "truncated" in faults:
            await _send_half(request, send, content)
            return
        response = Response(content, media_type=self._dialect.media)
        await response(request.scope, request.receive, send)

    def _arrived(self, fields: Fields) -> tuple[int, Faults]:
        """Record the call and take the scripts that strike it."""
        line = self._line
        out_trade_no = fields.get("out_trade_no", "")
        if not TRADE_NO(out_trade_no):
            out_trade_no = ""
        with line.store.transaction():
            paying = self._api is Api.MICROPAY
            code = fields.get("auth_code", "") if paying else ""
            seq = line.audit.arrived(self._api, out_trade_no, code)
            first = paying and line.audit.first_pay(out_trade_no)
            if first and FEN(fields.get("total_fee", "")):
                line.scripts.arm_magic(out_trade_no, int(fields["total_fee"]))
            faults = line.scripts.take(self._api, out_trade_no)
            line.audit.struck(seq, str(faults))
        return seq, faults

    def _carried_out(self, seq: int, fields: Fields, faults: Faults) -> Reply:
        """Do it, once or twice, and record the answer with it: one commit."""
        line = self._line
        failure = line.calls.refused(self._api, Refused("SYSTEMERROR", "系统超时"))
        with line.store.transaction():
            reply = failure
            for _ in range(2 if "duplicate" in faults else 1):
                if "systemerror-unpaid" not in faults:
                    reply = line.calls.carry_out(self._api, fields, faults)
            if "systemerror-paid" in faults:
                reply = failure
            if any(fault in faults for fault in _UNHEARD):
                reply = replace(reply, definite=False)
            self._record(seq, fields, reply, faults)
        return reply

    def _record(self, seq: int, fields: Fields, reply: Reply, faults: Faults) -> None:
        self._line.audit.answered(seq, reply.word, definite=reply.definite)
        number = fields.get("out_trade_no", "")
        shown = number if TRADE_NO(number) else "-"
        log.info("%s out_trade_no=%s answer=%s%s", self._api.value, shown, reply.word,
            f" faults={faults}" if faults.by_name else "",
        )  # fmt: skip


async def _break_off(request: Request, send: Send, status: int | None) -> None:
    """End without the wallet's answer: an HTTP error, or the connection cut."""
    if status is not None:
        await Response(status_code=status)(request.scope, request.receive, send)
        return
    request.scope["extensions"][DROP]()
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _send_half(request: Request, send: Send, content: bytes) -> None:
    """Announce the whole answer, send half of it, cut the connection."""
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    half = content[: len(content) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await _break_off(request, send, None)
