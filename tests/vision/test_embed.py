from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.embed import SFace, prepare
from vision.types import Box, Face


class Answering:
    def __init__(self):
        self.asked = None

    def run(self, inputs):
        self.asked = inputs
        return [np.full((1, 128), 3.0, np.float32)]


def test_colours_become_red_green_blue_from_0_to_255():
    aligned = np.zeros((112, 112, 3), np.uint8)
    aligned[..., 0], aligned[..., 2] = 255, 7
    blob = prepare(aligned)
    assert blob.shape == (1, 3, 112, 112)
    assert blob[0, :, 50, 50].tolist() == [7, 0, 255]


def test_an_embedding_has_length_one_and_comes_from_the_aligned_face():
    net = Answering()
    points = np.array([[38, 52], [74, 52], [56, 72], [42, 92], [71, 92]], np.float32) + 100
    template = SFace(net).embed(
        np.full((300, 300, 3), 90, np.uint8), Face(Box(100, 100, 112, 112), points, 0.9)
    )
    assert net.asked.shape == (1, 3, 112, 112)
    assert net.asked.min() == net.asked.max() == 90
    assert np.linalg.norm(template) == pytest.approx(1, abs=1e-6)


def test_size_does_not_change_who_someone_is_but_the_shape_of_the_face_does(stages, picture):
    (one,) = stages.detector.detect(picture)
    wide = cv2.resize(picture, None, fx=1.0, fy=0.62)
    (other,) = stages.detector.detect(wide)
    same = stages.detector.detect(cv2.resize(picture, None, fx=1.4, fy=1.4))[0]
    template = stages.embedder.embed(picture, one)
    larger = cv2.resize(picture, None, fx=1.4, fy=1.4)
    assert template @ stages.embedder.embed(larger, same) > 0.9
    assert template @ stages.embedder.embed(wide, other) < 0.8
