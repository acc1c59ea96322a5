"""The two pages that staff of a restaurant have more: what is sold out, and which orders are ready.

PAYMENTS ─ShowDishes─► DISHES      SetSoldOut
         ─ShowOrders─► ORDERS      SetReady, or the scan of a slip or a kitchen ticket: it is ready
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kiosk.board import READY
from kiosk.kitchen import Kitchen
from kiosk.menu_card import rows
from kiosk.messages.staff import (
    SetReady,
    SetSoldOut,
    ShowDishes,
    ShowOrders,
    StaffPage,
    StaffShowing,
)
from kiosk.staff.number import read_number

KitchenDeed = ShowDishes | ShowOrders | SetSoldOut | SetReady

log = logging.getLogger(__name__)


class Hint(Protocol):
    """Says a remark over the screen."""

    def __call__(self, key: str, *, good: bool = False) -> None: ...


class KitchenDesk:
    """Used by the checkout's thread only; without a kitchen there are no such pages."""

    def __init__(
        self,
        kitchen: Kitchen | None,
        note: Callable[[str], object],
        hint: Hint,
        refresh: Callable[[], object],
    ) -> None:
        self._kitchen = kitchen
        self._note, self._hint, self._refresh = note, hint, refresh
        self._page: StaffPage | None = None

    def act(self, command: KitchenDeed) -> None:
        """Staff touched something of these pages."""
        if self._kitchen is None:
            log.debug("there is no kitchen")
            return
        match command:
            case ShowDishes():
                self._page = StaffPage.DISHES
            case ShowOrders():
                self._page = StaffPage.ORDERS
            case SetSoldOut(code=code, sold_out=sold_out):
                self._mark(self._kitchen, code, sold_out=sold_out)
            case SetReady(number=number, state=state):
                self._set(self._kitchen, number, state)
        self._refresh()

    def scanned(self, text: str) -> bool:
        """A slip or ticket was held to the scanner; whether it was for the orders."""
        if self._page is not StaffPage.ORDERS:
            return False
        self.act(SetReady(read_number(text) or text, READY))
        return True

    def leave(self) -> None:
        """Back to the payments."""
        self._page = None

    def over(self, staff: StaffShowing) -> StaffShowing:
        """The staff's screen with what it has more here; a payment that is looked at covers it."""
        kitchen = self._kitchen
        if kitchen is None:
            return staff
        staff = replace(staff, restaurant=True)
        if self._page is None or staff.payment is not None:
            return staff
        if self._page is StaffPage.ORDERS:
            return replace(staff, page=self._page, orders=kitchen.board.rows())
        dishes = tuple(rows(kitchen.stock.menu, kitchen.stock.sold_out()))
        return replace(staff, page=self._page, dishes=dishes)

    # --- inside ---------------------------------------------------------------------------------

    def _mark(self, kitchen: Kitchen, code: str, *, sold_out: bool) -> None:
        try:
            known = kitchen.stock.mark(code, sold_out=sold_out)
        except OSError:
            log.exception("not kept: %s sold_out=%s", code, sold_out)
            self._hint("staff.failed")
            return
        if known:
            self._note(f"{code} {'sold out' if sold_out else 'there again'}")
        else:
            self._hint("staff.failed")

    def _set(self, kitchen: Kitchen, number: str, state: str) -> None:
        try:
            known = kitchen.board.mark(number, state)
        except OSError:
            log.exception("not kept: order %s %s", number, state)
            known = False
        self._hint(f"staff.order_{state}" if known else "staff.no_such_order", good=known)
