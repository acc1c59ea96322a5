"""Which orders are being prepared and which are ready: the numbers on the screen over the counter.

    paid ─► preparing ─ staff, or a scan ─► ready ─ collected, or some minutes ─► gone
               └─ nobody said anything for long ────────────────────────────────► gone

    {"0001…1623": {"state": "ready", "at_ms": 1790000000000}}

That there is an order the ledger says; only what staff said of it is kept in a small file beside
the ledger. A file that cannot be read makes orders "preparing" again. An order has the number of
its table, or the one to pick it up by; where two have the same, the older one is meant.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kiosk.config import Restaurant
from kiosk.config import Shop as ShopSettings
from kiosk.disk import write_whole
from kiosk.domain.owed import due_after
from kiosk.domain.payment import Payment, State
from kiosk.domain.receipt import pick_up_number
from kiosk.domain.serving import Serving, serving_of
from kiosk.ledger import Ledger, LedgerError
from kiosk.messages.menu import OrdersShown
from kiosk.messages.staff import OrderRow
from kiosk.showing import names

PREPARING, READY, COLLECTED = "preparing", "ready", "collected"
MOST_ORDERS = 2_000  # looked at after a start
MINUTE_MS = 60_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """What staff said of an order, and when."""

    state: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class _Order:
    out_trade_no: str
    serving: Serving
    paid_ms: int

    @property
    def number(self) -> str:
        return self.serving.table or pick_up_number(self.out_trade_no)


class Board:
    """Used by the checkout's thread only; `tell` is the way to the screen over the counter."""

    def __init__(
        self,
        path: Path,
        ledger: Ledger,
        clock_ms: Callable[[], int],
        times: Restaurant,
        shop: ShopSettings,
        tell: Callable[[OrdersShown], object],
    ) -> None:
        """Raises LedgerError."""
        self._path, self._ledger, self._clock_ms = path, ledger, clock_ms
        self._preparing_ms = round(times.preparing_minutes * MINUTE_MS)
        self._ready_ms = round(times.ready_minutes * MINUTE_MS)
        self._shop, self._tell = shop, tell
        self._orders: dict[str, _Order] = {}
        self._marks = _read(path)
        self._told: OrdersShown | None = None
        since = clock_ms() - self._preparing_ms - self._ready_ms
        for payment in reversed(ledger.recent(since, MOST_ORDERS)):
            self.paid(payment)

    def paid(self, payment: Payment) -> None:
        """A payment took a step; one that completes an order puts it on the board, once."""
        if payment.state is not State.PAID or payment.out_trade_no in self._orders:
            return
        try:
            basket = self._ledger.basket_of(payment.out_trade_no) or {}
        except LedgerError:
            log.exception("not on the board out_trade_no=%s", payment.out_trade_no)
            return
        serving = serving_of(basket)
        if serving and not due_after(payment, basket):
            order = _Order(payment.out_trade_no, serving, payment.created_ms)
            self._orders[order.out_trade_no] = order

    def mark(self, number: str, state: str) -> bool:
        """Staff say how an order stands; False: there is none with that number to say it of.

        `number` is the one that is called out, or the whole one of its slip or ticket. Raises
        OSError when the disk does not keep it; then nothing has changed.
        """
        order = next((x for x in self._there() if self._meant(x, number, state)), None)
        if order is None or state not in (PREPARING, READY, COLLECTED):
            return False
        if self._state(order) == state:
            return True
        marks = {key: mark for key, mark in self._marks.items() if key in self._orders}
        marks[order.out_trade_no] = Mark(state, self._clock_ms())
        write_whole(self._path, json.dumps(msgspec.to_builtins(marks)))
        self._marks = marks
        log.info("order %s out_trade_no=%s", state, order.out_trade_no)
        return True

    def rows(self) -> tuple[OrderRow, ...]:
        """For the staff's screen, oldest first."""
        now = self._clock_ms()
        return tuple(
            OrderRow(
                order.number,
                self._state(order),
                max(0, now - order.paid_ms) // MINUTE_MS,
                order.serving.service,
            )
            for order in self._there()
        )

    def shown(self) -> OrdersShown:
        """The board, whole."""
        found = [(self._state(order), order.number) for order in self._there()]
        return OrdersShown(
            preparing=tuple(number for state, number in found if state == PREPARING),
            ready=tuple(number for state, number in found if state == READY),
            language=self._shop.language,
            shop=names(self._shop),
        )

    def greet(self) -> None:
        """A board came up: tell it all."""
        self._told = self.shown()
        self._tell(self._told)

    def tick(self) -> None:
        """Time has passed, or something was said; whatever changed, the board hears of it."""
        if self.shown() != self._told:
            self.greet()

    # --- inside ---------------------------------------------------------------------------------

    def _there(self) -> list[_Order]:
        """The orders that have not gone, oldest first; those that have are forgotten."""
        gone = [key for key, order in self._orders.items() if self._gone(order)]
        for key in gone:
            if self._clock_ms() - self._orders[key].paid_ms > self._preparing_ms + self._ready_ms:
                del self._orders[key]
        return [order for order in self._orders.values() if not self._gone(order)]

    def _gone(self, order: _Order) -> bool:
        mark, now = self._marks.get(order.out_trade_no), self._clock_ms()
        if mark is not None and mark.state == COLLECTED:
            return True
        if mark is not None and mark.state == READY:
            return now - mark.at_ms >= self._ready_ms
        return now - order.paid_ms >= self._preparing_ms

    def _state(self, order: _Order) -> str:
        mark = self._marks.get(order.out_trade_no)
        return PREPARING if mark is None else mark.state

    def _meant(self, order: _Order, number: str, state: str) -> bool:
        if number == order.out_trade_no:
            return True
        return number == order.number and self._state(order) != state


def _read(path: Path) -> dict[str, Mark]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Mark])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        log.warning("what is ready is forgotten cause=%s", error)
        return {}
