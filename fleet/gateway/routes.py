"""The gateway's routes.

    POST /v1/gateway/{channel}/{call}         signed by a terminal  ─► the answer, by `codec`
    POST /v1/notify/{merchant_id}/{channel}   signed by the wallet  ─► 204, its terminal is told

The wallets' calls have threads of their own, so that slow wallets keep nobody else waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from fleet.auth import Auth
from fleet.door import sealed
from fleet.gateway.gateway import Gateway, Unserved
from fleet.gateway.notices import NoticeRefused, Notices
from fleet.who import Who
from kiosk.channels.channel import ChannelError
from kiosk.channels.gateway.calls import Failure
from kiosk.channels.gateway.codec import read_request, write_answer

THREADS = 64
MOST_BYTES = 256 * 1024  # of a request; its goods are most of it
NOTICE_BYTES = 64 * 1024
ONCE = frozenset({"authinfo"})
"""Calls that are refused when they come again. A payment's or refund's number does that by itself:
it is asked of the wallet once, and what comes again is unknown or the same answer.
"""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Busy(Exception):
    """All threads wait for wallets; nothing was done."""


class Hands:
    """Threads for what waits for wallets; no more calls than threads, half of them one merchant's.

    Used by the serving loop only.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, "gateway")
        self._threads = threads
        self._busy: Counter[str] = Counter()

    async def run(self, merchant_id: str, work: Callable[[], T]) -> T:
        """What `work` answers, on a thread. Raises Busy, and what it raises."""
        if 2 * self._busy[merchant_id] >= self._threads or self._busy.total() >= self._threads:
            raise Busy
        self._busy[merchant_id] += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(lambda _: self._back(merchant_id))
        return await asyncio.shield(future)

    def _back(self, merchant_id: str) -> None:
        self._busy[merchant_id] -= 1
        if not self._busy[merchant_id]:
            del self._busy[merchant_id]


def gateway_routes(
    auth: Auth, gateway: Gateway, hands: Hands, now_ms: Callable[[], int]
) -> APIRouter:
    """The calls of the contract."""
    router = APIRouter()

    def refuse(status: int, code: str, message: str) -> Response:
        return JSONResponse({"code": code, "message": message, "now_ms": now_ms()}, status)

    @router.post("/v1/gateway/{channel}/{call}")
    async def ask(request: HttpRequest, channel: str, call: str) -> Response:
        """One call of a payment channel's contract, for the terminal that signed."""
        signed = await sealed(request, MOST_BYTES)
        who = await run_in_threadpool(auth.prove, signed, now_ms(), once=call in ONCE)

        def work() -> bytes:
            window = gateway.window(who, channel, call)
            values = read_request(call, signed.body)
            try:
                return write_answer(gateway.answer(window, call, values))
            except ChannelError as error:
                log.info("%s who=%s raised=%s", call, who, type(error).__name__)
                return write_answer(Failure.of(error))
            except ValueError as error:
                # Not what the caller wrote: it must not read as "nothing was done".
                raise RuntimeError("the gateway failed") from error

        try:
            answer = await hands.run(who.merchant_id, work)
        except Unserved as error:
            return refuse(404, "CHANNEL_UNKNOWN", str(error))
        except Busy:
            return refuse(503, "BUSY", "too many calls wait for wallets")
        return Response(answer, media_type="application/json")

    return router


def notify_routes(notices: Notices, hands: Hands, tell: Callable[[Who, str], object]) -> APIRouter:
    """Where the wallets tell by themselves; `tell` hears whose terminal, and which number."""
    router = APIRouter()

    @router.post("/v1/notify/{merchant_id}/{channel}", include_in_schema=False)
    async def notify(request: HttpRequest, merchant_id: str, channel: str) -> Response:
        signed = await sealed(request, NOTICE_BYTES)
        try:
            told = await hands.run(
                merchant_id,
                lambda: notices.read(merchant_id, channel, signed.headers, signed.body),
            )
            if told is not None:
                await hands.run(merchant_id, lambda: tell(*told))
        except NoticeRefused as error:
            log.warning("notice refused merchant_id=%s cause=%s", merchant_id[:64], error)
            return JSONResponse({"code": "FAIL", "message": str(error)}, error.status)
        except Busy:
            return JSONResponse({"code": "FAIL", "message": "busy"}, 503)
        return Response(status_code=204)

    return router
