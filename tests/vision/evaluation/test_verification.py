from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.evaluation.verification import Verification

pairs = st.lists(
    st.tuples(st.integers(-20, 20).map(lambda n: n / 20), st.booleans()), min_size=20, max_size=40
).filter(lambda found: 0 < sum(same for _, same in found) < len(found))


def of(found):
    cosines, same = zip(*found, strict=True)
    return Verification(np.array(cosines, np.float32), same, 0)


@settings(deadline=None, max_examples=40)
@given(pairs)
def test_no_threshold_makes_fewer_errors_than_the_best(found):
    trial = of(found)
    best = trial.best().accuracy.hits
    for threshold in {*trial.cosines.tolist(), 2.0}:
        assert trial.at(float(threshold)).accuracy.hits <= best


@settings(deadline=None, max_examples=40)
@given(pairs, st.sampled_from([0.1, 0.2, 0.5]))
def test_the_threshold_for_an_fmr_keeps_it_and_is_the_lowest_that_does(found, most):
    trial = of(found)
    point = trial.at_fmr(most)
    if point is None:
        assert trial.strangers.size * most < 1
        return
    assert point.fmr.share <= most
    below = trial.strangers[trial.strangers < point.threshold]
    assert trial.at(float(below.max())).fmr.share > most


def test_an_fmr_that_so_few_pairs_cannot_show_is_not_told():
    trial = of([(0.9, True), *[(0.1, False)] * 99])
    assert trial.at_fmr(0.01) is None
    assert trial.at_fmr(0.02) is not None


def test_people_who_are_well_apart_are_told_apart_on_every_tenth():
    trial = of([(0.8 + n / 1000, True) for n in range(50)] + [(n / 1000, False) for n in range(50)])
    assert trial.best().accuracy.share == 1
    assert trial.cross_validated().share == 1


def test_chance_is_not_taken_for_skill():
    rng = np.random.default_rng(1)
    trial = Verification(rng.uniform(0, 1, 400).astype(np.float32), [True, False] * 200, 0)
    assert trial.best().accuracy.share > 0.5
    assert trial.cross_validated().share == pytest.approx(0.5, abs=0.1)
