"""The rules of an attempt, on stages that answer what the test says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from vision.capture import FaceCapture, Policy
from vision.embed import normalise
from vision.frame import UnusableFrame
from vision.pad import PadThresholds
from vision.types import (
    AttackPresentation,
    Box,
    Face,
    FaceSample,
    Guidance,
    NonResponse,
    NonResponseReason,
    PadScore,
)

POINTS = np.array([[270, 190], [330, 190], [300, 223], [278, 250], [322, 250]], np.float32)
ANNA, BRUNO = (
    normalise(np.random.default_rng(seed).normal(size=128).astype(np.float32)) for seed in (1, 2)
)


def person(width=140.0, x=230.0):
    return Face(Box(x, 150, width, width * 1.25), POINTS, 0.95)


@dataclass
class Scene:
    """All three stages in one: what stands before the camera now."""

    faces: list[Face] = field(default_factory=lambda: [person()])
    template: np.ndarray = field(default_factory=lambda: ANNA)
    pad: float = 0.9
    shifted: bool = False

    def detect(self, frame):
        return sorted(self.faces, key=lambda face: -face.box.width)

    def judge(self, frame, face):
        return PadScore(self.pad, self.shifted)

    def embed(self, frame, face):
        return self.template


class Attempt:
    """Feeds sensor noise at ten frames a second."""

    def __init__(self, scene, **policy):
        self.scene = scene
        thresholds = PadThresholds(bona_fide_from=0.5, attack_below=0.2)
        self.capture = FaceCapture(scene, scene, scene, thresholds, Policy(**policy))
        self.now = 1000.0
        self.rng = np.random.default_rng(0)

    def frame(self):
        return self.rng.integers(100, 150, (480, 640, 3), np.uint8)

    def feed(self, times=1, frame=None):
        for _ in range(times):
            step = self.capture.feed(self.frame() if frame is None else frame, self.now)
            self.now += 0.1
            if not isinstance(step, Guidance):
                break
        return step


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def attempt(scene):
    return Attempt(scene)


def test_five_good_frames_of_a_bona_fide_person_give_one_sample(attempt):
    assert attempt.feed(4) is Guidance.HOLD
    sample = attempt.feed()
    assert isinstance(sample, FaceSample)
    assert sample.frames == 3
    assert sample.template == pytest.approx(ANNA, abs=1e-6)
    assert sample.pad_score == pytest.approx(0.9)
    assert not sample.pad_shifted


def test_progress_goes_from_0_to_1_in_steps_of_a_frame(attempt):
    seen = [attempt.capture.progress]
    for _ in range(4):
        attempt.feed()
        seen.append(attempt.capture.progress)
    assert seen == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_the_same_frames_at_the_same_times_give_the_same_answer():
    one, other = (Attempt(Scene()).feed(20) for _ in range(2))
    assert np.array_equal(one.template, other.template)
    assert (one.quality, one.pad_score) == (other.quality, other.pad_score)


@pytest.mark.parametrize(
    ("faces", "guidance"),
    [
        ([], Guidance.NO_FACE),
        ([person(80)], Guidance.COME_CLOSER),
        ([person(300)], Guidance.STEP_BACK),
        ([person(140), person(130, x=400)], Guidance.ONE_PERSON_ONLY),
        ([person(140), person(84, x=450)], Guidance.ONE_PERSON_ONLY),
        ([person(140), person(60, x=450)], Guidance.HOLD),
        ([person(140, x=0)], Guidance.CENTRE_YOURSELF),
    ],
)
def test_who_stands_where_decides_the_guidance(attempt, scene, faces, guidance):
    scene.faces = faces
    assert attempt.feed() is guidance


def test_an_attack_presentation_ends_the_attempt(attempt, scene):
    scene.pad = 0.1
    step = attempt.feed(20)
    assert step == AttackPresentation(pad_score=pytest.approx(0.1), frames=5)


def test_an_undecided_attempt_is_judged_on_all_its_frames_and_goes_on(attempt, scene):
    scene.pad = 0.4
    assert attempt.feed(5) is Guidance.HOLD
    scene.pad = 0.6
    # (5 * 0.4 + n * 0.6) / (5 + n) reaches 0.5 at n = 5
    assert attempt.feed(4) is Guidance.HOLD
    sample = attempt.feed(2)
    assert isinstance(sample, FaceSample)


def test_five_good_moments_do_not_hide_a_long_bad_attempt(attempt, scene):
    scene.pad = 0.3
    attempt.feed(20)
    scene.pad = 0.6
    assert attempt.feed(5) is Guidance.HOLD


def test_an_attempt_that_stays_undecided_is_a_non_response(scene):
    scene.pad = 0.4
    step = Attempt(scene, seconds=2.0).feed(30)
    assert step == NonResponse(NonResponseReason.UNDECIDED, Guidance.HOLD)


def test_nobody_for_as_long_as_the_policy_waits_is_a_time_out(scene):
    scene.faces = []
    attempt = Attempt(scene, seconds=2.0)
    assert attempt.feed(19) is Guidance.NO_FACE
    assert attempt.feed(3) == NonResponse(NonResponseReason.TIMED_OUT, Guidance.NO_FACE)


def test_another_person_stepping_in_starts_again(attempt, scene):
    attempt.feed(4)
    scene.template = BRUNO
    assert attempt.feed() is Guidance.HOLD
    assert attempt.capture.progress == pytest.approx(0.2)
    sample = attempt.feed(4)
    assert sample.template == pytest.approx(BRUNO, abs=1e-6)


@pytest.mark.parametrize("between", [[], [person(140), person(140, x=400)]])
def test_frames_before_an_empty_or_crowded_time_do_not_count(attempt, scene, between):
    before = scene.faces
    attempt.feed(4)
    scene.faces = between
    attempt.feed(7)
    assert attempt.capture.progress == 0
    scene.faces = before
    assert attempt.feed(4) is Guidance.HOLD


@pytest.mark.parametrize("between", [[], [person(140), person(140, x=400)]])
def test_a_moment_is_waited_for_and_shows_nothing(attempt, scene, between):
    before = scene.faces
    attempt.feed(4)
    scene.faces = between
    assert attempt.feed(2) is Guidance.HOLD
    assert attempt.capture.progress == pytest.approx(0.8)
    assert attempt.capture.face is None
    scene.faces = before
    assert isinstance(attempt.feed(), FaceSample)


def test_another_face_in_another_place_starts_again_though_it_looks_the_same(attempt, scene):
    attempt.feed(4)
    scene.faces = [person(140, x=60)]
    attempt.feed()
    scene.faces = [person(140, x=240)]
    assert attempt.feed() is Guidance.HOLD
    assert attempt.capture.progress == pytest.approx(0.2)


def test_a_picture_of_another_size_starts_again(attempt):
    attempt.feed(4)
    attempt.feed(frame=attempt.rng.integers(100, 150, (480, 641, 3), np.uint8))
    assert attempt.capture.progress == pytest.approx(0.2)


def test_a_person_who_moves_too_fast_is_asked_to_hold_still(attempt, scene):
    for x in (200, 215, 230, 245):
        scene.faces = [person(140, x=x)]
        step = attempt.feed()
    assert step is Guidance.HOLD_STILL
    assert attempt.feed(3) is Guidance.HOLD


def test_frames_of_one_moment_count_once(scene):
    attempt = Attempt(scene, frame_gap=0.5)
    attempt.feed(5)
    assert attempt.capture.progress == pytest.approx(0.2)


def test_the_best_frames_make_the_template(attempt, scene):
    turned = normalise(ANNA + 0.3 * BRUNO)
    scene.template = turned
    leaning = POINTS + np.array([[0, -9], [0, 9], [0, 0], [0, 0], [0, 0]], np.float32)
    scene.faces = [Face(person().box, leaning, 0.95)]
    attempt.feed(2)
    scene.template = ANNA
    scene.faces = [person()]
    sample = attempt.feed(3)
    assert sample.template == pytest.approx(ANNA, abs=1e-6)


def test_a_frame_seen_before_is_never_evidence(attempt):
    frame = attempt.frame()
    attempt.feed(frame=frame)
    assert attempt.feed(10, frame=frame) is Guidance.HOLD
    assert attempt.capture.progress == pytest.approx(0.2)


def test_a_camera_that_repeats_one_picture_is_refused(attempt):
    step = attempt.feed(100, frame=attempt.frame())
    assert step == NonResponse(NonResponseReason.CAMERA_STUCK, Guidance.HOLD)


def test_a_recording_in_a_loop_is_refused(attempt, scene):
    scene.pad = 0.4  # undecided, so that the attempt lasts
    loop = [attempt.frame() for _ in range(12)]
    steps = [attempt.feed(frame=loop[i % 12]) for i in range(43)]
    assert steps[-1] == NonResponse(NonResponseReason.CAMERA_STUCK, Guidance.HOLD)


def test_a_flagged_frame_flags_the_sample(attempt, scene):
    attempt.feed(4)
    scene.shifted = True
    assert attempt.feed().pad_shifted


@pytest.mark.parametrize("pad", [0.9, 0.1])
def test_after_the_end_nothing_is_left_and_no_frame_is_taken(attempt, scene, pad):
    scene.pad = pad
    attempt.feed(20)
    assert attempt.capture.progress == 0
    assert attempt.capture.face is None
    with pytest.raises(RuntimeError, match=r"restart\(\)"):
        attempt.feed()


def test_a_restart_forgets_the_last_attempt(attempt, scene):
    scene.pad = 0.1
    attempt.feed(20)
    attempt.capture.restart()
    attempt.now += 100
    scene.pad, scene.template = 0.9, BRUNO
    sample = attempt.feed(5)
    assert sample.template == pytest.approx(BRUNO, abs=1e-6)


@pytest.mark.parametrize(
    "frame", [np.zeros((480, 640), np.uint8), np.zeros((480, 640, 3), np.float32)]
)
def test_what_is_no_frame_is_refused_and_the_attempt_goes_on(attempt, frame):
    attempt.feed(4)
    with pytest.raises(UnusableFrame, match="height x width x 3 of uint8"):
        attempt.feed(frame=frame)
    assert isinstance(attempt.feed(), FaceSample)


@pytest.mark.parametrize(
    "policy", [{"frames": 0}, {"frames": 6}, {"seconds": 0.0}, {"frame_gap": -1.0}]
)
def test_a_policy_that_cannot_work_is_refused(policy):
    with pytest.raises(ValueError, match=r"frames|seconds"):
        Policy(**policy)


def test_no_text_form_shows_a_template(attempt):
    sample = attempt.feed(5)
    digits = f"{sample.template[0]:.3f}".lstrip("-0")
    for text in (repr(sample), str(sample), f"{sample}"):
        assert digits not in text
        assert "array" not in text
