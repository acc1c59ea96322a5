"""A camera made of software before which codes are held: turned, small, blurred, scratched.

For the scanner that is made of a camera. The symbols are drawn by the writer in ZXing-C++ (Zint),
which shares nothing with its reader.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from hardware.devices import Condition, Frame, Health
from hardware.errors import NotFound, Offline, TimedOut

Pixels = NDArray[np.uint8]
GREY = 150
PAPER = 16  # pixels of white around a symbol


@dataclass(frozen=True, slots=True)
class Held:
    """A code in a hand. ``symbology`` as ZXing names it ("EAN13"); empty: what suits the text.

    ``scratch``: the share of its height that a white stripe hides.
    """

    text: str
    symbology: str = ""
    degrees: float = 0.0
    scale: int = 2
    scratch: float = 0.0
    blur: float = 0.0
    gs1: bool = False

    def draw(self) -> Pixels:
        """Grey, on white paper."""
        name = self.symbology or {13: "EAN13", 8: "EAN8"}.get(
            len(self.text) if self.text.isdigit() else 0, "QRCode"
        )
        form = getattr(zxingcpp.BarcodeFormat, name)
        given = {"gs1": True} if self.gs1 else {}
        symbol = zxingcpp.create_barcode(self.text, form, **given)
        pixels = np.array(symbol.to_image(scale=self.scale), dtype=np.uint8)
        if self.scratch:
            middle, half = pixels.shape[0] / 2, pixels.shape[0] * self.scratch / 2
            pixels[int(middle - half) : int(middle + half)] = 255
        return np.pad(pixels, PAPER, constant_values=255)


class CodeCamera:
    """``hold`` puts codes before it, ``clear`` takes them away; noise never stands still."""

    def __init__(
        self,
        *,
        name: str = "camera",
        width: int = 640,
        height: int = 480,
        fps: float = 60.0,
        noise: float = 3.0,
        seed: int = 1,
    ) -> None:
        self._name = name
        self._size = (height, width)
        self._every_s = 1 / fps
        self._random = np.random.default_rng(seed)
        self._noise = noise
        self._lock = threading.Lock()
        self._scene = np.full(self._size, GREY, np.uint8)
        self._plugged = True
        self._hangs = False
        self._open = False
        self._streams = False
        self._last_at = 0.0
        self._shown = 0
        self.frames = 0

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> None:
        if not self._plugged:
            raise NotFound(self._name, "there is no camera")
        self._open = True

    def close(self) -> None:
        self.stop()
        self._open = False

    def start(self) -> None:
        if not self._open:
            raise Offline(self._name, "the camera is not open")
        self._streams = True

    def stop(self) -> None:
        self._streams = False

    def check_health(self) -> Health:
        if self._open and self._plugged:
            return Health(Condition.GOOD)
        error = Offline(self._name, "the camera is not open")
        return Health(Condition.BAD, error.cause, error.mend)

    def read(self, timeout_s: float = 1.0) -> Frame:
        if not self._streams or not self._plugged:
            raise Offline(self._name, "the camera is not streaming")
        if self._hangs:
            time.sleep(timeout_s)
            raise TimedOut(self._name, f"no frame within {timeout_s} s")
        time.sleep(max(0.0, self._last_at + self._every_s - time.monotonic()))
        with self._lock:
            noise = self._random.normal(0, self._noise, self._size)
            grey = np.clip(self._scene + noise, 0, 255).astype(np.uint8)
            self.frames += 1
            self._shown += 1
        pixels = np.repeat(grey[:, :, None], 3, axis=2)
        pixels.setflags(write=False)
        self._last_at = time.monotonic()
        return Frame(pixels, self._last_at, self.frames)

    def hold(self, *codes: Held) -> None:
        """Show these side by side from now on."""
        scene = np.full(self._size, GREY, np.uint8)
        for at, code in enumerate(codes):
            _lay(scene, code, (at + 0.5) / len(codes))
        with self._lock:
            self._scene = scene
            self._shown = 0

    def clear(self) -> None:
        """Take everything away."""
        self.hold()

    def pass_by(self, code: Held, frames: int = 3, within_s: float = 5.0) -> None:
        """Show a code on so many frames, then nothing on as many; at once if nobody looks."""
        for scene in ((code,), ()):
            self.hold(*scene)
            end = time.monotonic() + within_s
            while self._streams and self._shown < frames and time.monotonic() < end:
                time.sleep(self._every_s / 4)

    def unplug(self) -> None:
        self._plugged = False

    def plug(self) -> None:
        self._plugged = True
        self._hangs = False

    def hang(self) -> None:
        """Give no frame from now on."""
        self._hangs = True


def _lay(scene: Pixels, code: Held, across: float) -> None:
    """Draw the code, turned and blurred, around the middle of the scene."""
    symbol = code.draw()
    height, width = scene.shape
    turn = cv2.getRotationMatrix2D((symbol.shape[1] / 2, symbol.shape[0] / 2), code.degrees, 1.0)
    turn[:, 2] += (width * across - symbol.shape[1] / 2, height / 2 - symbol.shape[0] / 2)
    laid = cv2.warpAffine(
        symbol, turn, (width, height), flags=cv2.INTER_AREA, borderValue=(GREY,) * 3
    )
    if code.blur:
        laid = cv2.GaussianBlur(laid, (0, 0), code.blur)
    mask = cv2.warpAffine(np.full_like(symbol, 255), turn, (width, height))
    scene[mask > 0] = laid[mask > 0]
