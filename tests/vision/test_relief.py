"""The geometry: what a plane keeps, and what a head shows."""

from __future__ import annotations

import numpy as np
import pytest
from heads import Pinhole, face, turned
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vision.quality import pose_of
from vision.relief import Moved, Rest, step_between, view_of

STRAIGHT = np.array([[270, 190], [330, 190], [300, 223], [278, 250], [322, 250]], np.float32)
small = st.floats(-0.3, 0.3)
SEEDS = st.integers(0, 2**32 - 1)


def seen(points, distance=600.0):
    return Pinhole(noise=0).see(np.add(points, (0, 0, distance)), np.random.default_rng(0))


@given(SEEDS, st.lists(small, min_size=8, max_size=8))
@settings(deadline=None)
def test_no_view_of_a_plane_shows_parallax(seed, eight):
    rng = np.random.default_rng(seed)
    picture = STRAIGHT + rng.uniform(-6, 6, (5, 2))
    a, b, c, d, e, f, g, h = eight
    plane = np.array([[1 + a, b, 50 * c], [d, 1 + e, 50 * f], [g / 900, h / 900, 1]])
    moved = np.concatenate([picture, np.ones((5, 1))], axis=1) @ plane.T
    assume((moved[:, 2] > 0.2).all())
    moved = moved[:, :2] / moved[:, 2:]
    try:
        rest, view = view_of(picture), view_of(moved)
    except ValueError:
        assume(False)
    assert Rest.of([rest]).moved(view).parallax == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("yaw", [-35, -20, 20, 35])
def test_a_head_shows_the_sine_of_its_turn_times_its_relief(yaw):
    head = face(np.random.default_rng(3), relief=28)
    rest = Rest.of([view_of(seen(head))])
    moved = rest.moved(view_of(seen(turned(head, yaw))))
    relief = moved.parallax / np.sin(np.radians(yaw))
    assert 0.3 < relief < 0.55
    assert moved.cosine == pytest.approx(np.cos(np.radians(yaw)), abs=0.05)


def test_size_follows_distance():
    head = face(np.random.default_rng(3))
    rest = Rest.of([view_of(seen(head, 600))])
    assert rest.moved(view_of(seen(head, 400))).growth == pytest.approx(1.5, abs=0.02)


@given(SEEDS)
@settings(deadline=None)
def test_coming_closer_shows_too_little_relief_to_be_asked_for_it(seed):
    """Why only turns prove anything: below the line that a turn must pass, for everybody."""
    rng = np.random.default_rng(seed)
    head = turned(face(rng), rng.normal(0, 4), rng.normal(0, 4))
    aside = np.array([rng.uniform(-60, 60), rng.uniform(-60, 60), 0])
    rest = Rest.of([view_of(seen(head + aside, 600))])
    assert abs(rest.moved(view_of(seen(head + aside, 400))).parallax) < 0.10


@given(SEEDS)
@settings(deadline=None)
def test_yaw_is_that_of_the_quality_check(seed):
    rng = np.random.default_rng(seed)
    points = seen(turned(face(rng), rng.uniform(-40, 40), rng.normal(0, 5), rng.normal(0, 10)))
    assert view_of(points).yaw == pytest.approx(pose_of(points).yaw, abs=1e-3)


def test_the_mean_of_several_is_the_mean_of_each_number():
    assert Moved.mean([Moved(0.1, 1.0, 1.0), Moved(0.3, 0.5, 2.0)]) == Moved(
        pytest.approx(0.2), pytest.approx(0.75), pytest.approx(1.5)
    )


def test_noise_does_not_make_an_angle_of_more_than_straight():
    assert Moved(0.0, 1.02, 1.0).sine == 0


def test_a_step_is_measured_in_heights_of_the_face():
    moved = view_of(STRAIGHT + np.float32([0, 30]))
    assert step_between(view_of(STRAIGHT), moved) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((5, 2), np.float32),
        np.array([[0, 0], [60, 0], [30, 0], [10, 0], [50, 0]], np.float32),
        np.array([[0, 0], [60, 0], [30, 20], [30, 40], [30, 40]], np.float32),
        np.array([[0, 0], [60, 60], [30, 20], [90, 90], [120, 120]], np.float32),
    ],
)
def test_points_that_span_no_face_are_refused(points):
    with pytest.raises(ValueError, match=r"points|horizon"):
        view_of(points)


@given(st.lists(st.floats(-2000, 2000, width=32), min_size=10, max_size=10))
@settings(deadline=None)
def test_any_ten_numbers_are_read_or_refused_by_name(numbers):
    points = np.array(numbers, np.float32).reshape(5, 2)
    try:
        view = view_of(points)
    except ValueError:
        return
    assert np.isfinite([view.yaw, view.slenderness, view.nose_across, view.nose_down]).all()
