"""The simulated person who reads the screen and does what it asks, and the head he turns."""

from __future__ import annotations

import json
import os

import cv2
import numpy as np
import pytest

from hardware.cameras.motion import Pose
from hardware.cameras.obedience import NEARER, READS, TURN, Obedience, Stance
from hardware.cameras.pictures import Composition, composition_of, find_pictures, read_picture
from hardware.cameras.relief import Relief

REST = Pose(0.0, 0.0, 1.0, 0.0)
ASTRONAUT = "skimage:astronaut"


class Screen:
    """A screen that says what it shows, and a clock that goes on frame by frame."""

    def __init__(self, path):
        self.path, self.now, self.changes = path, 0.0, 0
        self.person = Obedience(path)

    def says(self, text):
        self.path.write_text(text, "utf-8")
        self.changes += 1
        os.utime(self.path, ns=(self.changes, self.changes))

    def shows(self, instruction, seconds):
        self.says(json.dumps({"instruction": instruction}))
        return self.goes_on(seconds)

    def goes_on(self, seconds):
        for _ in range(round(seconds * 20)):
            self.now += 0.05
            stance = self.person.stance(self.now)
        return stance.yaw, stance.nearer


@pytest.fixture
def screen(tmp_path):
    return Screen(tmp_path / "screen.json")


def test_he_turns_to_his_own_left_and_right_and_back(screen):
    assert screen.shows("guidance.turn_left", 2) == (TURN, 1.0)
    assert screen.shows("guidance.look_straight", 2) == (0.0, 1.0)
    assert screen.shows("guidance.turn_right", 2) == (-TURN, 1.0)


def test_he_needs_a_moment_to_read_and_turns_no_faster_than_a_head(screen):
    screen.shows("guidance.hold", 1)
    assert screen.shows("guidance.turn_left", READS) == (0.0, 1.0)
    yaw, _ = screen.goes_on(0.2)
    assert 0 < yaw < TURN


def test_he_stays_close_until_the_screen_is_done_with_him(screen):
    assert screen.shows("guidance.come_closer", 3) == (0.0, NEARER)
    assert screen.shows("guidance.turn_left", 2) == (TURN, NEARER)
    assert screen.shows("", 3) == (0.0, 1.0)


def test_before_a_camera_that_was_stopped_and_starts_again_he_stands_as_at_first(screen):
    screen.shows("guidance.come_closer", 3)
    screen.shows("guidance.turn_left", 2)
    screen.now += 5
    assert screen.shows("guidance.hold", 0.1) == (0.0, 1.0)


@pytest.mark.parametrize("text", ["", "{", "[]", '"a"', '{"instruction": 7}', "{}", "\x00"])
def test_a_screen_that_says_nothing_is_not_obeyed(screen, text):
    screen.says(text)
    assert screen.goes_on(1) == (0.0, 1.0)


def test_nobody_reads_a_screen_that_is_not_there(tmp_path):
    for screen in (None, tmp_path / "no such file"):
        assert Obedience(screen).stance(1.0) == Stance()


@pytest.fixture(scope="module")
def portrait():
    (path,) = find_pictures("camera", ASTRONAUT)
    return read_picture("camera", path)


def shown(portrait, stance, depth=1.0):
    head = Relief(portrait, composition_of(ASTRONAUT), 640, 480, depth=depth)
    return head.show(REST, stance)


def test_a_head_hides_its_far_side_and_a_sheet_does_not(portrait):
    """The strip left of the nose, as wide on both sides at rest, is narrower on the far side."""

    def sides(depth):
        mark = portrait.copy()
        mark[:] = 90
        mark[100:150, 180:222] = (0, 0, 255)  # from the nose to one cheek
        mark[100:150, 224:266] = (255, 0, 0)  # and to the other
        seen = shown(mark, Stance(yaw=25.0), depth).astype(int)
        red = np.count_nonzero(seen[..., 2] - seen[..., 0] > 120)
        blue = np.count_nonzero(seen[..., 0] - seen[..., 2] > 120)
        return red / blue

    assert 0.85 < sides(0.0) < 1.18
    assert sides(1.0) > 1.8  # the nose goes to the right, and so the right cheek is the far one


def test_closer_is_larger(portrait):
    straight = shown(portrait, Stance())
    close = shown(portrait, Stance(nearer=1.3))
    middle = (320, int(480 * 0.42))
    grown = cv2.warpAffine(
        straight, cv2.getRotationMatrix2D(middle, 0, 1.3), (640, 480), flags=cv2.INTER_LINEAR
    )
    near = np.s_[150:260, 270:370]
    assert np.abs(grown[near].astype(int) - close[near]).mean() < 12


@pytest.mark.parametrize("eyes", [0.0, 0.6])
def test_eyes_that_cannot_be_are_refused(eyes):
    with pytest.raises(ValueError, match="eyes"):
        Composition(eyes=eyes)
