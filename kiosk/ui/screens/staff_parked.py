"""The baskets that wait: oldest on top; a touch asks whether to go on with it or to clear it."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command
from kiosk.messages.shift import DropParked, ParkedRow, ResumeParked
from kiosk.messages.staff import StaffShowing
from kiosk.ui.controls import Tap
from kiosk.ui.overlays import Sheet
from kiosk.ui.screens.staff_list import LONG, Pages
from kiosk.ui.words import yuan

PARTS = (Pages,)
"""What the rules name, so that it is known when they are read."""


class ParkedLine(Tap):
    """One basket of the list."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.row: ParkedRow | None = None

    def show(self, row: ParkedRow) -> None:
        """Take over a basket."""
        self.row, ids = row, self.ids
        ids.number.text = row.number[-4:]
        ids.at.text = row.at
        ids.count.args = {"count": row.count}
        ids.age.args = {"minutes": row.minutes, "hours": row.minutes // 60}
        ids.age.key = "staff.age" if row.minutes < LONG else "staff.age_hours"
        ids.amount.fen = ids.amount.shown = row.fen


class ParkedPage(BoxLayout):
    """`on_act` has a command for the core; `on_home` goes back."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    empty = BooleanProperty(False)
    __events__ = ("on_act", "on_home")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        rows = self.ids.rows
        rows.begin(self._line)
        rows.bind(page=self._count, pages=self._count)

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        self.empty = not staff.parked
        self.ids.rows.show(staff.parked)

    def turn(self, by: int) -> None:
        """To another page of it."""
        self.ids.rows.turn(by)

    def _line(self, place: int) -> ParkedLine:
        line = ParkedLine(name=f"parked.{place}")
        line.bind(on_tap=lambda *_: self._ask(line.row))
        return line

    def _ask(self, row: ParkedRow | None) -> None:
        if row is None:
            return
        App.get_running_app().stage.open_sheet(
            Sheet(
                lambda: self.dispatch("on_act", ResumeParked(row.number)),
                lambda: self.dispatch("on_act", DropParked(row.number)),
                title="staff.park.sheet",
                sentences=["staff.park.resume_text", "staff.park.drop_text"],
                accept="staff.park.resume",
                extra="staff.park.drop",
                close="staff.cancel",
                args={"number": row.number[-4:], "amount": f"¥{yuan(row.fen)}"},
            )
        )

    def _count(self, *_: object) -> None:
        self.page, self.pages = self.ids.rows.page, self.ids.rows.pages
        if self.get_root_window() is not None:
            App.get_running_app().stage.change_in_place()

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""
