"""The one way in: who is not signed in gets the sign-in page and the style sheet, nothing else.

    cookie (signed) ─► token ─► session ─► user ─► scope["console.user"]

A request that changes something and a live connection must come from our own pages, and the browser
may load and send nothing beyond this machine.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet.console.roles import User
from fleet.console.services import Services
from fleet.console.sessions import IN

COOKIE = "fleet_console"
TOKEN, LANGUAGE = "token", "language"
USER = "console.user"
OPEN = ("/sign-in", "/language", "/assets/", "/favicon.ico")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class Gate:
    """Middleware around the whole app, inside the one that reads the signed cookie."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or live connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), str(scope["path"])
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if changes and not _ours(headers):
            await _refuse(scope, receive, send)
            return
        scope[USER] = await self._user(scope)
        if scope[USER] is None and not path.startswith(OPEN):
            if scope["type"] == "websocket" or path.startswith("/_nicegui"):
                await _refuse(scope, receive, send)
            else:
                await RedirectResponse("/sign-in", 303)(scope, receive, send)
            return

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.update(_HEADERS)
                if not path.startswith(("/_nicegui/", "/assets/")):
                    answered["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, careful)

    async def _user(self, scope: Scope) -> User | None:
        token = str(scope["session"].get(TOKEN, ""))
        if not token:
            return None
        services, page = self._services, scope["type"] == "http"
        # What a live page loads and sends by itself is nobody's doing.
        touch = page and not str(scope["path"]).startswith(("/_nicegui", "/assets/"))
        return await run_in_threadpool(signed_in, services, token, touch=touch)


def signed_in(services: Services, token: str, *, touch: bool = False) -> User | None:
    """Whose token it is, where he has shown both of what he knows and has."""
    session = services.sessions.find(token, services.now_ms(), touch=touch)
    if session is None or session.stage != IN:
        return None
    return services.users.find(session.name)


def address_of(connection: HTTPConnection) -> str:
    """Where it comes from."""
    return connection.client.host if connection.client else "unknown"


def _ours(headers: Headers) -> bool:
    """Whether one of our own pages sent it; what is no browser names no page."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    return urlsplit(origin).netloc == headers.get("host")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse("403", 403)(scope, receive, send)
