"""What a restaurant has beside a till: what of its menu there is, and what becomes of orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.board import Board
from kiosk.config import Config
from kiosk.domain.menu import Menu
from kiosk.domain.payment import Payment
from kiosk.ledger import Ledger
from kiosk.messages.menu import OrdersShown
from kiosk.stock import Stock


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Used by the checkout's thread only."""

    stock: Stock
    board: Board

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step: what is paid is prepared, and gone from what is left."""
        self.stock.paid(payment)
        self.board.paid(payment)


def kitchen_of(
    config: Config,
    menu: Menu | None,
    ledger: Ledger,
    clock_ms: Callable[[], int],
    tell: Callable[[OrdersShown], object],
) -> Kitchen | None:
    """The kitchen of a shop with a menu; `tell` is the way to the board. Raises LedgerError."""
    if menu is None:
        return None
    state = config.paths.state
    stock = Stock(menu, state / "sold_out.json", ledger, clock_ms)
    times = config.restaurant
    return Kitchen(stock, Board(state / "orders.json", ledger, clock_ms, times, config.shop, tell))
