"""The kiosks that wait for news: a task each, no thread and no connection to the database.

A ring for one terminal wakes it; a ring for a whole merchant wakes all of his, spread over a second
or two, so that a thousand of them do not ask the database in the same moment.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict

from fleet.down.bell import EVERYBODY
from fleet.who import Who

SPREAD = 1.0  # seconds


class Waiting:
    """Belongs to the event loop; `hear` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: defaultdict[str, dict[asyncio.Event, str]] = defaultdict(dict)

    def open(self) -> None:
        """Wake whoever waits in the loop that runs now."""
        self._loop = asyncio.get_running_loop()

    def hear(self, who: Who) -> None:
        """There is news for the terminal, or for EVERYBODY of the merchant."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake, who)

    def enter(self, who: Who) -> asyncio.Event:
        """From now on rings for the terminal are heard; `leave` ends it."""
        rung = asyncio.Event()
        self._waiting[who.merchant_id][rung] = who.terminal_id
        return rung

    def leave(self, who: Who, rung: asyncio.Event) -> None:
        """Hear no more."""
        del self._waiting[who.merchant_id][rung]
        if not self._waiting[who.merchant_id]:
            del self._waiting[who.merchant_id]

    def _wake(self, who: Who) -> None:
        loop = asyncio.get_running_loop()
        for rung, terminal_id in self._waiting.get(who.merchant_id, {}).items():
            if who.terminal_id == terminal_id:
                rung.set()
            elif who.terminal_id == EVERYBODY:
                loop.call_later(random.uniform(0, SPREAD), rung.set)  # noqa: S311


async def heard(rung: asyncio.Event, seconds: float) -> bool:
    """Whether there was a ring since `enter`, or there is one within the time."""
    try:
        await asyncio.wait_for(rung.wait(), seconds)
    except TimeoutError:
        return False
    rung.clear()
    return True
