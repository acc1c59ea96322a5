"""A person's picture on a relief of a head, or the same picture flat, turned before a camera.

    pixel -> ray through the pinhole -> where it meets the relief -> the picture there

The relief is coarse, an egg with a nose, and no more is behind it than the picture's own back, so
that a head may turn by some 40 degrees. Lengths are in distances between the pupils.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.cameras.motion import Pose, scale_of
from hardware.cameras.obedience import Stance
from hardware.cameras.pictures import Composition

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]

AWAY = 8.7
"""From the lens to the middle of the head, about 550 mm."""
NOSE_BELOW = 0.55
"""The tip of the nose below the eyes."""
EGG = (1.0, 2.4, 0.95)
"""Half axes of the head: across, down, and how far it stands out."""
RIDGE = 0.35
"""How far the nose stands out beyond the egg."""
WINGS = 0.26
"""From the middle of the nose to its side."""
STEPS = 8
"""Towards the surface; the last one moves by less than a hundredth."""
COARSE = 2
"""The surface is searched in so many pixels at once, and is smooth between them."""


class Relief:
    """A head for frames of ``width`` x ``height``; without ``depth`` a sheet with its picture."""

    def __init__(
        self,
        picture: Pixels,
        composition: Composition,
        width: int,
        height: int,
        *,
        depth: float = 1.0,
    ) -> None:
        self._width, self._height = width, height
        self._picture = picture
        self._eyes = composition.eyes * picture.shape[1]
        across, down = composition.nose or (composition.focus_x, composition.focus_y)
        self._nose = (across * picture.shape[1], down * picture.shape[0])
        self._focal = AWAY * self._eyes * scale_of(picture, composition, width, height)
        self._map = _relief(self._eyes, picture.shape[1], picture.shape[0], self._nose) * depth
        rows, columns = np.mgrid[0:height:COARSE, 0:width:COARSE].astype(np.float32)
        self._u = (columns - width / 2) / self._focal
        self._v = (rows - height * 0.42) / self._focal

    def show(self, pose: Pose, stance: Stance) -> Pixels:
        """The frame, without noise."""
        yaw = math.radians(stance.yaw)
        cosine, sine = math.cos(yaw), math.sin(yaw)
        away = AWAY / (stance.nearer * pose.scale)
        shift = AWAY * self._width / self._focal
        u = self._u - pose.shift_x * shift / away
        v = self._v - pose.shift_y * shift / away
        roll = math.radians(pose.degrees)
        u, v = u * math.cos(roll) + v * math.sin(roll), v * math.cos(roll) - u * math.sin(roll)
        z = column = row = np.zeros_like(u)
        for _ in range(STEPS):
            # x cos + z sin = u w and y = v w, w = away + x sin - z cos, where the relief is z high
            x = (u * (away - z * cosine) - z * sine) / (cosine - u * sine)
            y = v * (away + x * sine - z * cosine)
            column, row = x * self._eyes + self._nose[0], y * self._eyes + self._nose[1]
            found = cv2.remap(self._map, column, row, cv2.INTER_LINEAR)
            z = 0.5 * z + 0.5 * np.asarray(found, np.float32)
        size = (self._width, self._height)
        frame = cv2.remap(
            self._picture,
            cv2.resize(column, size, interpolation=cv2.INTER_LINEAR),
            cv2.resize(row, size, interpolation=cv2.INTER_LINEAR),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return frame.astype(np.uint8, copy=False)


def _relief(eyes: float, width: int, height: int, nose: tuple[float, float]) -> Plane:
    """How far each pixel of the picture stands out."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    x, y = (columns - nose[0]) / eyes, (rows - nose[1]) / eyes
    across, down, out = EGG
    egg = out * np.sqrt(np.clip(1 - (x / across) ** 2 - ((y + 0.15) / down) ** 2, 0, 1))
    # From between the eyes down to the tip, and below the nostrils, which stand out as well, back.
    ridge = RIDGE * np.exp(-((x / WINGS) ** 2)) * np.clip((y + NOSE_BELOW) / NOSE_BELOW, 0, 1)
    ridge *= np.clip((0.4 - y) / 0.2, 0, 1)
    return np.asarray(cv2.GaussianBlur(egg + ridge, (0, 0), eyes / 33), np.float32)
