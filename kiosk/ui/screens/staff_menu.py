"""The staff's pages of a restaurant: what is sold out, and which orders are ready.

dish or option ── sold out ◄─► there          the menu and the diner's screen follow at once
order ── preparing ─► ready ─► collected      so does the board over the counter
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.messages import Command
from kiosk.messages.menu import TAKE_AWAY
from kiosk.messages.staff import DishRow, OrderRow, SetReady, SetSoldOut, StaffShowing
from kiosk.ui.screens.staff_list import Pages
from kiosk.ui.screens.staff_payment import Deed
from kiosk.ui.words import named

PARTS = (Deed, Pages)
"""What the rules name, so that it is known when they are read."""


class DishLine(FloatLayout):
    """A dish or an option, whether it can be had, and the button that changes that."""

    code = StringProperty("")
    sold = BooleanProperty(False)
    tint = ColorProperty("#000000")
    __events__ = ("on_act",)

    def show(self, row: DishRow) -> None:
        """Take over a dish or an option."""
        language = App.get_running_app().language
        self.code, self.sold = row.code, row.sold_out
        self.ids.title.text = named(row.names, language)
        self.ids.of.text = named(row.of, language)

    def turn(self) -> None:
        """Sold out, or there again."""
        self.dispatch("on_act", SetSoldOut(self.code, not self.sold))

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""


class OrderLine(FloatLayout):
    """An order, its age, and what can become of it."""

    number = StringProperty("")
    ready = BooleanProperty(False)
    __events__ = ("on_act",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Kept here: a widget that is in no other is gone else.
        self._deeds = {name: self.ids[name].__self__ for name in ("ready", "collected", "undo")}

    def show(self, row: OrderRow) -> None:
        """Take over an order."""
        self.number, self.ready = row.number, row.state == "ready"
        self.ids.service.key = "menu.take_away" if row.service == TAKE_AWAY else "menu.eat_in"
        self.ids.age.args = {"minutes": row.minutes}
        self.ids.deeds.clear_widgets()
        for name in ("undo", "collected") if self.ready else ("ready",):
            self.ids.deeds.add_widget(self._deeds[name])

    def become(self, state: str) -> None:
        """Ready, collected, or preparing after all."""
        self.dispatch("on_act", SetReady(self.number, state))

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""


class MenuPage(BoxLayout):
    """Rows on pages; `on_act` has a command for the core, `on_home` is the way back."""

    title = StringProperty("")
    counted = StringProperty("")
    nothing = StringProperty("")
    count = NumericProperty(0)
    page = NumericProperty(0)
    pages = NumericProperty(1)
    empty = BooleanProperty(True)
    _language = ""
    __events__ = ("on_act", "on_home")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ids.rows.begin(self._line)
        self.ids.rows.bind(page=self._count, pages=self._count)

    def turn(self, by: int) -> None:
        """To another page."""
        self.ids.rows.turn(by)

    def _show(self, rows: tuple[object, ...]) -> None:
        language = App.get_running_app().language
        if language != self._language:  # the same rows say something else
            self._language = language
            self.ids.rows.show(())
        self.empty = not rows
        self.ids.rows.show(rows)

    def _count(self, *_: object) -> None:
        self.page, self.pages = self.ids.rows.page, self.ids.rows.pages
        if self.get_root_window() is not None:
            App.get_running_app().stage.change_in_place()

    def _line(self, place: int) -> Widget:
        line = self._new_line()
        line.bind(on_act=lambda _, command: self.dispatch("on_act", command))
        return line

    def _new_line(self) -> Widget:
        return Widget()

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""


class DishesPage(MenuPage):
    """What is sold out, dish by dish and option by option."""

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        self.count = sum(row.sold_out for row in staff.dishes)
        self._show(staff.dishes)

    def _new_line(self) -> Widget:
        return DishLine()


class OrdersPage(MenuPage):
    """The orders of the moment, oldest first."""

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        self.count = sum(row.state != "ready" for row in staff.orders)
        self._show(staff.orders)

    def _new_line(self) -> Widget:
        return OrderLine()
