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
from kiosk.sandbox.dialects import Call, Heard
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.reply import Reply
from kiosk.sandbox.scripts import ORDERING, Faults, Scripts, Subject
from kiosk.sandbox.store import Store
from kiosk.sandbox.wire import Malformed

BODY_LIMIT = 64 * 1024
DROP = "kiosk.sandbox.drop"
"""Where an ASGI scope's extensions keep the function that cuts the connection."""

_UNHEARD = ("drop-answer", "http-500", "wrong-signature", "truncated")
"""Faults after which the kiosk has learned nothing it may trust."""

_LOST = ("drop-request", "http-502", "hang")
"""Faults of a call that is never carried out."""

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


class Door:
    """One of the wallet's calls, as an ASGI application."""

    def __init__(self, line: Line, call: Call) -> None:
        self._line = line
        self._call = call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            heard = self._call.read(request, await body_of(request))
        except ClientDisconnect:
            return
        except TooLarge:
            gone = Response(status_code=413, headers={"connection": "close"})
            await gone(scope, receive, send)
            return
        except Malformed as malformed:
            log.info("%s unreadable", self._call.api.value)
            await self._call.unreadable(malformed)(scope, receive, send)
            return
        try:
            await self._deliver(request, send, heard)
        except asyncio.CancelledError:  # the sandbox stops: to whoever still waits, a cut line
            scope["extensions"][DROP]()

    async def _deliver(self, request: Request, send: Send, heard: Heard) -> None:
        seq, faults = self._arrived(heard.subject)
        await asyncio.sleep(faults.seconds("late"))
        if any(fault in faults for fault in _LOST):
            self._record(seq, heard.subject, Reply({}, "LOST"), faults)
            if "hang" in faults:
                await _gone(request)
                return
            await _break_off(request, send, 502 if "http-502" in faults else None)
            return
        reply = self._carried_out(seq, heard, faults)
        if "delay" in faults:
            await asyncio.sleep(faults.seconds("delay"))
            if await request.is_disconnected():
                self._record(seq, heard.subject, replace(reply, definite=False), faults)
        if "drop-answer" in faults or "http-500" in faults:
            await _break_off(request, send, 500 if "http-500" in faults else None)
            return
        response = heard.write(reply, "wrong-signature" in faults)
        if "truncated" in faults:
            await _send_half(request, send, bytes(response.body))
            return
        await response(request.scope, request.receive, send)

    def _arrived(self, subject: Subject) -> tuple[int, Faults]:
        """Record the call and take the scripts that strike it."""
        line, api = self._line, self._call.api
        with line.store.transaction():
            seq = line.audit.arrived(api, subject)
            if api in ORDERING and line.audit.first_pay(subject.out_trade_no):
                line.scripts.arm_magic(api, subject)
            faults = line.scripts.take(api, subject.out_trade_no)
            line.audit.struck(seq, str(faults))
        return seq, faults

    def _carried_out(self, seq: int, heard: Heard, faults: Faults) -> Reply:
        """Do it, once or twice, and record the answer with it: one commit."""
        failure = heard.refuse(Refused("SYSTEMERROR", "系统超时"))
        with self._line.store.transaction():
            reply = failure
            for _ in range(2 if "duplicate" in faults else 1):
                if "systemerror-unpaid" not in faults:
                    reply = heard.carry_out(faults)
            if "systemerror-paid" in faults:
                reply = failure
            if any(fault in faults for fault in _UNHEARD):
                reply = replace(reply, definite=False)
            self._record(seq, heard.subject, reply, faults)
        return reply

    def _record(self, seq: int, subject: Subject, reply: Reply, faults: Faults) -> None:
        self._line.audit.answered(seq, reply.word, definite=reply.definite)
        struck = f" faults={faults}" if faults.by_name else ""
        number, refund = subject.out_trade_no or "-", subject.out_refund_no
        log.info("%s out_trade_no=%s%s answer=%s%s", self._call.api.value, number,
            f" out_refund_no={refund}" if refund else "", reply.word, struck,
        )  # fmt: skip


async def _break_off(request: Request, send: Send, status: int | None) -> None:
    """End without the wallet's answer: an HTTP error, or the connection cut."""
    if status is not None:
        await Response(status_code=status)(request.scope, request.receive, send)
        return
    request.scope["extensions"][DROP]()
    await _gone(request)


async def _gone(request: Request) -> None:
    """Wait until the other end has hung up, or this one."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _send_half(request: Request, send: Send, content: bytes) -> None:
    """Announce the whole answer, send half of it, cut the connection."""
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    half = content[: len(content) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await _break_off(request, send, None)
