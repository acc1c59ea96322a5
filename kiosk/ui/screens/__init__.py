"""The screens of a visit, one module and one .kv each, found by their name when first shown."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from kivy.lang import Builder

from kiosk.messages import Screen
from kiosk.ui.view import View


def view_class(screen: Screen) -> type[View]:
    """The class of a screen; its rule is loaded with it, once."""
    name = screen.value.lower()
    rule = str(Path(__file__).with_name(f"{name}.kv"))
    if rule not in Builder.files:
        Builder.load_file(rule)
    module = import_module(f"kiosk.ui.screens.{name}")
    found: type[View] = module.VIEW
    return found
