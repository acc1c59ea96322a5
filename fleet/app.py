"""The machine interface, as an ASGI app: joining, entries, health, orders.

    POST /v1/joining           a device's key and serial          ─► the code that its screen shows
    POST /v1/joining/{code}    the same device asks again         ─► which terminal it became
    POST /v1/entries           lines of the ledger, oldest first  ─► what is here for good
    POST /v1/health            how the kiosk is                   ─► the newest is kept
    POST /v1/down              what became of orders              ─► orders, when there are any
    POST /v1/gateway/…         payments, for kiosks without keys  ─► what the wallet says
    POST /v1/notify/…          a wallet tells by itself           ─► its terminal is told

All but the wallets' requests are signed by a terminal (`kiosk.domain.signed`). Each router stands
where its matter does.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi import Request as HttpRequest
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from fleet.auth import Auth, Request
from fleet.books import Bookkeeper, Books
from fleet.clock import wall_ms
from fleet.database import Database
from fleet.door import answer_errors, described, prover, sealed
from fleet.down import Bell, Commands, Desired
from fleet.down.routes import down_routes
from fleet.down.waiting import Waiting
from fleet.gateway.desk import DeskWorker
from fleet.gateway.gateway import Gateway
from fleet.gateway.notices import Notices
from fleet.gateway.routes import Hands, gateway_routes, notify_routes
from fleet.gateway.wallets import Wallets
from fleet.health import Healths, Report
from fleet.ingest import Ingest, Receipt
from fleet.joining import joining_routes
from fleet.line import MAX_BYTES, read_lines
from fleet.register import Register
from fleet.who import Who

ENTRIES = "application/x-ndjson"
LINES = {"type": "string", "minLength": 2, "description": "entries as JSON, a line each"}

log = logging.getLogger(__name__)


class Stored(BaseModel):
    """What is here for good of the chain that the kiosk writes."""

    high_water: int = Field(description="everything up to this seq is stored")
    gaps: list[tuple[int, int]] = Field(description="[first, last] above it that is not")
    forked: bool = Field(description="two chains came: an old disk was put back")
    new: int = Field(description="lines of this batch that were not here before")
    poison: int = Field(description="of these, lines kept apart since nobody can believe them")


class Refusal(BaseModel):
    """Why not, and what time it is here."""

    code: str
    message: str
    now_ms: int


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal} for status in (400, 401, 404, 409, 413, 503)
}


def application(
    database: Database,
    register: Register,
    now_ms: Callable[[], int] = wall_ms,
    wallets: Wallets | None = None,
) -> FastAPI:
    """The app on one database; `wallets` are the channels that the gateway serves."""
    auth, ingest, healths = Auth(database), Ingest(database), Healths(database)
    commands, served, hands = Commands(database), wallets or Wallets({}), Hands()
    gateway, waiting = Gateway(database, served, now_ms), Waiting()
    bookkeeper = Bookkeeper(Books(database))
    desk, bell = DeskWorker(database, served, now_ms), Bell(database, waiting.hear)

    def tell(who: Who, out_trade_no: str) -> None:
        try:
            commands.give(who, "query", {"out_trade_no": out_trade_no}, "a wallet", now_ms())
        except ValueError as error:
            # It is lost, or has enough to do: its own query will say the same.
            log.warning("notice not handed on out_trade_no=%s cause=%s", out_trade_no, error)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        waiting.open()
        for thread in (bookkeeper, desk, bell):
            thread.start()
        yield
        for thread in (bookkeeper, desk, bell):
            await run_in_threadpool(thread.stop)

    app = FastAPI(title="fleet", version="1", lifespan=life, docs_url=None, redoc_url=None)
    answer_errors(app, now_ms)
    app.include_router(joining_routes(register, now_ms), responses=REFUSALS)
    app.include_router(_upload(auth, ingest, bookkeeper, now_ms), responses=REFUSALS)
    app.include_router(_health(auth, healths, now_ms), responses=REFUSALS)
    down = down_routes(auth, commands, Desired(database), waiting, now_ms)
    app.include_router(down, responses=REFUSALS)
    app.include_router(gateway_routes(auth, gateway, hands, now_ms), responses=REFUSALS)
    app.include_router(notify_routes(Notices(served, gateway), hands, tell))
    return app


def _upload(
    auth: Auth, ingest: Ingest, bookkeeper: Bookkeeper, now_ms: Callable[[], int]
) -> APIRouter:
    router = APIRouter()

    def take(signed: Request) -> Receipt:
        # Known lines change nothing, so the same batch again is as good as the first.
        who, key = auth.claim(signed, now_ms())
        return ingest.take(who, list(read_lines(signed.body)), now_ms(), key)

    @router.post(
        "/v1/entries", openapi_extra=described({"type": "string", "minLength": 2}, ENTRIES)
    )
    async def entries(request: HttpRequest) -> Stored:
        """Store lines of the ledger, each once; what is answered is on the disk."""
        receipt = await run_in_threadpool(take, await sealed(request, MAX_BYTES))
        bookkeeper.wake()
        return Stored(
            high_water=receipt.high_water,
            gaps=list(receipt.gaps),
            forked=receipt.forked,
            new=receipt.new,
            poison=receipt.poison,
        )

    return router


def _health(auth: Auth, healths: Healths, now_ms: Callable[[], int]) -> APIRouter:
    router = APIRouter()
    proven = prover(auth, now_ms, once=True)

    @router.post("/v1/health", status_code=204, openapi_extra=described(Report))
    async def health(request: HttpRequest) -> None:
        """Keep the newest report of the terminal."""
        who, body = await proven(request)
        await run_in_threadpool(healths.take, who, body, now_ms())

    @router.get("/v1/time", include_in_schema=False)
    async def time(_request: HttpRequest) -> JSONResponse:
        return JSONResponse({"now_ms": now_ms()})

    return router
