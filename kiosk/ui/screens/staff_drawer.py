"""The drawer: what should be in it, what is put in and taken out; and a count of it, kind by kind.

¥100 × 3     ¥50 × 0       touch a kind, then type how many there are
¥20  × 12    ¥10 × 4
…            ¥ 640.00      what was counted so far, and a button that books it
"""

from __future__ import annotations

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.domain.drawer import KINDS, worth
from kiosk.messages import Command
from kiosk.messages.shift import CountCash, MoveCash, OpenDrawer
from kiosk.messages.staff import StaffShowing
from kiosk.ui.controls import Tap
from kiosk.ui.overlays import Sheet
from kiosk.ui.screens.staff_list import Pages
from kiosk.ui.screens.staff_payment import Deed, Sum
from kiosk.ui.screens.staff_report import ReportLine
from kiosk.ui.words import yuan

PARTS = (Pages, Deed, Sum)
"""What the rules name, so that it is known when they are read."""
DIGITS = 4  # of a count
MOVES = {"float": "staff.drawer.float", "in": "staff.drawer.pay_in", "out": "staff.drawer.pay_out"}
"""The deeds that ask for an amount, and their names."""
WHY = {"float": "float", "in": "pay_in", "out": "pay_out"}


class DrawerPage(BoxLayout):
    """`on_act` has a command, `on_ask` the name of what is to be typed; `on_home` goes back."""

    counted = BooleanProperty(False)
    __events__ = ("on_act", "on_ask", "on_home")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._spoken = ""
        self.ids.moves.begin(lambda _place: ReportLine())

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        ids, drawer = self.ids, staff.drawer
        ids.expected.fen = 0 if drawer is None else drawer.expected_fen
        self.counted = drawer is not None and drawer.counted_fen is not None
        ids.found.fen = 0 if drawer is None else drawer.counted_fen or 0
        ids.difference.fen = 0 if drawer is None else drawer.difference_fen
        if (language := App.get_running_app().language) != self._spoken:
            self._spoken = language
            ids.moves.show(())
        ids.moves.show(() if drawer is None else drawer.moves)
        for name in ("float", "pay_in", "pay_out", "count"):
            ids[name].disabled = drawer is None or staff.busy
        ids.open.disabled = drawer is None or not drawer.opens

    def move(self, use: str, fen: int) -> None:
        """An amount was typed: ask once more, then book it."""
        command = MoveCash(WHY[use], fen)
        App.get_running_app().stage.open_sheet(
            Sheet(
                lambda: self.dispatch("on_act", command),
                title=f"staff.drawer.ask.{WHY[use]}",
                sentences=["staff.drawer.ask_text"],
                accept="staff.drawer.ask_yes",
                close="staff.cancel",
                args={"amount": f"¥{yuan(fen)}"},
            )
        )

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_ask(self, use: str) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""


class Kind(Tap):
    """One kind of note or coin, and how many of it were counted."""

    fen = NumericProperty(0)
    count = NumericProperty(0)
    chosen = BooleanProperty(False)
    label = StringProperty("")


class CountPage(BoxLayout):
    """`on_act` has the count; `on_back` leaves without it."""

    total = NumericProperty(0)
    __events__ = ("on_act", "on_back")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._kinds = [self._kind(fen) for fen in KINDS]
        for kind in self._kinds:
            self.ids.kinds.add_widget(kind)
        self.begin()

    def begin(self) -> None:
        """Count anew."""
        for kind in self._kinds:
            kind.count = 0
        self.choose(self._kinds[0])

    def choose(self, chosen: Kind) -> None:
        """What is typed next counts this kind."""
        for kind in self._kinds:
            kind.chosen = kind is chosen
        self._fresh = True
        self._add_up()

    def add(self, digits: str) -> None:
        """A digit was touched; the first one begins the number anew."""
        kind = self._chosen()
        typed = digits if self._fresh else f"{int(kind.count)}{digits}"
        if len(typed) <= DIGITS:
            kind.count, self._fresh = int(typed), False
            self._add_up()

    def erase(self) -> None:
        """Take the last digit back."""
        kind = self._chosen()
        kind.count, self._fresh = int(kind.count) // 10, False
        self._add_up()

    def following(self) -> None:
        """On to the next kind."""
        at = self._kinds.index(self._chosen())
        self.choose(self._kinds[(at + 1) % len(self._kinds)])

    def done(self) -> None:
        """Ask once more, then book the count."""
        pieces = {str(int(kind.fen)): int(kind.count) for kind in self._kinds if kind.count}
        App.get_running_app().stage.open_sheet(
            Sheet(
                lambda: self.dispatch("on_act", CountCash(pieces)),
                title="staff.drawer.ask.count",
                sentences=["staff.drawer.count_text"],
                accept="staff.drawer.ask_yes",
                close="staff.cancel",
                args={"amount": f"¥{yuan(int(self.total))}"},
            )
        )

    def _kind(self, fen: int) -> Kind:
        label = f"¥{fen // 100}" if fen % 100 == 0 else f"¥{fen / 100:.1f}"
        kind = Kind(name=f"kind.{fen}", fen=fen, label=label)
        kind.bind(on_tap=lambda *_: self.choose(kind))
        return kind

    def _chosen(self) -> Kind:
        return next(kind for kind in self._kinds if kind.chosen)

    def _add_up(self) -> None:
        self.total = worth({int(kind.fen): int(kind.count) for kind in self._kinds})

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_back(self) -> None:
        """What it does stands with its owner."""


class OpenPage(BoxLayout):
    """Why the drawer is opened; `on_act` has the command."""

    __events__ = ("on_act", "on_back")

    def choose(self, why: str) -> None:
        """One of the reasons was touched."""
        self.dispatch("on_act", OpenDrawer(why))

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_back(self) -> None:
        """What it does stands with its owner."""
