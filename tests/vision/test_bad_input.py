"""What a camera or a weights folder may do wrong: each gets an answer by name, and no sample.

On the real networks; frames are of the astronaut's photograph.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from presentations import HEIGHT, WIDTH, bona_fide

from models.errors import ModelAltered
from models.manifest import read_manifest
from vision.capture import Policy
from vision.embed import similarity_of
from vision.frame import UnusableFrame
from vision.pipeline import build_capture
from vision.types import FaceSample, Guidance, NonResponse, NonResponseReason

GREY_WALL = (118, 127, 133)


@pytest.fixture(scope="module")
def capture(weights):
    return build_capture(weights, Policy(passive_only=True))


def outcome(capture, frames):
    """The last step of an attempt; every step before it is guidance, told by its set."""
    capture.restart()
    said = set()
    for number, frame in enumerate(frames):
        step = capture.feed(frame, number / 10)
        if not isinstance(step, Guidance):
            return step, said
        said.add(step)
    return step, said


def shrunk(frame, width):
    """The whole scene far away before a wall: its face is `width` pixels wide."""
    far = cv2.resize(frame, None, fx=width / 114, fy=width / 114, interpolation=cv2.INTER_AREA)
    room = np.full_like(frame, GREY_WALL)
    top, left = (HEIGHT - far.shape[0]) // 2, (WIDTH - far.shape[1]) // 2
    room[top : top + far.shape[0], left : left + far.shape[1]] = far
    return room


def twenty(frame):
    """Four rows of five faces."""
    face = cv2.resize(frame[100:280, 200:370], (WIDTH // 5, HEIGHT // 4))
    return np.tile(face, (4, 5, 1))


ANSWERS = {
    "zeros": (np.zeros_like, {Guidance.NO_FACE}),
    "one row": (lambda f: f[:1], {Guidance.NO_FACE}),
    "one pixel": (lambda f: f[:1, :1], {Guidance.NO_FACE}),
    "an empty room": (lambda f: np.full_like(f, GREY_WALL), {Guidance.NO_FACE}),
    "grey in three colours": (
        lambda f: cv2.cvtColor(cv2.cvtColor(f, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
        {Guidance.NO_COLOUR},
    ),
    "twenty faces": (twenty, {Guidance.ONE_PERSON_ONLY}),
    "a face of 20 pixels": (lambda f: shrunk(f, 20), {Guidance.NO_FACE, Guidance.COME_CLOSER}),
    "a face of 40 pixels": (lambda f: shrunk(f, 40), {Guidance.COME_CLOSER}),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_frame_that_shows_no_good_face_is_answered_with_what_to_do(capture, picture, case):
    spoil, allowed = ANSWERS[case]
    step, said = outcome(capture, (spoil(frame) for frame in bona_fide(picture, 12)))
    assert isinstance(step, Guidance)
    assert said <= allowed


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_camera_that_lies_or_hangs_gives_no_sample_and_accuses_nobody(capture, picture, quarters):
    """The detector finds a face there, upright where there is none."""
    step, said = outcome(capture, (np.rot90(f, quarters) for f in bona_fide(picture, 40)))
    assert isinstance(step, Guidance)
    assert Guidance.HOLD not in said


@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: cv2.cvtColor(f, cv2.COLOR_BGR2GRAY),
        lambda f: cv2.cvtColor(f, cv2.COLOR_BGR2GRAY)[..., None],
        lambda f: f.astype(np.uint16) * 257,
        lambda f: f.astype(np.float32) / 255,
        lambda f: cv2.cvtColor(f, cv2.COLOR_BGR2RGBA),
        lambda f: f.astype(np.int8),
        lambda f: f[:0],
        lambda f: f.reshape(-1),
    ],
    ids=["grey", "grey, one channel", "16 bits", "float", "RGBA", "signed", "empty", "bytes"],
)
def test_pixels_of_another_kind_are_refused_by_name(capture, picture, spoil):
    capture.restart()
    (frame,) = bona_fide(picture, 1)
    with pytest.raises(UnusableFrame, match="3 of uint8, not") as refused:
        capture.feed(spoil(frame), 0.0)
    assert "camera" in refused.value.mend


def test_a_frame_of_another_size_in_the_middle_is_another_beginning(capture, picture):
    frames = list(bona_fide(picture, 8))
    frames[4] = np.asarray(cv2.resize(frames[4], (800, 600)), np.uint8)
    step, _ = outcome(capture, frames)
    assert step is Guidance.HOLD
    assert capture.progress == pytest.approx(0.6)


@pytest.mark.parametrize("size", [(320, 240), (1280, 960), (801, 599)])
def test_a_camera_of_another_size_works_as_well(capture, picture, size):
    frames = (np.asarray(cv2.resize(f, size), np.uint8) for f in bona_fide(picture, 30))
    step, said = outcome(capture, frames)
    enough = size[0] > 500
    assert isinstance(step, FaceSample) if enough else said == {Guidance.COME_CLOSER}


def test_a_camera_that_repeats_one_frame_is_named(capture, picture):
    (frame,) = bona_fide(picture, 1)
    step, _ = outcome(capture, [frame] * 60)
    assert isinstance(step, NonResponse)
    assert step.reason is NonResponseReason.CAMERA_STUCK


def with_poster(frames, picture, width):
    """A flipped portrait of `width` pixels on the wall to the right of the shopper.

    In one place to the pixel, under the sensor's noise of its own.
    """
    rng = np.random.default_rng(5)
    portrait = np.asarray(cv2.flip(picture[20:190, 140:300], 1), np.uint8)
    portrait = cv2.resize(portrait, None, fx=width / 80, fy=width / 80)
    high, wide = portrait.shape[:2]
    for frame in frames:
        noisy = np.clip(portrait + rng.normal(0, 2, portrait.shape), 0, 255)
        hung = frame.copy()
        hung[100 : 100 + high, WIDTH - wide :] = noisy
        yield hung


def shopper(picture, count):
    """The person a little to the left, swaying by some millimetres."""
    rng = np.random.default_rng(8)
    at = 0.0
    for frame in bona_fide(picture, count, seed=4):
        at = 0.8 * at + rng.normal(0, 1.5)
        shift = np.array([[1, 0, -110 + at], [0, 1, 0]], np.float32)
        moved = cv2.warpAffine(frame, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        yield np.asarray(moved, np.uint8)


@pytest.mark.parametrize("width", [50, 100], ids=["small", "nearly as large as the shopper"])
def test_a_poster_behind_the_shopper_is_not_who_pays(capture, stages, picture, width):
    first = next(with_poster(shopper(picture, 1), picture, width))
    faces = stages.detector.detect(first)
    assert len(faces) == 2, "the detector sees the poster"
    step, _ = outcome(capture, with_poster(shopper(picture, 80), picture, width))
    assert isinstance(step, FaceSample)
    left = min(faces, key=lambda face: face.box.centre_x)
    assert similarity_of(step.template, stages.embedder.embed(first, left)) > 0.8


@pytest.fixture
def folder(weights, tmp_path):
    """A weights folder of links to what every kiosk has, to be spoilt."""
    for model in read_manifest():
        if not model.optional:
            (tmp_path / model.file).symlink_to(weights.resolve() / model.file)
    return tmp_path


@pytest.mark.parametrize("name", ["yunet", "sface", "fr_liveness"])
@pytest.mark.parametrize("fault", ["cut short", "swapped", "empty"])
def test_a_model_file_that_is_not_the_manifests_is_never_used(folder, name, fault):
    manifest = read_manifest()
    path = folder / manifest.find(name).file
    other = manifest.find("sface" if name == "yunet" else "yunet").file
    content = {
        "cut short": path.read_bytes()[:-100],
        "swapped": (folder / other).read_bytes(),
        "empty": b"",
    }[fault]
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(ModelAltered, match="expected SHA-256"):
        build_capture(folder, Policy(passive_only=True))
