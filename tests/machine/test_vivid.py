"""The camera driver on V4L2 devices of the real kernel: those of its test driver, vivid.

unplugged   the driver is unbound from its device: the nodes go away under the reader
hanging     of two kinds: no frame comes any more, or the same one comes for ever
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.cameras.opencv import OpencvCamera
from hardware.devices import Camera, Condition
from hardware.errors import Busy, NotFound, TimedOut
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
    with pytest.raises((Busy, NotFound)):
        second.open()
    assert first.read(5.0)
    for each in (first, second):
        each.close()
