"""A pipe that comes back: opens a transport, notices its end, and opens it again by the same path.

CLOSED ──open──► UP ──line ends──► DOWN ──backoff, connect──► UP
                 └────────────── close ──────────────► CLOSED
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.errors import DeviceError, Offline
from hardware.loop import DeviceLoop, OnBytes
from hardware.transport import Transport

Connect = Callable[[], Transport]
WRITE_SLICE_S = 0.05
LOOP_TURN_S = 1.0  # the loop takes a turn within milliseconds, unless it has ended


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between attempts: ``first``, then doubled up to ``most``. Never gives up."""

    first: float = 0.5
    most: float = 10.0

    def after(self, attempts: int) -> float:
        return min(self.most, self.first * 2.0 ** min(attempts, 16))


class Link:
    """One device's line. ``on_up`` and ``on_down`` run on the loop's thread."""

    def __init__(
        self,
        name: str,
        loop: DeviceLoop,
        connect: Connect,
        on_bytes: OnBytes,
        *,
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[DeviceError], None] = lambda _error: None,
        backoff: Backoff = Backoff(),
    ) -> None:
        self._name = name
        self._loop = loop
        self._connect = connect
        self._on_bytes = on_bytes
        self._on_up = on_up
        self._on_down = on_down
        self._backoff = backoff
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._wanted = False
        self._losses = 0
        self.last_error: DeviceError | None = None

    @property
    def up(self) -> bool:
        return self._transport is not None

    @property
    def losses(self) -> int:
        """How often the line has ended; tells a job that it ended in between."""
        return self._losses

    def open(self) -> None:
        """Connect now, in the caller's thread; raises what connecting raises. Opened is fine."""
        if self._wanted:
            return
        transport = self._connect()
        self._wanted = True
        self._adopt(transport)

    def close(self) -> None:
        self._wanted = False
        with self._lock:
            transport, self._transport = self._transport, None
            self._losses += transport is not None
        if transport is not None:
            self._let_go(transport)

    def reset(self, cause: str) -> None:
        """End the line and take it up anew; what is not out when this returns never arrives."""
        with self._lock:
            transport = self._transport
        if transport is not None and self._take_down(transport, Offline(self._name, cause)):
            self._let_go(transport, self._ended)

    def write(self, data: bytes, deadline: float, losses: int | None = None) -> int:
        """Bytes taken until ``deadline`` (monotonic). Raises Offline only if none was taken.

        With ``losses``, a line that has ended since counts as down also when it is up again: what
        was begun on one line never goes on on the next. Waits in short slices so that closing the
        line never waits for a stalled writer.
        """
        sent = 0
        while sent < len(data):
            now = time.monotonic()
            with self._lock:
                gone = losses is not None and losses != self._losses
                # Locks are not fair: look each time.
                if self._transport is None or not self._wanted or gone:
                    if sent:
                        break
                    raise Offline(self._name, "the line is down")
                try:
                    sent += self._transport.write(data[sent:], min(deadline, now + WRITE_SLICE_S))
                except Offline:
                    if sent:
                        break
                    raise
            if now >= deadline:
                break
        return sent

    def _adopt(self, transport: Transport) -> None:
        with self._lock:
            self._transport = transport
            self.last_error = None
        self._loop.register(transport, self._on_bytes, lambda e: self._lost(transport, e))

    def _lost(self, transport: Transport, error: DeviceError) -> None:
        if self._take_down(transport, error):
            self._ended()

    def _take_down(self, transport: Transport, error: DeviceError) -> bool:
        """Whether it was up until now."""
        with self._lock:
            if self._transport is not transport:
                return False
            self._transport = None
            self._losses += 1
            self.last_error = error
            return True

    def _let_go(self, transport: Transport, then: Callable[[], None] | None = None) -> None:
        """End it; when this returns another may have the device. ``then`` runs on the loop."""
        closed = threading.Event()
        self._loop.unregister(transport)
        self._loop.call_soon(closed.set)
        if then is not None:
            self._loop.call_soon(then)
        if self._loop.running and not self._loop.in_loop:
            closed.wait(LOOP_TURN_S)

    def _ended(self) -> None:
        self._on_down(self.last_error or Offline(self._name, "the line ended"))
        self._retry(0)

    def _retry(self, attempts: int) -> None:
        if self._wanted:
            self._loop.call_later(
                self._backoff.after(attempts), lambda: self._spawn_attempt(attempts)
            )

    def _spawn_attempt(self, attempts: int) -> None:
        """Connecting may take seconds (TCP), so it must not happen on the loop's thread."""
        if self._wanted:
            threading.Thread(
                target=self._attempt, args=(attempts,), name=f"connect {self._name}", daemon=True
            ).start()

    def _attempt(self, attempts: int) -> None:
        try:
            transport = self._connect()
        except DeviceError as error:
            self.last_error = error
            self._retry(attempts + 1)
            return
        if not self._wanted:
            transport.close()
            return
        self._adopt(transport)
        self._loop.call_soon(self._on_up)
