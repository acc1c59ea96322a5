"""Error rates of attack detection, and what thresholds they suggest."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.evaluation.attacks import Look, PadTrial, Watched, advice_of
from vision.evaluation.calibrate import propose, told
from vision.evaluation.rates import Rate
from vision.evaluation.sets import BONA_FIDE, NothingToMeasure, Presentation
from vision.pad import PadThresholds
from vision.types import Guidance

THRESHOLDS = PadThresholds(bona_fide_from=0.5, attack_below=0.2)


def watched(species, *scores, advice=None, source="set"):
    looks = [
        Look(None, Guidance.NO_FACE) if score is None else Look({"net": score}, advice)
        for score in scores
    ]
    return Watched(Presentation(source, species, species, (Path("a.jpg"),)), looks)


def trial(*presentations):
    return PadTrial("net", THRESHOLDS, presentations)


def test_attacks_that_pass_and_people_who_do_not_are_the_errors():
    one, other = trial(
        watched("print", 0.1, 0.3, 0.5, 0.9), watched(BONA_FIDE, 0.1, 0.3, 0.5, 0.9)
    ).rates(size=1, gated=False)
    assert (one.species, one.errors, one.undecided) == (BONA_FIDE, Rate(2, 4), Rate(1, 4))
    assert (other.species, other.errors, other.undecided) == ("print", Rate(2, 4), Rate(1, 4))


def test_a_frame_without_a_face_is_no_answer_and_no_error():
    (rates,) = trial(watched("print", 0.9, None, None, 0.1)).rates(size=1, gated=False)
    assert (rates.errors, rates.no_response) == (Rate(1, 2), Rate(2, 4))


def test_what_the_quality_checks_send_back_is_judged_only_without_them():
    blurred = trial(watched("print", 0.9, 0.9, advice=Guidance.HOLD_STILL))
    (harder,), (as_kiosk,) = (blurred.rates(size=1, gated=gated) for gated in (False, True))
    assert (harder.errors, harder.no_response) == (Rate(2, 2), Rate(0, 2))
    assert (as_kiosk.errors, as_kiosk.no_response) == (Rate(0, 0), Rate(2, 2))
    assert advice_of(blurred.watched, "print") == {"hold-still": 2}


def test_means_of_three_never_mix_presentations():
    rates = trial(watched("print", 0.9, 0.9), watched("print", 0.9, 0.9)).rates(size=3, gated=False)
    assert rates[0].errors == Rate(0, 0)


def test_each_set_has_rates_of_its_own():
    both = trial(watched("print", 0.9, source="a"), watched("print", 0.1, source="b"))
    assert [(r.source, r.errors) for r in both.rates(size=1, gated=False)] == [
        ("a", Rate(1, 1)),
        ("b", Rate(0, 1)),
    ]


scores = st.lists(st.floats(0, 1), min_size=3, max_size=9)


@settings(deadline=None, max_examples=60)
@given(scores, scores)
def test_no_attack_of_the_captures_passes_the_proposed_thresholds(bona_fide, attack):
    found = propose(trial(watched(BONA_FIDE, *bona_fide), watched("print", *attack)))
    limits = found.thresholds
    assert limits.attack_below <= limits.bona_fide_from
    if limits.bona_fide_from < 1:
        assert found.attacks.hits == 0


def test_kinds_that_are_apart_get_a_threshold_between_them_and_nobody_is_accused():
    found = propose(trial(watched(BONA_FIDE, *[0.8] * 6), watched("print", *[0.2] * 6)))
    assert found.separable
    assert found.thresholds == PadThresholds(bona_fide_from=0.5, attack_below=0.33)
    assert (found.attack_captures, found.bona_fide_captures) == (1, 1)


def test_kinds_that_overlap_are_called_so_and_get_no_settings():
    found = propose(trial(watched(BONA_FIDE, *[0.4] * 6), watched("print", *[0.6] * 6)))
    assert not found.separable
    assert (found.attacks.hits, found.missed.share) == (0, 1)
    text = "\n".join(told("net", found))
    assert "no threshold tells them apart" in text
    assert "bona_fide_from" not in text


def test_the_proposal_is_lines_for_the_manifest_and_says_how_little_it_proves():
    found = propose(trial(watched(BONA_FIDE, *[0.8] * 6), watched("print", *[0.2] * 6)))
    text = "\n".join(told("one + other", found))
    for name in ("one", "other"):
        assert f"[models.{name}.thresholds]\nbona_fide_from = 0.50\nattack_below = 0.33" in text
    assert "95% of attacks could pass" in text
    assert "59 attack captures, 1 % 299" in text


@pytest.mark.parametrize("kind", [BONA_FIDE, "print"])
def test_one_kind_alone_proposes_nothing(kind):
    with pytest.raises(NothingToMeasure, match="the least"):
        propose(trial(watched(kind, *[0.8] * 6)))
