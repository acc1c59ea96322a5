from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.detect import STRIDES, YuNet, decode, prepare


def empty_answer(width, height):
    cells = [width // s * (height // s) for s in STRIDES]
    return [np.zeros((1, n, k), np.float32) for k in (1, 1, 4, 10) for n in cells]


class Answering:
    def __init__(self, outputs):
        self.outputs = outputs

    def run(self, inputs):
        return self.outputs


def test_the_astronaut_is_found_with_eyes_nose_and_mouth_in_place(stages, picture):
    (face,) = stages.detector.detect(picture)
    assert face.score > 0.9
    expected = [(202, 101), (246, 102), (222, 125), (205, 142), (241, 141)]
    assert np.abs(face.points - expected).max() < 5, "pixels of the full picture"
    box = face.box
    assert box.x < 202
    assert box.x + box.width > 246
    assert box.y < 101
    assert box.y + box.height > 142


@pytest.mark.parametrize("factor", [0.5, 1.5, 3.0])
def test_boxes_are_in_pixels_of_the_frame_whatever_its_size(stages, picture, factor):
    (one,) = stages.detector.detect(picture)
    (other,) = stages.detector.detect(cv2.resize(picture, None, fx=factor, fy=factor))
    assert other.box.width / factor == pytest.approx(one.box.width, rel=0.06)
    assert np.abs(other.points / factor - one.points).max() < 6


def test_two_people_are_two_faces_the_nearer_first(stages, picture):
    far = cv2.resize(picture[:256], None, fx=0.5, fy=0.5)
    frame = np.full((512, 900, 3), 128, np.uint8)
    frame[:, :512] = picture
    frame[100 : 100 + far.shape[0], 560 : 560 + far.shape[1]] = far
    near, passer_by = stages.detector.detect(frame)
    assert passer_by.box.width == pytest.approx(near.box.width / 2, rel=0.15)
    assert passer_by.box.x > 560


def test_an_empty_room_has_no_face(stages):
    assert stages.detector.detect(np.full((480, 640, 3), 127, np.uint8)) == []


@pytest.mark.parametrize(
    ("height", "width", "shape", "scale"),
    [
        (480, 640, (256, 320), 2.0),
        (720, 1280, (192, 320), 4.0),
        (1280, 720, (320, 192), 4.0),
        (200, 100, (224, 128), 1.0),
        (320, 320, (320, 320), 1.0),
    ],
)
def test_frames_are_shrunk_to_320_and_padded_to_multiples_of_32(height, width, shape, scale):
    blob, factor = prepare(np.full((height, width, 3), 9, np.uint8))
    assert blob.shape == (1, 3, *shape)
    assert factor == scale
    assert blob[0, 0, 0, 0] == 9
    if shape[0] * scale > height:
        assert blob[0, :, -1].max() == 0, "padding is below"


def test_colours_stay_blue_green_red_from_0_to_255():
    frame = np.zeros((32, 32, 3), np.uint8)
    frame[..., 0], frame[..., 2] = 255, 7
    blob, _ = prepare(frame)
    assert blob[0, :, 5, 5].tolist() == [255, 0, 7]


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_cells_answer_becomes_box_and_points_by_the_published_formula(level):
    stride, columns = STRIDES[level], 320
    column, row = 3, 2
    cell = row * (columns // stride) + column
    outputs = empty_answer(320, 256)
    outputs[level][0, cell] = 0.81
    outputs[3 + level][0, cell] = 1.0
    outputs[6 + level][0, cell] = [0.5, 0.25, np.log(4), np.log(2)]
    outputs[9 + level][0, cell] = np.arange(10) / 10
    (found,) = decode(outputs, columns, 0.7)
    assert found[0] == pytest.approx(0.9)
    assert found[1:5] == pytest.approx(
        [(3 + 0.5 - 2) * stride, (2 + 0.25 - 1) * stride, 4 * stride, 2 * stride]
    )
    assert found[5:7] == pytest.approx([3 * stride, 2.1 * stride])
    assert found[13:15] == pytest.approx([3.8 * stride, 2.9 * stride])


def test_a_cell_under_the_threshold_is_no_face():
    outputs = empty_answer(320, 256)
    outputs[0][0, 5], outputs[3][0, 5] = 0.48, 1.0  # sqrt(0.48) < 0.7
    assert len(decode(outputs, 320, 0.7)) == 0


def test_answers_of_neighbouring_cells_are_one_face():
    outputs = empty_answer(320, 256)
    for cell, score in ((41, 0.9), (42, 0.99)):
        outputs[1][0, cell] = outputs[4][0, cell] = score
        outputs[7][0, cell] = [0, 0, np.log(6), np.log(6)]
    (face,) = YuNet(Answering(outputs), 0.7, 0.3).detect(np.zeros((256, 320, 3), np.uint8))
    assert face.score == pytest.approx(0.99)
