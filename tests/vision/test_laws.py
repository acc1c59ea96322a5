"""Laws of an attempt, over scenes that Hypothesis makes up: who comes, goes, and stands where.

Three people stand more than a width apart, so which of them a face is of is never in question.
Their templates are as alike as twins': only the tracks can keep them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vision.capture import FaceCapture, Policy
from vision.embed import normalise
from vision.frame import UnusableFrame
from vision.pad import PadThresholds
from vision.tracking import Foreground, Tracker, TrackLimits
from vision.types import Box, Face, FaceSample, Guidance, PadScore

TICK = 1 / 16
WIDTHS = (100, 110, 100)
STRAIGHT = np.array([[30, 40], [70, 40], [50, 62], [35, 80], [65, 80]], np.float32)
TRIPLETS = [
    normalise(np.eye(128, dtype=np.float32)[0] + 0.4 * np.eye(128, dtype=np.float32)[n])
    for n in (1, 2, 3)
]
APART = 145
"""Pixels from one to the next: beyond the reach of a track from the widest of them, who sways."""

frames = st.lists(st.sets(st.sampled_from([0, 1, 2])), min_size=1, max_size=60)
"""Who is there, frame by frame."""
mostly_one = st.sampled_from([{0}, {1}, {2}] * 2 + [set(), {0, 1}, {1, 2}, {0, 1, 2}])
runs = st.lists(st.tuples(mostly_one, st.integers(1, 7)), min_size=2, max_size=8).map(
    lambda parts: [who for who, times in parts for _ in range(times)]
)
"""The same, each for about as long as it takes to be sampled."""
boxes = st.lists(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 400), st.integers(20, 200)), max_size=5),
    max_size=25,
)
"""Anything at all, frame by frame."""


def standing(who, frame):
    """The face of one of the three, who sways."""
    width, x = WIDTHS[who], 120 + who * APART + 3 * (-1) ** frame
    points = STRAIGHT + np.array([x, 150], np.float32)
    return Face(Box(x, 150, width, width * 1.25), points, 0.9)


@dataclass
class Stage:
    """All three stages over the people of a frame."""

    faces: list[Face] = field(default_factory=list)

    def detect(self, frame):
        return sorted(self.faces, key=lambda face: -face.box.width)

    def judge(self, frame, face):
        return PadScore(0.9, False)

    def embed(self, frame, face):
        return TRIPLETS[round((face.box.x - 120) / APART)]


def attempt(scene, *, start=0.0):
    """The step after each frame until the end."""
    stage, rng = Stage(), np.random.default_rng(0)
    capture = FaceCapture(stage, stage, stage, PadThresholds(0.5, 0.2), Policy(frame_gap=0.0))
    steps = []
    for number, people in enumerate(scene):
        stage.faces = [standing(who, number) for who in sorted(people)]
        noise = rng.integers(100, 150, (360, 640, 3), np.uint8)
        steps.append(capture.feed(noise, start + number * TICK))
        if not isinstance(steps[-1], Guidance):
            break
    return steps


def told(step):
    """A step without its identity, to be compared."""
    return (step.template.tolist(), step.quality) if isinstance(step, FaceSample) else step


def sighted(scene, *, right=0, down=0):
    foreground = Foreground(TrackLimits(), rival=0.6)
    seen = []
    for number, places in enumerate(scene):
        faces = [
            Face(Box(x + right, y + down, width, width), STRAIGHT, 0.9)
            for x, y, width in sorted(places, key=lambda place: -place[2])
        ]
        one = foreground.look(faces, number * TICK)
        seen.append((one.presence, one.track and one.track.number, one.changed, one.leapt))
    return seen


@settings(max_examples=60, deadline=None)
@given(runs)
def test_a_sample_is_of_one_person_even_among_twins(scene):
    step = attempt(scene)[-1]
    if isinstance(step, FaceSample):
        assert max(float(step.template @ one) for one in TRIPLETS) > 0.99999


@settings(max_examples=60, deadline=None)
@given(runs)
def test_there_is_never_a_sample_while_two_are_in_front(scene):
    steps = attempt(scene)
    if isinstance(steps[-1], FaceSample):
        assert len(scene[len(steps) - 1]) == 1


@settings(max_examples=40, deadline=None)
@given(runs)
def test_a_sample_takes_five_frames_of_the_one_who_is_alone_there(scene):
    steps = attempt(scene)
    if isinstance(steps[-1], FaceSample):
        (who,) = scene[len(steps) - 1]
        assert [people for people in scene[: len(steps)] if people == {who}][4:]


@settings(max_examples=25, deadline=None)
@given(frames)
def test_the_same_frames_at_the_same_times_give_the_same_answers(scene):
    assert list(map(told, attempt(scene))) == list(map(told, attempt(scene)))


@settings(max_examples=25, deadline=None)
@given(runs, st.integers(-1000, 100_000))
def test_only_the_time_between_frames_counts(scene, seconds):
    one, other = attempt(scene), attempt(scene, start=float(seconds))
    assert list(map(told, one)) == list(map(told, other))


@given(boxes)
def test_the_same_boxes_are_sighted_alike(scene):
    assert sighted(scene) == sighted(scene)


@given(boxes, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_moving_all_boxes_changes_nothing(scene, right, down):
    assert sighted(scene, right=right, down=down) == sighted(scene)


@given(boxes)
def test_no_two_faces_of_a_frame_are_one_track(scene):
    tracker = Tracker(TrackLimits())
    for number, places in enumerate(scene):
        faces = [Face(Box(*place, place[2]), STRAIGHT, 0.9) for place in places]
        tracks = tracker.update(faces, number * TICK)
        assert [track.face for track in tracks] == faces
        assert len({track.number for track in tracks}) == len(faces)


@given(boxes)
def test_a_number_once_gone_for_long_never_comes_back(scene):
    tracker, last, gone = Tracker(TrackLimits()), {}, set()
    for frame, places in enumerate(scene):
        faces = [Face(Box(*place, place[2]), STRAIGHT, 0.9) for place in places]
        numbers = {track.number for track in tracker.update(faces, float(frame))}
        # A second a frame: whoever is not in the frame before is out of the gap.
        gone |= {number for number, seen in last.items() if seen < frame - 1}
        assert not numbers & gone
        last.update(dict.fromkeys(numbers, frame))


@settings(deadline=None)
@given(
    arrays.arrays(
        dtype=st.sampled_from([np.uint8, np.uint16, np.int16, np.float32, np.bool_]),
        shape=arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6),
    )
)
def test_every_array_is_a_frame_or_refused_by_name(pixels):
    stage = Stage()
    capture = FaceCapture(stage, stage, stage, PadThresholds(0.5, 0.2), Policy())
    if pixels.dtype == np.uint8 and pixels.shape[2:] == (3,) and pixels.size:
        assert capture.feed(pixels, 0.0) is Guidance.NO_FACE
    else:
        with pytest.raises(UnusableFrame, match="uint8, not"):
            capture.feed(pixels, 0.0)
