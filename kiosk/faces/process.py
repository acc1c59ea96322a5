"""The faces process: camera and models, no keys, no network.

    core ── OpenCamera, StartCapture, StopCapture ──► here ── Guiding, Captured … ──► core
                                                       └─ live picture ── memory ──► ui

Frames are looked at, shown and forgotten. The device is open all the time so that the picture is
there at once, but it streams only between StartCapture and the end of that attempt.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2

from hardware.devices import Camera, Condition
from hardware.errors import DeviceError, TimedOut
from kiosk.errors import KioskError
from kiosk.faces.probe import seal
from kiosk.messages import (
    CameraState,
    Captured,
    CaptureEnded,
    Guiding,
    Message,
    OpenCamera,
    StartCapture,
    StopCapture,
)
from kiosk.notify import notify
from kiosk.preview import PreviewWriter
from kiosk.trace import Trace
from kiosk.wire import Client
from vision.capture import FaceCapture
from vision.frame import UnusableFrame, frame_of
from vision.types import (
    AttackPresentation,
    FaceSample,
    Guidance,
    Image,
    NonResponse,
    NonResponseReason,
    Step,
)

PREVIEW_SIDE = (
    480  # pixels; the circle on a 1080 panel is 720 wide, and a face hides the difference
)
IDLE_WAIT = 0.1  # seconds between looks at the line while nobody pays
LOOK_AGAIN = 2.0  # seconds between looks at the camera while nobody pays
ALIVE_EVERY = 5.0  # seconds between words to the service manager
STUCK_AFTER = 3.0  # seconds without a frame in an attempt

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Attempt:
    """One capture attempt under way."""

    name: str
    last_frame: float
    said: tuple[Guidance, int, bool] | None = None


@dataclass(slots=True)
class FacesProcess:
    """Serves the core one attempt at a time, on one thread."""

    line: Client
    camera: Camera
    build: Callable[[], FaceCapture]
    preview: PreviewWriter
    wallet_key: bytes
    now: Callable[[], float]
    trace: Trace
    _capture: FaceCapture | None = field(default=None, init=False)
    _attempt: _Attempt | None = field(default=None, init=False)
    _state: CameraState | None = field(default=None, init=False)
    _told: tuple[bool, CameraState] | None = field(default=None, init=False)
    _next_look: float = field(default=0.0, init=False)
    _next_word: float = field(default=0.0, init=False)
    _opened: bool = field(default=False, init=False)

    def run(self, stopped: threading.Event) -> None:
        """Until `stopped`; on the way out the preview is blackened and the camera closed."""
        notify("READY=1")
        try:
            while not stopped.is_set():
                self._say_alive()
                self._look_at_camera()
                for message in self.line.wait(0.0 if self._attempt else IDLE_WAIT):
                    self._obey(message)
                if self._attempt:
                    self._take_frame(self._attempt)
        finally:
            self.camera.close()
            self.preview.close()

    def _say_alive(self) -> None:
        if self.now() >= self._next_word:
            self._next_word = self.now() + ALIVE_EVERY
            notify("WATCHDOG=1")

    # --- commands -------------------------------------------------------------------------------

    def _obey(self, message: Message) -> None:
        match message:
            case OpenCamera():
                self._next_look = 0.0
                self._look_at_camera()
            case StartCapture(attempt=name):
                self._start(name)
            case StopCapture(attempt=name):
                if self._attempt and self._attempt.name == name:
                    self._end("stopped")
            case _:
                log.warning("not for the faces process: %s", type(message).__name__)

    def _start(self, name: str) -> None:
        if self._attempt:
            self._end("stopped")
        if self._capture is None or not self._opened:
            reason = "camera" if self._capture else "model"
            self.line.send(CaptureEnded(name, reason))
            return
        self._capture.restart()
        self._attempt = _Attempt(name, self.now())
        try:
            self.camera.start()
        except DeviceError as error:
            self._lose_camera(error)

    # --- one frame ------------------------------------------------------------------------------

    def _take_frame(self, attempt: _Attempt) -> None:
        assert self._capture is not None
        try:
            frame = self.camera.read(timeout_s=0.5)
            pixels = frame_of(frame.pixels)
        except TimedOut as error:
            if self.now() - attempt.last_frame > STUCK_AFTER:
                self._lose_camera(error)
            return
        except (DeviceError, UnusableFrame) as error:
            self._lose_camera(error)
            return
        attempt.last_frame = self.now()
        self.preview.write(preview_of(pixels, self.preview.width))
        self._conclude(attempt, self._capture.feed(pixels, frame.captured_at))

    def _conclude(self, attempt: _Attempt, step: Step) -> None:
        assert self._capture is not None
        match step:
            case Guidance():
                self._guide(attempt, step)
            case FaceSample():
                self.trace.mark("last good frame", attempt=attempt.name)
                rawdata = seal(step.template, attempt.name, self.wallet_key)
                self.line.send(Captured(attempt.name, rawdata))
                self._close_attempt()
            case AttackPresentation():
                log.warning("attack presentation attempt=%s", attempt.name)
                self._end("attack")
            case NonResponse(reason=NonResponseReason.CAMERA_STUCK):
                self._state = CameraState(
                    usable=False,
                    cause="the camera repeats the same picture",
                    mend="Unplug the camera and plug it in again",
                )
                self._next_look = self.now() + LOOK_AGAIN
                self._end("camera")
            case NonResponse(reason=NonResponseReason.CHALLENGE):
                log.info("challenge not passed attempt=%s", attempt.name)
                self._end("unproven")
            case NonResponse(reason=reason):
                log.info("no answer reason=%s attempt=%s", reason.value, attempt.name)
                self._end("time-out")

    def _guide(self, attempt: _Attempt, guidance: Guidance) -> None:
        """Tell the screen, but only what has changed."""
        assert self._capture is not None
        progress, asked = self._capture.progress, self._capture.challenging
        said = (guidance, round(progress * 100), asked)
        if said != attempt.said:
            attempt.said = said
            self.line.send(Guiding(attempt.name, guidance.name.lower(), progress, asked))

    def _end(self, reason: str) -> None:
        if self._attempt:
            self.line.send(CaptureEnded(self._attempt.name, reason))
        self._close_attempt()

    def _close_attempt(self) -> None:
        self._attempt = None
        self.camera.stop()
        self.preview.clear()
        if self._capture is not None:
            self._capture.restart()

    # --- the camera's and the models' state -----------------------------------------------------

    def _look_at_camera(self) -> None:
        """Open what can be opened, and tell the core when something changed or it came back."""
        if self._attempt is None and self.now() >= self._next_look:
            self._next_look = self.now() + LOOK_AGAIN
            self._state = self._usable()
        told = (self.line.connected, self._state)
        if self._state is not None and told != self._told and self.line.connected:
            self.line.send(self._state)
        if self._state is not None:
            self._told = (self.line.connected, self._state)

    def _usable(self) -> CameraState:
        try:
            if self._capture is None:
                self._capture = self.build()
            if not self._opened:
                self.camera.open()
                self._opened = True
                log.info("camera ready")
        except DeviceError as error:
            return CameraState(usable=False, cause=error.cause, mend=error.mend)
        except KioskError as error:
            log.exception("models not usable")
            return CameraState(usable=False, cause=error.cause, mend=error.mend)
        health = self.camera.check_health()
        usable = health.condition is not Condition.BAD
        return CameraState(usable, "" if usable else health.cause, "" if usable else health.mend)

    def _lose_camera(self, error: DeviceError | UnusableFrame) -> None:
        log.warning("camera lost cause=%s", error.cause)
        self.camera.close()
        self._opened = False
        self._state = CameraState(usable=False, cause=error.cause, mend=error.mend)
        self._next_look = self.now() + LOOK_AGAIN
        self._end("camera")


def preview_of(pixels: Image, side: int) -> bytes:
    """A square of a BGR picture, as side × side RGB: the middle of a wide one, the upper part of a
    tall one, where the head of a person who stands is.
    """
    height, width = pixels.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 4, (width - edge) // 2
    square = pixels[top : top + edge, left : left + edge]
    small = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2RGB).tobytes()
