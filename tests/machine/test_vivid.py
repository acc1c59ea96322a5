"""The camera driver on V4L2 devices of the real kernel: those of its test driver, vivid.

unplugged   the driver is unbound from its device: the nodes go away under the reader
hanging     of two kinds: no frame comes any more, or the same one comes for ever
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.cameras.opencv import OpencvCamera
from hardware.cameras.v4l2 import (
    asking,
    card_of,
    controls_of,
    find_cameras,
    get_control,
    is_held,
    set_controls,
)
from hardware.devices import Camera, Condition
from hardware.errors import Busy, TimedOut
from hardware.testing import CameraContract, CameraRig, wait_until

DRIVER = Path("/sys/bus/platform/drivers/vivid")
FIRST, SECOND = (Path(f"/dev/v4l/by-id/vivid-00{number}-vid-cap") for number in (0, 1))

# linux/videodev2.h; the kernel's drivers/media/test-drivers/vivid/vivid-ctrls.c
VIDIOC_S_CTRL = 0xC008561C
TEXT_IN_THE_PICTURE, DROPPED_PERCENT = 0x00F0F001, 0x00F0F040
TIME_OF_DAY, NO_TEXT = 0, 2

pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif(not DRIVER.exists(), reason="no cameras of the kernel's vivid driver here"),
]


def control(node: Path, number: int, value: int) -> None:
    file = os.open(node, os.O_RDWR)
    try:
        fcntl.ioctl(file, VIDIOC_S_CTRL, struct.pack("Ii", number, value))
    finally:
        os.close(file)


def bind(bound: bool) -> None:
    if (DRIVER / "vivid.0").exists() != bound:
        (DRIVER / ("bind" if bound else "unbind")).write_text("vivid.0")
    assert wait_until(lambda: FIRST.exists() == SECOND.exists() == bound)


def camera(node: Path = FIRST, **options) -> OpencvCamera:
    return OpencvCamera(device=str(node), width=320, height=180, retry_s=0.1, **options)


def mend() -> None:
    bind(bound=True)
    for node in (FIRST, SECOND):
        control(node, TEXT_IN_THE_PICTURE, TIME_OF_DAY)
        control(node, DROPPED_PERCENT, 0)


@pytest.fixture(autouse=True)
def plugged():
    """Both cameras are there and show the time, so that no two pictures are the same."""
    mend()
    yield
    mend()
    # A reader that was left behind in a hanging camera holds it until its picture comes.
    assert wait_until(
        lambda: not any(each.name.startswith("camera ") for each in threading.enumerate())
    )


class TestCameraThatGivesTheSamePicture(CameraContract):
    hanging = (TEXT_IN_THE_PICTURE, NO_TEXT)

    @contextmanager
    def rig(self, folder):
        made = camera(stuck_s=0.3)
        assert isinstance(made, Camera)
        yield CameraRig(
            made,
            unplug=lambda: bind(bound=False),
            plug=lambda: bind(bound=True),
            hang=lambda: control(FIRST, *self.hanging),
        )


class TestCameraThatGivesNoPicture(TestCameraThatGivesTheSamePicture):
    hanging = (DROPPED_PERCENT, 100)


def test_the_size_that_was_asked_for_is_what_comes():
    made = camera()
    made.open()
    made.start()
    assert made.read(5.0).pixels.shape == (180, 320, 3)
    made.close()


def test_two_cameras_stream_at_once_and_each_is_found_by_its_name():
    first, second = camera(FIRST, name="face"), camera(SECOND, name="codes")
    for each in (first, second):
        each.open()
        each.start()
    assert first.read(5.0).pixels.shape == second.read(5.0).pixels.shape
    control(SECOND, DROPPED_PERCENT, 100)

    def second_is_silent() -> bool:
        try:
            second.read(0.5)
        except TimedOut:
            return True
        return False

    assert wait_until(second_is_silent)
    first.read(5.0)
    assert first.check_health().condition is Condition.GOOD
    for each in (first, second):
        each.close()


def test_a_camera_that_another_program_streams_from_is_not_opened_in_silence():
    first, second = camera(FIRST, name="first"), camera(FIRST, name="second")
    first.open()
    first.start()
    first.read(5.0)
    with pytest.raises(Busy) as raised:
        second.open()
    assert raised.value.mend
    assert first.read(5.0)
    for each in (first, second):
        each.close()


# ---- controls


BRIGHT, CONTRAST = 77, 33


def at(node: Path, name: str) -> int:
    assert wait_until(node.exists)
    with asking(node) as ask:
        return get_control(ask, controls_of(ask)[name])


def test_what_the_kernel_says_of_a_camera():
    with asking(FIRST) as ask:
        card, controls = card_of(ask), controls_of(ask)
        assert get_control(ask, controls["brightness"]) == controls["brightness"].default
    assert (card.driver, card.name, card.captures) == ("vivid", "vivid", True)
    assert card.bus.startswith("platform:vivid-000")
    brightness = controls["brightness"]
    assert (brightness.minimum, brightness.maximum, brightness.default) == (0, 255, 128)
    assert "button" not in controls, "it takes no number"


def test_both_cameras_are_found_each_under_its_own_name():
    found = {camera.path: camera.card.bus for camera in find_cameras()}
    assert set(found) == {str(FIRST), str(SECOND)}
    assert len(set(found.values())) == 2


def test_controls_are_set_and_read_back_and_one_that_is_refused_is_told():
    wanted = {"brightness": BRIGHT, "saturation": 999, "no_such": 1, "contrast": CONTRAST}
    made = camera(controls=wanted)
    made.open()
    assert (at(FIRST, "brightness"), at(FIRST, "contrast")) == (BRIGHT, CONTRAST)
    health = made.check_health()
    assert health.condition is Condition.UNKNOWN
    assert "saturation is 0 to 255, not 999" in health.cause
    made.start()
    assert made.read(5.0), "a refused control keeps no camera away"
    made.close()


def test_controls_are_set_again_when_a_camera_comes_back():
    made = camera(controls={"brightness": BRIGHT})
    made.open()
    made.start()
    made.read(5.0)
    bind(bound=False)
    assert wait_until(lambda: made.check_health().condition is Condition.BAD)
    bind(bound=True)
    assert wait_until(lambda: made.check_health().condition is Condition.GOOD)
    assert at(FIRST, "brightness") == BRIGHT
    assert at(SECOND, "brightness") != BRIGHT
    made.close()


def test_controls_can_be_set_while_another_program_streams():
    made = camera()
    made.open()
    made.start()
    made.read(5.0)
    with asking(FIRST) as ask:
        assert is_held(ask)
        set_controls(ask, {"brightness": BRIGHT})
    assert at(FIRST, "brightness") == BRIGHT
    assert made.read(5.0), "asking whether it is held disturbs nobody"
    made.close()
    with asking(FIRST) as ask:
        assert not is_held(ask)


def test_a_camera_without_pictures_is_opened_anew_before_ten_seconds():
    made = camera(stuck_s=0)
    made.open()
    made.start()
    made.read(5.0)
    control(FIRST, DROPPED_PERCENT, 100)
    began = time.monotonic()
    assert wait_until(lambda: made.check_health().condition is Condition.BAD, 9.0)
    assert time.monotonic() - began > 1.0, "not for a few late pictures"
    control(FIRST, DROPPED_PERCENT, 0)
    assert wait_until(lambda: made.check_health().condition is Condition.GOOD)
    assert made.read(5.0)
    made.close()
