"""The board over the counter: which orders are being prepared, and which are ready.

┌ shop                        12:34 ┐     upright: ready above, preparing below
│ preparing      │ ready            │
│ 101  102  103  │ ▓ 098 ▓  097     │     both languages at once; no touch, no sound but a chime
└───────────────────────────────────┘

A process of its own on a display of its own: it knows numbers and nothing else of an order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import LabelBase
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.domain.receipt import china_time
from kiosk.messages.menu import OrdersShown
from kiosk.ui.board import Orders, grid_for, turn_of
from kiosk.ui.options import BoardOptions, CoreLink
from kiosk.ui.sound import Sounds
from kiosk.ui.theme import Theme, build_theme
from kiosk.ui.words import LANGUAGES, Catalogue, named

LINK_PATIENCE = 2.0  # seconds without the core before the board says so
ALIVE_EVERY = 5.0  # seconds between signs of life
_RULES = ("theme.kv", "widgets.kv", "orders.kv")


class Number(FloatLayout):
    """One order; fresh ones are filled, with a bell, and swell once."""

    text = StringProperty("")
    digits = NumericProperty(100)
    fresh = BooleanProperty(False)
    ready = BooleanProperty(False)
    ground = ColorProperty("#FFFFFF")
    ink = ColorProperty("#000000")
    swell = NumericProperty(0.0)
    """How much larger than it is, of its size."""

    def light(self, *, fresh: bool, still: bool) -> None:
        """Show that it is new, or that it is not any more."""
        if fresh == self.fresh:
            return
        self.fresh = fresh
        Animation.cancel_all(self, "swell")
        self.swell = 0.0
        if fresh and not still:
            beat = Animation(swell=0.1, duration=0.5, transition="in_out_sine")
            beat += Animation(swell=0.0, duration=0.5, transition="in_out_sine")
            beat.repeat = True
            beat.start(self)


class Column(BoxLayout):
    """A heading in both languages, and the numbers below it."""

    key = StringProperty("")
    first = StringProperty("zh")
    """The language that is said first."""
    ready = BooleanProperty(False)
    icon = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._numbers: dict[str, Number] = {}
        self._spare: list[Number] = []

    def show(self, numbers: Sequence[str], orders: Orders, now: float, *, still: bool) -> None:
        """These numbers, oldest or newest first; the page of them whose turn it is."""
        theme, place = App.get_running_app().theme, self.ids.place
        sizes = (theme.ticket, theme.amount) if self.ready else (theme.amount, theme.title)
        grid = grid_for(len(numbers), place.width, place.height, sizes)
        calls = self.ready and orders.fresh  # whoever is called must see it, on the first page
        seen = numbers[: grid.places] if calls else turn_of(numbers, grid.places, now)
        for gone in [one for one in self._numbers if one not in seen]:
            number = self._numbers.pop(gone)
            number.light(fresh=False, still=True)
            place.remove_widget(number)
            self._spare.append(number)
        wide, high = place.width / grid.columns, min(place.height / grid.rows, grid.size * 1.9)
        for at, text in enumerate(seen):
            number = self._number(text)
            number.digits = grid.size
            number.size = wide, high
            number.x = place.x + wide * (at % grid.columns)
            number.y = place.top - high * (at // grid.columns + 1)
            number.light(fresh=text in orders.fresh, still=still)

    def _number(self, text: str) -> Number:
        number = self._numbers.get(text)
        if number is None:
            number = self._spare.pop() if self._spare else Number(size_hint=(None, None))
            number.text, number.ready = text, self.ready
            self._numbers[text] = number
            self.ids.place.add_widget(number)
        return number


class Board(BoxLayout):
    """The whole board; `tick` is called once a frame."""

    shop = StringProperty("")
    clock = StringProperty("")
    first = StringProperty("zh")
    other = StringProperty("en")
    upright = BooleanProperty(False)
    nothing = BooleanProperty(True)
    lost = BooleanProperty(False)
    """The core is not there."""

    def __init__(self, *, reduce_motion: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._still = reduce_motion
        self.orders = Orders()
        self._columns: tuple[Widget, Widget] = (
            self.ids.preparing.__self__,
            self.ids.ready.__self__,
        )
        self.bind(upright=lambda *_: self._order_columns())
        self._order_columns()

    def show(self, shown: OrdersShown, now: float) -> bool:
        """Take over what the core says; answers whether somebody is to be called."""
        before, self.orders = self.orders, self.orders.follow(shown, now)
        self.first = shown.language if shown.language in LANGUAGES else "zh"
        self.other = "en" if self.first == "zh" else "zh"
        names = shown.shop or {}
        self.shop = "  ".join(
            dict.fromkeys(named({one: names.get(one, "")}, one) for one in (self.first, self.other))
        ).strip()
        return self.orders.newly(before)

    def tick(self, now: float, wall: float) -> None:
        """Show the time, the page whose turn it is, and what is still fresh."""
        self.clock = china_time(int(wall * 1000))[11:16]
        self.orders = self.orders.at(now)
        self.nothing = self.orders.empty
        for column, numbers in (
            (self.ids.preparing, self.orders.preparing),
            (self.ids.ready, self.orders.ready),
        ):
            column.show(numbers, self.orders, now, still=self._still)

    def _order_columns(self) -> None:
        """Beside each other, or ready above preparing."""
        preparing, ready = self._columns
        place = self.ids.columns
        place.clear_widgets()
        for column in (ready, preparing) if self.upright else (preparing, ready):
            place.add_widget(column)


class BoardApp(App):
    """One window, one board, one link to the core."""

    language = StringProperty("zh")
    theme = ObjectProperty(None)
    catalogue = ObjectProperty(None)
    use_kivy_settings = False

    def __init__(self, link: CoreLink, options: BoardOptions) -> None:
        super().__init__()
        self._link = link
        self._options = options
        self._sounds = Sounds(options.cache / "sounds", wanted=options.sound)
        self._lost_at: float | None = None
        self._traced = ""

    def build(self) -> Widget:
        """Called by the toolkit when its window is there."""
        fonts, folder = self._options.fonts, Path(__file__).parent
        LabelBase.register("Kiosk", str(fonts.regular), fn_bold=str(fonts.bold))
        self.catalogue = Catalogue.load()
        for rule in _RULES:
            Builder.load_file(str(folder / rule))
        self.theme = self._theme()
        Window.clearcolor = self.theme.ground
        Window.bind(on_keyboard=lambda *_: True, on_request_close=lambda *_, **__: False)
        self.board = Board(reduce_motion=self._options.reduce_motion)
        return self.board

    def on_start(self) -> None:
        """The window is there; what it shows is the core's to say."""
        Clock.schedule_interval(self._frame, 0)
        self._options.on_alive()
        Clock.schedule_interval(lambda _elapsed: self._options.on_alive(), ALIVE_EVERY)

    def open_settings(self, *_: object) -> bool:
        """The toolkit's settings panel is not for guests."""
        return False

    def _theme(self) -> Theme:
        options = self._options
        return build_theme(min(*Window.size) / 1080, dark=options.dark, brand=options.brand)

    def _frame(self, _elapsed: float) -> None:
        now = self._options.clock()
        for message in self._link.drain():
            if isinstance(message, OrdersShown):
                self.language = message.language
                if self.board.show(message, now):
                    self._sounds.play("ready")
        if self._link.connected:
            self._lost_at = None
        elif self._lost_at is None:
            self._lost_at = now
        self.board.lost = self._lost_at is not None and now - self._lost_at > LINK_PATIENCE
        self.board.tick(now, self._options.wall())
        self._write()

    def _write(self) -> None:
        """The trace, after each change."""
        path, orders = self._options.trace_path, self.board.orders
        if path is None:
            return
        facts = json.dumps(
            {
                "preparing": orders.preparing,
                "ready": orders.ready,
                "fresh": sorted(orders.fresh),
                "lost": self.board.lost,
            }
        )
        if facts != self._traced:
            self._traced = facts
            partial = path.with_name(f"{path.name}.part")
            partial.write_text(facts, "utf-8")
            partial.replace(path)
