from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.embed import mean_template, normalise
from vision.gallery import DIMENSIONS, Gallery, threshold_for


def person(seed):
    return normalise(np.random.default_rng(seed).normal(size=DIMENSIONS).astype(np.float32))


def between(one, other, share):
    return normalise((share * one + (1 - share) * other).astype(np.float32))


@pytest.fixture
def gallery():
    gallery = Gallery()
    for seed in range(40):
        gallery.enrol(f"person-{seed}", person(seed))
    return gallery


def test_everyone_enrolled_is_found(gallery):
    for seed in range(40):
        match = gallery.search(person(seed))
        assert match is not None
        assert match.person == f"person-{seed}"
        assert match.cosine == pytest.approx(1, abs=1e-5)


def test_a_stranger_is_nobody(gallery):
    assert gallery.search(person(1000)) is None
    assert gallery.nearest(person(1000)) is not None


def test_an_empty_gallery_knows_nobody():
    assert Gallery().search(person(1)) is None
    assert Gallery().nearest(person(1)) is None


def test_someone_between_two_persons_is_neither(gallery):
    middle = between(person(3), person(4), 0.5)
    assert gallery.nearest(middle).cosine > gallery.threshold
    assert gallery.search(middle) is None


def test_several_templates_of_one_person_do_not_compete(gallery):
    gallery.enrol("person-3", between(person(3), person(90), 0.8))
    assert gallery.search(person(3)).person == "person-3"


def test_who_withdraws_is_found_no_more_and_left_nowhere_in_memory(gallery):
    gallery.enrol("person-3", between(person(3), person(90), 0.9))
    assert gallery.forget("person-3") == 2
    assert gallery.search(person(3)) is None
    assert len(gallery) == 39
    assert gallery.search(person(39)).person == "person-39"
    assert np.abs(gallery._templates @ person(3)).max() < 0.5, "its vector is overwritten"


@pytest.mark.parametrize("template", [np.ones(128), np.zeros(128), np.ones(5) / np.sqrt(5)])
def test_what_is_no_template_is_refused(template):
    with pytest.raises(ValueError, match="length 1"):
        Gallery().enrol("someone", template.astype(np.float32))


@pytest.mark.parametrize(
    ("size", "cosine"),
    [
        (1, 0.5),  # one in 500 is measured far below the floor
        (2000, 0.594),  # 0.01 / 2000 / 5 = one in a million, the last measured point
        (20_000, 0.696),  # one decade on, as far again as the decade before
    ],
)
def test_the_threshold_follows_the_measured_points_and_goes_on_straight(size, cosine):
    assert threshold_for(size, 0.01) == pytest.approx(cosine, abs=1e-6)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from([0.001, 0.01, 0.1]))
def test_more_people_never_lower_the_threshold(one, other, false_matches):
    few, many = sorted([one, other])
    low, high = threshold_for(few, false_matches), threshold_for(many, false_matches)
    assert 0.5 <= low <= high <= 0.99


def test_a_mean_template_has_length_one_and_lies_between():
    mean = mean_template([person(1), person(2), person(3)])
    assert np.linalg.norm(mean) == pytest.approx(1, abs=1e-6)
    assert min(mean @ person(seed) for seed in (1, 2, 3)) > 0.4


@pytest.mark.parametrize("vector", [np.zeros(128), np.full(128, np.inf)])
def test_a_vector_without_direction_is_refused(vector):
    with pytest.raises(ValueError, match="no template"):
        normalise(vector.astype(np.float32))
