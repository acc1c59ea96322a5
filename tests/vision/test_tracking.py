"""Tracks, and who stands in front: scenes of boxes, at fifteen frames a second."""

from __future__ import annotations

import numpy as np
import pytest

from vision.tracking import Foreground, Presence, Tracker, TrackLimits, in_front
from vision.types import Box, Face

LIMITS = TrackLimits()
POINTS = np.zeros((5, 2), np.float32)
RATE = 15
RIVAL = 0.6


def face(x, width=100.0, y=200.0):
    return Face(Box(x, y, width, width * 1.25), POINTS, 0.9)


class Scene:
    """Feeds frames of faces; answers the sightings."""

    def __init__(self):
        self.foreground = Foreground(LIMITS, RIVAL)
        self.now = 100.0
        self.rng = np.random.default_rng(3)

    def show(self, *places, times=1):
        """Each place is a face, or a function of the frame's number."""
        seen = []
        for number in range(times):
            faces = [place(number) if callable(place) else place for place in places]
            faces.sort(key=lambda one: -one.box.width)
            seen.append(self.foreground.look(faces, self.now))
            self.now += 1 / RATE
        return seen

    def living(self, x, width=100.0):
        """Sways by 3 mm."""
        return lambda _: face(
            x + self.rng.normal(0, 0.02 * width), width, 200 + self.rng.normal(0, 0.02 * width)
        )

    def hanging(self, x, width=100.0):
        """A picture on the wall, as the detector trembles on it."""
        return lambda _: face(
            x + self.rng.normal(0, 0.002 * width), width, 200 + self.rng.normal(0, 0.002 * width)
        )

    @staticmethod
    def walking(x, width=100.0, widths_a_second=7.0):
        return lambda number: face(x + number * widths_a_second * width / RATE, width)


@pytest.fixture
def scene():
    return Scene()


def presences(seen):
    return [one.presence for one in seen]


def test_a_face_keeps_its_number_while_it_moves_and_grows():
    tracker = Tracker(LIMITS)
    numbers = {
        tracker.update([face(100 + 40 * step, 100 + 8 * step)], step / RATE)[0].number
        for step in range(8)
    }
    assert len(numbers) == 1


@pytest.mark.parametrize(
    ("there", "same"),
    [
        (face(195), True),
        (face(205), False),
        (face(75, width=155), True),
        (face(70, width=165), False),
        (face(125, width=55), False),
    ],
    ids=["a width on", "farther", "nearer", "much nearer", "much smaller"],
)
def test_what_is_too_far_or_of_another_size_is_another(there, same):
    tracker = Tracker(LIMITS)
    (before,) = tracker.update([face(100)], 0.0)
    (after,) = tracker.update([there], 0.1)
    assert (before.number == after.number) is same


def test_two_who_stand_close_keep_their_numbers_whoever_comes_first():
    tracker = Tracker(LIMITS)
    left, right = tracker.update([face(100), face(190)], 0.0)
    right_now, left_now = tracker.update([face(200), face(115)], 0.1)
    assert (left_now.number, right_now.number) == (left.number, right.number)


@pytest.mark.parametrize(("missing", "same"), [(0.4, True), (0.6, False)])
def test_a_face_may_be_missed_for_half_a_second(missing, same):
    tracker = Tracker(LIMITS)
    (before,) = tracker.update([face(100)], 0.0)
    tracker.update([], missing / 2)
    (after,) = tracker.update([face(100)], missing)
    assert (before.number == after.number) is same


def test_a_camera_that_is_slow_loses_nobody():
    tracker = Tracker(LIMITS)
    (before,) = tracker.update([face(100)], 0.0)
    (after,) = tracker.update([face(110)], 3.0)
    assert before.number == after.number


def test_speed_is_in_widths_a_second():
    tracker = Tracker(LIMITS)
    for step in range(10):
        (track,) = tracker.update([face(100 + 20 * step)], step / 10)
    assert track.speed == pytest.approx(2.0)


def test_a_face_seen_once_or_twice_at_once_has_no_speed():
    tracker = Tracker(LIMITS)
    for x in (100, 150):
        (track,) = tracker.update([face(x)], 1.0)
        assert track.speed == 0


def test_the_nearest_person_is_the_one():
    near, far = face(100), face(400, 59)
    assert in_front([near, far], RIVAL) is near


def test_a_bystander_behind_does_not_count(scene):
    seen = scene.show(scene.living(100), scene.living(400, 55), times=40)
    assert set(presences(seen)) == {Presence.ONE}
    assert len({one.track.number for one in seen}) == 1


def test_two_who_stand_in_front_are_several_for_as_long_as_they_do(scene):
    seen = scene.show(scene.living(100), scene.living(350, 80), times=90)
    assert set(presences(seen)) == {Presence.SEVERAL}


def test_whoever_joins_is_waited_for_and_then_counts(scene):
    scene.show(scene.living(100), times=20)
    seen = presences(scene.show(scene.living(100), scene.living(350), times=30))
    assert seen[:4] == [Presence.UNSURE] * 4
    assert set(seen[6:]) == {Presence.SEVERAL}


def test_a_passer_by_of_like_size_does_not_count(scene):
    before = scene.show(scene.living(300), times=20)[-1]
    seen = scene.show(scene.living(300), scene.walking(-300), times=20)
    assert Presence.SEVERAL not in presences(seen)
    assert seen[-1].track.number == before.track.number
    assert not any(one.changed for one in seen)


def test_a_picture_on_the_wall_does_not_count_once_it_has_hung_still(scene):
    seen = presences(scene.show(scene.living(100), scene.hanging(350, 90), times=60))
    assert seen[10] is Presence.SEVERAL
    assert set(seen[32:]) == {Presence.ONE}


def test_a_picture_larger_than_the_person_does_not_count_either(scene):
    seen = scene.show(scene.living(100), scene.hanging(350, 150), times=60)
    assert seen[-1].track.face.box.x < 200


def test_a_picture_alone_is_left_to_the_attack_detection(scene):
    seen = scene.show(scene.hanging(300), times=60)
    assert set(presences(seen)) == {Presence.ONE}


def test_whoever_has_moved_once_is_no_picture(scene):
    scene.show(scene.living(100), scene.living(350), times=10)
    seen = scene.show(scene.hanging(100), scene.hanging(350), times=60)
    assert set(presences(seen)) == {Presence.SEVERAL}


def test_one_who_is_missed_for_a_moment_does_not_hand_over_to_a_bystander(scene):
    first = scene.show(scene.living(100), scene.living(400, 40), times=10)[-1]
    between = scene.show(scene.living(400, 40), times=5)
    after = scene.show(scene.living(100), scene.living(400, 40))[0]
    assert set(presences(between)) == {Presence.UNSURE}
    assert after.track.number == first.track.number
    assert not after.changed


def test_whoever_steps_before_him_is_another(scene):
    scene.show(scene.living(300), times=10)
    (seen,) = scene.show(scene.living(300), scene.living(250, 200))
    assert (seen.presence, seen.changed, seen.leapt) == (Presence.ONE, True, False)


def test_a_face_that_ends_here_and_begins_there_has_leapt(scene):
    scene.show(face(100), times=10)
    (seen,) = scene.show(face(300))
    assert (seen.changed, seen.leapt) == (True, True)


def test_the_next_shopper_is_another_and_has_not_leapt(scene):
    scene.show(face(100), times=10)
    assert scene.show(times=10)[-1].presence is Presence.NOBODY
    (seen,) = scene.show(face(300))
    assert (seen.changed, seen.leapt) == (True, False)
