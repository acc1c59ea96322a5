"""Answers that several browsers look at: asked of the database once, for all who see the same rows.

An answer stands for the time that the asker names, and for twenty times as long as it took to find,
so a question that grows with the rows never holds the database for more than a twentieth.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

KEPT = 1_000  # answers
SHARE = 20

T = TypeVar("T")


@dataclass(slots=True)
class _Answer:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    value: Any = None
    until: float = 0.0


class Shared:
    """For one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()

    async def ask(self, key: Hashable, seconds: float, question: Callable[[], T]) -> T:
        """The answer to a question that is known by its key, at most about `seconds` old."""
        answer = self._answers.setdefault(key, _Answer())
        self._answers.move_to_end(key)
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        async with answer.lock:
            begun = self._clock()
            if begun >= answer.until:
                answer.value = await run_in_threadpool(question)
                ended = self._clock()
                answer.until = ended + max(seconds, SHARE * (ended - begun))
            value: T = answer.value
            return value
