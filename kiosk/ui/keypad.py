"""Digits to touch, for whatever is typed: a PIN, a number, an amount.

    1   2   3
    4   5   6
    7   8   9
    00  0   ⌫       00 only where an amount is typed

It keeps nothing: what the digits become stands with its owner.
"""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui.controls import Tap


class Key(Tap):
    """One digit or letter, or the key that takes the last one back."""

    text = StringProperty("")
    icon = StringProperty("")
    letter = NumericProperty(0)
    """The height of the font, where it is not that of a number pad."""


class Keypad(BoxLayout):
    """`on_type` has the digits of the key that was touched; `on_erase` takes the last one back."""

    double = BooleanProperty(False)
    """Whether there is a key with two zeros."""
    __events__ = ("on_type", "on_erase")

    def press(self, key: Key) -> None:
        """A key was touched."""
        if key.icon:
            self.dispatch("on_erase")
        else:
            self.dispatch("on_type", key.text)

    def on_type(self, digits: str) -> None:
        """What it does stands with its owner."""

    def on_erase(self) -> None:
        """What it does stands with its owner."""
