"""What a camera, a crowd or a broken file may bring: always a named answer, never a sample."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from presentations import bona_fide

from models.errors import ModelAltered
from models.manifest import read_manifest
from vision.capture import Policy
from vision.pipeline import build_capture
from vision.types import (
    AttackPresentation,
    FaceSample,
    Guidance,
    NonResponse,
    NonResponseReason,
    is_frame,
)

RATE = 15


@pytest.fixture(scope="module")
def capture(weights):
    return build_capture(weights, Policy(passive_only=True, seconds=4.0, repeats=10))


@pytest.fixture
def end(capture):
    def feed(frames):
        capture.restart()
        for number, frame in enumerate(frames):
            step = capture.feed(frame, number / RATE)
            if not isinstance(step, Guidance):
                return step
        return step

    return feed


def persons(picture, count=90):
    return list(bona_fide(picture, count))


def small(picture, width):
    """The person far away before a plain wall: the face is about a fifth of `width`."""
    for number, frame in enumerate(persons(picture)):
        wall = np.full((480, 640, 3), 110, np.uint8)
        height = width * 3 // 4
        left = 250 + number % 3
        wall[120 : 120 + height, left : left + width] = cv2.resize(frame, (width, height))
        yield _noisy(wall, number)


def crowd(picture):
    """Twenty faces in five columns and four rows."""
    face = cv2.resize(picture[0:220, 110:330], (126, 118))
    for number in range(90):
        wall = np.full((480, 640, 3), 110, np.uint8)
        for at in range(20):
            top, left = at // 5 * 120, at % 5 * 128
            wall[top : top + 118, left : left + 126] = face
        yield _noisy(wall, number)


def _noisy(frame, seed):
    noise = np.random.default_rng(seed).normal(0, 2, frame.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)


def with_poster(picture, width):
    """The person, who sways a little, with a photograph on the wall beside his head."""
    poster = cv2.flip(cv2.resize(picture[0:220, 110:330], (width, width)), 1)
    for number, frame in enumerate(persons(picture)):
        frame[20 : 20 + width, 10 : 10 + width] = poster
        yield _noisy(frame, number)


def test_frames_of_zeros_show_nobody(end):
    black = [np.zeros((480, 640, 3), np.uint8) for _ in range(90)]
    assert end(black) == NonResponse(NonResponseReason.CAMERA_STUCK, Guidance.NO_FACE)


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_a_camera_that_is_mounted_the_wrong_way_samples_nobody(end, picture, turn):
    step = end([cv2.rotate(frame, turn) for frame in persons(picture)])
    assert isinstance(step, NonResponse | AttackPresentation)


@pytest.mark.parametrize("size", [(1280, 960), (320, 240), (1920, 1080)])
def test_another_size_is_looked_at_as_it_comes(end, picture, size):
    step = end([cv2.resize(frame, size) for frame in persons(picture)])
    assert isinstance(step, FaceSample | NonResponse)
    if isinstance(step, NonResponse):
        assert step.last_guidance is Guidance.COME_CLOSER  # too few pixels on the face


@pytest.mark.parametrize("size", [(1, 1), (3, 640), (480, 2), (32, 32)])
def test_a_frame_that_is_hardly_one_shows_nobody(end, size):
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (*size, 3), np.uint8) for _ in range(90)]
    assert isinstance(end(frames), NonResponse)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY),
        lambda frame: cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)[..., None],
        lambda frame: cv2.cvtColor(frame, cv2.COLOR_BGR2BGRA),
        lambda frame: frame.astype(np.uint16) * 256,
        lambda frame: frame.astype(np.float32) / 255,
        lambda frame: frame[:0],
    ],
    ids=["grey", "one channel", "transparent", "16 bits", "fractions", "empty"],
)
def test_what_is_no_colour_picture_is_refused_by_name(end, picture, spoil):
    (frame,) = bona_fide(picture, 1)
    assert not is_frame(spoil(frame))
    with pytest.raises(ValueError, match="height x width x 3 of uint8"):
        end([spoil(frame)])


def test_a_grey_camera_is_named(end, picture):
    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in persons(picture)]
    step = end([cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR) for frame in grey])
    assert step == NonResponse(NonResponseReason.TIMED_OUT, Guidance.NO_COLOUR)


def test_a_camera_that_repeats_one_frame_is_named(end, picture):
    step = end(persons(picture, 1) * 90)
    assert step.reason is NonResponseReason.CAMERA_STUCK


def test_twenty_faces_are_not_one_person(end, picture):
    step = end(crowd(picture))
    assert step == NonResponse(NonResponseReason.TIMED_OUT, Guidance.ONE_PERSON_ONLY)


def test_a_face_of_twenty_pixels_is_asked_closer_or_not_seen(end, picture):
    step = end(small(picture, 100))
    assert step.reason is NonResponseReason.TIMED_OUT
    assert step.last_guidance in (Guidance.COME_CLOSER, Guidance.NO_FACE)


def test_a_poster_behind_does_not_keep_the_shopper_from_paying(capture, end, picture):
    faces = []

    def watched():
        for frame in with_poster(picture, 130):
            yield frame
            faces.append(capture.face)

    assert isinstance(end(watched()), FaceSample)
    assert all(face.box.centre_x > 200 for face in faces)


def test_a_poster_alone_is_never_sampled(end, picture):
    poster = cv2.resize(picture[0:220, 110:330], (130, 130))
    wall = np.full((480, 640, 3), 110, np.uint8)
    wall[20:150, 10:140] = poster
    step = end([_noisy(wall, number) for number in range(90)])
    assert isinstance(step, NonResponse | AttackPresentation)


@pytest.mark.parametrize("name", ["yunet", "sface", "fr_liveness"])
@pytest.mark.parametrize("how", ["cut short", "swapped", "one bit"])
def test_a_model_file_that_is_not_the_one_is_never_loaded(weights, tmp_path, name, how):
    manifest = read_manifest()
    for model in ("yunet", "sface", "fr_liveness"):
        shutil.copy(weights / manifest.find(model).file, tmp_path)
    place = tmp_path / manifest.find(name).file
    whole = place.read_bytes()
    other = "sface" if name != "sface" else "yunet"
    place.write_bytes(
        {
            "cut short": whole[: len(whole) // 2],
            "swapped": (weights / manifest.find(other).file).read_bytes(),
            "one bit": whole[:-1] + bytes([whole[-1] ^ 1]),
        }[how]
    )
    with pytest.raises(ModelAltered) as error:
        build_capture(tmp_path, Policy(passive_only=True))
    assert place.name in str(error.value)
    assert error.value.mend


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_bytes_of_any_size_break_an_attempt_or_pay(capture, data):
    size = data.draw(st.tuples(st.integers(1, 90), st.integers(1, 90)))
    capture.restart()
    for number in range(3):
        frame = data.draw(arrays(np.uint8, (*size, 3)))
        assert isinstance(capture.feed(frame, number / RATE), Guidance)
