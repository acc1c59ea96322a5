"""Frames made by program from one picture: a bona fide presentation, and attack presentations.

Synthetic, and called so: what they show is that the pipeline can tell the kinds apart, not how
well it would in a shop.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480


def bona_fide(picture, count, seed=0):
    """The picture's upper part before the camera, with small movements and sensor noise."""
    rng = np.random.default_rng(seed)
    scale = WIDTH / picture.shape[1]
    for _ in range(count):
        turn, zoom = rng.normal(0, 0.5), scale * (1 + rng.normal(0, 0.005))
        matrix = cv2.getRotationMatrix2D((picture.shape[1] / 2, 100), turn, zoom)
        matrix[:, 2] += np.array([WIDTH / 2, 160]) - np.array([picture.shape[1] / 2, 100])
        matrix[:, 2] += rng.normal(0, 1.5, 2)
        yield _sensor(_warp(picture, matrix), rng)


def on_a_phone(picture, count, seed=0):
    """The picture filling a telephone before the camera: bezel, pixel grid, cold white, glare."""
    rng = np.random.default_rng(seed)
    shown = cv2.resize(picture[0:306, 135:315], (500, 850), interpolation=cv2.INTER_CUBIC)
    light = shown.astype(np.float32) * np.array([1.25, 1.15, 1.05], np.float32)
    light[::3] *= 0.75  # the dark gaps between rows of pixels; seen at another pitch: moiré
    light[:, ::3] *= 0.8
    device = np.full((970, 560, 3), 12, np.uint8)
    device[60:910, 30:530] = np.clip(light, 0, 255)
    cv2.ellipse(device, (430, 230), (70, 20), -35, 0, 360, (235, 235, 235), -1)
    yield from _held(device, 300, count, rng)


def on_paper(picture, count, seed=0):
    """The picture printed, with a white edge, before the camera: flat contrast, dull colours."""
    rng = np.random.default_rng(seed)
    face = cv2.resize(picture[0:240, 105:345], (600, 600)).astype(np.float32)
    gray = face.mean(axis=2, keepdims=True)
    printed = 55 + 0.6 * (0.6 * face + 0.4 * gray)
    raster = np.indices((600, 600)).sum(axis=0) % 4 < 2
    printed += np.where(raster, 6, -6)[..., None]
    paper = np.full((680, 680, 3), 225, np.float32)
    paper[40:640, 40:640] = printed
    yield from _held(np.clip(paper, 0, 255).astype(np.uint8), 340, count, rng)


def _held(thing, width, count, rng) -> Iterator[np.ndarray]:
    """A flat thing, `width` pixels wide in the frame, in a shaking hand, before a plain room."""
    shade = np.linspace(90, 150, WIDTH, dtype=np.float32)[None, :, None]
    room = np.broadcast_to(shade * np.array([0.9, 1.0, 1.05], np.float32), (HEIGHT, WIDTH, 3))
    high, wide = thing.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    scale = width / wide
    middle = np.array([WIDTH, HEIGHT]) / 2
    lean = rng.uniform(-8, 8, (4, 2))
    for _ in range(count):
        place = (corners - [wide / 2, high / 2]) * scale + middle + lean + rng.normal(0, 1.5, 2)
        matrix = cv2.getPerspectiveTransform(corners, place.astype(np.float32))
        seen = cv2.warpPerspective(thing, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
        mask = cv2.warpPerspective(np.ones((high, wide), np.uint8), matrix, (WIDTH, HEIGHT))
        yield _sensor(np.where(mask[..., None] > 0, seen, room), rng)


def _warp(picture, matrix):
    return cv2.warpAffine(
        picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT
    )


def _sensor(frame, rng):
    return np.clip(frame + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8)
