"""What hides a face, on faces drawn over by program and on people who wear nothing of the kind."""

from __future__ import annotations

from collections import Counter
from functools import partial

import cv2
import numpy as np
import pytest
from presentations import bona_fide
from worn import CLOTHS, LENSES, behind_lenses, glaring, masked

from vision.align import align
from vision.occlusion import glare_of, hidden_of
from vision.quality import Limits, assess
from vision.types import Guidance

CLEAR = 0.92
"""What the lens of ordinary glasses lets through."""


@pytest.fixture(scope="module")
def seen(stages, picture):
    """A frame of a bona fide person, and the face."""
    (frame,) = bona_fide(picture, 1)
    (face,) = stages.detector.detect(frame)
    return frame, face


def advice(stages, frame):
    """For the face as the detector finds it in the changed frame, not where it was known to be."""
    (face,) = stages.detector.detect(frame)
    return assess(frame, face, Limits()).guidance


@pytest.mark.parametrize("cloth", CLOTHS)
def test_a_mask_is_asked_to_be_taken_off(stages, seen, cloth):
    frame, face = seen
    assert advice(stages, masked(frame, face.points, CLOTHS[cloth])) is Guidance.TAKE_OFF_MASK


@pytest.mark.parametrize("lens", ["category 3", "category 4"])
def test_dark_glasses_are_asked_to_be_taken_off(stages, seen, lens):
    frame, face = seen
    worn = behind_lenses(frame, face.points, LENSES[lens])
    assert advice(stages, worn) is Guidance.TAKE_OFF_SUNGLASSES


def test_clear_glasses_with_dark_rims_may_stay(stages, seen):
    frame, face = seen
    assert advice(stages, behind_lenses(frame, face.points, CLEAR)) is None


@pytest.mark.parametrize(("widths", "guidance"), [(0.2, None), (0.7, Guidance.AVOID_GLARE)])
def test_glare_counts_where_it_hides_as_much_as_an_eye(stages, seen, widths, guidance):
    frame, face = seen
    assert advice(stages, glaring(frame, face.points, widths)) is guidance


@pytest.mark.parametrize("shade", [0.35, 0.6, 1.0])
def test_a_bare_face_shows_eyes_and_mouth_however_dark_it_is(seen, shade):
    frame, face = seen
    hidden = hidden_of(align((frame * shade).astype(np.uint8), face.points))
    assert hidden.eyes > 0.8
    assert hidden.mouth > 0.8


@pytest.mark.parametrize("shade", [0, 127, 255])
def test_a_face_of_one_shade_says_nothing_about_a_mouth(shade):
    flat = np.full((112, 112, 3), shade, np.uint8)
    assert hidden_of(flat).mouth == 1.0
    assert hidden_of(flat).eyes == pytest.approx(1.0 if shade else 0.0)


def test_glare_is_the_largest_spot_before_the_eyes_measured_in_eyes():
    face = np.full((112, 112, 3), 120, np.uint8)
    assert glare_of(face) == 0
    face[42:54, 30:40] = 255
    face[60:63, 60:63] = 255
    assert glare_of(face) == pytest.approx(0.5)


def test_a_forehead_that_shines_hides_nothing():
    face = np.full((112, 112, 3), 120, np.uint8)
    face[5:38, 30:80] = 255
    assert glare_of(face) == 0


def test_hardly_anybody_of_lfw_is_asked_to_take_something_off(stages, data):
    """Three do wear dark glasses; the eyes of a fourth lie in the shadow of his brow."""
    limits = Limits(most_width=1, off_centre_x=1, off_centre_y=1)
    told = Counter()
    for path in sorted((data / "lfw").glob("*/*.jpg")):
        frame = cv2.imread(str(path))
        face = _nearest_to_middle(stages.detector.detect(frame))
        told[assess(frame, face, limits).guidance] += 1
    assert told[Guidance.TAKE_OFF_MASK] == 0
    assert told[Guidance.TAKE_OFF_SUNGLASSES] <= 4
    assert told[Guidance.AVOID_GLARE] <= 1


DRAWN = {
    **{f"mask, {name}": (partial(masked, colour=colour), 0.97) for name, colour in CLOTHS.items()},
    "category 4": (partial(behind_lenses, through=LENSES["category 4"]), 0.85),
    "category 3": (partial(behind_lenses, through=LENSES["category 3"]), 0.80),
    "glare as large as an eye": (partial(glaring, widths=0.45), 0.97),
}


@pytest.mark.parametrize("thing", DRAWN)
def test_what_is_drawn_on_people_of_lfw_is_refused(stages, data, thing):
    draw, least = DRAWN[thing]
    limits = Limits(most_width=1, off_centre_x=1, off_centre_y=1, least_pixels=40)
    refused = []
    for path in sorted((data / "lfw").glob("*/*.jpg"))[::8]:
        frame = cv2.imread(str(path))
        face = _nearest_to_middle(stages.detector.detect(frame))
        if assess(frame, face, limits).guidance is None:
            worn = draw(frame, face.points)
            there = _nearest_to_middle(stages.detector.detect(worn))
            refused.append(assess(worn, there, limits).guidance is not None)
    assert len(refused) > 80
    assert np.mean(refused) >= least


def _nearest_to_middle(faces):
    return min(faces, key=lambda face: abs(face.box.centre_x - 125))
