"""One thread that waits for every device of the process, and its timers.

A driver registers a transport and is called with the bytes that arrive; a ``Link`` (``link.py``)
does so again after each reconnection. Callbacks run on the loop's thread and must not block.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.errors import DeviceError, Offline
from hardware.transport import Transport

log = logging.getLogger(__name__)

Call = Callable[[], None]
OnBytes = Callable[[bytes], None]
OnLost = Callable[[DeviceError], None]


@dataclass(slots=True, order=True)
class Timer:
    """A call that is due at ``at`` (the loop's clock); ``cancel`` may come at any time."""

    at: float
    order: int
    call: Call | None = field(compare=False)

    def cancel(self) -> None:
        self.call = None


@dataclass(frozen=True, slots=True)
class _Watch:
    transport: Transport
    on_bytes: OnBytes
    on_lost: OnLost


class DeviceLoop:
    """The selector loop. ``start`` makes its thread, ``stop`` ends it; both may be called twice."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._soon: deque[Call] = deque()
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._selector: selectors.BaseSelector | None = None
        self._wake_write = -1
        self._stopping = False

    def start(self) -> None:
        if self._thread is not None:
            return
        self._stopping = False
        wake_read, self._wake_write = os.pipe()
        os.set_blocking(wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(wake_read, selectors.EVENT_READ, None)
        self._thread = threading.Thread(
            target=self._run, args=(self._selector, wake_read), name="devices", daemon=True
        )
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        self._wake()
        if thread is not threading.current_thread():
            thread.join(timeout_s)

    @property
    def running(self) -> bool:
        """Whether what is asked of it is done: it is started and not stopped."""
        return self._thread is not None

    @property
    def in_loop(self) -> bool:
        """Whether the caller is on the loop's own thread, where waiting would hang it."""
        return threading.current_thread() is self._thread

    def call_soon(self, call: Call) -> None:
        """Run ``call`` on the loop's thread; from any thread."""
        with self._lock:
            self._soon.append(call)
        self._wake()

    def call_later(self, seconds: float, call: Call) -> Timer:
        """Run ``call`` on the loop's thread after ``seconds``; from any thread."""
        with self._lock:
            timer = Timer(self._clock() + seconds, next(self._order), call)
            heapq.heappush(self._timers, timer)
        self._wake()
        return timer

    def register(self, transport: Transport, on_bytes: OnBytes, on_lost: OnLost) -> None:
        """Deliver what arrives until it ends or is unregistered; from any thread."""
        watch = _Watch(transport, on_bytes, on_lost)
        self.call_soon(lambda: self._watch(watch))

    def unregister(self, transport: Transport) -> None:
        """Stop delivering, then close the transport, on the loop's thread; from any thread."""
        self.call_soon(lambda: self._forget(transport))

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # a full pipe wakes as well, a closed one has no sleeper
            if self._wake_write >= 0:
                os.write(self._wake_write, b"!")

    def _run(self, selector: selectors.BaseSelector, wake_read: int) -> None:
        while not self._stopping:
            for key, _ in selector.select(self._patience()):
                if key.data is None:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                else:
                    self._receive(key.data)
            self._run_due()
        for key in list(selector.get_map().values()):
            if key.data is not None:
                key.data.transport.close()
        selector.close()
        with self._lock:
            os.close(wake_read)
            os.close(self._wake_write)
            self._wake_write = -1

    def _patience(self) -> float | None:
        with self._lock:
            if self._soon:
                return 0.0
            return max(0.0, self._timers[0].at - self._clock()) if self._timers else None

    def _run_due(self) -> None:
        calls: list[Call] = []
        with self._lock:
            calls.extend(self._soon)
            self._soon.clear()
            while self._timers and self._timers[0].at <= self._clock():
                timer = heapq.heappop(self._timers)
                if timer.call is not None:
                    calls.append(timer.call)
        for call in calls:
            self._guard(call)

    def _watch(self, watch: _Watch) -> None:
        if self._selector is None:
            return
        try:
            self._selector.register(watch.transport.fileno(), selectors.EVENT_READ, watch)
        except (OSError, ValueError, KeyError) as error:
            watch.on_lost(Offline("device", f"the line cannot be watched ({error})"))

    def _forget(self, transport: Transport) -> None:
        if self._selector is None:
            return
        for key in list(self._selector.get_map().values()):
            if key.data is not None and key.data.transport is transport:
                self._selector.unregister(key.fileobj)
        transport.close()

    def _receive(self, watch: _Watch) -> None:
        try:
            data = watch.transport.read()
        except DeviceError as lost:
            error = lost
            self._forget(watch.transport)
            self._guard(lambda: watch.on_lost(error))
            return
        if data:
            self._guard(lambda: watch.on_bytes(data))

    def _guard(self, call: Call) -> None:
        """One driver's defect must not take every other device with it."""
        try:
            call()
        except Exception:
            log.exception("a device callback failed")
