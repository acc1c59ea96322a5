"""How the screen is to be for whoever stands here: a sheet of switches, from every screen.

    large text · high contrast · low reach · no movement · spoken guidance
    and while guidance is spoken: dark screen, volume, speed

Each is an icon, a word and the word "on" or "off". The core keeps them for the visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from kivy.app import App
from kivy.input import MotionEvent
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import Command, Showing
from kiosk.messages.access import Aids, SetAids
from kiosk.ui.controls import Tap
from kiosk.ui.overlays import Cover

AIDS = tuple(each.name for each in fields(Aids))


class AccessButton(Tap):
    """Opens the sheet; an icon above a word, in the bar."""


class AidSwitch(Tap):
    """One aid, on or off."""

    aid = StringProperty("")
    icon = StringProperty("")
    on = BooleanProperty(False)


class Reach(FloatLayout):
    """The lower edge of a screen that is used from low down: it brings the upper part down.

    Nothing is laid out anew: the whole screen moves, so that it is true of every screen.
    """

    needed = BooleanProperty(False)
    down = BooleanProperty(False)

    def turn(self) -> None:
        """The upper part down, or back up."""
        self.down = not self.down
        App.get_running_app().stage.change_of_place()

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """What lies below it is not touched."""
        super().on_touch_down(touch)
        return self.needed and self.collide_point(*touch.pos)


class AccessSheet(Cover):
    """Takes over what the core says; a touch asks for it."""

    for _aid in AIDS:
        locals()[_aid] = BooleanProperty(False)
    del _aid

    def __init__(self, act: Callable[[Command], object], **kwargs: Any) -> None:
        self._act = act
        self._aids = Aids()
        super().__init__(**kwargs)

    def update(self, showing: Showing) -> None:
        self._aids = showing.aids
        for aid in AIDS:
            setattr(self, aid, getattr(self._aids, aid))

    def switch(self, aid: str) -> None:
        """On if it is off, off if it is on."""
        self._act(SetAids(replace(self._aids, **{aid: not getattr(self, aid)})))
