"""What suites have in common: something that a person does, and waiting for what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable

Act = Callable[[], None]


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether ``true`` became so in time; for things that other threads bring about."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
