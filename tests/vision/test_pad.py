from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.pad import Crop, PadEnsemble, PadNet, PadThresholds, prepare, room_around, softmax
from vision.types import Box, Face, PadVerdict

boxes = st.builds(
    Box, st.floats(-50, 600), st.floats(-50, 440), st.floats(20, 300), st.floats(20, 300)
)


class Answering:
    def __init__(self, *numbers):
        self.numbers = np.array([numbers], np.float32)
        self.asked = []

    def run(self, inputs):
        self.asked.append(inputs)
        return [self.numbers]


@given(boxes, st.floats(1, 4))
def test_a_crop_is_never_empty_and_never_leaves_the_frame(box, factor):
    crop = room_around(box, 640, 480, factor)
    assert 0 <= crop.left < crop.right <= 640
    assert 0 <= crop.top < crop.bottom <= 480


@given(st.floats(0, 1), st.floats(0, 1), st.floats(20, 100), st.floats(1, 2.7))
def test_with_room_on_all_sides_the_crop_is_centred_and_not_flagged(right, down, side, factor):
    half = side * factor / 2
    x = half + right * (639 - 2 * half)
    y = half + down * (479 - 2 * half)
    crop = room_around(Box(x - side / 2, y - side / 2, side, side), 640, 480, factor - 1e-6)
    assert not crop.shifted
    assert (crop.left + crop.right) / 2 == pytest.approx(x, abs=1.5)
    assert crop.right - crop.left == pytest.approx(2 * half, abs=2)


@pytest.mark.parametrize(
    ("box", "crop"),
    [
        (Box(270, 190, 100, 100), Crop(185, 105, 456, 376, shifted=False)),
        (Box(10, 190, 100, 100), Crop(0, 105, 271, 376, shifted=True)),
        (Box(270, 375, 100, 100), Crop(185, 209, 456, 480, shifted=True)),
        (Box(200, 100, 240, 300), Crop(128, 0, 512, 480, shifted=True)),
    ],
    ids=["room", "left edge", "lower edge", "too large"],
)
def test_a_crop_without_room_is_moved_or_shrunk_and_flagged(box, crop):
    assert room_around(box, 640, 480, 2.7) == crop


def test_the_crop_is_stretched_to_the_input_without_change_of_colour():
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[100:200, 300:500] = (255, 3, 0)
    blob = prepare(frame, Crop(300, 100, 500, 200, shifted=False), 128, 64)
    assert blob.shape == (1, 3, 64, 128)
    assert blob.dtype == np.float32
    assert blob[0, :, 32, 64].tolist() == [255, 3, 0]


def test_the_score_is_the_mean_of_the_networks_own_bona_fide_class():
    one = PadNet(Answering(5, 0, 0), 2.7, 128, 128, bona_fide_class=0)
    other = PadNet(Answering(0, 3, 5), 4.0, 80, 80, bona_fide_class=1)
    face = Face(Box(300, 200, 60, 60), np.zeros((5, 2), np.float32), 0.9)
    score = PadEnsemble([one, other]).judge(np.zeros((480, 640, 3), np.uint8), face)
    sure = softmax(np.array([5, 0, 0], np.float32))[0]
    unlikely = softmax(np.array([0, 3, 5], np.float32))[1]
    assert score.score == pytest.approx((sure + unlikely) / 2)
    assert not score.shifted
    assert one.net.asked[0].shape == (1, 3, 128, 128)
    assert other.net.asked[0].shape == (1, 3, 80, 80)


@pytest.mark.parametrize("crop", [1.0, 2.7, 4.0])
@pytest.mark.parametrize(("top", "shifted"), [(20, True), (52, False)])
def test_the_flag_is_about_room_of_27_tenths_whatever_the_networks_see(crop, top, shifted):
    judge = PadEnsemble([PadNet(Answering(1, 0, 0), crop, 80, 80, 0)])
    face = Face(Box(300, top, 60, 60), np.zeros((5, 2), np.float32), 0.9)
    assert judge.judge(np.zeros((480, 640, 3), np.uint8), face).shifted is shifted


def test_without_a_network_there_is_no_attack_detection():
    with pytest.raises(ValueError, match="at least one network"):
        PadEnsemble([])


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ([], PadVerdict.NO_VERDICT),
        ([0.5], PadVerdict.BONA_FIDE),
        ([0.9, 0.2, 0.9], PadVerdict.BONA_FIDE),
        ([0.49], PadVerdict.NO_VERDICT),
        ([0.3, 0.3], PadVerdict.NO_VERDICT),
        ([0.29], PadVerdict.ATTACK),
        ([0.9, 0.0, 0.0, 0.0], PadVerdict.ATTACK),
    ],
)
def test_the_mean_of_the_frames_decides(scores, verdict):
    assert PadThresholds(bona_fide_from=0.5, attack_below=0.3).verdict(scores) is verdict


@pytest.mark.parametrize("pair", [(0.3, 0.5), (1.1, 0.5), (0.5, -0.1)])
def test_thresholds_out_of_order_are_refused(pair):
    with pytest.raises(ValueError, match="out of order"):
        PadThresholds(*pair)


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=2, max_size=5))
def test_softmax_sums_to_one_however_large_the_numbers(values):
    chances = softmax(np.array(values, np.float32))
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert (chances >= 0).all()
