from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.align import TEMPLATE, align, similarity

FIVE = np.asarray(TEMPLATE, np.float32)
moves = {
    "angle": st.floats(-3.1, 3.1),
    "scale": st.floats(0.1, 10),
    "x": st.floats(-500, 500),
    "y": st.floats(-500, 500),
}


def moved(points, angle, scale, x, y):
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return (points @ turn.T + (x, y)).astype(np.float32)


def applied(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(**moves)
def test_any_turn_scale_and_shift_is_undone(angle, scale, x, y):
    seen = moved(FIVE, angle, scale, x, y)
    assert np.abs(applied(similarity(seen, FIVE), seen) - FIVE).max() < 0.01


@given(seed=st.integers(0, 2**16), **moves)
def test_no_other_similarity_comes_closer(seed, angle, scale, x, y):
    rng = np.random.default_rng(seed)
    seen = FIVE + rng.normal(0, 5, FIVE.shape).astype(np.float32)
    best = similarity(seen, FIVE)
    error = np.sum((applied(best, seen) - FIVE) ** 2)
    near = applied(best, seen)
    other = moved(near, angle / 30, 1 + (scale - 5) / 100, x / 100, y / 100)
    assert np.sum((other - FIVE) ** 2) >= error - 1e-2


def test_it_is_opencvs_least_squares_estimate_without_outliers():
    rng = np.random.default_rng(5)
    seen = (FIVE * 2.3 + 40 + rng.normal(0, 1, FIVE.shape)).astype(np.float32)
    expected, _ = cv2.estimateAffinePartial2D(
        seen, FIVE, method=cv2.RANSAC, ransacReprojThreshold=100, refineIters=100
    )
    assert np.abs(similarity(seen, FIVE) - expected).max() < 0.02


def test_five_equal_points_are_refused():
    with pytest.raises(ValueError, match="no direction"):
        similarity(np.ones((5, 2), np.float32), FIVE)


def test_a_leaning_head_is_the_same_person_once_aligned(stages, picture):
    (face,) = stages.detector.detect(picture)
    assert align(picture, face.points).shape == (112, 112, 3)
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D((226, 130), 20, 1.3), (512, 512))
    (leaning,) = stages.detector.detect(turned)
    upright = stages.embedder.embed(picture, face)
    assert upright @ stages.embedder.embed(turned, leaning) > 0.8
