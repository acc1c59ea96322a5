"""A TCP port that behaves like a network printer's: one client at a time, raw bytes both ways.

The wire between a simulated peer and a driver, in place of ``PseudoTerminal``.
"""

from __future__ import annotations

import contextlib
import select
import socket


class NetLine:
    """One port of this machine. ``plug`` listens, ``unplug`` refuses and drops the client."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def port(self) -> int:
        """The port in use; given by the system when it was 0 before the first ``plug``."""
        return self._port

    @property
    def plugged(self) -> bool:
        return self._server is not None

    def plug(self) -> None:
        if self._server is None:
            self._server = socket.create_server(("127.0.0.1", self._port), backlog=1)
            self._server.setblocking(False)
            self._port = self._server.getsockname()[1]

    def unplug(self) -> None:
        self._drop()
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):  # closing alone leaves the port open to a select
                server.shutdown(socket.SHUT_RDWR)
            server.close()

    def fileno(self) -> int:
        """What to select on: the client's line, or the port while there is none."""
        end = self._client or self._server
        return end.fileno() if end is not None else -1

    def read(self, size: int = 4096) -> bytes:
        """What the driver has written; takes a new client when there is none."""
        if self._client is None:
            self._accept()
            return b""
        try:
            data = self._client.recv(size)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Bytes taken by the client in time."""
        sent = 0
        while self._client is not None and sent < len(data):
            _, writable, _ = select.select([], [self._client], [], timeout_s)
            if not writable:
                break
            try:
                sent += self._client.send(data[sent:])
            except BlockingIOError:
                continue
            except OSError:
                self._drop()
        return sent

    def _accept(self) -> None:
        if self._server is not None:
            with contextlib.suppress(BlockingIOError):
                self._client, _ = self._server.accept()
                self._client.setblocking(False)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError):
                # A pulled plug sends no farewell; a reset is the nearest thing on one machine.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
