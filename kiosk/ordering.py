"""How a diner orders: how he eats, at which table, what of the menu.

    SERVICE ─► TABLE ─► MENU ◄─► BASKET ─► TENDER …
       │                 ▲ │
       └─────────────────┘ └─► TENDER

SERVICE is left out where there is one way only, TABLE where no table has a number. Whoever was
asked before and is asked again keeps what he said until he has said something else. What sells out
while it is in a basket is named when he wants to pay, and nothing is paid before it is out.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from kiosk.channels.codes import Member, Scan
from kiosk.counter import Counter
from kiosk.domain.basket import LimitReached
from kiosk.domain.menu import choose
from kiosk.domain.payment import Payment, State
from kiosk.domain.serving import EAT_IN, Serving
from kiosk.goods import Shelf
from kiosk.kitchen import Kitchen
from kiosk.menu_card import card
from kiosk.messages import (
    Command,
    Hinting,
    Pay,
    RemoveLine,
    Screen,
    SetMember,
    SetQuantity,
    Text,
)
from kiosk.messages.menu import AddDish, ChooseService, SetTable, ShowOrder, SoldOut
from kiosk.shopping import Shopping
from kiosk.tender import Tender
from kiosk.till import Till
from kiosk.visit import Visit

ORDER_FIRST = "hint.order_first"

_TABLE = re.compile(r"[1-9]\d{0,3}", re.ASCII)

log = logging.getLogger(__name__)


class Ordering:
    """The order of the visit at the counter, from this shelf's menu; on the checkout's thread."""

    def __init__(
        self, counter: Counter, tender: Tender, till: Till, shopping: Shopping, kitchen: Kitchen
    ) -> None:
        """`shopping` changes the lines of the order as it changes those of any basket."""
        self._counter, self._tender = counter, tender
        self._shopping, self._kitchen, self._stock = shopping, kitchen, kitchen.stock
        self._asks = till.config.restaurant
        self._card = card(kitchen.stock.menu)
        self._told: tuple[str, ...] = ()
        counter.may_order = True
        counter.may_pick = lambda: False  # dishes have no bar code either, and are on the menu

    def stock(self, shelf: Shelf) -> None:
        """Serve from the menu of this shelf from now on; between two visits only."""
        self._shopping.stock(shelf)
        if shelf.menu is not None:
            self._stock.menu, self._card = shelf.menu, card(shelf.menu)

    # --- what is told ---------------------------------------------------------------------------

    def tell(self) -> None:
        """Show the menu, whole: a visit begins, or a ui came up."""
        self._counter.show(self._card)
        self._told = self._stock.sold_out()
        self._counter.show(SoldOut(self._told))

    def tick(self) -> None:
        """Time has passed; whatever changed what is sold out or ready, the screens hear of it."""
        self._kitchen.board.tick()
        now = self._stock.sold_out()
        if now != self._told:
            self._told = now
            self._counter.show(SoldOut(now))

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step."""
        if payment.state is State.PAID:
            self._kitchen.payment_changed(payment)
            self.tick()

    # --- what the diner does --------------------------------------------------------------------

    def begin(self, visit: Visit) -> Visit:
        """The first screen of a visit, with all that nobody has to be asked."""
        services = self._asks.services
        if len(services) > 1:
            return replace(visit, screen=Screen.SERVICE)
        return self._served(visit, services[0])

    def command(self, visit: Visit, command: Command) -> None:
        """The diner touched something where he orders."""
        match command:
            case ChooseService(service=""):
                self._ask_again(visit)
            case ChooseService(service=service) if service in self._asks.services:
                self._counter.set(self._served(visit, service))
            case SetTable(number=number) if visit.screen is Screen.TABLE:
                self._sit(visit, number)
            case AddDish() if visit.screen is Screen.MENU:
                self._add(visit, command)
            case ShowOrder() if visit.screen is Screen.MENU:
                self._counter.set(replace(visit, screen=Screen.BASKET))
            case Pay() if visit.screen in (Screen.MENU, Screen.BASKET):
                self._pay(visit)
            case SetQuantity() | RemoveLine() | SetMember() if visit.screen is Screen.BASKET:
                self._shopping.command(visit, command)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def scanned(self, visit: Visit, scan: Scan) -> None:
        """Something was scanned where he orders, and only a member's card means something there."""
        if isinstance(scan, Member):
            self._shopping.scanned(visit, scan)
        else:
            self._counter.hint("hint.pay_before_code" if visit.basket.lines else ORDER_FIRST)

    def back(self, visit: Visit) -> bool:
        """One step back; False where it leads out of the visit."""
        match visit.screen:
            case Screen.TABLE if len(self._asks.services) > 1:
                self._counter.set(replace(visit, screen=Screen.SERVICE))
            case Screen.TABLE | Screen.SERVICE if not visit.serving:
                return False
            case _:
                self._counter.set(replace(visit, screen=Screen.MENU))
        return True

    # --- inside ---------------------------------------------------------------------------------

    def _served(self, visit: Visit, service: str) -> Visit:
        """To the menu, or to the number of the table first."""
        if service == EAT_IN and self._asks.tables:
            return replace(visit, screen=Screen.TABLE)
        return replace(visit, screen=Screen.MENU, serving=Serving(service))

    def _ask_again(self, visit: Visit) -> None:
        if len(self._asks.services) > 1:
            self._counter.set(replace(visit, screen=Screen.SERVICE))
        else:
            self._counter.set(self._served(visit, self._asks.services[0]))

    def _sit(self, visit: Visit, number: str) -> None:
        if _TABLE.fullmatch(number) and int(number) <= self._asks.tables:
            serving = Serving(EAT_IN, number)
            self._counter.set(replace(visit, screen=Screen.MENU, serving=serving))
        else:
            self._counter.hint("hint.no_such_table")

    def _add(self, visit: Visit, wanted: AddDish) -> None:
        menu, dish = self._stock.menu, self._stock.menu.dish(wanted.code)
        if dish is None:
            self._counter.hint("hint.options")
            return
        try:
            options = choose(menu.groups_of(dish), wanted.options)
            basket = visit.basket.add(dish.product, wanted.quantity, options)
        except LimitReached:
            self._counter.hint("hint.limit_reached")
            return
        except ValueError:
            self._counter.hint("hint.options")
            return
        # All of this dish, as if each had what was chosen now: what he has already is told at Pay.
        alike = [x for x in basket.lines if x.product == dish.product]
        if self._stock.lacking(replace(each, options=options) for each in alike):
            self._counter.hint("hint.sold_out")
        else:
            self._counter.set(visit.with_basket(basket))
            self._counter.show(Hinting(None, "tick"))

    def _pay(self, visit: Visit) -> None:
        if not visit.basket.lines:
            self._counter.hint(ORDER_FIRST)
        elif lacking := self._stock.lacking(visit.basket.lines):
            self._counter.set(replace(visit, screen=Screen.BASKET))
            name = {"name": lacking.product.name(visit.language)}
            self._counter.show(Hinting(Text("hint.sold_out_in_order", name), "error"))
        else:
            self._tender.begin(visit)
