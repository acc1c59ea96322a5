"""The faces process with cameras that misbehave: the attempt ends by name, the process does not."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from hardware.devices import Condition, Frame, Health
from kiosk.faces.process import FacesProcess
from kiosk.messages import CameraState, CaptureEnded, Guiding, StartCapture
from kiosk.preview import PreviewWriter, in_memory
from kiosk.trace import Trace
from vision.capture import FaceCapture, Policy
from vision.pad import PadThresholds

MEMORY = Path("/dev/shm")
COLOUR = np.zeros((48, 64, 3), np.uint8)


class Nobody:
    """The three stages before an empty place."""

    def detect(self, frame):
        return []

    def judge(self, frame, face):
        raise AssertionError("there is no face to judge")

    embed = judge


@dataclass
class Camera:
    """Gives the pictures one after the other, as fast as they are read; after the last one comes
    the end of the process.
    """

    pictures: list
    stopped: threading.Event
    given: int = 0
    streams: bool = False

    name = "camera"

    def open(self):
        pass

    def start(self):
        self.streams = True

    def stop(self):
        self.streams = False

    close = stop

    def check_health(self):
        return Health(Condition.GOOD)

    def read(self, timeout_s=1.0):
        assert self.streams
        pixels = self.pictures[self.given]
        self.given += 1
        if self.given == len(self.pictures):
            self.stopped.set()
        return Frame(pixels, self.given / 15, self.given)


@dataclass
class Line:
    """The core's end: asks for one attempt after the other while the camera is usable."""

    attempts: list
    stopped: threading.Event
    said: list = field(default_factory=list)
    connected = True

    def send(self, message):
        self.said.append(message)
        return True

    def wait(self, timeout):
        states = [one for one in self.said if isinstance(one, CameraState)]
        if not timeout or not states[-1].usable:
            return []
        if not self.attempts:
            self.stopped.set()
            return []
        return [StartCapture(self.attempts.pop(0))]


@pytest.fixture
def preview():
    if not (MEMORY.is_dir() and in_memory(MEMORY / "x")):
        pytest.skip("there is no memory file system here")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield PreviewWriter(Path(folder) / "preview", 32, 32)


def told(preview, pictures, attempts=("1",)):
    """All that the process says of these attempts."""
    stopped = threading.Event()
    line, camera, stages = Line(list(attempts), stopped), Camera(pictures, stopped), Nobody()
    clock = iter(range(10**6))
    FacesProcess(
        line,
        camera,
        lambda: FaceCapture(stages, stages, stages, PadThresholds(0.5, 0.2), Policy()),
        preview,
        b"k" * 32,
        lambda: next(clock) / 20,
        Trace(None),
    ).run(stopped)
    return line.said


def test_frames_without_a_face_are_guided(preview):
    said = told(preview, [COLOUR, COLOUR + 1])
    assert said[-1] == Guiding("1", "no_face", 0.0)


@pytest.mark.parametrize(
    "pixels",
    [
        COLOUR[..., 0],
        COLOUR.astype(np.uint16),
        COLOUR.astype(np.float32),
        np.zeros((48, 64, 4), np.uint8),
        COLOUR[:0],
    ],
    ids=["grey", "16 bits", "float", "RGBA", "empty"],
)
def test_pixels_of_another_kind_end_the_attempt_by_name_and_the_next_one_works(preview, pixels):
    said = told(preview, [COLOUR, pixels, COLOUR + 1], ["1", "2"])
    before, guiding, ended, state, again, next_one = said
    assert before == again == CameraState(usable=True)
    assert guiding == Guiding("1", "no_face", 0.0)
    assert ended == CaptureEnded("1", "camera")
    assert not state.usable
    assert "uint8, not" in state.cause
    assert "camera" in state.mend
    assert next_one == Guiding("2", "no_face", 0.0)
