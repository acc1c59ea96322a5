"""What every route shares: the body with its limit, the proof of who calls, errors with a code.

An answer that refuses is `{"code": …, "message": …, "now_ms": …}`; the time is there so that a
kiosk whose clock is off can sign again. What the database cannot do is 503: nothing was kept.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy.exc import SQLAlchemyError

from fleet.auth import Auth, Request, Unproven
from fleet.line import MAX_BYTES
from fleet.register import RegisterError
from fleet.who import Who

RETRY_AFTER = 5  # seconds
SMALL = 64 * 1024

log = logging.getLogger(__name__)


def _integer(value: object) -> object:
    """JSON does not tell 5.0 from 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int, Field(ge=0, lt=2**53), BeforeValidator(_integer)]
"""What every JSON reader keeps exactly."""


class TooLarge(Exception):
    """More bytes than the route takes."""


class Unknown(Exception):
    """What is asked for is not there, or not the caller's."""


async def sealed(request: HttpRequest, limit: int = MAX_BYTES) -> Request:
    """The request as it was signed, read to its end. Raises TooLarge."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise TooLarge(f"more than {limit} bytes")
    raw: str = request.scope["raw_path"].decode("ascii", "replace")
    query: str = request.scope["query_string"].decode("ascii", "replace")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, raw.partition("?")[0], query, headers, bytes(body))


def prover(
    auth: Auth, now_ms: Callable[[], int], *, once: bool, limit: int = SMALL
) -> Callable[[HttpRequest], Awaitable[tuple[Who, bytes]]]:
    """What a route calls first: it answers who calls, and with which body."""

    async def prove(request: HttpRequest) -> tuple[Who, bytes]:
        signed = await sealed(request, limit)
        who = await run_in_threadpool(auth.prove, signed, now_ms(), once=once)
        return who, signed.body

    return prove


def described(
    body: type[BaseModel] | Mapping[str, Any], media: str = "application/json"
) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its body itself, since the very bytes are proven."""
    schema = body if isinstance(body, Mapping) else _whole(body.model_json_schema())
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


def _whole(schema: dict[str, Any]) -> Any:
    """The schema with its definitions put where they are named."""
    parts = {f"#/$defs/{name}": part for name, part in schema.pop("$defs", {}).items()}

    def fill(value: Any) -> Any:
        match value:
            case {"$ref": str(name)}:
                return fill(parts[name])
            case dict():
                return {name: fill(each) for name, each in value.items()}
            case list():
                return [fill(each) for each in value]
            case _:
                return value

    return fill(schema)


def answer_errors(app: FastAPI, now_ms: Callable[[], int]) -> None:
    """Turn what routes raise into answers."""

    def refuse(status: int, code: str, message: str) -> JSONResponse:
        body = {"code": code, "message": message, "now_ms": now_ms()}
        headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else None
        return JSONResponse(body, status, headers)

    @app.exception_handler(Unproven)
    async def unproven(_request: HttpRequest, error: Unproven) -> JSONResponse:
        log.warning("request unproven code=%s", error.code)
        return refuse(401, error.code, error.message)

    @app.exception_handler(RegisterError)
    async def unregistered(_request: HttpRequest, error: RegisterError) -> JSONResponse:
        return refuse(409, "REGISTER", str(error))

    @app.exception_handler(TooLarge)
    async def too_large(_request: HttpRequest, error: TooLarge) -> JSONResponse:
        return refuse(413, "TOO_LARGE", str(error))

    @app.exception_handler(Unknown)
    async def unknown(_request: HttpRequest, error: Unknown) -> JSONResponse:
        return refuse(404, "UNKNOWN", str(error))

    @app.exception_handler(ValueError)
    async def malformed(_request: HttpRequest, error: ValueError) -> JSONResponse:
        return refuse(400, "MALFORMED", str(error)[:200])

    @app.exception_handler(SQLAlchemyError)
    async def unkept(_request: HttpRequest, error: SQLAlchemyError) -> JSONResponse:
        log.error("database failed cause=%s", type(error).__name__)
        return refuse(503, "TRY_AGAIN", "the fleet could not write it down")
