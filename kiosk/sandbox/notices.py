"""What the wallet still has to tell the merchant by itself.

A notice is due for every order and refund with a notify_url that has come to its end, whatever
brought it there: the list is a question asked of the books, not a hook in them. It is repeated
after 15 s, 15 s, 30 s, 3 min … 6 h until it is accepted; after the last time it is given up.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.sandbox.order import Order, Wire
from kiosk.sandbox.parts import Parts
from kiosk.sandbox.refund import Refund

_MINUTE, _HOUR = 60.0, 3600.0
RETRY_AFTER = (
    *(15.0, 15.0, 30.0, 3 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE),
    *(30 * _MINUTE, 30 * _MINUTE, 30 * _MINUTE, _HOUR),
    *(3 * _HOUR, 3 * _HOUR, 3 * _HOUR, 6 * _HOUR, 6 * _HOUR),
)

_NEW = """
INSERT INTO notice (event_id, kind, number, out_trade_no, url, created_at, due_at)
SELECT lower(hex(randomblob(16))), kind, number, out_trade_no, url, at, at FROM untold"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell; the same event_id however often it is told."""

    id: int
    event_id: str
    kind: str
    number: str
    out_trade_no: str
    url: str
    created_at: float
    tries: int
    due_at: float | None
    held: int

    @property
    def out_refund_no(self) -> str:
        """The refund it is about; "" for a payment."""
        return self.number if self.kind == "refund" else ""


@dataclass(frozen=True, slots=True)
class News:
    """What a notice tells: an order that was paid, or the refund of it that has ended."""

    order: Order
    refund: Refund | None

    @property
    def wire(self) -> Wire:
        """Who asked for it, and hears of it."""
        return self.order.wire if self.refund is None else self.refund.wire


class Notices:
    """The notices, done and to come. Every method runs inside the caller's transaction."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._books = parts.books

    def due(self) -> list[Notice]:
        """Those to be sent now, new ones with them, the oldest first."""
        self._store.run(_NEW)
        rows = self._store.all(
            "SELECT * FROM notice WHERE due_at <= ? AND NOT held ORDER BY due_at, id",
            self._clock.now(),
        )
        return [Notice(**row) for row in rows]

    def news(self, notice: Notice) -> News | None:
        """What it tells, as it is now; None where all was forgotten."""
        order = self._books.orders.find(notice.out_trade_no)
        if order is None:
            return None
        return News(order, self._books.refunds.find(notice.out_refund_no))

    def put_off(self, notice: Notice, seconds: float) -> None:
        """Send it later, as if nothing had happened."""
        self._set_due(notice, notice.tries, self._clock.now() + seconds)

    def hold(self, notice: Notice) -> None:
        """Send it only after the next other one."""
        self._store.run("UPDATE notice SET held = 1 WHERE id = ?", notice.id)

    def accepted(self, notice: Notice) -> None:
        """It is done; who was held back for it follows."""
        self._set_due(notice, notice.tries + 1, None)
        self._store.run("UPDATE notice SET held = 0 WHERE held")

    def failed(self, notice: Notice) -> None:
        """Nobody took it: again later, or given up."""
        wait = RETRY_AFTER[notice.tries] if notice.tries < len(RETRY_AFTER) else None
        due_at = None if wait is None else self._clock.now() + self._clock.span(wait)
        self._set_due(notice, notice.tries + 1, due_at)

    def _set_due(self, notice: Notice, tries: int, due_at: float | None) -> None:
        self._store.run(
            "UPDATE notice SET tries = ?, due_at = ? WHERE id = ?", tries, due_at, notice.id
        )
