"""A shopper's finger and eyes, from outside: XTEST pointer events, the screen's own trace."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.errors import KioskError

POLL = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Seen:
    """What the screen says of itself: where to touch, never what a shopper bought."""

    screen: str
    language: str
    said: str
    detail: str
    hint: str
    instruction: str
    changes: int
    drawn_at: float
    widgets: Mapping[str, tuple[int, int, int, int, bool]]
    longest_block_ms: float

    def can_touch(self, widget: str) -> bool:
        """Whether a touch there would count."""
        return widget in self.widgets and self.widgets[widget][4]


class Finger:
    """Touches widgets by name on one display."""

    def __init__(self, display: str, trace: Path) -> None:
        self._environment = {**os.environ, "DISPLAY": display}
        self._trace = trace

    def look(self) -> Seen | None:
        """What is on the screen, or None before the first frame."""
        try:
            facts: dict[str, Any] = json.loads(self._trace.read_text("utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return Seen(
            facts["screen"],
            facts["language"],
            facts["said"],
            facts["detail"],
            facts["hint"],
            facts["instruction"],
            facts["changes"],
            facts["drawn_at"],
            {name: tuple(box) for name, box in facts["widgets"].items()},
            facts["longest_block_ms"],
        )

    def wait_for(self, *screens: str, timeout: float = 15.0) -> Seen:
        """Wait until one of these screens is drawn and listens."""
        return self.wait_until(lambda seen: seen.screen in screens, " or ".join(screens), timeout)

    def wait_until(
        self, happened: Callable[[Seen], bool], what: str, timeout: float = 15.0
    ) -> Seen:
        """Wait until `happened`; raises KioskError that says `what` did not come."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            seen = self.look()
            if seen is not None and happened(seen):
                return seen
            time.sleep(POLL)
        seen = self.look()
        shown = seen.screen if seen else "nothing"
        raise KioskError(f"waited {timeout:g} s for {what}, but the screen shows {shown}")

    def touch(self, widget: str, timeout: float = 5.0) -> None:
        """Press and lift in the middle of a widget."""
        seen = self.wait_until(lambda one: one.can_touch(widget), f"{widget} to touch", timeout)
        x, y, width, height, _ = seen.widgets[widget]
        where = [str(x + width // 2), str(y + height // 2)]
        # A person's press lasts; one without any length would be a glitch to a toolkit.
        command = [
            "xdotool",
            "mousemove",
            *where,
            "mousedown",
            "1",
            "sleep",
            "0.04",
            "mouseup",
            "1",
        ]
        subprocess.run(command, env=self._environment, check=True, timeout=10)
