"""What hides a face, and light that glares off it, told from the face laid upright (`align`).

No network: each measure compares one part of the face with another part of the same face in the
same light, so that it does not ask how dark the skin or the room is. The face is averaged into
28 x 28 cells first, which leaves neither noise nor the rim of ordinary glasses much to say.

         forehead        eyes    the brightest quarter of the cells on an eye, over the cheek below:
      ▒▒▒▒▒   ▒▒▒▒▒              lids and the white of an eye are as bright as the cheek, a dark
      ▒eye▒ ░ ▒eye▒              lens is not
       cheek ░ cheek     mouth   how red the reddest quarter of the cells around the mouth is, over
         ▓▓▓▓▓▓▓                 the skin beside the nose: lips, and skin beside a beard, are as red
         ▓mouth▓                 as skin, cloth that is blue, white, grey or black is not

What looks like skin or is clear passes: a mask of the skin's colour, a lens that is lightly tinted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import cv2
import numpy as np

from vision.types import Floats, Image

CELLS = 28
"""A cell is 4 x 4 pixels of the aligned face."""
EYES = ((slice(12, 15), slice(7, 12)), (slice(12, 15), slice(16, 21)))
CHEEKS = ((slice(17, 20), slice(8, 11)), (slice(17, 20), slice(17, 20)))
MOUTH = (slice(21, 25), slice(10, 18))
SKIN = (slice(12, 17), slice(11, 17))
"""Between the eyes and beside the nose, above where a mask begins."""
BAND = (slice(40, 64), slice(24, 88))
"""Both eyes with their lids, and the lenses of glasses, in pixels of the aligned face."""
EYE = 240
"""Pixels of one eye with its lids there: a disc half as wide as the eyes are apart."""
CLIPPED = 250
LEAST_RED = 0.10
"""Skin less red than this (log of red over green) is lit too oddly to compare anything with."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """How much of what belongs to a face can be seen; about 1 where all of it can."""

    eyes: float
    """The brighter eye's share of the brightness of its cheek; dark glasses bring it below 0.4."""
    mouth: float
    """The mouth's share of the redness of the skin; a mask brings it to 0, or below if blue."""


def hidden_of(aligned: Image) -> Hidden:
    """Measures a face of 112 x 112 as `align` lays it."""
    cells = np.asarray(cv2.resize(aligned, (CELLS, CELLS), interpolation=cv2.INTER_AREA), np.uint8)
    bright = np.asarray(cv2.cvtColor(cells, cv2.COLOR_BGR2GRAY), np.uint8)
    eyes = max(
        upper_quarter(bright[eye]) / max(1.0, middle(bright[cheek]))
        for eye, cheek in zip(EYES, CHEEKS, strict=True)
    )
    skin = log(middle(_reds(cells[SKIN])))
    mouth = log(upper_quarter(_reds(cells[MOUTH]))) / skin if skin >= LEAST_RED else 1.0
    return Hidden(eyes, mouth)


def glare_of(aligned: Image) -> float:
    """The largest clipped spot before the eyes, in eyes: 1 hides one of them wholly.

    Only there: skin that shines on the forehead or a cheek hides nothing that tells people apart.
    """
    clipped = cv2.inRange(cv2.cvtColor(aligned[BAND], cv2.COLOR_BGR2GRAY), CLIPPED, 255)
    if not cv2.countNonZero(clipped):
        return 0.0
    _, _, spots, _ = cv2.connectedComponentsWithStats(clipped, connectivity=4)
    return float(spots[1:, cv2.CC_STAT_AREA].max()) / EYE


def upper_quarter(values: Image | Floats) -> float:
    """The least of the greatest quarter. For a few dozen values sorting beats numpy's own way."""
    ordered = sorted(values.ravel().tolist())
    return float(ordered[-(len(ordered) // 4)])


def middle(values: Image | Floats) -> float:
    """The median."""
    ordered = sorted(values.ravel().tolist())
    return float(ordered[len(ordered) // 2])


def _reds(cells: Image) -> Floats:
    """Red over green, cell by cell."""
    part = cells.astype(np.float32) + 1
    return np.asarray(part[..., 2] / part[..., 1], np.float32)
