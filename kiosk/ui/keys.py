"""Keys of a keyboard that are a navigator's; every other key does nothing on a kiosk.

A key that is held down is pressed once: else one long press would go through several screens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kivy.core.window import Keyboard, Window

from kiosk.messages.access import Key


class Keys:
    """Hears the window's keyboard."""

    def __init__(self, names: Mapping[Key, Sequence[str]], press: Callable[[Key], object]) -> None:
        """`names` are the toolkit's. Raises ValueError for one that it does not know."""
        self._press = press
        self._keys: dict[int, Key] = {}
        self._held: set[int] = set()
        for key, given in names.items():
            for name in given:
                if name not in Keyboard.keycodes:
                    raise ValueError(f"there is no key of the name {name!r}")
                self._keys[Keyboard.keycodes[name]] = key

    def listen(self) -> None:
        """From now on."""
        Window.bind(on_keyboard=self._down, on_key_up=self._up)

    def _down(self, _window: object, code: int, *_: object) -> bool:
        key = self._keys.get(code)
        if key is not None and code not in self._held:
            self._held.add(code)
            self._press(key)
        return True

    def _up(self, _window: object, code: int, *_: object) -> bool:
        self._held.discard(code)
        return True
