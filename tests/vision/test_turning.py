"""Challenges on pictures as the detector sees them: the points are its own, not a simulation's.

The astronaut is laid on a flat sheet, or on a coarse relief of a head (an egg with a nose), turned
before a pinhole camera and given a sensor's noise.
"""

from __future__ import annotations

from functools import lru_cache, partial

import cv2
import numpy as np
import pytest

from vision.challenge import (
    SIDE,
    Challenge,
    ChallengeLimits,
    Failed,
    Fault,
    Move,
    Passed,
    Progress,
)
from vision.relief import view_of
from vision.types import Guidance

WIDTH, HEIGHT, FOCAL, AWAY = 640, 480, 600.0, 550.0
MM = 0.95  # millimetres a pixel: the astronaut's eyes are 63 mm apart
RATE = 12
TURNS = pytest.mark.parametrize("move", [Move.TURN_LEFT, Move.TURN_RIGHT])


@pytest.fixture(scope="module")
def sheet(stages, picture):
    """The picture with its face in the middle, and a depth in mm for each of its pixels."""
    (face,) = stages.detector.detect(picture)
    eyes = view_of(face.points).eyes
    size = 63 / MM / eyes
    nose = face.points[2] * size
    shift = np.float32([[size, 0, 320 - nose[0]], [0, size, 260 - nose[1]]])
    shown = cv2.warpAffine(picture, shift, (640, 520), borderMode=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[:520, :640].astype(np.float32)
    x, y = (x - 320) * MM, (y - 260) * MM
    egg = 60 * np.sqrt(np.clip(1 - (x / 95) ** 2 - ((y + 10) / 140) ** 2, 0, 1))
    nose_ridge = 22 * np.exp(-((x / 13) ** 2)) * np.clip((y + 40) / 40, 0, 1)
    nose_ridge *= np.clip((14 - y) / 14, 0, 1)
    return shown, cv2.GaussianBlur((egg + nose_ridge).astype(np.float32), (0, 0), 2)


@pytest.fixture(scope="module")
def scenes(sheet):
    """What the camera sees, by degrees of turn and whether there is relief; each drawn once."""
    return lru_cache(maxsize=None)(partial(shown, *sheet))


def shown(picture, depth, yaw, relief):
    """The sheet turned by `yaw` degrees about the upright axis through its middle."""
    c, s = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    v, u = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    u, v = (u - WIDTH / 2) / FOCAL, (v - HEIGHT / 2) / FOCAL
    # Where a ray meets the relief: a plane first, then a few steps towards the surface.
    z = np.zeros_like(u)
    for _ in range(8 if relief else 1):
        # x c + z s = u w,  y = v w,  w = AWAY + x s - z c, for a point (x, y) that stands out by z
        x = (u * (AWAY - z * c) - z * s) / (c - u * s)
        y = v * (AWAY + x * s - z * c)
        column, row = (x / MM + 320).astype(np.float32), (y / MM + 260).astype(np.float32)
        if relief:
            z = cv2.remap(depth, column, row, cv2.INTER_LINEAR) * 0.5 + z * 0.5
    return cv2.remap(picture, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def play(stages, scenes, asked, *, relief, moved=None):
    """Straight, then 35 degrees to the side that is asked for, or another; how it ended."""
    rng = np.random.default_rng(4)
    challenge = Challenge((asked,), ChallengeLimits(move_seconds=5.0))
    side = SIDE[moved or asked]
    yaw, goal = 0.0, 0.0
    for number in range(RATE * 8):
        scene = scenes(yaw, relief)
        noise = rng.integers(-3, 4, scene.shape, np.int8)
        faces = stages.detector.detect(cv2.add(scene, noise, dtype=cv2.CV_8U))
        answer = challenge.feed(faces[0].points if faces else None, number / RATE)
        if not isinstance(answer, Progress):
            return answer
        goal = goal if answer.instruction is Guidance.LOOK_STRAIGHT else side * 35.0
        yaw += float(np.clip(goal - yaw, -3, 3))
    raise AssertionError("a challenge without an end")


@TURNS
def test_a_head_that_turns_passes(stages, scenes, move):
    assert play(stages, scenes, move, relief=True) == Passed()


@TURNS
def test_the_same_picture_flat_does_not_pass(stages, scenes, move):
    """The detector makes up a little relief by itself; it stays far below the line."""
    end = play(stages, scenes, move, relief=False)
    assert end in (Failed(Fault.TIMED_OUT), Failed(Fault.FLAT))


def test_left_is_the_persons_own_left(stages, scenes):
    end = play(stages, scenes, Move.TURN_LEFT, relief=True, moved=Move.TURN_RIGHT)
    assert end == Failed(Fault.WRONG_WAY)
