"""The staff's first page: what goes on underneath, what can be done with it, the other pages.

    ┌ what the shopper is at ───── ¥ 48.26 ┐
    │ 3 items · help for 2 min             │
    │ [clear the basket]  [park the basket]│
    ├ payments ────────┬ devices ──────────┤
    ├ parked baskets ──┼ X and Z ──────────┤
    └ close the till ──┴ to approve ───────┘

Each deed says below its name what it does to money.
"""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, DictProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Command, Screen
from kiosk.messages.shift import CloseTill, OpenTill, ParkVisit, VisitShown, VoidVisit
from kiosk.messages.staff import StaffShowing
from kiosk.ui.controls import Tap
from kiosk.ui.overlays import Sheet
from kiosk.ui.screens.staff_payment import Deed
from kiosk.ui.words import yuan

PARTS = (Deed,)
"""What the rules name, so that it is known when they are read."""
_AT = {
    Screen.BASKET: "shopping",
    Screen.PICK: "shopping",
    Screen.SERVICE: "ordering",
    Screen.TABLE: "ordering",
    Screen.MENU: "ordering",
    Screen.WAITING: "waiting",
    Screen.DONE: "done",
    Screen.TROUBLE: "trouble",
}


class Tile(Tap):
    """The way to a page: its icon and name, a sentence below, and how many things wait there."""

    icon = StringProperty("")
    key = StringProperty("")
    below = StringProperty("")
    args = DictProperty({})
    count = NumericProperty(0)
    stop = BooleanProperty(False)
    """What waits is wrong, not only open."""


class HomePage(BoxLayout):
    """`on_act` has a command for the core, `on_page` the name of a page."""

    busy = BooleanProperty(False)
    kitchen = BooleanProperty(False)
    """There are two pages more."""
    __events__ = ("on_act", "on_page", "on_close")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._visit: VisitShown | None = None
        self.closed = False
        # In the tree only in a restaurant.
        self._kitchen = [self.ids[name].__self__ for name in ("dishes", "orders")]
        self._lay_kitchen(wanted=False)

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        ids, visit = self.ids, staff.visit
        self._visit, self.closed = visit, bool(staff.closed)
        self._show_visit(staff, visit)
        self._lay_kitchen(wanted=staff.restaurant)
        for name in ("void", "park"):
            ids[name].disabled = visit is None or name not in visit.may
        paid = visit is not None and visit.paid_fen > 0
        ids.void.effect = "staff.void_effect_back" if paid else "staff.void_effect"
        ids.payments.count = sum(row.minutes is not None or row.lacking for row in staff.payments)
        ids.machine.count = sum(part.condition == "bad" for part in staff.parts)
        ids.parked.count = len(staff.parked)
        ids.approvals.count = len(staff.held)
        ids.approvals.disabled = not staff.held
        ids.report.disabled = ids.drawer.disabled = not staff.manager
        ids.till.key = "staff.home.open" if self.closed else "staff.home.shut"
        ids.till.below = f"staff.why.{staff.closed}" if self.closed else "staff.home.shut_below"
        ids.till.stop = self.closed
        ids.till.count = int(self.closed)

    def _lay_kitchen(self, *, wanted: bool) -> None:
        tiles, self.kitchen = self.ids.tiles, wanted
        if wanted != (self._kitchen[0] in tiles.children):
            for tile in self._kitchen:
                (tiles.add_widget if wanted else tiles.remove_widget)(tile)

    def void(self) -> None:
        """Ask once more, then clear the basket."""
        visit = self._visit
        if visit is None:
            return
        App.get_running_app().stage.open_sheet(
            Sheet(
                lambda: self.dispatch("on_act", VoidVisit(visit.visit_id)),
                title="staff.void_title",
                sentences=["staff.void_back_text" if visit.paid_fen else "staff.void_text"],
                accept="staff.void_yes",
                close="staff.cancel",
                kind="danger",
                args={"amount": f"¥{yuan(visit.paid_fen)}"},
            )
        )

    def park(self) -> None:
        """Put the basket aside."""
        if self._visit is not None:
            self.dispatch("on_act", ParkVisit(self._visit.visit_id))

    def till(self) -> None:
        """Close the till, for a reason that is asked for, or open it again."""
        if self.closed:
            self.dispatch("on_act", OpenTill())
        else:
            self.dispatch("on_page", "why")

    def _show_visit(self, staff: StaffShowing, visit: VisitShown | None) -> None:
        ids = self.ids
        at = "nobody" if visit is None else _AT.get(Screen(visit.screen), "paying")
        ids.at.key = f"staff.home.{at}"
        ids.amount.opacity = 0 if visit is None else 1
        ids.amount.fen = ids.amount.shown = 0 if visit is None else visit.total_fen
        ids.count.key = "" if visit is None else "basket.count"
        ids.count.args = {"count": 0 if visit is None else visit.count}
        ids.paid.key = "staff.home.paid" if visit is not None and visit.paid_fen else ""
        ids.paid.args = {"amount": f"¥{yuan(visit.paid_fen)}" if visit is not None else ""}
        ids.called.key = "" if staff.called is None else "staff.home.called"
        ids.called.args = {"minutes": staff.called or 0}

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_page(self, page: str) -> None:
        """What it does stands with its owner."""

    def on_close(self) -> None:
        """What it does stands with its owner."""


class WhyPage(BoxLayout):
    """Why the till is closed; `on_act` has the command."""

    __events__ = ("on_act", "on_back")

    def choose(self, why: str) -> None:
        """One of the reasons was touched."""
        self.dispatch("on_act", CloseTill(why))

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_back(self) -> None:
        """What it does stands with its owner."""
