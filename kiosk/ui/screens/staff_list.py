"""The staff's page of lists: payments, what is open on top; and the state of every part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kivy.app import App
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.messages.staff import PartShown, PaymentRow, StaffShowing
from kiosk.ui.controls import Tap
from kiosk.ui.layout import Page

LOOKS = {
    "PAID": ("check", "good"),
    "DONE": ("check", "good"),
    "PAID_LATE": ("warn", "stop"),
    "LOST": ("warn", "stop"),
    "ABNORMAL": ("warn", "stop"),
    "DECLINED": ("closed", "soft"),
    "CANCELLED": ("closed", "soft"),
    "REVERSED": ("closed", "soft"),
    "CLOSED": ("closed", "soft"),
    "": ("receipt", "soft"),
    "good": ("check", "good"),
    "bad": ("warn", "stop"),
}
"""Icon and colour of a state; every other is still open."""
OPEN = ("clock", "wait")
LONG = 120  # minutes from which an age is told in hours


class Tab(Tap):
    """One of the two halves of the page."""

    key = StringProperty("")
    count = NumericProperty(0)
    chosen = BooleanProperty(False)
    stop = BooleanProperty(False)


class PaymentLine(Tap):
    """One payment of the list."""

    icon = StringProperty("")
    tint = ColorProperty("#000000")
    number = ""

    def show(self, row: PaymentRow) -> None:
        """Take over a payment."""
        self.number = row.out_trade_no
        dress(self, row.state)
        self.ids.at.text = row.at
        self.ids.state.key = f"staff.state.{row.state.lower()}"
        if row.lacking:
            dress(self, "bad")
            self.ids.state.key = "staff.goods.lacking"
        self.ids.number.text = f"…{row.out_trade_no[-8:]}"
        minutes = row.minutes
        self.ids.age.args = {"minutes": minutes, "hours": (minutes or 0) // 60}
        self.ids.age.key = (
            "" if minutes is None else "staff.age" if minutes < LONG else "staff.age_hours"
        )
        self.ids.amount.fen = self.ids.amount.shown = row.fen  # another row, not another amount


class PartLine(FloatLayout):
    """One part of the kiosk."""

    icon = StringProperty("")
    tint = ColorProperty("#000000")
    place = NumericProperty(0)
    part = StringProperty("")
    __events__ = ("on_try",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._button: Widget = self.ids.button.__self__

    def show(self, part: PartShown) -> None:
        """Take over its state, and what came of a trial."""
        self.part = part.name
        self.remove_widget(self._button)
        if part.may_try:
            self.add_widget(self._button)
        dress(self, part.condition)
        key = f"staff.device.{part.name}"
        known = App.get_running_app().catalogue.has(key)
        self.ids.name.key = key if known else ""
        self.ids.plain.text = "" if known else part.name
        self.ids.state.key = f"staff.part_{part.condition}"
        self.ids.cause.text, self.ids.mend.text = part.cause, part.mend
        tried = self.ids.tried
        tried.args, tried.key = part.args, part.tried
        theme = App.get_running_app().theme
        tried.color = {"well": theme.good, "badly": theme.stop}.get(part.went, theme.wait)
        self.ids.mend.opacity = self.ids.cause.opacity = 0 if part.tried else 1

    def on_try(self) -> None:
        """What it does stands with its owner."""


def dress(line: Widget, state: str) -> None:
    """Give it the icon and the colour of a state."""
    icon, colour = LOOKS.get(state, OPEN)
    line.icon = icon
    line.tint = getattr(App.get_running_app().theme, colour)


class Pages(FloatLayout):
    """Rows of one height, as many as fit; more are on the next page. Widgets are used again."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    row_height = NumericProperty(1)
    make = ObjectProperty(None)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.items: Sequence[object] = ()
        self._rows: list[Widget] = []
        self.bind(size=lambda *_: self._lay(), pos=lambda *_: self._lay())

    def begin(self, make: Callable[[int], Widget]) -> None:
        """`make(place)` builds a row with a method `show(item)`."""
        self.make = make

    def show(self, items: Sequence[object]) -> None:
        """Show these; nothing is drawn again that is the same."""
        if items != self.items:
            self.items = items
            self._lay()

    def turn(self, by: int) -> None:
        """To another page."""
        self.page += by
        self._lay()

    def _lay(self) -> None:
        each = int((self.height + 1) // self.row_height)
        if each < 1 or self.make is None:
            return
        self.pages = max(-(-len(self.items) // each), 1)
        self.page = min(max(self.page, 0), self.pages - 1)
        seen = self.items[self.page * each : (self.page + 1) * each]
        top = self.y + self.height  # `self.top` is not told of a move before this is
        while len(self._rows) < len(seen):
            self._rows.append(self.make(len(self._rows)))
        self.clear_widgets()
        for place, item in enumerate(seen):
            row = self._rows[place]
            row.size_hint = None, None
            row.size = self.width, self.row_height
            row.pos = self.x, top - self.row_height * (place + 1)
            row.show(item)
            self.add_widget(row)


class PaymentList(Page):
    """`on_choose` has the number of a payment, `on_try` the name of a device."""

    parts = BooleanProperty(False)
    """Whether the parts are shown, not the payments."""
    pages = NumericProperty(1)
    page = NumericProperty(0)
    empty = BooleanProperty(False)
    __events__ = ("on_choose", "on_type", "on_home", "on_try")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._payments: Widget = self.ids.payments.__self__
        self._machine: Widget = self.ids.machine.__self__
        self._payments.begin(self._payment_line)
        self._machine.begin(self._part_line)
        for pages in (self._payments, self._machine):
            pages.bind(page=self._count, pages=self._count)
        self.turn_to(parts=False)

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        ids = self.ids
        ids.tab_payments.count = sum(
            row.minutes is not None or row.lacking for row in staff.payments
        )
        ids.tab_parts.count = sum(part.condition == "bad" for part in staff.parts)
        self._payments.show(staff.payments)
        self._machine.show(staff.parts)
        self.empty = not staff.payments and not self.parts

    def turn_to(self, *, parts: bool) -> None:
        """The payments, or the parts."""
        self.parts = parts
        self.ids.place.clear_widgets()
        self.ids.place.add_widget(self._machine if parts else self._payments)
        self.empty = not self._payments.items and not parts
        self._count()

    def turn(self, by: int) -> None:
        """To another page of what is shown."""
        (self._machine if self.parts else self._payments).turn(by)

    def _count(self, *_: object) -> None:
        shown = self._machine if self.parts else self._payments
        self.page, self.pages = shown.page, shown.pages
        if self.get_root_window() is not None:
            App.get_running_app().stage.change_in_place()

    def _payment_line(self, place: int) -> PaymentLine:
        line = PaymentLine(name=f"payment.{place}")
        line.bind(on_tap=lambda *_: self.dispatch("on_choose", line.number))
        return line

    def _part_line(self, place: int) -> PartLine:
        line = PartLine(place=place)
        line.bind(on_try=lambda *_: self.dispatch("on_try", line.part))
        return line

    def on_try(self, name: str) -> None:
        """What it does stands with its owner."""

    def on_choose(self, out_trade_no: str) -> None:
        """What it does stands with its owner."""

    def on_type(self) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""
