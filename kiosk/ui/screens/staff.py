"""The staff's screen: its pages, and the pad for what is typed on each of them.

PIN ─► home ◄─► list ◄─► payment          the core says which
        │        └─ number └─ amount      typed here, over what the core shows
        ├─► approvals, parked, report     the core says which
        └─ why the till is closed         asked here, over what the core shows
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.input import MotionEvent
from kivy.uix.widget import Widget

from kiosk.messages import Command, Showing, StillThere, Text
from kiosk.messages.shift import TryPart
from kiosk.messages.staff import (
    CloseStaff,
    EnterPin,
    FindPayment,
    ShowDishes,
    ShowOrders,
    ShowPayments,
    StaffPage,
    StaffShowing,
    TurnTo,
)
from kiosk.ui.screens.staff_approvals import ApprovalsPage
from kiosk.ui.screens.staff_cash import CashPage
from kiosk.ui.screens.staff_drawer import CountPage, DrawerPage, OpenPage
from kiosk.ui.screens.staff_home import HomePage, WhyPage
from kiosk.ui.screens.staff_list import PaymentList
from kiosk.ui.screens.staff_menu import DishesPage, OrdersPage
from kiosk.ui.screens.staff_pad import Pad
from kiosk.ui.screens.staff_parked import ParkedPage
from kiosk.ui.screens.staff_payment import PaymentPage
from kiosk.ui.screens.staff_report import ReportPage
from kiosk.ui.view import View
from kiosk.ui.words import yuan

WHY = "why"
PAGES = {
    "approvals": StaffPage.APPROVALS,
    "payments": StaffPage.PAYMENTS,
    "parts": StaffPage.PAYMENTS,
    "parked": StaffPage.PARKED,
    "report": StaffPage.REPORT,
    "drawer": StaffPage.DRAWER,
}
KITCHEN: dict[str, Command] = {"dishes": ShowDishes(), "orders": ShowOrders()}
STILL_EVERY = 5.0  # seconds between words to the core that somebody is touching


class Staff(View):
    """Only the page that is seen is in the tree."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._pad, self._list, self._payment = Pad(), PaymentList(), PaymentPage()
        self._cash = CashPage()
        self._typing = ""
        self._at: tuple[StaffPage, str] | None = None
        self._showing: Showing | None = None
        self._said_still = 0.0
        self._pad.bind(
            on_digits=lambda _, typed: self._typed(typed), on_back=lambda _: self._back()
        )
        self._home, self._why = HomePage(), WhyPage()
        self._report, self._parked, self._drawer = ReportPage(), ParkedPage(), DrawerPage()
        self._approvals = ApprovalsPage()
        self._dishes, self._orders = DishesPage(), OrdersPage()
        self._count, self._open = CountPage(), OpenPage()
        self._asides: dict[str, Widget] = {
            WHY: self._why,
            "count": self._count,
            "open": self._open,
        }
        self._list.bind(
            on_choose=lambda _, number: self.act(FindPayment(number)),
            on_type=lambda _: self._type("number"),
            on_home=lambda _: self._turn(StaffPage.HOME),
            on_try=lambda _, name: self.act(TryPart(name)),
        )
        self._bind_shift()
        self._payment.bind(
            on_act=lambda _, command: self._do(command),
            on_part=lambda _: self._type("amount"),
            on_list=lambda _: self.act(ShowPayments()),
        )
        self._cash.bind(
            on_act=lambda _, command: self.act(command),
            on_list=lambda _: self.act(ShowPayments()),
            on_close=lambda _: self.act(CloseStaff()),
        )

    def _bind_shift(self) -> None:
        """The home page, and those that are reached from it alone."""
        self._home.bind(
            on_act=lambda _, command: self.act(command),
            on_page=lambda _, page: self._go_to(page),
            on_close=lambda _: self.act(CloseStaff()),
        )
        for aside in self._asides.values():
            aside.bind(on_act=lambda _, command: self._do(command), on_back=lambda _: self._back())
        shift = (self._report, self._parked, self._drawer, self._approvals)
        for page in (*shift, self._dishes, self._orders):
            page.bind(
                on_act=lambda _, command: self._do(command),
                on_home=lambda _: self._turn(StaffPage.HOME),
            )
        self._drawer.bind(on_ask=lambda _, use: self._ask_of_drawer(use))

    def update(self, showing: Showing, now: float) -> None:
        staff = showing.staff or StaffShowing(StaffPage.PIN)
        self._showing = showing
        at = (staff.page, _thing(staff))
        if at != self._at:
            moved, self._at = self._at is not None, at
            self._typing = "pin" if staff.page is StaffPage.PIN else ""
            if moved:
                App.get_running_app().stage.close_sheet()
            if self._typing:
                self._pad.begin("pin")
            self._put()
        self._home.show(staff)
        self._list.show(staff)
        self._report.show(staff)
        self._parked.show(staff)
        self._drawer.show(staff)
        self._approvals.show(staff, showing.language)
        self._dishes.show(staff)
        self._orders.show(staff)
        if staff.cash is not None:
            self._cash.show(staff.cash)
        if staff.payment is not None:
            self._payment.show(showing, staff.payment)
        self._say()

    def leave(self) -> None:
        self._at = None
        self._pad.clear()
        self._cash.forget()
        self._list.turn_to(parts=False)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Also a touch that the core does not hear of keeps the screen open."""
        now = self.options.clock()
        if now - self._said_still > STILL_EVERY:
            self._said_still = now
            self.act(StillThere())
        return bool(super().on_touch_down(touch))

    def _do(self, command: Command) -> None:
        self._end_typing()
        self.act(command)

    def _typed(self, typed: str) -> None:
        match self._typing:
            case "pin":
                self.act(EnterPin(typed))
            case "number":
                self.act(FindPayment(typed))
            case "amount":
                self._payment.refund(int(typed))
            case "float" | "in" | "out":
                self._drawer.move(self._typing, int(typed))

    def _back(self) -> None:
        if self._typing == "pin":
            self.act(CloseStaff())
        else:
            self._end_typing()

    def _turn(self, page: StaffPage) -> None:
        self.act(TurnTo(page))

    def _go_to(self, page: str) -> None:
        """From the home page to another one, or to the question for a reason."""
        if page == WHY:
            self._ask_aside(WHY)
            return
        if page in KITCHEN:
            self.act(KITCHEN[page])
            return
        self._list.turn_to(parts=page == "parts")
        self._turn(PAGES[page])

    def _ask_of_drawer(self, use: str) -> None:
        """An amount, a count, or why it is opened."""
        if use not in self._asides:
            self._type(use)
            return
        if use == "count":
            self._count.begin()
        self._ask_aside(use)

    def _ask_aside(self, use: str) -> None:
        self._typing = use
        self._put()

    def _type(self, use: str) -> None:
        self._typing = use
        self._pad.begin(use)
        self._say()
        self._put()

    def _say(self) -> None:
        """What stands above the digits."""
        showing, shown = self._showing, self._payment.shown
        said = None
        if self._typing == "pin" and showing is not None:
            said = showing.said
        elif self._typing == "amount" and shown is not None:
            said = Text("staff.left_is", {"amount": f"¥{yuan(shown.left_fen)}"})
        self._pad.say(said, held=bool(showing and showing.staff and showing.staff.busy))

    def _end_typing(self) -> None:
        if self._typing:
            self._typing = ""
            self._pad.clear()
            self._put()

    def _put(self) -> None:
        """The page that is to be seen now."""
        pages: dict[StaffPage, Widget] = {
            StaffPage.HOME: self._home,
            StaffPage.PAYMENT: self._payment,
            StaffPage.CASH: self._cash,
            StaffPage.REPORT: self._report,
            StaffPage.PARKED: self._parked,
            StaffPage.DRAWER: self._drawer,
            StaffPage.APPROVALS: self._approvals,
            StaffPage.DISHES: self._dishes,
            StaffPage.ORDERS: self._orders,
        }
        wanted: Widget = self._list if self._at is None else pages.get(self._at[0], self._list)
        if self._typing:
            wanted = self._asides.get(self._typing, self._pad)
        place = self.ids.place
        if place.children != [wanted]:
            place.clear_widgets()
            place.add_widget(wanted)
            App.get_running_app().stage.change_of_place()


def _thing(staff: StaffShowing) -> str:
    """What the page is about: one payment, and how far its cash is."""
    number = staff.payment.out_trade_no if staff.payment else ""
    return number if staff.cash is None else f"{number} {staff.cash.step.value}"


VIEW = Staff
