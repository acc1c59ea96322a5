"""The payments or refunds that a start found open, stepped one after the other.

However many there are, and however long a dead channel lets each of them wait, they hold one of the
timer's threads: whoever pays now, the printer and the look at the channel have the others.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

Step = Callable[[str, float], float | None]
"""Takes a number and the time now; answers when its next step is due, None: it is final."""


class Backlog:
    """A piece of the timer's work: one step a run, of whatever is due first."""

    def __init__(self, numbers: Iterable[str], step: Step) -> None:
        """The first of `numbers` comes first; all are due at once."""
        self._due = [(0.0, order, number) for order, number in enumerate(numbers)]
        self._step = step

    def work(self, now: float) -> float | None:
        """Take one step, if one is due; answers when the next is, None after the last."""
        if not self._due:
            return None
        due, order, number = self._due[0]
        if due <= now:
            again = self._stepped(number, now)
            if again is None:
                heapq.heappop(self._due)
            else:
                heapq.heapreplace(self._due, (again, order, number))
        return self._due[0][0] if self._due else None

    def _stepped(self, number: str, now: float) -> float | None:
        try:
            return self._step(number, now)
        except Exception:
            # One that cannot be stepped (its channel is not configured any more) stops no other.
            log.exception("step failed number=%s", number)
            return None
