"""Pictures of one panel: taken from its glass, kept, and held against the references.

build/screens/zh-portrait/tender.png        as taken
tests/screens/references/zh-portrait/tender.webp   what it must look like, a quarter of the size
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import mss
from PIL import Image

from tests.screens.compare import Area, Difference, difference, shrunk
from tests.screens.panel import Panel

REFERENCES = Path(__file__).with_name("references")
REST, LOOK, PATIENCE = 0.8, 0.1, 4.0
"""Seconds without a change, between two looks, and in all."""
MOVES = 1.0
"""Levels of 255 by which a tile of a screen that fades in differs from the one before."""
QUALITY = 60
"""Of a reference; what this costs in sharpness is less than the blur of the comparison."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One picture; without `difference` there was nothing to compare it with."""

    panel: Panel
    name: str
    path: Path
    difference: Difference | None

    @property
    def holds(self) -> bool:
        """Whether it looks as it must."""
        return self.difference is not None and self.difference.same


@dataclass(slots=True)
class Album:
    """All pictures of a panel; with `accept` they become the references."""

    panel: Panel
    display: str
    folder: Path
    accept: bool = False
    references: Path = REFERENCES
    taken: list[Taken] = field(default_factory=list)

    def take(self, name: str, living: tuple[Area, ...] = ()) -> Taken:
        """Photograph what is on the panel, once it stands still."""
        picture = self._at_rest(living)
        path = self.folder / self.panel.name / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, compress_level=1)
        small, kept = shrunk(picture), self.references / self.panel.name / f"{name}.webp"
        if self.accept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            small.save(kept, quality=QUALITY, method=6)
        found = None
        if kept.exists():
            with Image.open(kept) as reference:
                found = difference(reference, small, living)
        self.taken.append(Taken(self.panel, name, path, found))
        return self.taken[-1]

    def _at_rest(self, living: tuple[Area, ...]) -> Image.Image:
        """What lives needs not stand still, and something that always moves is not waited for."""
        picture = glass(self.display, self.panel)
        small, since, end = shrunk(picture), time.monotonic(), time.monotonic() + PATIENCE
        while time.monotonic() < min(since + REST, end):
            time.sleep(LOOK)
            picture = glass(self.display, self.panel)
            before, small = small, shrunk(picture)
            if difference(before, small, living).worst > MOVES:
                since = time.monotonic()
        return picture


def glass(display: str, panel: Panel) -> Image.Image:
    """What the panel shows."""
    with mss.MSS(display=display) as screen:
        area = {"left": 0, "top": 0, "width": panel.width, "height": panel.height}
        shot = screen.grab(area)
    return Image.frombytes("RGB", shot.size, shot.rgb)
