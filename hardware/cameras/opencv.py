"""Camera through OpenCV: a V4L2 device by number or stable path, a video file, a network stream.

Driver name in the configuration: ``opencv``. A thread takes every frame and keeps the newest, so a
slow reader never sees the past. A picture that stands still to the last bit is a camera that hangs:
it is told, and the device is closed and opened again, which helps most of them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.cameras.still import StillWatch
from hardware.cameras.v4l2 import ControlError, asking, find_cameras, is_held, set_controls
from hardware.devices import Condition, Frame, Health
from hardware.errors import Busy, DeviceError, NotFound, Offline, TimedOut

# Whole seconds until OpenCV gives up waiting for a picture of a V4L2 device, which is then opened
# anew; they would be 10. OpenCV looks once, when it waits for the first time.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")

log = logging.getLogger(__name__)
Pixels = NDArray[np.uint8]


class Source(Protocol):
    """The part of cv2.VideoCapture that is used here."""

    def read(self) -> Pixels | None:
        """The next frame, or None at the end or when the device has gone."""
        ...

    def release(self) -> None: ...


class _Capture:
    """A video capture. A file (``pace_s`` above 0) is slowed to its rate and begins again."""

    def __init__(self, capture: cv2.VideoCapture, pace_s: float) -> None:
        self._capture = capture
        self._pace_s = pace_s

    def read(self) -> Pixels | None:
        if self._pace_s:
            time.sleep(self._pace_s)
        taken, pixels = self._capture.read()
        if not taken and self._pace_s:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            taken, pixels = self._capture.read()
        # As it is: a camera of 16 bits must not pass for one of 8.
        return np.asarray(pixels) if taken and pixels is not None else None

    def release(self) -> None:
        self._capture.release()


class OpencvCamera:
    """``device``: a number, /dev/v4l/by-id/… (survives replugging), a file, or a stream's address.

    ``stuck_s``: seconds of identical frames until the camera counts as hanging; 0 never.
    ``controls``: V4L2 controls by name, set at each opening in this order, such as
    ``{"auto_exposure": 1, "exposure_time_absolute": 200}``; one that is refused stands in health.
    Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        device: int | str = 0,
        name: str = "camera",
        width: int = 1280,
        height: int = 720,
        fps: float = 30.0,
        rotate: int = 0,
        mirror: bool = False,
        stuck_s: float = 3.0,
        controls: dict[str, int] | None = None,
        retry_s: float = 1.0,
        open_source: Callable[[], Source] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if rotate not in {0, 90, 180, 270}:
            raise ValueError(f"rotate must be 0, 90, 180 or 270 degrees clockwise, not {rotate!r}")
        if not (16 <= width <= 8192 and 16 <= height <= 8192 and 1 <= fps <= 240):
            raise ValueError("width and height must be 16 to 8192 pixels and fps 1 to 240")
        if retry_s <= 0:
            raise ValueError(f"retry_s must be above 0, not {retry_s!r}")
        self._name = name
        self._device = device
        self._wanted = (width, height, fps)
        self._rotate = rotate
        self._mirror = mirror
        self._still = StillWatch(name, stuck_s)
        self._retry_s = retry_s
        self._controls = dict(controls or {})
        self._refused = ""  # the control that could not be set
        self._open_source = open_source or self._open_capture
        self._clock = clock
        self._source: Source | None = None
        self._arrived = threading.Condition()
        self._newest: Frame | None = None
        self._read_sequence = -1
        self._fault: DeviceError | None = Offline(name, "the camera is not open")
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self._sequence = -1

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> None:
        if self._source is None:
            self._source = self._open_source()
            self._fault = None

    def close(self) -> None:
        self.stop()
        source, self._source = self._source, None
        if source is not None:
            source.release()
        self._fault = Offline(self._name, "the camera is not open")

    def start(self) -> None:
        if self._stop is not None:
            return
        self.open()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._stream, args=(self._stop,), name=f"camera {self._name}", daemon=True
        )
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """A driver that hangs in a read is left behind; its thread ends when the read does."""
        stop, self._stop = self._stop, None
        if stop is not None and self._thread is not None:
            stop.set()
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                self._source = None  # it belongs to the thread that hangs in it
        with self._arrived:
            self._newest = None

    def check_health(self) -> Health:
        fault = self._fault
        if fault is not None:
            return Health(Condition.BAD, fault.cause, fault.mend)
        if self._refused:
            return Health(Condition.UNKNOWN, self._refused, "Mend the camera's controls.")
        return Health(Condition.GOOD)

    def read(self, timeout_s: float = 1.0) -> Frame:
        if self._stop is None:
            raise Offline(self._name, "the camera is not streaming")
        deadline = time.monotonic() + timeout_s
        with self._arrived:
            while self._newest is None or self._newest.sequence <= self._read_sequence:
                if self._fault is not None:
                    raise self._fault
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut(self._name, f"no frame within {timeout_s} s")
                self._arrived.wait(left)
            if isinstance(self._fault, TimedOut):
                raise self._fault
            self._read_sequence = self._newest.sequence
            return self._newest

    def _open_capture(self) -> Source:
        device = self._device
        is_file = isinstance(device, str) and Path(device).is_file()
        place: int | str = device
        if isinstance(device, str) and device.startswith("/dev/"):
            place = _number_of(self._name, device)
        backend = cv2.CAP_V4L2 if isinstance(place, int) else cv2.CAP_ANY
        if isinstance(place, int):
            self._refused = _control(f"/dev/video{place}", self._controls)
        capture = cv2.VideoCapture(place, backend)
        if not capture.isOpened():
            if isinstance(place, int) and _held(f"/dev/video{place}"):
                raise Busy(self._name, f"another program streams from {device}")
            raise NotFound(self._name, f"the camera {device} does not open")
        width, height, fps = self._wanted
        if is_file:
            return _Capture(capture, 1 / (capture.get(cv2.CAP_PROP_FPS) or fps))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return _Capture(capture, 0.0)

    def _stream(self, stop: threading.Event) -> None:
        source = self._source
        self._still.reset()
        while not stop.is_set():
            pixels = source.read() if source is not None else None
            if stop.is_set():
                break
            if pixels is None:
                source = self._reopen(source, stop)
                self._still.reset()
                continue
            now = self._clock()
            self._publish(pixels, now)
            if self._still.lasts(now) and source is not None:
                source = self._reopen(source, stop)
                self._still.reset()
        if self._source is not source and source is not None:
            source.release()

    def _publish(self, pixels: Pixels, now: float) -> None:
        turned = self._turned(pixels)
        turned.setflags(write=False)
        with self._arrived:
            self._sequence += 1
            self._newest = Frame(turned, now, self._sequence)
            self._fault = self._still.fault(turned, now)
            self._arrived.notify_all()

    def _reopen(self, source: Source | None, stop: threading.Event) -> Source | None:
        """One attempt to have the camera back; a file simply starts again."""
        if source is not None:
            source.release()
        with self._arrived:
            self._source = None
            self._newest = None
            self._fault = Offline(self._name, "the camera was unplugged or its stream ended")
            self._arrived.notify_all()
        if stop.wait(self._retry_s):
            return None
        try:
            fresh = self._open_source()
        except DeviceError as error:
            log.info("%s: still gone (%s)", self._name, error.cause)
            return None
        self._source = fresh
        return fresh

    def _turned(self, pixels: Pixels) -> Pixels:
        codes = {
            90: cv2.ROTATE_90_CLOCKWISE,
            180: cv2.ROTATE_180,
            270: cv2.ROTATE_90_COUNTERCLOCKWISE,
        }
        turned = cv2.rotate(pixels, codes[self._rotate]) if self._rotate else pixels
        turned = cv2.flip(turned, 1) if self._mirror else turned
        return np.asarray(turned)


def _control(path: str, wanted: dict[str, int]) -> str:
    """Set a device's controls; what could not be, in a clause, which keeps no camera away."""
    if not wanted:
        return ""
    try:
        with asking(path) as ask:
            set_controls(ask, wanted)
    except ControlError as error:
        log.warning("camera control refused device=%s cause=%s", path, error)
        return str(error)
    except OSError as error:
        return f"the controls cannot be set: {error.strerror}"
    return ""


def _held(path: str) -> bool:
    try:
        with asking(path) as ask:
            return is_held(ask)
    except OSError:
        return False


def _number_of(name: str, path: str) -> int:
    """The number of a V4L2 device; stable names are links to /dev/videoN. Raises NotFound."""
    if not Path(path).exists():
        here = ", ".join(found.path for found in find_cameras()) or "no camera"
        mend = "Check the cable; of two cameras with one serial number only by-path names both."
        raise NotFound(name, f"there is no {path}, but {here}", mend)
    target = Path(path).resolve().name
    digits = target.removeprefix("video")
    if not digits.isdigit():
        raise NotFound(name, f"{path} is no video device", "Name one of /dev/v4l/by-id/*.")
    return int(digits)
