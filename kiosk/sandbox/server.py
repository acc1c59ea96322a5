"""The sandbox as a server: loopback only, quiet, and able to cut a connection in mid-air."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.sandbox.delivery import DROP
from kiosk.sandbox.dialects import CERTIFIED
from kiosk.sandbox.tls import Tls

Beside = Callable[[], Coroutine[Any, Any, None]]
"""What runs beside the server for as long as it does."""


class Droppable(H11Protocol):
    """An HTTP connection whose application can end it without a word, as a cut line does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = scope.setdefault("extensions", {})
            extensions[DROP] = self._drop
            extensions[CERTIFIED] = self._certified()
            await inner(scope, receive, send)

        self.app = app

    def _drop(self) -> None:
        self.transport.abort()

    def _certified(self) -> bool:
        """Over plain HTTP nobody can show a certificate, so none is asked for."""
        if self.transport.get_extra_info("ssl_object") is None:
            return True
        return bool(self.transport.get_extra_info("peercert"))


class QuietServer(Server):
    """Says when it listens; a signal ends it with exit status 0."""

    def __init__(self, config: Config, listening: Callable[[], None], beside: Beside) -> None:
        super().__init__(config)
        self._listening = listening
        self._beside = beside
        self._task: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._task = asyncio.create_task(self._beside())
            self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._task is not None:
            self._task.cancel()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True
        self.force_exit = sig == signal.SIGINT and self.force_exit


def listen(port: int) -> socket.socket:
    """A loopback socket at `port`, or at a free one for 0; raises OSError when it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    app: ASGIApp,
    listener: socket.socket,
    listening: Callable[[], None],
    beside: Beside,
    tls: Tls | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; calls still waiting get one second.

    With `tls` over HTTPS. A client's certificate is then checked where it shows one, and
    `/secapi/` refuses those who do not.
    """
    certificate, key = (None, None) if tls is None else tls.pair("server")
    config = Config(
        app,
        http=Droppable,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_ca_certs=None if tls is None else str(tls.authority),
        ssl_cert_reqs=ssl.CERT_NONE if tls is None else ssl.CERT_OPTIONAL,
    )
    QuietServer(config, listening, beside).run(sockets=[listener])
