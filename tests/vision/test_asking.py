"""An attempt with a challenge: when it is asked, what its end means, who is sampled after it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from heads import Pinhole, person, picture
from test_capture import ANNA, BRUNO, Scene

from vision.capture import Asking, FaceCapture, Policy, is_asked
from vision.challenge import ChallengeLimits, Move
from vision.pad import PadThresholds
from vision.types import (
    AttackPresentation,
    Box,
    Face,
    FaceSample,
    Guidance,
    NonResponse,
    NonResponseReason,
    PadVerdict,
)

MOVES = (Move.TURN_RIGHT, Move.COME_CLOSER)
RATE = 15


@dataclass
class Stage(Scene):
    """Somebody before the camera who does what the screen says; the frames themselves are noise."""

    presenter: object = None
    said: list = field(default_factory=list)
    progress: list = field(default_factory=list)
    ways: list = field(default_factory=lambda: [MOVES])

    def attempt(self, **policy):
        """Feeds frames until the end."""
        rng, now, coming = np.random.default_rng(0), 50.0, iter(())
        self.capture = FaceCapture(
            self,
            self,
            self,
            PadThresholds(bona_fide_from=0.5, attack_below=0.2),
            Policy(**{"challenge": Asking.ALWAYS, **policy}),
            draw=lambda: self.ways[0],
        )
        guidance = Guidance.NO_FACE
        while True:
            now += 1 / RATE
            points = next(coming, None)
            if points is None:
                self.presenter.stop_at(now)
                times = now + np.arange(10 * RATE) / RATE
                coming = iter(self.presenter.answer(guidance, times))
                points = next(coming)
            left, width = float(points[:, 0].min()), 140.0
            self.faces = [Face(Box(min(max(left - 40, 190), 320), 150, width, 175), points, 0.9)]
            step = self.capture.feed(rng.integers(100, 150, (480, 640, 3), np.uint8), now)
            self.progress.append(self.capture.progress)
            if not isinstance(step, Guidance):
                return step
            if step is not guidance:
                guidance, coming = step, iter(())
                self.said.append(guidance)
                self.on(guidance)

    def on(self, guidance):
        """For a test that changes something in the middle."""


def of(make, **more):
    rng = np.random.default_rng(11)
    return Stage(presenter=make(rng, Pinhole(600), **more))


def test_a_person_who_does_what_is_asked_becomes_a_sample():
    stage = of(person)
    sample = stage.attempt()
    assert isinstance(sample, FaceSample)
    assert sample.template == pytest.approx(ANNA, abs=1e-6)
    asked = [g for g in stage.said if g not in (Guidance.HOLD, Guidance.LOOK_STRAIGHT)]
    assert asked == [Guidance.TURN_RIGHT, Guidance.COME_CLOSER]


def test_the_ring_starts_anew_for_the_challenge_and_grows():
    stage = of(person)
    stage.attempt()
    first = stage.progress.index(0.0)
    assert max(stage.progress[:first]) >= 0.8
    assert {0.5} <= {round(one, 2) for one in stage.progress[first:]}


def test_a_picture_that_turns_as_asked_is_an_attack():
    step = of(picture).attempt()
    assert step == AttackPresentation(pad_score=pytest.approx(0.9), frames=5)


def test_without_a_challenge_in_the_policy_nobody_is_asked():
    stage = of(person)
    assert isinstance(stage.attempt(challenge=Asking.OFF), FaceSample)
    assert stage.said == [Guidance.HOLD]


@pytest.mark.parametrize(("pad", "asked"), [(0.9, False), (0.4, True)])
def test_in_doubt_means_between_the_thresholds(pad, asked):
    stage = of(person)
    stage.pad = pad
    assert isinstance(stage.attempt(challenge=Asking.DOUBT), FaceSample)
    assert (Guidance.TURN_RIGHT in stage.said) == asked


@pytest.mark.parametrize("asking", Asking)
def test_an_accused_attempt_is_never_saved_by_a_challenge(asking):
    stage = of(person)
    stage.pad = 0.1
    assert isinstance(stage.attempt(challenge=asking), AttackPresentation)
    assert Guidance.TURN_RIGHT not in stage.said


@pytest.mark.parametrize(
    ("asking", "bona_fide", "doubtful"),
    [(Asking.OFF, False, False), (Asking.DOUBT, False, True), (Asking.ALWAYS, True, True)],
)
def test_who_is_asked(asking, bona_fide, doubtful):
    assert is_asked(asking, PadVerdict.BONA_FIDE) is bona_fide
    assert is_asked(asking, PadVerdict.NO_VERDICT) is doubtful


def test_whoever_steps_in_after_the_challenge_must_do_it_himself():
    stage = of(person)

    def on(guidance):
        if guidance is Guidance.COME_CLOSER:
            stage.template = BRUNO  # only seen when the next frame is kept

    stage.on = on
    sample = stage.attempt(seconds=60.0)
    assert stage.said.count(Guidance.TURN_RIGHT) == 2
    assert sample.template == pytest.approx(BRUNO, abs=1e-6)


def test_nobody_moving_is_no_answer_and_no_attack():
    stage = of(person)
    stage.presenter.least = stage.presenter.most = 0.0
    assert stage.attempt() == NonResponse(NonResponseReason.CHALLENGE, Guidance.TURN_RIGHT)


def test_points_that_never_move_mean_a_camera_that_is_stuck():
    stage = of(person)
    still = stage.presenter.answer(Guidance.HOLD, np.arange(2.0))[0]
    stage.presenter.answer = lambda _guidance, times: [still] * len(times)
    step = stage.attempt()
    assert step == NonResponse(NonResponseReason.CAMERA_STUCK, Guidance.LOOK_STRAIGHT)


def test_the_time_of_the_attempt_holds_for_the_challenge_as_well():
    step = of(person).attempt(seconds=1.0)
    assert isinstance(step, NonResponse)


def test_a_face_that_jumps_about_is_never_sampled():
    stage = of(person)
    home = Face(Box(230, 150, 140, 175), np.zeros((5, 2), np.float32), 0.9)
    away = replace(home, box=Box(30, 150, 140, 175))
    capture = FaceCapture(
        stage, stage, stage, PadThresholds(0.5, 0.2), Policy(leaps=3, frame_gap=0.0)
    )
    rng = np.random.default_rng(0)
    for number in range(40):
        stage.faces = [away if number % 4 == 3 else home]
        step = capture.feed(rng.integers(100, 150, (480, 640, 3), np.uint8), number / RATE)
        if not isinstance(step, Guidance):
            break
    assert isinstance(step, NonResponse)
    assert step.reason is NonResponseReason.CAMERA_JUMPS


def test_a_policy_with_a_challenge_needs_somebody_to_draw():
    scene = Scene()
    with pytest.raises(ValueError, match="draw"):
        FaceCapture(scene, scene, scene, PadThresholds(0.5, 0.2), Policy(challenge=Asking.ALWAYS))


def test_the_limits_are_the_policys():
    stage = of(person)
    stage.attempt(challenge_limits=ChallengeLimits(turn=0.5))
    assert Guidance.COME_CLOSER not in stage.said
