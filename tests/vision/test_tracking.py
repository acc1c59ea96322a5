from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.tracking import ESTABLISHED, STILL, Track, Tracks, in_front
from vision.types import Box, Face, Guidance

RATE = 30
POINTS = np.zeros((5, 2), np.float32)


def face(x, width=140.0, y=150.0):
    return Face(Box(x - width / 2, y, width, width * 1.25), POINTS, 0.9)


def followed(frames, tracks=None):
    """The tracks of the last frame, after faces of many frames."""
    tracks = tracks or Tracks(reach=1.0, patience=0.5)
    return [tracks.follow(faces, number / RATE) for number, faces in enumerate(frames)][-1]


def swaying(number, x=300.0, width=140.0):
    return face(x + 4 * np.sin(number / 5), width)


def test_a_face_that_moves_as_a_person_does_stays_the_same_track():
    (track,) = followed([[face(100 + 12 * number)] for number in range(30)])
    assert (track.number, track.seen) == (1, 30)
    assert track.speed == pytest.approx(12 * RATE / 140, rel=0.01)


def test_two_who_pass_each_other_at_different_distances_stay_who_they_are():
    near = [face(100 + 10 * n, 150) for n in range(40)]
    far = [face(500 - 10 * n, 60) for n in range(40)]
    front, behind = followed([[f, n] for f, n in zip(far, near, strict=True)])
    assert (front.seen, behind.seen) == (40, 40)
    assert front.face.box.width == 150


def test_a_face_elsewhere_is_another_track():
    (track,) = followed([[face(100)], [face(100)], [face(400)]])
    assert track.number == 2
    assert track.speed == 0


def test_who_is_missed_for_a_moment_is_the_same_and_who_was_away_is_not():
    for empty, number in ((14, 1), (16, 2)):
        (track,) = followed([[face(300)], *[[]] * empty, [face(305)]])
        assert track.number == number


def test_a_first_frame_tells_no_speed_and_no_stillness():
    (track,) = followed([[face(300)]])
    assert track.speed == 0
    assert not track.still


def test_a_slow_camera_tells_a_speed_as_well():
    track = Track(1, face(300), 0.0)
    track.follow(face(314), 0.2)
    assert track.speed == pytest.approx(0.5)


def test_a_picture_on_the_wall_is_still_in_spite_of_noise_and_a_person_is_not():
    noise = np.random.default_rng(0).uniform(-0.4, 0.4, 40)
    person, poster = followed([[swaying(n), face(500 + noise[n], 100)] for n in range(40)])
    assert poster.still
    assert not person.still


@pytest.mark.parametrize(
    ("widths", "found"),
    [([140], 0), ([140, 80], 0), ([140, 90], Guidance.ONE_PERSON_ONLY), ([], Guidance.NO_FACE)],
)
def test_two_in_front_are_one_too_many_and_one_behind_is_not(widths, found):
    faces = [swaying(n, 200 + 200 * n, width) for n, width in enumerate(widths)]
    tracks = followed([faces])
    assert in_front(tracks, 0.6) is (tracks[found] if isinstance(found, int) else found)


def test_a_large_poster_behind_does_not_count_once_it_is_known_to_be_still():
    frames = [[swaying(n), face(500, 120)] for n in range(40)]
    assert in_front(followed(frames[:10]), 0.6) is Guidance.ONE_PERSON_ONLY
    assert in_front(followed(frames), 0.6).face.box.width == 140


def test_a_poster_larger_than_the_shopper_is_never_taken_for_him():
    tracks = followed([[face(300, 160), swaying(n, 500, 140)] for n in range(40)])
    assert in_front(tracks, 0.6) is Guidance.ONE_PERSON_ONLY


def test_a_face_that_the_detector_sees_for_a_frame_or_two_is_nobody():
    frames = [[swaying(n)] for n in range(20)]
    ghost = face(520, 200)
    for times in range(1, ESTABLISHED + 1):
        shown = [*frames, *[[swaying(20 + n), ghost] for n in range(times)]]
        found = in_front(followed(shown), 0.6)
        if times < ESTABLISHED:
            assert found.face.box.width == 140
        else:
            assert found is Guidance.ONE_PERSON_ONLY


boxes = st.lists(
    st.tuples(st.integers(0, 640), st.integers(0, 480), st.integers(20, 300)), max_size=20
)
frames_of_faces = st.lists(boxes, min_size=1, max_size=12)


def _tracks_of(frames, shift=(0, 0), scale=1.0):
    tracks = Tracks(reach=1.0, patience=0.5)
    said = []
    for number, each in enumerate(frames):
        faces = [face(scale * x + shift[0], scale * w, scale * y + shift[1]) for x, y, w in each]
        seen = tracks.follow(faces, number / RATE)
        said.append([track.number for track in seen])
    return said, seen


@given(frames_of_faces)
def test_each_face_of_a_frame_has_a_track_of_its_own(frames):
    for numbers, faces in zip(_tracks_of(frames)[0], frames, strict=True):
        assert len(set(numbers)) == len(numbers) == len(faces)


@given(frames_of_faces)
def test_the_same_faces_give_the_same_tracks(frames):
    assert _tracks_of(frames)[0] == _tracks_of(frames)[0]


@given(frames_of_faces, st.sampled_from([2.0, 0.5, 4.0]))
def test_a_camera_of_another_resolution_sees_the_same_people(frames, scale):
    assert _tracks_of(frames)[0] == _tracks_of(frames, scale=scale)[0]


@given(frames_of_faces, st.floats(0.1, 1.0))
def test_whoever_is_in_front_has_no_established_rival_that_moves(frames, rival):
    _, tracks = _tracks_of(frames)
    found = in_front(tracks, rival)
    if isinstance(found, Track):
        least = min(ESTABLISHED, max(track.seen for track in tracks))
        for each in tracks:
            if each is not found and each.seen >= least:
                assert each.face.box.width <= found.face.box.width
                assert each.still or each.face.box.width < rival * found.face.box.width


@given(st.lists(st.floats(-STILL / 2, STILL / 2), min_size=40, max_size=40))
def test_noise_below_the_line_is_still(noise):
    (track,) = followed([[face(300 + 140 * each * 0.9)] for each in noise])
    assert track.still
