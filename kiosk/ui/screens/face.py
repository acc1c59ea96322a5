"""The live picture, mirrored, in a circle with an oval for the face; a ring for the progress.

One instruction at a time stands above it, for long enough to be read.

Whoever is asked to move sees where to as well: the picture is a mirror, so that his left is on the
left. As long as the camera gives pictures a word says that it is on.
"""

from __future__ import annotations

import numpy as np
from kivy.app import App
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.messages import Back, Guiding, Showing
from kiosk.ui.options import PreviewFrame
from kiosk.ui.view import View, asked

READABLE = 0.6  # seconds an instruction stays before another may replace it
DARK_AFTER = 1.0  # seconds without a frame before the circle goes dark
BEAT = 1.1  # times a second that a sign of where to move comes and goes
CUES = {"turn_left": "left", "turn_right": "right", "come_closer": "closer"}


class Circle(FloatLayout):
    """The picture, round, with the ring around it; dark while there is none."""

    live = ObjectProperty(None, allownone=True)
    progress = NumericProperty(0.0)
    held = BooleanProperty(False)
    """The face is where it should be."""


class Oval(Widget):
    """Where the face goes; in the colour of what is good while it is there."""

    held = BooleanProperty(False)


class Cue(FloatLayout):
    """A sign at the edge of the circle: where to turn the head, or to come closer."""

    sign = StringProperty("")
    """left, right, closer; empty = none."""
    beat = NumericProperty(0.0)
    """0 to 1, how far out it is."""


class Face(View):
    """Keeps no picture: the texture is blackened when the screen is left."""

    progress = NumericProperty(0.0)
    live = ObjectProperty(None, allownone=True)
    going_well = BooleanProperty(False)
    cue = StringProperty("")
    beat = NumericProperty(0.0)
    _sequence = -1
    _seen_at = 0.0
    _said_at = 0.0
    _waiting: Guiding | None = None

    @property
    def instruction(self) -> str:
        return str(self.ids.instruction.key)

    def update(self, showing: Showing, now: float) -> None:
        self.ids.due.count_to(asked(showing))
        self.ids.back.disabled = not showing.may_go_back
        self.ids.countdown.begin(showing.seconds_left, now)

    def enter(self, now: float) -> None:
        super().enter(now)
        self.progress, self.going_well, self.cue = 0.0, False, ""
        self.ids.instruction.key = "face.starting"
        self._said_at, self._waiting, self._sequence = now, None, -1

    def leave(self) -> None:
        if self.live is not None:
            empty = bytes(self.live.width * self.live.height * 3)
            self.live.blit_buffer(empty, colorfmt="rgb", bufferfmt="ubyte")
        self.live = None

    def guide(self, guiding: Guiding, now: float) -> None:
        self.progress = guiding.progress
        self._waiting = guiding

    def tick(self, now: float) -> None:
        self.ids.countdown.tick(now)
        if self.cue and App.get_running_app().theme.moves:
            self.beat = abs(now * BEAT % 1 * 2 - 1)
        if self._waiting is not None and now - self._said_at >= READABLE:
            self._instruct(self._waiting, now)
        frame = self.preview.latest()
        if frame is None:
            if self.live is not None and now - self._seen_at > DARK_AFTER:
                self.leave()
        elif frame.sequence != self._sequence:
            self._sequence, self._seen_at = frame.sequence, now
            self._draw(frame)

    def other_way(self) -> None:
        """Stop looking; back to the tenders."""
        self.act(Back())

    def _instruct(self, guiding: Guiding, now: float) -> None:
        name = guiding.guidance.lower().replace("-", "_").removeprefix("guidance.")
        key = f"guidance.{name}"
        if key != self.ids.instruction.key:
            self.ids.instruction.key = key
            self._said_at = now
        self.going_well = name in ("hold", "hold_still")
        self.cue = CUES.get(name, "")
        self._waiting = None

    def _draw(self, frame: PreviewFrame) -> None:
        """The square in the middle of the picture, mirrored, bottom row first."""
        side = min(frame.width, frame.height)
        left, top = (frame.width - side) // 2, (frame.height - side) // 2
        pixels = np.frombuffer(frame.pixels, np.uint8).reshape(frame.height, frame.width, 3)
        square = np.ascontiguousarray(pixels[top : top + side, left : left + side][::-1, ::-1])
        if self.live is None or self.live.width != side:
            self.live = Texture.create(size=(side, side), colorfmt="rgb")
        self.live.blit_buffer(square.ravel(), colorfmt="rgb", bufferfmt="ubyte")
        self.canvas.ask_update()


VIEW = Face
