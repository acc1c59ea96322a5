"""The camera model's geometry, and that its artefacts are pictures of a face."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.evaluation.scene import Lens, Place, _axes, expose, look_at
from vision.evaluation.sets import BONA_FIDE, read_presentations
from vision.evaluation.species import SPECIES, frames_of, generate

SMALL = Lens(width=96, height=72)
angles = st.floats(-25, 25)


@settings(deadline=None, max_examples=40)
@given(angles, angles, angles, st.floats(0.2, 1.0), st.sampled_from([0.0, 4.0, 8.0]))
def test_where_a_ray_meets_the_sheet_lies_on_that_ray(yaw, pitch, roll, distance, bend):
    place, rays = Place(0.01, -0.02, distance, yaw, pitch, roll), Lens(24, 18).rays()
    seen = look_at(rays, place, bend)
    on_sheet = np.abs(seen.u) < 0.1
    depth = np.where(on_sheet, bend * seen.u**2 / 2, 0)
    points = np.stack([seen.u, seen.v, depth], axis=-1) @ _axes(place).T
    points += np.array([place.x, place.y, place.distance])
    miss = points[..., :2] / points[..., 2:] - rays
    limit = 0.1 / Lens().focal_length  # a tenth of a pixel of the camera of 640 x 480
    assert np.abs(miss[on_sheet]).max(initial=0) < limit


def test_a_thing_straight_ahead_is_as_large_as_a_pinhole_shows_it():
    lens = Lens(64, 48, field_of_view=90)
    seen = look_at(lens.rays(), Place(0, 0, 0.5))
    assert seen.u.max() - seen.u.min() == pytest.approx(1.0, rel=0.02)


def test_more_light_has_more_noise():
    rng = np.random.default_rng(0)
    dark, bright = (expose(np.full((64, 64, 3), v, np.float32), rng).std() for v in (20, 200))
    assert 1 < dark < bright < 5


@pytest.fixture(scope="module")
def face(stages, picture):
    return stages.detector.detect(picture)[0].box


@pytest.mark.parametrize("name", SPECIES)
def test_frames_of_a_species_follow_its_seed_and_are_never_twice_the_same(picture, face, name):
    first, second = frames_of(SPECIES[name], picture, face, 2, seed=1, lens=SMALL)
    (again,) = frames_of(SPECIES[name], picture, face, 1, seed=1, lens=SMALL)
    assert first.shape == (72, 96, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", ["bonafide", "print warped", "screen bezel"])
def test_the_face_is_in_the_middle_and_found(stages, picture, face, name):
    (frame,) = frames_of(SPECIES[name], picture, face, 1, seed=0)
    (found,) = stages.detector.detect(frame)
    assert found.box.centre_x == pytest.approx(320, abs=50)
    assert 100 < found.box.width < 220


def test_they_are_written_where_an_evaluation_finds_them(picture, face, tmp_path):
    generate(picture, face, tmp_path, count=2, seeds=2, lens=SMALL)
    found = read_presentations(tmp_path)
    assert {one.species for one in found} == {BONA_FIDE, *SPECIES} - {"bonafide"}
    assert [len(one.files) for one in found] == [2] * 2 * len(SPECIES)
