"""The door at which a channel tells by itself how a payment or a refund ended.

    channel ─► the merchant's https address ─► (reverse proxy) ─► POST here ─► read_notice
              204: read, or none of ours     400: not the channel's word     404 411 413 501 503: no

What is read is not booked: the payment or refund is looked at now instead of a moment later, and
the channel's answer to our own question counts. So a notice may come twice, late, before its
answer, or never. Whatever is not signed by the channel is refused before it is opened.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from kiosk.channels.channel import NoticeChannel, PaymentTold, RefundTold
from kiosk.errors import ConfigError

LONGEST = 64 * 1024  # bytes of a body; a genuine one has a tenth of it
PATIENCE = 5.0  # seconds for a request, which is what the channels give the answer
AT_ONCE = 8  # requests; who comes beyond that comes again

log = logging.getLogger(__name__)

Told = PaymentTold | RefundTold


class NoticeDoor:
    """Listens for one channel; `tell` hears what was read, on any thread, and returns at once."""

    def __init__(self, channel: NoticeChannel, tell: Callable[[Told], None]) -> None:
        """Raises ConfigError where the address is not to be had."""
        host, _, port = channel.notify_listen.rpartition(":")
        try:
            self._server = _Server((host.strip("[]"), int(port)), _Handler)
        except OSError as error:
            cause = f"channels.{channel.name}: cannot listen at {channel.notify_listen}"
            raise ConfigError(f"{cause}: {error.strerror}", "Choose another port") from error
        self._server.channel, self._server.tell = channel, tell
        self._server.path = urlsplit(channel.notify_url).path or "/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="notices", daemon=True
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def open(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Listen no more; what is being read is read."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    channel: NoticeChannel
    tell: Callable[[Told], None]
    path: str
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.places = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        log.debug("a notice was cut short: %r", sys.exc_info()[1])


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "kiosk"
    sys_version = ""
    timeout = PATIENCE

    def do_POST(self) -> None:
        if not self.server.places.acquire(blocking=False):
            self._answer(503, "busy")
            return
        try:
            self._take()
        finally:
            self.server.places.release()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        log.debug("notice door: " + format, *args)  # noqa: G003 - same

    def _take(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != self.server.path:
            self._answer(404, "nothing here")
        elif not (length.isascii() and length.isdigit()):
            self._answer(411, "without a length")
        elif int(length) > LONGEST:
            self._answer(413, "too long")
        else:
            self._read(self.rfile.read(int(length)), int(length))

    def _read(self, body: bytes, length: int) -> None:
        channel = self.server.channel
        try:
            if len(body) != length:
                raise ValueError("cut short")
            told = channel.read_notice(dict(self.headers.items()), body)
        except ValueError as error:
            log.warning("notice refused channel=%s cause=%s", channel.name, error)
            self._answer(400, "not a notice")
            return
        if told is not None:
            log.info("notice channel=%s out_trade_no=%s", channel.name, told.out_trade_no)
            self.server.tell(told)
        self._answer(204)

    def _answer(self, status: int, why: str = "") -> None:
        body = json.dumps({"code": "FAIL", "message": why}).encode() if why else b""
        self.send_response(status)
        self.send_header("Connection", "close")
        if body:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True
