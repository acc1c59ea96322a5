"""The faces process over a camera that brings what no camera should."""

from __future__ import annotations

import os
import threading
import time
from collections import deque

import cv2
import numpy as np
import pytest

from hardware.devices import Condition, Frame, Health
from kiosk.faces.process import FacesProcess
from kiosk.messages import CameraState, CaptureEnded, StartCapture
from kiosk.preview import PreviewWriter
from kiosk.trace import Trace
from models.weights import weights_folder
from vision.capture import Policy
from vision.pipeline import build_capture

COLOUR = np.full((480, 640, 3), 110, np.uint8)


class Core:
    """The other end of the line: asks for one attempt, and stops when a camera is complained of."""

    connected = True

    def __init__(self):
        self.heard = []
        self.stopped = threading.Event()
        self._says = deque([[], [StartCapture("1")]])

    def send(self, message):
        self.heard.append(message)
        if isinstance(message, CameraState) and message.cause:
            self.stopped.set()
        return True

    def wait(self, _timeout):
        return self._says.popleft() if self._says else []


class OddCamera:
    """Gives one kind of picture, again and again."""

    def __init__(self, pixels):
        self.pixels = pixels
        self.streaming = False

    def open(self):
        pass

    def start(self):
        self.streaming = True

    def stop(self):
        self.streaming = False

    close = stop

    def check_health(self):
        return Health(Condition.GOOD)

    def read(self, timeout_s):
        return Frame(self.pixels, time.monotonic(), 1)


@pytest.mark.parametrize(
    "pixels",
    [
        cv2.cvtColor(COLOUR, cv2.COLOR_BGR2GRAY),
        cv2.cvtColor(COLOUR, cv2.COLOR_BGR2BGRA),
        COLOUR.astype(np.uint16),
        COLOUR.astype(np.float32),
        COLOUR[:0],
    ],
    ids=["grey", "transparent", "16 bits", "fractions", "empty"],
)
def test_pictures_that_are_no_colour_pictures_end_the_attempt_and_name_the_camera(
    tmp_path, pixels, monkeypatch
):
    monkeypatch.setattr("kiosk.preview.in_memory", lambda _: True)
    core, camera = Core(), OddCamera(pixels)
    preview = PreviewWriter(tmp_path / "preview", 64, 64)
    process = FacesProcess(core, camera, _capture, preview, bytes(32), time.monotonic, Trace(None))
    process.run(core.stopped)
    assert CaptureEnded("1", "camera") in core.heard
    (named,) = [each.cause for each in core.heard if isinstance(each, CameraState) and each.cause]
    assert "no colour pictures" in named
    assert not camera.streaming


def _capture():
    return build_capture(weights_folder(os.environ), Policy(passive_only=True))
