"""The screen process: polls the core once a frame, shows what it says, measures itself.

Nothing in here waits. `longest_block_ms` is the longest time that anything but drawing has held
the frame up; `run` in start.py is the way to start it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import LabelBase
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.messages import Command, Guiding, Hinting, Message, Screen, Showing, Text
from kiosk.messages.access import Aids, NavKey
from kiosk.messages.brand import Branded
from kiosk.messages.goods import GoodsFound, LiveWeight
from kiosk.messages.menu import MenuShown, SoldOut
from kiosk.ui.album import Album
from kiosk.ui.guide import Guide
from kiosk.ui.keys import Keys
from kiosk.ui.lettering import Inks
from kiosk.ui.options import CoreLink, Preview, UiOptions
from kiosk.ui.sender import Sender
from kiosk.ui.sound import Sounds
from kiosk.ui.speech import Voice
from kiosk.ui.stage import Stage
from kiosk.ui.theme import Form, Theme, build_theme, form_of
from kiosk.ui.trace import FrameWatch, ScreenTrace
from kiosk.ui.words import Catalogue

START_PATIENCE = 0.4  # seconds of an empty window before the screen says that it is starting
ALIVE_EVERY = 5.0  # seconds between signs of life
LARGE = 1.3  # times as large as letters are, for who asks for it
LINK_PATIENCE = 1.0  # seconds without the core before the screen says so
_RULES = (
    "theme.kv", "layout.kv", "widgets.kv", "keypad.kv", "paid.kv", "cards.kv", "goods.kv",
    "dishes.kv", "choosing.kv", "dish_sheet.kv", "aids.kv", "stage.kv",
)  # fmt: skip


class KioskApp(App):
    """One window, one stage, one link to the core."""

    language = StringProperty("zh")
    theme = ObjectProperty(None)
    catalogue = ObjectProperty(None)
    use_kivy_settings = False

    def __init__(self, link: CoreLink, preview: Preview, options: UiOptions) -> None:
        super().__init__()
        self._link = link
        self._preview = preview
        self._options = options
        self._sender = Sender(link.send, options.clock)
        self._sounds = Sounds(options.cache / "sounds", wanted=options.sound)
        self.inks, self.album = Inks(), Album()
        self.guide = Guide(Voice(options.voice), self.act)
        # Kept here: the window would not keep it.
        self._keys = Keys(options.keys, lambda key: self.guide.press(key, options.clock()))
        self._trace = ScreenTrace(options.trace_path)
        self._watch = FrameWatch(options.clock)
        self._started = options.clock()
        self._lost_at: float | None = None
        self._said: Showing | None = None
        self._attract_drawn = False
        self._aids = Aids()

    @property
    def longest_block_ms(self) -> float:
        """The longest time that work other than drawing has held a frame up, in milliseconds."""
        return self._watch.longest_ms

    def build(self) -> Widget:
        """Called by the toolkit when its window is there."""
        options = self._options
        LabelBase.register("Kiosk", str(options.fonts.regular), fn_bold=str(options.fonts.bold))
        self.catalogue = Catalogue.load(options.languages, options.catalogues, options.texts)
        folder = Path(__file__).parent
        for rule in _RULES:
            if str(folder / rule) not in Builder.files:
                Builder.load_file(str(folder / rule))
        self.theme = self._theme_for(*Window.size)
        Window.bind(on_resize=self._resized, on_draw=self._before_drawing, on_flip=self._flip)
        Window.bind(on_request_close=lambda *_, **__: False)
        Window.bind(on_touch_down=lambda *_: self.guide.touched())
        self.stage = Stage(self.act, self._preview, options)
        return self.stage

    def on_start(self) -> None:
        """The window is there; what it shows is the core's to say."""
        self._keys.listen()  # after the toolkit, which has a use of its own for F1
        self._started = self._options.clock()
        Clock.schedule_interval(self._frame, 0)
        self._options.on_alive()
        Clock.schedule_interval(lambda _elapsed: self._options.on_alive(), ALIVE_EVERY)

    def on_stop(self) -> None:
        """The window is going, and the voice with it."""
        self.guide.close()

    def open_settings(self, *_: object) -> bool:
        """The toolkit's settings panel is not for shoppers."""
        return False

    def act(self, command: Command) -> bool:
        """Send what the shopper did; a repeat is dropped."""
        return self._sender.send(command)

    def _frame(self, _elapsed: float) -> None:
        now = self._options.clock()
        self._watch.begin(now)
        showing: Showing | None = None
        for message in self._link.drain():
            if isinstance(message, Showing):
                showing = message
                self._sender.answered()
            else:
                self._hear(message, now)
        if showing is not None:
            self._said = showing
            self._suit(showing)
            self.stage.show(showing, now)
            self.guide.show(showing)
        self._mind_the_link(now)
        self.album.tick()
        self.stage.tick(now)
        self.guide.tick(now)
        self._watch.end(self._options.clock())
        self._trace.write(self.stage, self.language, self.longest_block_ms, self._options.clock())

    def _hear(self, message: Message, now: float) -> None:
        """What is over in a moment, or beside the screen."""
        match message:
            case Hinting():
                self._sender.answered()
                self._sounds.play(message.sound)
                self.stage.hint(message, now)
                self.guide.remark(message)
            case Guiding():
                self.stage.guide(message, now)
            case GoodsFound():
                self._sender.found()
                self.stage.found(message)
            case LiveWeight():
                self.stage.weigh(message)
            case MenuShown():
                self.stage.menu(message)
            case SoldOut():
                self.stage.sold_out(message)
            case Branded():
                self.wear(message)
            case NavKey():
                self.guide.press(message.key, now)
            case _:
                pass  # for others; the core does not send such here

    def _mind_the_link(self, now: float) -> None:
        """A core that is gone for longer than a restart takes is said calmly, once."""
        if self.stage.showing is None and now - self._started > START_PATIENCE:
            self.stage.show(Showing(Screen.OUT_OF_ORDER, said=Text("out.starting")), now)
        if self._link.connected:
            self._lost_at = None
        elif self._lost_at is None:
            self._lost_at = now
        elif now - self._lost_at > LINK_PATIENCE and not self._says_lost():
            last = self._said
            self.stage.show(
                Showing(
                    Screen.OUT_OF_ORDER,
                    language=last.language if last else "zh",
                    test=bool(last and last.test),
                    shop=last.shop if last else {},
                    said=Text("out.core"),
                ),
                now,
            )

    def _says_lost(self) -> bool:
        showing = self.stage.showing
        return bool(showing and showing.said and showing.said.key == "out.core")

    def on_theme(self, _app: App, theme: Theme) -> None:
        """The window itself is the ground: one large rectangle less to draw."""
        Window.clearcolor = theme.ground

    def dress(self, theme: Theme, showing: Showing | None = None) -> None:
        """Build all screens anew in another theme or size, and go on where the visit is.

        `showing` is what the core says now, where that is known.
        """
        before, self.theme = self.stage, theme
        calm = self._options.reduce_motion or self._aids.calm
        options = replace(self._options, reduce_motion=calm)
        self.stage = self.root = Stage(self.act, self._preview, options)
        Window.remove_widget(before)
        Window.add_widget(self.stage)
        self.stage.told(before)
        showing = showing or before.showing
        if showing is not None:
            self.stage.show(showing, self._options.clock())
            self.stage.take_over(before)
        if self._attract_drawn:
            Clock.schedule_once(self._build_ahead, 0.05)

    def wear(self, look: Branded) -> None:
        """The operator's look as the core was told it; nothing is built anew for the same."""
        options = replace(
            self._options,
            languages=tuple(look.languages),
            brand=dict(look.colours),
            texts={language: dict(table) for language, table in look.texts.items()},
            slide_seconds=look.slide_seconds,
        )
        if options == self._options:
            return
        self._options = options
        self.catalogue = Catalogue.load(options.languages, options.catalogues, options.texts)
        self.dress(self._theme_for(*Window.size))

    def _suit(self, showing: Showing) -> None:
        """Look as the shopper asked for; where that is as before, nothing is done."""
        aids = replace(showing.aids, low=False, speech=False, curtain=False)
        if aids != self._aids:
            self._aids = aids
            self.dress(self._theme_for(*Window.size), showing)

    def _theme_for(self, width: int, height: int) -> Theme:
        """An operator's colours need not have the contrast that some people need."""
        options, aids = self._options, self._aids
        form = form_of(width, height, options.scale)
        theme = build_theme(
            form,
            dark=options.dark or aids.contrast,
            brand={} if aids.contrast else options.brand,
            letters=LARGE if aids.large and not form.wide else 1.0,
        )
        if options.reduce_motion or aids.calm:
            theme.moves = theme.count_up = 0
        return theme

    def _resized(self, _window: object, width: int, height: int) -> None:
        theme = self.theme
        now = form_of(width, height, self._options.scale)
        if now != Form(theme.scale, wide=theme.wide, low=theme.low):
            self.dress(self._theme_for(width, height))

    def _before_drawing(self, _window: object) -> None:
        self._watch.end(self._options.clock())

    def _flip(self, window: object) -> bool:
        """The picture reaches the panel here; what follows is measured from after it."""
        Window.flip()
        now = self._options.clock()
        self._trace.drawn(self.stage, now)
        showing = self.stage.showing
        if not self._attract_drawn and showing and showing.screen is Screen.ATTRACT:
            self._attract_drawn = True
            self._options.on_first_frame()
            Clock.schedule_once(self._build_ahead, 0.05)
        return True

    def _build_ahead(self, _elapsed: float) -> None:
        """The other screens, one at a time, while nobody waits for them."""
        if self.stage.build_next():
            Clock.schedule_once(self._build_ahead, 0.02)
        else:
            Clock.schedule_once(lambda _: self._watch.restart(), 0.1)
