"""The contract of detector, attack detection and embedder as tests: subclass one, give it yours.

    class TestMyDetector(DetectorContract):
        def detector(self): ... return MyDetector()
        def person(self): ... return a picture in which it finds one face

A stage that passes can stand in the pipeline.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import cv2
import numpy as np
import pytest

from vision.detect import Detector
from vision.embed import Embedder, similarity_of
from vision.pad import PadJudge
from vision.types import Box, Face, Image

SIZES = ((480, 640), (720, 1280), (1280, 720), (333, 517), (96, 64), (1, 1))
"""Height and width of frames no stage may stumble over."""


class DetectorContract(ABC):
    """What every Detector does."""

    @abstractmethod
    def detector(self) -> Detector:
        """The one under test; it may be the same for all tests."""

    @abstractmethod
    def person(self) -> Image:
        """A picture with one face of at least 80 pixels, no wider than half of the picture."""

    def test_a_person_is_one_face_within_the_picture(self) -> None:
        picture = self.person()
        (face,) = self.detector().detect(picture)
        box = face.box
        assert 0 < face.score <= 1
        assert 0 <= box.centre_x <= picture.shape[1]
        assert 0 <= box.centre_y <= picture.shape[0]

    def test_the_five_points_lie_in_the_box_the_left_eye_in_the_picture_first(self) -> None:
        (face,) = self.detector().detect(self.person())
        points, box = face.points, face.box
        assert points.shape == (5, 2)
        assert points.dtype == np.float32
        assert (
            (points >= [box.x, box.y]) & (points <= [box.x + box.width, box.y + box.height])
        ).all()
        first, second, nose, *mouth = points
        assert first[0] < second[0]
        assert mouth[0][0] < mouth[1][0]
        assert max(first[1], second[1]) < nose[1] < min(mouth[0][1], mouth[1][1])

    @pytest.mark.parametrize("factor", [0.75, 1.5, 2.0])
    def test_boxes_and_points_are_in_pixels_of_the_frame_whatever_its_size(
        self, factor: float
    ) -> None:
        picture = self.person()
        (one,) = self.detector().detect(picture)
        grown = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor), np.uint8)
        (other,) = self.detector().detect(grown)
        assert other.box.width / factor == pytest.approx(one.box.width, rel=0.15)
        assert np.abs(other.points / factor - one.points).max() < 0.15 * one.box.width

    def test_of_two_people_the_nearer_comes_first(self) -> None:
        picture = self.person()
        height, width = picture.shape[:2]
        frame = np.full((height, 2 * width, 3), 128, np.uint8)
        frame[:, width:] = picture
        frame[: height // 2, : width // 2] = cv2.resize(picture, (width // 2, height // 2))
        faces = self.detector().detect(frame)
        assert len(faces) == 2
        assert faces[0].box.centre_x > width > faces[1].box.centre_x

    @pytest.mark.parametrize("size", SIZES, ids=str)
    def test_a_frame_without_a_person_has_no_face(self, size: tuple[int, int]) -> None:
        for shade in (0, 127):
            assert self.detector().detect(np.full((*size, 3), shade, np.uint8)) == []

    def test_the_frame_is_only_read_and_the_same_frame_gives_the_same_answer(self) -> None:
        picture = self.person()
        before = picture.copy()
        one, other = (self.detector().detect(picture) for _ in range(2))
        assert np.array_equal(picture, before)
        assert [face.box for face in one] == [face.box for face in other]


class PadContract(ABC):
    """What every PadJudge does, but for how well it judges: that is for an evaluation."""

    @abstractmethod
    def judge(self) -> PadJudge:
        """The one under test."""

    @pytest.mark.parametrize("size", SIZES[:-1], ids=str)
    @pytest.mark.parametrize("place", ["middle", "corner", "beyond", "whole", "speck"])
    def test_every_box_gets_a_score_from_0_to_1(self, size: tuple[int, int], place: str) -> None:
        frame = noise(size)
        score = self.judge().judge(frame, _face_at(size, place))
        assert 0 <= score.score <= 1

    @pytest.mark.parametrize(("place", "shifted"), [("speck", False), ("beyond", True)])
    def test_a_face_without_room_around_it_is_flagged(self, place: str, shifted: bool) -> None:  # noqa: FBT001 - column of a table
        size = (480, 640)
        assert self.judge().judge(noise(size), _face_at(size, place)).shifted is shifted

    @pytest.mark.parametrize("shade", [0, 255])
    def test_a_frame_of_one_shade_gets_a_score_too(self, shade: int) -> None:
        size = (480, 640)
        frame = np.full((*size, 3), shade, np.uint8)
        assert 0 <= self.judge().judge(frame, _face_at(size, "middle")).score <= 1

    def test_the_frame_is_only_read_and_the_same_frame_gives_the_same_score(self) -> None:
        frame = noise((480, 640))
        before, face = frame.copy(), _face_at((480, 640), "middle")
        one, other = (self.judge().judge(frame, face) for _ in range(2))
        assert np.array_equal(frame, before)
        assert one == other


class EmbedderContract(ABC):
    """What every Embedder does."""

    @abstractmethod
    def embedder(self) -> Embedder:
        """The one under test."""

    @abstractmethod
    def person(self) -> tuple[Image, Face]:
        """A picture of a person and where the face is."""

    def test_a_template_is_a_vector_of_length_1(self) -> None:
        template = self.embedder().embed(*self.person())
        assert template.ndim == 1
        assert template.dtype == np.float32
        assert float(np.linalg.norm(template)) == pytest.approx(1, abs=1e-5)

    def test_the_frame_is_only_read_and_the_same_face_gives_the_same_template(self) -> None:
        picture, face = self.person()
        before = picture.copy()
        one, other = (self.embedder().embed(picture, face) for _ in range(2))
        assert np.array_equal(picture, before)
        assert np.array_equal(one, other)

    def test_a_face_moved_turned_and_grown_keeps_its_template(self) -> None:
        picture, face = self.person()
        turn = cv2.getRotationMatrix2D((face.box.centre_x, face.box.centre_y), 15, 1.2)
        turn[:, 2] += (7, -5)
        size = (picture.shape[1], picture.shape[0])
        moved = np.asarray(cv2.warpAffine(picture, turn, size), np.uint8)
        points = (face.points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
        there = Face(face.box, points, face.score)
        embedder = self.embedder()
        assert similarity_of(embedder.embed(picture, face), embedder.embed(moved, there)) > 0.8

    def test_something_else_has_another_template(self) -> None:
        picture, face = self.person()
        embedder = self.embedder()
        other = embedder.embed(noise((picture.shape[0], picture.shape[1])), face)
        assert similarity_of(embedder.embed(picture, face), other) < 0.6

    def test_points_outside_the_frame_are_no_reason_to_fall(self) -> None:
        picture, face = self.person()
        far = Face(face.box, (face.points + 10_000).astype(np.float32), face.score)
        template = self.embedder().embed(picture, far)
        assert np.isfinite(template).all()

    def test_five_equal_points_are_refused(self) -> None:
        picture, face = self.person()
        with pytest.raises(ValueError, match="no direction"):
            self.embedder().embed(picture, Face(face.box, np.ones((5, 2), np.float32), 0.9))


def noise(size: tuple[int, int]) -> Image:
    """A frame of coloured noise, always the same."""
    return np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)


def _face_at(size: tuple[int, int], place: str) -> Face:
    height, width = size
    side = min(height, width)
    box = {
        "middle": Box(width / 2 - side / 8, height / 2 - side / 8, side / 4, side / 4),
        "corner": Box(0, 0, side / 4, side / 4),
        "beyond": Box(-side / 8, height - side / 8, side / 4, side / 4),
        "whole": Box(-5, -5, width + 10, height + 10),
        "speck": Box(width / 2, height / 2, side / 24, side / 24),
    }[place]
    return Face(box, np.zeros((5, 2), np.float32), 0.9)
