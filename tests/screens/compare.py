"""Whether two pictures show the same, for an eye that forgives how a letter is drawn.

    picture ─► a quarter of its size ─► blurred ─► difference in tiles ─► the worst one, all of them

Fonts and the software that draws differ a little from machine to machine, and so does a count or a
time of day: such differences are thin, and a blur spreads them out. What is missing, elsewhere, in
another colour or says something else fills a tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

SHRINK = 4
BLUR = 2.5  # pixels of the shrunk picture
TILE = 15  # the same
WORST, WHOLE = 20.0, 2.5
"""Levels of 255 that a tile, and all of them on average, may differ."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the panel, in shares of its width and height from the top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How far apart two pictures are; `where` is the middle of the worst tile, in shares."""

    worst: float
    whole: float
    where: tuple[float, float] = (0.0, 0.0)

    @property
    def same(self) -> bool:
        """Whether a person would say so."""
        return self.worst <= WORST and self.whole <= WHOLE

    def __str__(self) -> str:
        x, y = self.where
        return f"worst {self.worst:.0f} at {x:.0%}, {y:.0%}; whole {self.whole:.1f}"


def shrunk(picture: Image.Image) -> Image.Image:
    """A picture as references are kept."""
    size = (picture.width // SHRINK, picture.height // SHRINK)
    return picture.convert("RGB").resize(size, Image.Resampling.BOX)


def difference(kept: Image.Image, taken: Image.Image, living: Sequence[Area] = ()) -> Difference:
    """Of two shrunk pictures; what is `living` is of another moment, and is not looked at."""
    if kept.size != taken.size:
        return Difference(255.0, 255.0)
    far = np.abs(_soft(kept) - _soft(taken)).max(axis=2)
    height, width = far.shape
    for area in living:
        rows = slice(round(area.top * height), round(area.bottom * height))
        far[rows, round(area.left * width) : round(area.right * width)] = 0
    rows, columns = height // TILE, width // TILE
    tiles = far[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE).mean((1, 3))
    row, column = np.unravel_index(int(tiles.argmax()), tiles.shape)
    where = ((int(column) + 0.5) / columns, (int(row) + 0.5) / rows)
    return Difference(float(tiles.max()), float(far.mean()), where)


def _soft(picture: Image.Image) -> NDArray[np.float32]:
    soft: Any = picture.convert("RGB").filter(ImageFilter.GaussianBlur(BLUR))
    return np.asarray(soft, np.float32)
