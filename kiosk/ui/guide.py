"""Leads a person through the screens by four keys and a voice; also only by keys, in silence.

    keys ──► Focus ──► ring on the screen, `on_tap` of what is selected: the action of a touch
    screen ──► reading ──► Narrator ──► Speaker ──► Voice

Nothing is read and nothing is said while nobody asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kivy.app import App
from kivy.properties import BooleanProperty
from kivy.uix.widget import Widget

from kiosk.messages import Command, Hinting, Screen, Showing, StillThere
from kiosk.messages.access import Key, SetAids
from kiosk.ui.controls import Tap
from kiosk.ui.narrator import FOCUS, Focus, Narrator
from kiosk.ui.reading import read
from kiosk.ui.speech import Voice
from kiosk.ui.spoken import Page, Speaker
from kiosk.ui.stage import Stage

EVERY = 0.2  # seconds between two looks at the screen
ALIVE_EVERY = 5.0  # seconds between two signs to the core that somebody presses keys
SETTLED = 0.12  # seconds until a screen that changed is laid out whole
REASSURE = 12.0  # seconds of silence on a screen where nothing can be done


class FocusRing(Widget):
    """Around the item that the keys are at; it keeps no touch from anything."""

    seen = BooleanProperty(False)

    def surround(self, tap: Tap | None) -> None:
        """Go around this; away for None."""
        self.seen = tap is not None
        if tap is not None:
            self.pos, self.size = tap.to_window(*tap.pos), tap.size


class Guide:
    """One for the whole life of the screen process."""

    def __init__(self, voice: Voice, act: Callable[[Command], object]) -> None:
        self._voice = voice
        self._act = act
        self._narrator = Narrator()
        self._focus = Focus()
        self._page = Page()
        self._taps: tuple[Tap, ...] = ()
        self._chose = ""
        """The page on which the focus was moved last."""
        self._keys = False
        self._speaks = self._alone = False
        self._read_at = self._changed_at = -1.0
        self._alive_at = self._spoke_at = 0.0

    def show(self, showing: Showing) -> None:
        """Take over what the core says of aids."""
        if showing.aids.speech and not self._speaks:
            self._speaks = True
            self._narrator = Narrator()
            self._narrator.remark(self._sentence("spoken.begins"))
        elif not showing.aids.speech and self._speaks:
            self._speaks = False
            self._voice.hush()
            if not self._alone:  # whoever pulled his headphones out hears nothing any more
                self._voice.say(self._sentence("spoken.ends"), showing.language)
        self._alone = showing.headphones
        if not self._speaks:
            self._voice.reset()

    def remark(self, hinting: Hinting) -> None:
        """A remark of the core's is heard even if it is gone before its turn."""
        if self._speaks and hinting.said is not None:
            app = App.get_running_app()
            self._narrator.remark(app.catalogue.text(app.language, hinting.said))

    def touched(self) -> None:
        """A finger is quicker: the ring is not needed."""
        self._keys = False

    def press(self, key: Key, now: float) -> None:
        """A key of the navigator."""
        stage: Stage = App.get_running_app().stage
        showing = stage.showing
        if showing is None:
            return
        self._voice.hush()
        self._keys = True
        if showing.still_there:
            self._act(StillThere())
            return
        if now - self._alive_at > ALIVE_EVERY:
            self._alive_at = now
            self._act(StillThere())
        if now - stage.changed_at >= SETTLED:
            self._look(stage, now)
        match key:
            case Key.PREVIOUS | Key.NEXT:
                self._chose = self._page.place
                self._focus.move(1 if key is Key.NEXT else -1)
                self._narrator.point()
            case Key.SELECT:
                self._select(stage)
            case Key.HELP if self._speaks:
                self._narrator.again()
            case Key.HELP:
                self._act(SetAids(replace(showing.aids, speech=True)))

    def tick(self, now: float) -> None:
        """Once a frame: look whether something has changed, and say the next sentence."""
        stage: Stage = App.get_running_app().stage
        if stage.showing is None or not (self._keys or self._speaks):
            stage.ids.ring.surround(None)
            return
        due = now - self._read_at >= EVERY or stage.changed_at != self._changed_at
        if due and now - stage.changed_at >= SETTLED:
            self._look(stage, now)
        stage.ids.ring.surround(self._tap())
        if self._speaks and self._voice.free:
            self._speak(stage.showing, now)

    def louder(self, steps: int) -> None:
        """By so many steps, or softer; the next sentence is heard so."""
        self._voice.louder(steps)
        self._narrator.remark(f"{self._sentence('access.volume')} {self._voice.volume}")

    def faster(self, steps: int) -> None:
        """By so many steps, or slower."""
        self._voice.faster(steps)
        self._narrator.remark(f"{self._sentence('access.rate')} {self._voice.rate}")

    def close(self) -> None:
        """The screen is going."""
        self._voice.close()

    def _look(self, stage: Stage, now: float) -> None:
        self._read_at, self._changed_at = now, stage.changed_at
        self._page, self._taps = read(stage)
        self._focus.see(self._page)
        if self._narrator.see(self._page) and self._speaks:
            self._voice.hush()
            self._spoke_at = now

    def _speak(self, showing: Showing, now: float) -> None:
        app = App.get_running_app()
        piece = self._narrator.next()
        if piece is None:
            if showing.screen is Screen.WAITING and now - self._spoke_at > REASSURE:
                self._narrator.reassure()
            return
        speaker = Speaker(app.catalogue, app.language, private=showing.headphones)
        if piece is FOCUS:
            said = [speaker.item(self._page.items, self._focus.name)]
        else:
            said = speaker.pieces([piece])
        self._spoke_at = now
        if text := " ".join(said).strip():
            self._voice.say(text, app.language)

    def _select(self, stage: Stage) -> None:
        """The same as a touch of it; a hurried second press does not hit the next screen."""
        tap = self._tap()
        meant = stage.listening or self._chose == self._page.place
        if tap is not None and meant and self._page.place.startswith(stage.place):
            tap.dispatch("on_tap")

    def _tap(self) -> Tap | None:
        name = self._focus.name
        taps = (tap for tap in self._taps if tap.name == name and not tap.disabled)
        return next((tap for tap in taps if tap.get_root_window() is not None), None)

    def _sentence(self, key: str) -> str:
        app = App.get_running_app()
        return str(app.catalogue.say(app.language, key))
