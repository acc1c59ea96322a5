"""How a person before a camera moves, and how a sensor sees it: small, smooth, repeatable.

A frame depends on the seed and its number alone, so that the same sequence comes every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.cameras.pictures import Composition

Pixels = NDArray[np.uint8]
NOISE_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the subject is in one frame, relative to rest."""

    shift_x: float  # of the frame's width
    shift_y: float
    scale: float
    degrees: float


@dataclass(frozen=True, slots=True)
class Sway:
    """Amplitudes of slow movement; each axis is a sum of two sines with seeded phases."""

    shift: float = 0.012  # of the frame's width
    scale: float = 0.02
    degrees: float = 1.4
    tremor: float = 0.0  # of the frame's width, at several hertz: something held in a hand

    def pose(self, seed: int, seconds: float) -> Pose:
        phases = np.random.default_rng(seed).uniform(0, 2 * math.pi, 10)

        def wave(axis: int, hertz: float) -> float:
            slow = math.sin(2 * math.pi * hertz * seconds + phases[2 * axis])
            slower = math.sin(2 * math.pi * hertz * 0.37 * seconds + phases[2 * axis + 1])
            return 0.5 * (slow + slower)

        return Pose(
            self.shift * wave(0, 0.31) + self.tremor * wave(4, 4.7),
            self.shift * wave(1, 0.23) + self.tremor * wave(4, 5.9),
            1.0 + self.scale * wave(2, 0.17),
            self.degrees * wave(3, 0.21),
        )


class Sensor:
    """Noise of a small camera: a few seeded fields, rolled differently for each frame."""

    def __init__(self, seed: int, height: int, width: int, sigma: float) -> None:
        rng = np.random.default_rng(seed)
        self._seed = seed
        self._fields = [
            np.clip(np.rint(rng.normal(0, sigma, (height, width, 3))), -127, 127).astype(np.int16)
            for _ in range(NOISE_FIELDS if sigma > 0 else 0)
        ]

    def expose(self, scene: Pixels, number: int) -> Pixels:
        """``scene`` as the sensor reads it in frame ``number``."""
        if not self._fields:
            return scene
        rng = np.random.default_rng((self._seed, number))
        field = self._fields[number % NOISE_FIELDS]
        field = np.roll(field, int(rng.integers(0, field.shape[0])), axis=0)
        noisy = cv2.add(scene, field, dtype=cv2.CV_8U)
        return noisy.astype(np.uint8, copy=False)


class Subject:
    """A picture set into a frame of ``width`` x ``height``, its focus near the middle."""

    def __init__(self, picture: Pixels, composition: Composition, width: int, height: int) -> None:
        self._width, self._height = width, height
        across, down = picture.shape[1], picture.shape[0]
        cover = max(width / across, height / down)
        self._scale = scale_of(picture, composition, width, height)
        seen_x, seen_y = width / self._scale, height / self._scale
        self._centre = (
            _within(composition.focus_x * across, seen_x, across),
            _within(composition.focus_y * down, seen_y, down),
        )
        self._canvas = picture
        if self._scale < cover:
            self._canvas, offset = _extended(picture, seen_x, seen_y)
            self._centre = (self._centre[0] + offset[0], self._centre[1] + offset[1])

    def show(self, pose: Pose) -> Pixels:
        """The frame, without noise."""
        turn = cv2.getRotationMatrix2D(self._centre, pose.degrees, self._scale * pose.scale)
        turn[0, 2] += self._width / 2 - self._centre[0] + pose.shift_x * self._width
        turn[1, 2] += self._height / 2 - self._centre[1] + pose.shift_y * self._width
        frame = cv2.warpAffine(
            self._canvas,
            turn,
            (self._width, self._height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return frame.astype(np.uint8, copy=False)


def scale_of(picture: Pixels, composition: Composition, width: int, height: int) -> float:
    """How many pixels of the frame one of the picture takes."""
    across, down = picture.shape[1], picture.shape[0]
    cover = max(width / across, height / down)
    room = min(width / across, height / down) / composition.visible
    return float(min(cover, room)) * 1.04  # the sway must not show the picture's edge


def _within(focus: float, seen: float, size: float) -> float:
    """The centre of view nearest to ``focus`` that shows nothing beyond the picture."""
    return size / 2 if seen >= size else min(max(focus, seen / 2), size - seen / 2)


def _extended(picture: Pixels, seen_x: float, seen_y: float) -> tuple[Pixels, tuple[int, int]]:
    """The picture on a canvas as large as the view, around it its own edge, blurred.

    Mirrored edges would show a second face, so the edge is stretched instead.
    """
    down, across = picture.shape[:2]
    side = max(0, math.ceil((seen_x * 1.1 - across) / 2))
    top = max(0, math.ceil((seen_y * 1.1 - down) / 2))
    canvas = cv2.copyMakeBorder(picture, top, top, side, side, cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(canvas, (0, 0), max(3.0, across / 16))
    mask = np.zeros(canvas.shape[:2], dtype=np.float32)
    mask[top : top + down, side : side + across] = 1
    mask = cv2.GaussianBlur(mask, (0, 0), 4)[..., None]
    mixed = canvas * mask + blurred * (1 - mask)
    return np.clip(mixed, 0, 255).astype(np.uint8), (side, top)
