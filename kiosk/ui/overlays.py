"""What lies over a screen: a remark, a sheet from below, "are you still there?", the test mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.input import MotionEvent
from kivy.properties import BooleanProperty, DictProperty, ListProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import Hinting, Showing
from kiosk.ui.controls import language_segment
from kiosk.ui.shadow import Shaded
from kiosk.ui.widgets import Words

SHORTEST, PER_LETTER = 2.5, 0.07  # seconds a remark stays, and more for each letter of it


class Ribbon(BoxLayout):
    """Says on every screen that a channel is the sandbox."""


class Toast(Shaded, BoxLayout):
    """A short remark over the screen; touches go through it."""

    reads = "nothing"  # it is said as a remark

    icon = StringProperty("warn")
    _until = 0.0

    def tell(self, hinting: Hinting, now: float) -> None:
        """Show a remark for as long as it takes to read."""
        if hinting.said is None:
            return
        self.icon = "warn" if hinting.sound == "error" else "check"
        self.ids.words.tell(hinting.said)
        self._until = now + SHORTEST + PER_LETTER * len(self.ids.words.sentence)
        Animation.cancel_all(self)
        theme = App.get_running_app().theme
        Animation(opacity=1, duration=theme.moves / 2, transition="out_quad").start(self)

    def tick(self, now: float) -> None:
        """Go when the time is over."""
        if self._until and now > self._until:
            self.clear()

    def clear(self) -> None:
        """Go now."""
        if self._until:
            self._until = 0.0
            Animation.cancel_all(self)
            Animation(opacity=0, duration=App.get_running_app().theme.moves).start(self)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        return False


class Cover(FloatLayout):
    """Darkens the screen below and keeps touches from it."""

    def update(self, showing: Showing) -> None:
        """Take over what the core says."""

    def on_touch_down(self, touch: MotionEvent) -> bool:
        super().on_touch_down(touch)
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        super().on_touch_up(touch)
        return True


class Sheet(Cover):
    """A sheet from below: a title, sentences, one thing to accept (or none), a way back.

    `args` fill in its sentences; `extra` is a second thing that can be done, for few people.
    """

    title = StringProperty("")
    sentences = ListProperty([])
    accept = StringProperty("")
    close = StringProperty("")
    extra = StringProperty("")
    kind = StringProperty("primary")
    args = DictProperty({})
    long = BooleanProperty(False)
    """Several sentences: smaller text, and more width where there is any."""

    def __init__(
        self,
        on_accept: Callable[[], object] | None = None,
        on_extra: Callable[[], object] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._on_accept = on_accept
        self._on_extra = on_extra
        self.long = long = len(self.sentences) > 1
        for key in self.sentences:
            size = "second" if long else "body"
            words = Words(key=key, args=self.args)
            words.font_size = getattr(App.get_running_app().theme, size)
            self.ids.text.add_widget(words)

    def accepted(self) -> None:
        """The shopper said yes."""
        App.get_running_app().stage.close_sheet()
        if self._on_accept is not None:
            self._on_accept()

    def extra_done(self) -> None:
        """The second thing was touched."""
        App.get_running_app().stage.close_sheet()
        if self._on_extra is not None:
            self._on_extra()


class Languages(Cover):
    """All languages to choose from, each in its own words; `choose` is called with one."""

    def __init__(self, choose: Callable[[str], object], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        app = App.get_running_app()
        names = dict(app.catalogue.names())

        def chosen(language: str) -> None:
            app.stage.close_sheet()
            choose(language)

        for language in names:
            segment = language_segment(names, language, chosen)
            segment.size_hint_x, segment.rest = 1, app.theme.ground
            self.ids.names.add_widget(segment)


def ask_to_cancel(leave: Callable[[], object], table: str) -> Sheet:
    """Asks once more before all that was chosen is lost, in the words of this table."""
    return Sheet(
        leave,
        title=f"{table}.cancel_title",
        sentences=[f"{table}.cancel_text"],
        accept=f"{table}.cancel_yes",
        close=f"{table}.cancel_no",
        kind="danger",
    )


class StillThere(Cover):
    """Asks before an idle visit ends, with the seconds that are left."""
