"""What the operator wants the screen to look like and say, as the core was told it.

The screen reads the machine's own settings; what a service provider lays over them reaches the core
alone. So the core says it once to every screen that comes up, and the screen dresses anew where it
differs from what it wears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Branded:
    """Values only: files are the machine's own. Colours by token, texts by language and key."""

    languages: tuple[str, ...] = ("zh", "en")
    colours: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    slide_seconds: float = 8.0
