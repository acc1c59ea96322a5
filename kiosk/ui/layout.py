"""How one screen fits a portrait and a landscape panel: what stands below goes to the right.

    portrait        landscape
    ┌─────────┐     ┌───────────┬─────────┐   a rule names its parts in the order of portrait;
    │ Left    │     │ Left      │ Right   │   all that is Left comes together on the left, all
    │ Right   │     │           │         │   that is Right on the right, and the last of it is
    │ Left    │     │ Left      │ Right   │   bottom right: the primary action
    │ Right   │     └───────────┴─────────┘
    └─────────┘

In portrait the parts dissolve: a page is one column of their children. A panel that turns gets its
screens built anew (`KioskApp.dress`), so nothing moves from one side to the other later.
"""

from __future__ import annotations

from kivy.app import App
from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget


class Left(BoxLayout):
    """A part of a page; above in portrait. It has no id and draws nothing: it may dissolve."""


class Right(BoxLayout):
    """The same for what goes to the right."""


class Room(Widget):
    """Free room of a landscape column; portrait has none in its place."""


class Side(BoxLayout):
    """One of the two columns of a landscape page; fixed heights gather at its lower end."""


class Page(BoxLayout):
    """A whole screen: `Left` and `Right` parts, and nothing beside them."""

    share = NumericProperty(0.56)
    """How much of the width the left column has in landscape."""
    gap = NumericProperty(0)
    """Between what stands under each other."""

    def on_kv_post(self, _base: Widget) -> None:
        """All parts are there; bring them into the form of the panel."""
        parts = self.children[::-1]
        self.clear_widgets()
        if not App.get_running_app().theme.wide:
            self._take(self, parts, wide=False)
            return
        for side, share in ((Left, self.share), (Right, 1 - self.share)):
            column = Side(size_hint_x=share, spacing=self.gap)
            self.bind(gap=column.setter("spacing"))
            self._take(column, [part for part in parts if isinstance(part, side)], wide=True)
            self.add_widget(column)

    @staticmethod
    def _take(column: BoxLayout, parts: list[Widget], *, wide: bool) -> None:
        for part in parts:
            children = part.children[::-1]
            part.clear_widgets()
            for child in children:
                if wide or not isinstance(child, Room):
                    column.add_widget(child)


class Beside(BoxLayout):
    """Its children stand beside each other in landscape, and under each other in portrait."""


class Under(BoxLayout):
    """The other way about: a row that is too long for a column of landscape."""
