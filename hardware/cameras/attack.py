"""An attack presentation made by program: a picture on a phone, a tablet, or printed paper.

What tells such a presentation from a person is drawn as a camera would see it: bezel, the screen's
light and its grid against the sensor's (moire), a reflection, perspective, the tremor of a hand.
For tests of presentation attack detection; no substitute for attacks with real instruments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.cameras.motion import Pose
from hardware.cameras.pictures import Composition

Pixels = NDArray[np.uint8]
Light = NDArray[np.float32]

MARGIN = 48  # of moire beyond the frame, for it to move


class Instrument(Enum):
    """What is held before the camera (presentation attack instrument)."""

    PHONE = "phone"
    TABLET = "tablet"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Shape:
    """Proportions: height to width, rim as part of the width, height as part of the frame's."""

    aspect: float
    rim: float
    part: float


SHAPES: Mapping[Instrument, Shape] = MappingProxyType(
    {
        Instrument.PHONE: Shape(aspect=1.9, rim=0.05, part=0.86),
        Instrument.TABLET: Shape(aspect=1.38, rim=0.07, part=0.84),
        Instrument.PAPER: Shape(aspect=1.35, rim=0.03, part=0.8),
    }
)


class Presentation:
    """A picture on an instrument in front of a wall, for frames of ``width`` x ``height``."""

    def __init__(
        self,
        picture: Pixels,
        instrument: Instrument,
        width: int,
        height: int,
        *,
        composition: Composition,
        seed: int = 0,
    ) -> None:
        self._width, self._height = width, height
        self._screen = instrument is not Instrument.PAPER
        rng = np.random.default_rng(seed)
        self._wall = wall(width, height, rng)
        self._card = _card(picture, instrument, composition, width, height)
        self._tilt = rng.uniform(-1.0, 1.0, 2)
        self._grid = _moire(width + 2 * MARGIN, height + 2 * MARGIN, rng)
        self._glare = _glare(width, height, rng)

    def show(self, pose: Pose) -> Pixels:
        """The frame, without noise: the instrument follows ``pose``, and its moire with it."""
        warp, corners = self._warp(pose)
        size = (self._width, self._height)
        card = cv2.warpPerspective(self._card, warp, size, flags=cv2.INTER_AREA)
        left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, size)
        right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 1, 0, size)
        seen = card[top:bottom, left:right].astype(np.float32)
        if self._screen:
            dx, dy = (
                int(np.clip(MARGIN + 3 * shift * self._width, 0, 2 * MARGIN))
                for shift in (pose.shift_x, pose.shift_y)
            )
            seen *= self._grid[top + dy : bottom + dy, left + dx : right + dx]
            seen += self._glare[top:bottom, left:right]
        mask = np.zeros((self._height, self._width), dtype=np.uint8)
        outline = np.rint(corners * 16).astype(np.int32)
        cv2.fillConvexPoly(mask, outline, 255, lineType=cv2.LINE_AA, shift=4)
        share = mask[top:bottom, left:right, None].astype(np.float32) / 255
        frame = self._wall.copy()
        behind = frame[top:bottom, left:right]
        frame[top:bottom, left:right] = np.clip(behind + (seen - behind) * share, 0, 255)
        return frame

    def _warp(self, pose: Pose) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """From the card to the frame, and the card's corners there."""
        high, wide = self._card.shape[:2]
        centre = np.array(
            (
                self._width * (0.5 + 2 * pose.shift_x),
                self._height * 0.5 + 2 * pose.shift_y * self._width,
            )
        )
        turn = math.radians(pose.degrees * 2.2)
        lean = 0.035 * self._tilt + 0.01 * np.array((pose.degrees, -pose.degrees))
        corners = []
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            depth = 1 + lean[0] * x + lean[1] * y
            px, py = x * wide / 2 * depth * pose.scale, y * high / 2 * depth * pose.scale
            corners.append(
                (
                    centre[0] + px * math.cos(turn) - py * math.sin(turn),
                    centre[1] + px * math.sin(turn) + py * math.cos(turn),
                )
            )
        source = np.array(((0, 0), (wide, 0), (wide, high), (0, high)), dtype=np.float32)
        target = np.array(corners, dtype=np.float32)
        warp = cv2.getPerspectiveTransform(source, target)
        return warp.astype(np.float64, copy=False), target


def wall(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """An empty scene: a plain wall, lit from one side, a little uneven."""
    small = rng.normal(0, 1, (height // 80 + 2, width // 80 + 2)).astype(np.float32)
    uneven = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    light = 150 + 30 * np.linspace(-1, 1, width, dtype=np.float32)[None, :] + 4 * uneven
    tint = np.array((0.96, 1.0, 1.03), dtype=np.float32)
    return (light[..., None] * tint).astype(np.uint8)


def _moire(width: int, height: int, rng: np.random.Generator) -> Light:
    """Brightness bands; each colour has its own, since a screen's stripes lie side by side.

    The sensor's grid beats with the screen's; pitch and angle differ from one screen to the next.
    """
    pitch, angle = float(rng.uniform(3.2, 5.2)), float(rng.uniform(0.03, 0.12))
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    along = (x * math.cos(angle) + y * math.sin(angle)) / pitch
    across = (y * math.cos(angle) - x * math.sin(angle)) / (pitch * 1.31)
    slow = (x * 0.9 + y * 0.5) / (width * 0.11)
    colours = [
        1
        + 0.055 * np.sin(2 * math.pi * (along + shift))
        + 0.035 * np.sin(2 * math.pi * across)
        + 0.03 * np.sin(2 * math.pi * (slow + shift))
        for shift in (0.0, 0.33, 0.67)
    ]
    return np.stack(colours, axis=-1).astype(np.float32)


def _glare(width: int, height: int, rng: np.random.Generator) -> Light:
    """The reflection of a lamp: a soft streak that stays while the screen moves."""
    at_x, at_y = rng.uniform(0.15, 0.85, 2)
    x = np.arange(width, dtype=np.float32)[None, :] / width - at_x
    y = np.arange(height, dtype=np.float32)[:, None] / height - at_y
    along, beside = x * 0.8 + y * 0.6, y * 0.8 - x * 0.6
    streak = 70 * np.exp(-((along / 0.35) ** 2) - (beside / 0.07) ** 2)
    return streak.astype(np.float32)[..., None]  # type: ignore[no-any-return]


def _card(
    picture: Pixels, instrument: Instrument, composition: Composition, width: int, height: int
) -> Pixels:
    """The instrument itself, seen straight on, sized for the frame."""
    shape = SHAPES[instrument]
    aspect = shape.aspect if height >= width else 1 / shape.aspect  # turned as the camera is
    high = min(round(height * shape.part), round(width * 0.9 * aspect))
    wide = round(high / aspect)
    rim = max(2, round(min(wide, high) * shape.rim))
    shown = _cropped(picture, composition, wide - 2 * rim, high - 2 * rim)
    face = _emitted(shown) if instrument is not Instrument.PAPER else _printed(shown)
    edge = (24, 22, 22) if instrument is not Instrument.PAPER else (236, 240, 242)
    framed = cv2.copyMakeBorder(face, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=edge)
    return framed.astype(np.uint8, copy=False)


def _cropped(picture: Pixels, composition: Composition, wide: int, high: int) -> Pixels:
    """The picture around its focus, filling the screen."""
    scale = max(wide / picture.shape[1], high / picture.shape[0])
    size = (
        max(wide, math.ceil(picture.shape[1] * scale)),
        max(high, math.ceil(picture.shape[0] * scale)),
    )
    grown = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    left = min(max(round(composition.focus_x * size[0] - wide / 2), 0), size[0] - wide)
    top = min(max(round(composition.focus_y * size[1] - high / 2), 0), size[1] - high)
    return grown[top : top + high, left : left + wide].astype(np.uint8, copy=False)


def _emitted(picture: Pixels) -> Pixels:
    """A screen's light: bluish white, no true black, more contrast than a face has."""
    light = picture.astype(np.float32) / 255
    light = np.clip((light - 0.5) * 1.15 + 0.5, 0, 1) ** 0.92
    white = np.array((1.0, 0.95, 0.86), dtype=np.float32)
    return (14 + 236 * light * white).astype(np.uint8)


def _printed(picture: Pixels) -> Pixels:
    """Ink on paper: flat, duller, with the raster of a laser printer."""
    light = picture.astype(np.float32) / 255
    rows = np.arange(picture.shape[0], dtype=np.float32)[:, None, None]
    columns = np.arange(picture.shape[1], dtype=np.float32)[None, :, None]
    raster = 0.04 * np.sin(rows * 2.1 + columns * 0.9) * np.sin(columns * 2.1 - rows * 0.9)
    return (255 * np.clip(0.1 + 0.78 * light + raster, 0, 1)).astype(np.uint8)
