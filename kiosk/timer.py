"""The core's one timer: work with a name and a time, done by a few threads.

Two pieces of work of the same name never run together, so a name is an owner: all that happens to
one payment happens one after the other, while another's ten-second time-out holds nobody up.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

Work = Callable[[float], float | None]
"""Takes the time now; answers when it wants to run again, or None."""

log = logging.getLogger(__name__)


@dataclass(order=True, slots=True)
class _Entry:
    due: float
    order: int
    name: str = field(compare=False)
    work: Work = field(compare=False)


class Timer:
    """Runs work when it is due; `now` is a steady clock in seconds."""

    def __init__(self, now: Callable[[], float], workers: int = 4) -> None:
        self._now = now
        self._heap: list[_Entry] = []
        self._busy: set[str] = set()
        self._held: dict[str, list[_Entry]] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="jobs")
        self._thread = threading.Thread(target=self._run, name="timer", daemon=True)

    def start(self) -> None:
        """Begin; what was put before waits for this."""
        self._thread.start()

    def put(self, name: str, work: Work, due: float = 0.0) -> None:
        """Run `work` at `due` (at once by default), after what runs under the same name."""
        with self._changed:
            heapq.heappush(self._heap, _Entry(due, next(self._numbers), name, work))
            self._changed.notify()

    def stop(self) -> None:
        """Start nothing more; what runs is left to end by its own deadline."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                entry = self._next()
                if entry is None:
                    wait = self._heap[0].due - self._now() if self._heap else None
                    self._changed.wait(None if wait is None else max(wait, 0.001))
                    continue
                self._busy.add(entry.name)
                self._pool.submit(self._do, entry)

    def _next(self) -> _Entry | None:
        """What is due and free to run; what is due but held by its name is put aside."""
        while self._heap and self._heap[0].due <= self._now():
            entry = heapq.heappop(self._heap)
            if entry.name not in self._busy:
                return entry
            self._held.setdefault(entry.name, []).append(entry)
        return None

    def _do(self, entry: _Entry) -> None:
        again: float | None = None
        try:
            again = entry.work(self._now())
        except Exception:
            # A defect in one piece of work must not end all the others.
            log.exception("job failed name=%s", entry.name)
        with self._changed:
            self._busy.discard(entry.name)
            for held in self._held.pop(entry.name, []):
                heapq.heappush(self._heap, held)
            if again is not None:
                entry.due, entry.order = again, next(self._numbers)
                heapq.heappush(self._heap, entry)
            self._changed.notify()
