"""What a driver from outside may know: where to point, how fast it is. No shopper's data.

    {"screen": "BASKET", "language": "zh", "said": "", "detail": "", "hint": "", "instruction": "",
     "changes": 7, "drawn_at": 812.301, "settled_at": 812.560,
     "widgets": {"pay": [48, 1716, 984, 156, true], …}, "longest_block_ms": 11.2}

`instruction` is the sentence of guidance before the camera. Boxes are x, y, width, height in pixels
of the window from its top left; the last word says whether a touch there would count. Times are of
the clock the options gave.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kivy.uix.widget import Widget

from kiosk.messages import Text
from kiosk.ui.controls import Tap
from kiosk.ui.stage import Stage


class FrameWatch:
    """The longest stretch from the begin of a frame's work to its drawing, start-up left out."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began: float | None = None
        self.longest_ms = 0.0

    def begin(self, now: float) -> None:
        """A frame's work begins."""
        self._began = now

    def end(self, now: float) -> None:
        """The work is done, or drawing begins."""
        if self._began is not None:
            self.longest_ms = max(self.longest_ms, round((now - self._began) * 1000, 1))

    def restart(self) -> None:
        """Forget what was measured while starting."""
        self.longest_ms = 0.0


class ScreenTrace:
    """Writes the file after each change, once the screen has settled; nothing without a path."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._drawn_for = -1.0
        self._written_for = (-1.0, "")
        self._drawn_at = 0.0
        self._changes = 0

    def drawn(self, stage: Stage, now: float) -> None:
        """A frame has reached the panel."""
        if stage.changed_at != self._drawn_for:
            self._drawn_for = stage.changed_at
            self._drawn_at = now
            self._changes += 1

    def write(self, stage: Stage, language: str, longest_block_ms: float, now: float) -> None:
        """Write once for each change that was drawn and each instruction, when touches count."""
        if self._path is None or stage.showing is None or not stage.listening:
            return
        if stage.changed_at != self._drawn_for:
            return
        if self._written_for == (self._drawn_for, stage.instruction):
            return
        self._written_for = (self._drawn_for, stage.instruction)
        facts = {
            "screen": stage.showing.screen.value,
            "language": language,
            "said": _key(stage.showing.said),
            "detail": _key(stage.showing.detail),
            "hint": stage.hinted,
            "instruction": stage.instruction,
            "changes": self._changes,
            "drawn_at": self._drawn_at,
            "settled_at": now,
            "widgets": dict(boxes(stage)),
            "longest_block_ms": longest_block_ms,
        }
        partial = self._path.with_name(f"{self._path.name}.part")
        partial.write_text(json.dumps(facts), "utf-8")
        partial.replace(self._path)


def _key(text: Text | None) -> str:
    """Which sentence is shown, never what it names."""
    return text.key if text is not None else ""


def boxes(stage: Stage) -> Iterator[tuple[str, list[Any]]]:
    """Every tappable widget that can be seen, with its box and whether a touch would reach it."""
    modal = stage.modal
    reached = None if modal is None else set(_taps(modal))
    edge = stage.height - (stage.ids.reach.height if stage.low else 0)
    for tap in _taps(stage):
        x, y = tap.to_window(*tap.pos)
        width, height = tap.size
        top = stage.height - y - height
        reach = tap.name == "reach"
        free = reach or (top + height / 2 < edge and (reached is None or tap in reached))
        enabled = not tap.disabled and free
        yield tap.name, [round(x), round(top), round(width), round(height), enabled]


def _taps(widget: Widget) -> Iterator[Tap]:
    if widget.opacity == 0:
        return
    if isinstance(widget, Tap) and widget.name:
        yield widget
    for child in widget.children:
        yield from _taps(child)
