from __future__ import annotations

import cv2
import numpy as np
import pytest
from presentations import bona_fide

from vision.quality import Light, Limits, Pose, assess, lighting, placing, pose_of, posing
from vision.types import Box, Face, Guidance

STRAIGHT = np.array([[40, 40], [80, 40], [60, 62], [45, 80], [75, 80]], np.float32)
LIMITS = Limits()


def face_at(x, y, width, height=None):
    return Face(Box(x, y, width, height or width * 1.25), STRAIGHT, 0.9)


@pytest.mark.parametrize(
    ("face", "guidance"),
    [
        (face_at(250, 150, 140), None),
        (face_at(100, 60, 300), Guidance.STEP_BACK),
        (face_at(280, 200, 60), Guidance.COME_CLOSER),
        (face_at(20, 150, 140), Guidance.CENTRE_YOURSELF),
        (face_at(250, -10, 140), Guidance.CENTRE_YOURSELF),
        (face_at(250, 330, 140), Guidance.CENTRE_YOURSELF),
    ],
)
def test_where_the_face_is_decides_what_to_do(face, guidance):
    assert placing(np.zeros((480, 640, 3), np.uint8), face, LIMITS) is guidance


@pytest.mark.parametrize(
    ("light", "guidance"),
    [
        (Light(mean=120, clipped=0.0, colour=30), None),
        (Light(mean=30, clipped=0.0, colour=30), Guidance.MORE_LIGHT),
        (Light(mean=230, clipped=0.1, colour=30), Guidance.LESS_LIGHT),
        (Light(mean=150, clipped=0.4, colour=30), Guidance.LESS_LIGHT),
        (Light(mean=120, clipped=0.0, colour=1), Guidance.NO_COLOUR),
    ],
)
def test_light_decides_what_to_do(light, guidance):
    assert lighting(light, LIMITS) is guidance


@pytest.mark.parametrize(
    ("pose", "guidance"),
    [
        (Pose(yaw=0, roll=0, nod=0.55), None),
        (Pose(yaw=-40, roll=0, nod=0.55), Guidance.LOOK_STRAIGHT),
        (Pose(yaw=0, roll=30, nod=0.55), Guidance.LOOK_STRAIGHT),
        (Pose(yaw=0, roll=0, nod=0.1), Guidance.LOOK_STRAIGHT),
        (Pose(yaw=0, roll=0, nod=1.0), Guidance.LOOK_STRAIGHT),
    ],
)
def test_pose_decides_what_to_do(pose, guidance):
    assert posing(pose, LIMITS) is guidance


@pytest.mark.parametrize("angle", [-30, 0, 20])
def test_roll_is_the_lean_of_the_eyes(angle):
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    pose = pose_of((STRAIGHT @ matrix.T).astype(np.float32))
    assert pose.roll == pytest.approx(angle, abs=0.1)
    assert pose.yaw == pytest.approx(0, abs=0.1)
    assert pose.nod == pytest.approx(0.55, abs=0.01)


@pytest.mark.parametrize("yaw", [-35, -10, 15, 40])
def test_yaw_is_found_from_a_head_in_three_dimensions(yaw):
    # millimetres: eyes, nose tip 36 in front of them, mouth; seen from far away
    head = np.array(
        [[-31.5, -30, 0], [31.5, -30, 0], [0, 5, 36], [-25, 35, 0], [25, 35, 0]], np.float64
    )
    turn = np.radians(yaw)
    seen = np.stack([head[:, 0] * np.cos(turn) + head[:, 2] * np.sin(turn), head[:, 1]], axis=1)
    assert pose_of(seen.astype(np.float32)).yaw == pytest.approx(yaw, abs=1.5)


def test_points_that_fall_together_do_not_break_the_estimate():
    pose = pose_of(np.zeros((5, 2), np.float32))
    assert posing(pose, LIMITS) is Guidance.LOOK_STRAIGHT


@pytest.mark.parametrize(
    ("spoil", "guidance"),
    [
        (lambda f: f, None),
        (lambda f: cv2.GaussianBlur(f, (0, 0), 3), Guidance.HOLD_STILL),
        (lambda f: (f * 0.2).astype(np.uint8), Guidance.MORE_LIGHT),
        (lambda f: np.clip(f * 2.5, 0, 255).astype(np.uint8), Guidance.LESS_LIGHT),
        (lambda f: cv2.cvtColor(cv2.cvtColor(f, 6), cv2.COLOR_GRAY2BGR), Guidance.NO_COLOUR),
    ],
    ids=["good", "blurred", "dark", "bright", "grey"],
)
def test_a_spoilt_frame_of_a_person_gets_its_guidance(stages, picture, spoil, guidance):
    (frame,) = bona_fide(picture, 1)
    (face,) = stages.detector.detect(frame)
    assert assess(spoil(frame), face, LIMITS).guidance is guidance


def test_a_dark_face_in_a_bright_room_is_lit_from_behind_and_in_a_dark_one_is_not(stages, picture):
    (frame,) = bona_fide(picture, 1)
    (face,) = stages.detector.detect(frame)
    box = face.box
    dark = (frame * 0.2).astype(np.uint8)
    window = np.full_like(frame, 230)
    rows = slice(round(box.y) - 10, round(box.y + box.height) + 10)
    grown = (rows, slice(round(box.x) - 10, round(box.x + box.width) + 10))
    window[grown] = dark[grown]
    assert assess(window, face, LIMITS).guidance is Guidance.LIGHT_BEHIND
    assert assess(dark, face, LIMITS).guidance is Guidance.MORE_LIGHT


def test_a_sharper_frame_has_more_quality(stages, picture):
    (frame,) = bona_fide(picture, 1)
    (face,) = stages.detector.detect(frame)
    blurred = cv2.GaussianBlur(frame, (0, 0), 1.5)
    sharp, soft = assess(frame, face, LIMITS), assess(blurred, face, LIMITS)
    assert 0 < soft.score < sharp.score <= 1
