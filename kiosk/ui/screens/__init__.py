"""The screens, one module and one .kv each, found by their name when first shown.

A screen of several pages has a module and a .kv for each of them, named after it: staff_pad.kv.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from kivy.lang import Builder

from kiosk.messages import Screen
from kiosk.ui.view import View

WEIGHING = "weighing"
"""Shown in the place of the screen on which goods were chosen, while they are weighed."""
_FOLDER = Path(__file__).parent
_NAMES = (*(screen.value.lower() for screen in Screen), WEIGHING)
ALL = tuple(name for name in _NAMES if (_FOLDER / f"{name}.kv").is_file())


def view_class(name: str) -> type[View]:
    """The class of a screen; its rules are loaded with it, once."""
    for rule in (_FOLDER / f"{name}.kv", *sorted(_FOLDER.glob(f"{name}_*.kv"))):
        if str(rule) not in Builder.files:
            Builder.load_file(str(rule))
    module = import_module(f"kiosk.ui.screens.{name}")
    found: type[View] = module.VIEW
    return found
