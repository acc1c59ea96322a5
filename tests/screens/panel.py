"""The panels that kiosks have, how each is dressed and which language it speaks first.

A panel more is a line of PANELS; everything that is looked at is looked at on it, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Panel:
    """One kind of panel; `ui` are settings of the screen's process on it."""

    form: str
    width: int
    height: int
    language: str
    ui: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its pictures are filed under."""
        return f"{self.language}-{self.form}"


_FORMS: tuple[tuple[str, int, int, Mapping[str, Any]], ...] = (
    ("portrait", 1080, 1920, {}),
    ("landscape", 1920, 1080, {}),
    ("small", 1024, 768, {}),
    ("dark", 1080, 1920, {"dark": True}),
)
PANELS = tuple(
    Panel(form, width, height, language, ui)
    for form, width, height, ui in _FORMS
    for language in LANGUAGES
)
