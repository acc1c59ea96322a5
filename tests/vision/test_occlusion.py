from __future__ import annotations

import cv2
import numpy as np
import pytest
from presentations import bona_fide, with_glare, with_glasses, with_mask

from vision.align import align
from vision.occlusion import glare_of, hidden_of
from vision.quality import Limits, assess
from vision.types import Guidance

LIMITS = Limits()
MASKS = {
    "blue": (200, 150, 60),
    "white": (235, 235, 235),
    "grey": (120, 120, 120),
    "black": (30, 30, 30),
    "green": (90, 140, 80),
}


@pytest.fixture(scope="module")
def seen(stages, picture):
    (frame,) = bona_fide(picture, 1)
    (face,) = stages.detector.detect(frame)
    return frame, face


@pytest.mark.parametrize("colour", MASKS)
def test_a_mask_is_asked_off(seen, colour):
    frame, face = seen
    worn = with_mask(frame, face.points, MASKS[colour])
    assert assess(worn, face, LIMITS).guidance is Guidance.TAKE_OFF_MASK


@pytest.mark.parametrize(
    ("passes", "guidance"),
    [
        (0.05, Guidance.TAKE_OFF_GLASSES),  # as dark as they are sold
        (0.18, Guidance.TAKE_OFF_GLASSES),
        (0.30, Guidance.TAKE_OFF_GLASSES),
        (0.80, None),  # a light tint
        (1.00, None),
    ],
)
def test_dark_glasses_are_asked_off_and_light_ones_are_not(seen, passes, guidance):
    frame, face = seen
    assert assess(with_glasses(frame, face.points, passes), face, LIMITS).guidance is guidance


@pytest.mark.parametrize(("size", "guidance"), [(0.2, None), (1.1, Guidance.LESS_GLARE)])
def test_a_spot_that_could_hide_an_eye_is_glare_and_a_small_one_is_not(seen, size, guidance):
    frame, face = seen
    assert assess(with_glare(frame, face.points, size), face, LIMITS).guidance is guidance


@pytest.mark.parametrize("gain", [0.6, 0.8, 1.2])
def test_how_bright_the_room_is_hides_nothing(seen, gain):
    frame, face = seen
    dimmed = np.clip(frame * gain, 0, 255).astype(np.uint8)
    open_face = hidden_of(align(frame, face.points))
    same = hidden_of(align(dimmed, face.points))
    assert same.eyes == pytest.approx(open_face.eyes, abs=0.1)
    assert same.mouth > 2 * LIMITS.least_mouth


def test_a_face_without_redness_is_not_accused_of_a_mask(seen):
    frame, face = seen
    grey = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert hidden_of(align(grey, face.points)).mouth == 1.0


def test_many_small_spots_are_no_glare():
    aligned = np.full((112, 112, 3), 120, np.uint8)
    aligned[::4, ::4] = 255
    assert glare_of(aligned) < 0.01


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_breaks_nothing(value):
    aligned = np.full((112, 112, 3), value, np.uint8)
    assert np.isfinite([hidden_of(aligned).eyes, hidden_of(aligned).mouth]).all()
    assert glare_of(aligned) in (0.0, 1.0)


def test_whoever_moves_fast_is_asked_to_hold_still(seen):
    frame, face = seen
    assert assess(frame, face, LIMITS, speed=0.4).guidance is None
    assert assess(frame, face, LIMITS, speed=0.6).guidance is Guidance.HOLD_STILL
