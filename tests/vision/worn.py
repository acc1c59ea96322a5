"""Masks, sunglasses and glare drawn on a face by program, and called synthetic.

Placed by the five points, in linear light: cloth keeps the shading of what it covers, a lens lets
light through twice (in to the eye, and back out) and mirrors a little of the room, a lamp's
reflection adds light until the sensor clips.
"""

from __future__ import annotations

import cv2
import numpy as np

CLOTHS = {
    "surgical blue": (190, 165, 120),
    "white": (225, 225, 225),
    "black": (30, 30, 30),
    "grey": (128, 128, 128),
    "green": (120, 165, 120),
}
"""Blue, green, red under white light."""
LENSES = {"category 2": 0.30, "category 3": 0.13, "category 4": 0.05}
"""Light let through once: the middle of each category of ISO 12312-1."""
GAMMA = 2.2
MIRRORED = 0.04
"""What a lens without coating throws back of the room before it."""


def masked(frame, points, colour):
    """A mask of `colour` from below the eyes to the chin; `points` 5 x 2."""
    right, down, middle = _axes(points)
    nose = points[2] - middle
    top = middle + down * (nose @ down) * 0.55
    chin = middle + down * 1.85 * np.linalg.norm(right)
    side = right * 1.05
    outline = [
        top - right * 0.25,
        top + right * 0.25,
        top + side + down * 0.15 * np.linalg.norm(right),
        chin + side * 0.75 - down * 0.45 * np.linalg.norm(right),
        chin + right * 0.25,
        chin - right * 0.25,
        chin - side * 0.75 - down * 0.45 * np.linalg.norm(right),
        top - side + down * 0.15 * np.linalg.norm(right),
    ]
    light = _linear(frame)
    shade = cv2.GaussianBlur(light.mean(axis=2), (0, 0), np.linalg.norm(right) * 0.3)
    cloth = _linear(np.asarray(colour, np.float32)) * (shade / 0.35)[..., None]
    return _worn(light, cloth, _filled(frame.shape, [np.array(outline)]))


def behind_lenses(frame, points, through, room=0.3):
    """Glasses that let the share `through` of the light pass, with dark rims."""
    right, _, _ = _axes(points)
    wide = np.linalg.norm(right)
    turn = np.degrees(np.arctan2(right[1], right[0]))
    lenses = [_lens(eye, wide * 0.40, wide * 0.30, turn) for eye in points[:2]]
    rims = [_lens(eye, wide * 0.44, wide * 0.34, turn) for eye in points[:2]]
    light = _linear(frame)
    dark = _worn(light, np.full_like(light, 0.01), _filled(frame.shape, rims))
    seen = light * through**2 + room * MIRRORED
    return _worn(_linear(dark), seen, _filled(frame.shape, lenses))


def glaring(frame, points, widths=0.45):
    """A lamp's reflection on one eye and its glasses, `widths` distances of the eyes across."""
    right, _, _ = _axes(points)
    radius = max(1.0, widths * np.linalg.norm(right) / 2)
    rows, columns = np.indices(frame.shape[:2], np.float32)
    away = np.hypot(columns - points[0][0], rows - points[0][1]) / radius
    light = _linear(frame) + (1.5 * np.exp(-np.maximum(away - 1, 0) * 8))[..., None]
    return _seen(light)


def _axes(points):
    right = (points[1] - points[0]).astype(np.float64)
    down = np.array([-right[1], right[0]]) / np.linalg.norm(right)
    return right, down, (points[0] + points[1]) / 2


def _lens(eye, half_wide, half_high, turn):
    size = (max(1, round(half_wide)), max(1, round(half_high)))
    return cv2.ellipse2Poly(tuple(map(round, eye.tolist())), size, round(turn), 0, 360, 10)


def _filled(shape, outlines):
    cover = np.zeros(shape[:2], np.float32)
    for outline in outlines:
        cv2.fillPoly(cover, [np.rint(outline).astype(np.int32)], 1.0)
    return cv2.GaussianBlur(cover, (0, 0), 0.7)[..., None]


def _worn(light, worn, cover):
    return _seen(light * (1 - cover) + worn * cover)


def _linear(values):
    return (np.asarray(values, np.float32) / 255) ** GAMMA


def _seen(light):
    return (np.clip(light, 0, 1) ** (1 / GAMMA) * 255).astype(np.uint8)
