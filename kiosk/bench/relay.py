"""The line to the wallet, with a clock on it: what a call spends outside this kiosk.

    core ──► relay ──► sandbox

A call's time begins when the last byte of the request has arrived here and ends when the last of
the answer has left. So connecting and sending are still ours; TLS is on neither side.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_CHUNK = 65536


@dataclass(slots=True)
class Call:
    """One connection: the request's first line, and when it was outside (milliseconds)."""

    wallet: socket.socket = field(repr=False)
    line: str = ""
    began_ms: float = 0.0
    ended_ms: float = 0.0


class Relay:
    """Listens on a port of this machine; `calls` are those that are over."""

    def __init__(self, target: Callable[[], tuple[str, int]]) -> None:
        """`target` says where the wallet is, once it is asked for the first time."""
        self.calls: list[Call] = []
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    @property
    def url(self) -> str:
        """Where the core finds it."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def start(self) -> None:
        """Begin to pass on, in a thread of its own."""
        self._selector.register(self._listening, selectors.EVENT_READ, None)
        self._thread.start()

    def stop(self) -> None:
        """Hear nobody any more; may be called before `start`."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._listening.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            for key, _ in self._selector.select(0.1):
                if key.data is None:
                    self._accept()
                else:
                    self._pass_on(key.fileobj, *key.data)  # type: ignore[arg-type]

    def _accept(self) -> None:
        core, _ = self._listening.accept()
        try:
            wallet = socket.create_connection(self._target())
        except OSError:
            core.close()  # the core is told what a kiosk whose wallet is gone is told
            return
        call = Call(wallet)
        self._selector.register(core, selectors.EVENT_READ, (wallet, call))
        self._selector.register(wallet, selectors.EVENT_READ, (core, call))

    def _pass_on(self, one: socket.socket, other: socket.socket, call: Call) -> None:
        try:
            content = one.recv(_CHUNK)
        except OSError:
            content = b""
        arrived_ms = time.monotonic() * 1000
        try:
            other.sendall(content)
        except OSError:
            content = b""
        if not content:
            for end in (one, other):
                self._selector.unregister(end)
                end.close()
            self.calls.append(call)
        elif one is call.wallet:
            call.ended_ms = time.monotonic() * 1000
        else:
            call.line = call.line or content.partition(b"\r\n")[0].decode("latin-1")
            call.began_ms = arrived_ms
