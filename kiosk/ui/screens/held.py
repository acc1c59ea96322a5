"""Staff are needed before it can be paid: what they look at, and the way to do without it."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Back, LineShown, RemoveLine, Showing
from kiosk.ui.view import View
from kiosk.ui.words import named

ICONS = {"line.held_removal": "bin", "line.held_weight": "bag"}
MOST = 4  # lines that are shown; staff see all of them


class HeldLine(BoxLayout):
    """One line that is held, and why; `may_go`: he may take it out himself."""

    line_id = NumericProperty(0)
    icon = StringProperty("shield")
    may_go = BooleanProperty(False)
    __events__ = ("on_out",)

    def show(self, line: LineShown, language: str) -> None:
        """Take over a line."""
        self.line_id, self.may_go = line.line_id, _may_go(line)
        self.icon = ICONS.get(line.held.key if line.held else "", "shield")
        self.ids.title.text = named(line.names, language)
        self.ids.why.tell(line.held)
        self.ids.total.fen = self.ids.total.shown = line.total_fen

    def on_out(self) -> None:
        """What it does stands with its owner."""


class Held(View):
    """Nothing must be done here; whoever does not want to wait goes on without the goods."""

    more = NumericProperty(0)
    any = BooleanProperty(True)
    """There are goods to be named; else it is about the bags."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._rows = [HeldLine() for _ in range(MOST)]
        for row in self._rows:
            row.bind(on_out=lambda row: self.act(RemoveLine(int(row.line_id))))

    def update(self, showing: Showing, now: float) -> None:
        held = [line for line in showing.lines if line.held is not None]
        self.any = bool(held)
        self.more = max(len(held) - MOST, 0)
        seen = self._rows[: len(held)]
        for row, line in zip(seen, held, strict=False):
            row.show(line, showing.language)
        if list(reversed(self.ids.lines.children)) != seen:
            self.ids.lines.clear_widgets()
            for row in seen:
                self.ids.lines.add_widget(row)

    def back(self) -> None:
        """On with the scanning."""
        self.act(Back())


def _may_go(line: LineShown) -> bool:
    return line.held is not None and line.held.key == "line.held_age"


VIEW = Held
