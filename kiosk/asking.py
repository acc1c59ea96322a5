"""Whether a shopper waits for the staff, for whoever looks from elsewhere; safe for threads.

checkout ─► `note`     help was called, so many questions are open
uplink   ◄─ `summary`  for the health report, which goes up at once when it changes
fleet    ─► `come`     somebody is on the way: the shopper reads it
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Asked:
    """`since_ms`: when help was called (None: it is not); `held`: questions that are open."""

    since_ms: int | None = None
    held: int = 0
    coming: bool = False


class Asking:
    """What is asked of the staff now; listeners are called on the thread that has news."""

    def __init__(self, on_coming: Callable[[], object] = lambda: None) -> None:
        """`on_coming` hears that somebody is on the way, for the screen."""
        self._lock = threading.Lock()
        self._now = Asked()
        self.on_news: Callable[[], object] = lambda: None
        """It is asked, or not any more, for whom that is sent to."""
        self.on_coming = on_coming

    @property
    def coming(self) -> bool:
        """Whether the shopper was told that somebody is on the way."""
        return self._now.coming

    def note(self, now_ms: int, *, called: bool, held: int) -> None:
        """What the counter knows; it may be the same as before."""
        with self._lock:
            before = self._now
            waits = called or held > 0
            since = (before.since_ms if before.since_ms is not None else now_ms) if called else None
            self._now = Asked(since, held, before.coming and waits)
            news = (since, held) != (before.since_ms, before.held)
        if news:
            self.on_news()

    def come(self) -> bool:
        """Somebody is on the way; False where nobody waits for him."""
        with self._lock:
            if self._now.since_ms is None and not self._now.held:
                return False
            self._now = replace(self._now, coming=True)
        self.on_coming()
        self.on_news()
        return True

    def summary(self) -> dict[str, int | bool | None]:
        """As the health report says it."""
        now = self._now
        return {"called_ms": now.since_ms, "held": now.held, "coming": now.coming}
