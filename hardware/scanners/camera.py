"""Scanner made of a camera: codes that are held before it, decoded by ZXing-C++.

Driver name in the configuration: ``camera``; the table ``camera`` inside names any camera driver.

    [devices.scanner]
    driver = "camera"
    camera = { driver = "opencv", device = "/dev/v4l/by-id/usb-…" }

Bars are found along lines and columns, so every other frame is looked at turned by 45 degrees.
A code counts once for as long as it stays in view; gone for ``again_s``, it counts anew. Decoding
takes at most ``fps`` frames a second and never more than half of one processor.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from hardware.devices import Camera, Condition, Deliver, Health, Report, ScanData, Symbology
from hardware.errors import DeviceError, Offline
from hardware.loop import DeviceLoop
from hardware.scanners.framing import symbology_of
from hardware.scanners.outlet import of_error

READ_S = 0.5
RETRY_S = 0.2
SHARE = 0.5  # of one processor
MOST_IN_VIEW = 16

FORMATS = {
    Symbology.EAN13: (
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.UPCA,
        zxingcpp.BarcodeFormat.UPCE,
    ),
    Symbology.EAN8: (zxingcpp.BarcodeFormat.EAN8,),
    Symbology.CODE128: (zxingcpp.BarcodeFormat.Code128,),
    Symbology.CODE39: (zxingcpp.BarcodeFormat.Code39,),
    Symbology.CODE93: (zxingcpp.BarcodeFormat.Code93,),
    Symbology.CODABAR: (zxingcpp.BarcodeFormat.Codabar,),
    Symbology.ITF: (zxingcpp.BarcodeFormat.ITF,),
    Symbology.DATABAR: (zxingcpp.BarcodeFormat.DataBar, zxingcpp.BarcodeFormat.DataBarExp),
    Symbology.QR: (zxingcpp.BarcodeFormat.QRCode,),
    Symbology.DATA_MATRIX: (zxingcpp.BarcodeFormat.DataMatrix,),
    Symbology.PDF417: (zxingcpp.BarcodeFormat.PDF417,),
    Symbology.AZTEC: (zxingcpp.BarcodeFormat.Aztec,),
}
# The kinds that hold element strings of GS1, by what they are otherwise.
WITH_GS1 = {
    Symbology.CODE128: Symbology.GS1_128,
    Symbology.QR: Symbology.GS1_QR,
    Symbology.DATA_MATRIX: Symbology.GS1_DATA_MATRIX,
}
USUAL = "ean-13 ean-8 code-128 gs1-databar qr data-matrix"

log = logging.getLogger(__name__)
Pixels = NDArray[np.uint8]


class CameraScanner:
    """``left`` to ``bottom``: the part of the picture that is looked at, 0 to 1 of its size.

    ``width``: pixels to which that part is made smaller before decoding. ``symbologies``: names of
    ``Symbology``, GS1 included; each one costs time. ``inverted``: also light codes on dark.
    Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        camera: Camera | None = None,
        name: str = "scanner",
        fps: float = 8.0,
        width: int = 960,
        left: float = 0.0,
        top: float = 0.0,
        right: float = 1.0,
        bottom: float = 1.0,
        symbologies: str = USUAL,
        inverted: bool = False,
        again_s: float = 1.5,
        loop: DeviceLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if camera is None or not isinstance(camera, Camera):
            raise ValueError("camera must be a table that names a camera driver")
        if not (0.5 <= fps <= 60 and 64 <= width <= 4096):
            raise ValueError("fps must be 0.5 to 60 and width 64 to 4096 pixels")
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError("left, top, right and bottom must be from 0 to 1, left before right")
        if not 0.1 <= again_s <= 60:
            raise ValueError(f"again_s must be 0.1 to 60 seconds, not {again_s!r}")
        self._formats = _formats(symbologies)
        self._camera = camera
        self._name = name
        self._every_s = 1 / fps
        self._width = width
        self._box = (left, top, right, bottom)
        self._inverted = inverted
        self._again_s = again_s
        self._clock = clock
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        self._deliver: Deliver | None = None
        self._report: Report | None = None
        self._fault: DeviceError | None = Offline(name, "the scanner is not open")
        self._enabled = threading.Event()
        self._stopping: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self._in_view: dict[bytes, float] = {}
        self._turned = False

    @property
    def name(self) -> str:
        return self._name

    def open(self, deliver: Deliver, report: Report | None = None) -> None:
        if self._stopping is not None:
            return
        try:
            self._camera.open()
        except DeviceError as error:
            self._fault = type(error)(self._name, error.cause, error.mend)
            raise self._fault from error
        self._deliver, self._report = deliver, report
        self._fault = None
        self._loop.start()
        self._stopping = threading.Event()
        self.enable()
        self._thread = threading.Thread(
            target=self._watch, args=(self._stopping,), name=f"scanner {self._name}", daemon=True
        )
        self._thread.start()

    def enable(self) -> None:
        """Look from now on; so it is after ``open``."""
        self._enabled.set()

    def disable(self) -> None:
        """Stop the camera and decode nothing until it is enabled again."""
        self._enabled.clear()

    def close(self) -> None:
        self._deliver = self._report = None
        stopping, self._stopping = self._stopping, None
        if stopping is not None and self._thread is not None:
            stopping.set()
            self._enabled.set()  # wakes a thread that waits for it
            self._thread.join(READ_S * 4)
            self._camera.close()
            self._fault = Offline(self._name, "the scanner is not open")
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        fault = self._fault
        return Health(Condition.GOOD) if fault is None else of_error(fault)

    def _watch(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            if not self._enabled.is_set():
                self._camera.stop()
                self._in_view.clear()
                self._enabled.wait()
                continue
            try:
                rest = self._look()
            except Exception:
                log.exception("a frame ended badly")
                rest = RETRY_S
            stopping.wait(rest)

    def _look(self) -> float:
        """One frame; the answer is how many seconds to rest."""
        try:
            self._camera.start()
            pixels = self._camera.read(READ_S).pixels
        except DeviceError as error:
            self._tell(error)
            return RETRY_S
        self._tell(None)
        began = self._clock()
        self._turned = not self._turned
        grey = self._seen_of(pixels)
        grey = turned(grey) if self._turned else grey
        codes = decode(grey, self._formats, inverted=self._inverted)
        for code in codes:
            self._hand_on(code, began)
        for data in [data for data, at in self._in_view.items() if began - at > self._again_s]:
            del self._in_view[data]
        took = self._clock() - began
        return max(self._every_s - took, took * (1 / SHARE - 1))

    def _seen_of(self, pixels: Pixels) -> Pixels:
        """The part that is looked at, grey and no wider than wanted."""
        height, width = pixels.shape[:2]
        left, top, right, bottom = self._box
        part = pixels[
            int(top * height) : max(int(bottom * height), int(top * height) + 1),
            int(left * width) : max(int(right * width), int(left * width) + 1),
        ]
        grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        scale = self._width / grey.shape[1]
        if scale < 1:
            size = (self._width, max(1, round(grey.shape[0] * scale)))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(grey, dtype=np.uint8)

    def _hand_on(self, code: ScanData, now: float) -> None:
        last = self._in_view.get(code.data)
        self._in_view[code.data] = now
        if last is None or now - last > self._again_s:
            self._loop.call_soon(lambda: self._deliver(code) if self._deliver else None)

    def _tell(self, fault: DeviceError | None) -> None:
        """A change between working and not, or of the kind of trouble."""
        before, self._fault = self._fault, fault
        if type(before) is not type(fault):
            health = Health(Condition.GOOD) if fault is None else of_error(fault)
            self._loop.call_soon(lambda: self._report(health) if self._report else None)


def turned(grey: Pixels) -> Pixels:
    """The picture turned by 45 degrees, with its corners."""
    height, width = grey.shape
    side = int((height + width) * 0.7072) + 1
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 45, 1.0)
    turn[:, 2] += ((side - width) / 2, (side - height) / 2)
    found = cv2.warpAffine(grey, turn, (side, side), borderValue=(128,))
    return np.ascontiguousarray(found, dtype=np.uint8)


def decode(
    grey: Pixels, formats: zxingcpp.BarcodeFormats | None = None, *, inverted: bool = False
) -> list[ScanData]:
    """The codes in a grey picture (H x W uint8), whichever way they are turned; at most 16."""
    found = zxingcpp.read_barcodes(
        grey,
        formats=formats if formats is not None else _formats(USUAL),
        try_invert=inverted,
        text_mode=zxingcpp.TextMode.Plain,
    )
    codes = [_scan_of(one) for one in found[:MOST_IN_VIEW]]
    return [code for code in codes if code.data]


def _scan_of(found: zxingcpp.Barcode) -> ScanData:
    """Text as UTF-8, whatever the symbol's own character set; element strings as scanners send."""
    symbology = symbology_of(found.symbology_identifier) or Symbology.OTHER
    if found.content_type is zxingcpp.ContentType.GS1:
        return ScanData(found.bytes, WITH_GS1.get(symbology, symbology))
    return ScanData(found.text.encode("utf-8", "replace"), symbology)


def _formats(symbologies: str) -> zxingcpp.BarcodeFormats:
    known = {symbology.value: formats for symbology, formats in FORMATS.items()}
    names = symbologies.split()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(f"symbologies must be some of {' '.join(known)}, not {symbologies!r}")
    return zxingcpp.BarcodeFormats([one for name in names for one in known[name]])
