"""What of a payment did not come out, for the staff: kitchen tickets and drops, with what to do.

A ticket is printed once more, as a COPY; of a drop staff say whether they handed the goods over.
"""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command
from kiosk.messages.staff import CloseDrop, GoodsRow, PaymentShown, PrintTicket
from kiosk.ui.screens.staff_list import dress
from kiosk.ui.words import named

DEEDS = {"ticket": ("ticket",), "close": ("handed", "kept")}
LOOKS = {"copied": "good", "handed": "good", "not_handed": "CLOSED", "waiting": ""}
"""The look of a state in the list; every other one needs the staff."""


class GoodsLine(BoxLayout):
    """One ticket or drop, with what can be done about it."""

    icon = StringProperty("")
    tint = ColorProperty("#000000")
    place = NumericProperty(0)
    busy = BooleanProperty(False)
    __events__ = ("on_ticket", "on_close")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        # Kept here: a widget that is in no other is gone else.
        self._deeds = {name: self.ids[name].__self__ for names in DEEDS.values() for name in names}

    def show(self, row: GoodsRow, language: str) -> None:
        """Take over a ticket or a drop."""
        dress(self, LOOKS.get(row.state, "bad"))
        self.ids.deeds.clear_widgets()
        for name in DEEDS.get(row.may, ()):
            self.ids.deeds.add_widget(self._deeds[name])
        self.ids.kind.key = f"staff.goods.{row.kind}"
        self.ids.name.text = named(row.names, language)
        self.ids.state.key = f"staff.goods.{row.state}"

    def on_ticket(self) -> None:
        """What it does stands with its owner."""

    def on_close(self, handed: bool) -> None:  # noqa: FBT001 - an event's argument
        """What it does stands with its owner."""


class GoodsList(BoxLayout):
    """The first few that wait for the staff, then the others; `on_act` has a command."""

    more = NumericProperty(0)
    busy = BooleanProperty(False)
    __events__ = ("on_act",)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._lines: list[GoodsLine] = []
        self._number = ""
        self._keys: list[str] = []

    def show(self, payment: PaymentShown, language: str, most: int) -> None:
        """Take over what the core says; at most so many are shown, the next when one is done."""
        rows = payment.goods
        first = sorted(rows, key=lambda row: not row.may)[:most]
        self._number, self._keys = payment.out_trade_no, [row.key for row in first]
        self.more = sum(bool(row.may) for row in rows) - sum(bool(row.may) for row in first)
        while len(self._lines) < len(first):
            self._lines.append(self._line(len(self._lines)))
        self.ids.lines.clear_widgets()
        for line, row in zip(self._lines, first, strict=False):
            self.ids.lines.add_widget(line)
            line.show(row, language)

    def _line(self, place: int) -> GoodsLine:
        line = GoodsLine(place=place)
        self.bind(busy=line.setter("busy"))
        line.bind(
            on_ticket=lambda _line: self._act(PrintTicket(self._number, self._keys[place])),
            on_close=lambda _line, handed: self._act(
                CloseDrop(self._number, self._keys[place], handed)
            ),
        )
        return line

    def _act(self, command: Command) -> None:
        self.dispatch("on_act", command)

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""
