"""The whole pipeline on the real networks, and on evaluation sets where they are at hand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from presentations import bona_fide, on_a_phone, on_paper

from models.archives import Mirror
from models.fetch import make
from models.load import load
from models.manifest import read_manifest
from vision import bench
from vision.capture import Asking, Policy
from vision.challenge import Move
from vision.pad import PadThresholds
from vision.pipeline import ChallengeNeeded, build_capture, build_stages
from vision.types import AttackPresentation, FaceSample, Guidance

SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])


PAIR = ("minifasnet_v2", "minifasnet_v1se")


@pytest.fixture(scope="module")
def manifest():
    """Only what everyone can fetch, even where more is at hand."""
    everything = read_manifest()
    needed = {name: model for name, model in everything.models.items() if not model.optional}
    return replace(everything, models=needed, pad_sets=(("fr_liveness",),))


@pytest.fixture(scope="module")
def capture(weights, manifest):
    return build_capture(weights, Policy(passive_only=True), manifest)


@pytest.fixture(scope="module")
def with_pair(weights, data, tmp_path_factory):
    """A weights folder with the optional pair in it as well."""
    folder = tmp_path_factory.mktemp("weights")
    for model in read_manifest():
        if model.optional:
            (folder / model.file).write_bytes(make(model, Mirror(data / "models")))
        else:
            (folder / model.file).symlink_to(weights.resolve() / model.file)
    return folder


def outcome(capture, frames):
    capture.restart()
    for number, frame in enumerate(frames):
        step = capture.feed(frame, number / 10)
        if not isinstance(step, Guidance):
            return step
    raise AssertionError(f"no end: {step}")


def test_a_person_before_the_camera_becomes_a_sample(capture, picture):
    sample = outcome(capture, bona_fide(picture, 30))
    assert isinstance(sample, FaceSample)
    assert sample.pad_score > 0.8
    assert np.linalg.norm(sample.template) == pytest.approx(1, abs=1e-5)


def test_the_same_person_twice_matches(capture, picture):
    one, other = (outcome(capture, bona_fide(picture, 30, seed)) for seed in (1, 2))
    assert one.template @ other.template > 0.9


@SEEDS
def test_a_picture_on_a_phone_is_an_attack(capture, picture, seed):
    step = outcome(capture, on_a_phone(picture, 60, seed))
    assert isinstance(step, AttackPresentation), "synthetic attack"


@SEEDS
def test_a_picture_on_paper_is_an_attack(capture, picture, seed):
    step = outcome(capture, on_paper(picture, 60, seed))
    assert isinstance(step, AttackPresentation), "synthetic attack"


def test_the_picture_itself_is_bona_fide_to_the_attack_detection(stages, picture):
    (face,) = stages.detector.detect(picture)
    assert stages.pad.judge(picture, face).score >= 0.9


def test_weak_attack_detection_is_refused_unless_the_policy_says_demonstration(weights, manifest):
    with pytest.raises(ChallengeNeeded, match=r"fr_liveness.*active challenge"):
        build_capture(weights, Policy(), manifest)


@pytest.mark.parametrize("asking", [Asking.DOUBT, Asking.ALWAYS])
def test_weak_attack_detection_asks_everybody_to_move(weights, manifest, picture, asking):
    moves = (Move.TURN_LEFT, Move.TURN_RIGHT)
    capture = build_capture(weights, Policy(challenge=asking), manifest, draw=lambda: moves)
    capture.restart()
    steps = [capture.feed(frame, at / 10) for at, frame in enumerate(bona_fide(picture, 20))]
    assert Guidance.TURN_LEFT in steps
    assert not any(isinstance(step, FaceSample) for step in steps)


def test_a_demonstration_may_ask_in_doubt_only(weights, manifest, picture):
    policy = Policy(passive_only=True, challenge=Asking.DOUBT)
    capture = build_capture(weights, policy, manifest, draw=lambda: (Move.TURN_LEFT,))
    assert isinstance(outcome(capture, bona_fide(picture, 30)), FaceSample)


def test_the_policys_thresholds_win_over_the_manifests(weights, manifest, picture):
    strict = Policy(passive_only=True, pad=PadThresholds(bona_fide_from=1.0, attack_below=0.9999))
    step = outcome(build_capture(weights, strict, manifest), bona_fide(picture, 30))
    assert isinstance(step, AttackPresentation)


def test_a_frame_is_measured_stage_by_stage(picture):
    cost = bench.measure(picture=picture, rounds=5)
    assert cost["ratio"] > 0
    assert set(cost) >= {"frame_ms", "detect_ms", "quality_ms", "pad_ms", "embed_ms"}


def test_the_bench_refuses_a_picture_without_a_face():
    with pytest.raises(ValueError, match="no face"):
        bench.measure(picture=np.full((480, 640, 3), 127, np.uint8), rounds=1)


def test_pairs_of_lfw_are_told_apart(stages, data):
    cosines, same = [], []
    for line in (data / "lfw/pairs.txt").read_text().splitlines():
        label, *paths = line.split()
        one, other = (_template(stages, cv2.imread(str(data / "lfw" / path))) for path in paths)
        cosines.append(one @ other)
        same.append(label == "1")
    right = (np.array(cosines) >= 0.28) == np.array(same)
    assert right.mean() > 0.99


def test_printed_photographs_of_nuaa_are_told_from_people(stages, data):
    scores = {
        kind: np.array(
            [_score(stages, cv2.imread(str(path))) for path in _pictures(data / "pad/nuaa" / kind)]
        )
        for kind in ("bonafide", "print")
    }
    assert len(scores["bonafide"]) == len(scores["print"]) == 90
    assert (scores["print"] >= 0.5).mean() == 0, "APCER"
    assert (scores["bonafide"] < 0.5).mean() <= 0.02, "BPCER"


def test_the_pair_judges_alone_where_it_is_at_hand(with_pair, picture):
    capture = build_capture(with_pair, Policy())
    assert isinstance(outcome(capture, bona_fide(picture, 30)), FaceSample)
    for attack in (on_a_phone, on_paper):
        assert isinstance(outcome(capture, attack(picture, 60)), AttackPresentation)


def test_the_pair_tells_printed_photographs_from_people(with_pair, data):
    manifest = read_manifest()
    pair = [manifest.find(name) for name in PAIR]
    stages = build_stages(manifest, pair, lambda name: load(name, manifest, with_pair))
    scores = {
        kind: [_score(stages, cv2.imread(str(p))) for p in _pictures(data / "pad/nuaa" / kind)]
        for kind in ("bonafide", "print")
    }
    assert min(scores["bonafide"]) > 0.5
    assert max(scores["print"]) < 0.1


def _pictures(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _middle(stages, frame):
    centre = frame.shape[1] / 2
    faces = stages.detector.detect(frame)
    return min(faces, key=lambda face: abs(face.box.centre_x - centre))


def _template(stages, frame):
    return stages.embedder.embed(frame, _middle(stages, frame))


def _score(stages, frame):
    return stages.pad.judge(frame, _middle(stages, frame)).score
