"""Pictures of goods: read and made small on a thread of their own, a texture a frame, bounded.

    want(path) ──► thread: read, shrink ──► tick(): one texture a frame ──► find(path)

To read a picture takes longer than a frame may. A picture that cannot be read is not there, and
the goods are sold without it.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from kivy.core.image import ImageLoader
from kivy.graphics.texture import Texture

MOST_BYTES = 1 << 20  # of a picture's file
MOST = 160  # pictures that are kept
SMALL, LARGE = 256, 640  # pixels of the shorter side a picture is shrunk to, at least

Pixels = npt.NDArray[np.uint8]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Photo:
    """The file of a picture, in the size for a card or for a sheet."""

    path: str
    large: bool = False


@dataclass(frozen=True, slots=True)
class Print:
    """A picture that has come; one without see-through parts may fill its place to the edges."""

    texture: Texture
    opaque: bool


class Album:
    """Asked once a frame whether a picture has come; its thread starts with the first wish."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Photo, Print | None] = OrderedDict()
        self._wished: deque[Photo] = deque()
        self._read: deque[tuple[Photo, Pixels | None]] = deque()
        self._asked: set[Photo] = set()
        self._more = threading.Semaphore(0)
        self._thread: threading.Thread | None = None
        self.arrived = 0
        """How many pictures have come, or have turned out not to be there."""

    def want(self, photo: Photo) -> None:
        """Have it read, unless it is there or on its way."""
        if not photo.path or photo in self._kept or photo in self._asked:
            return
        self._asked.add(photo)
        self._wished.append(photo)
        self._more.release()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="album", daemon=True)
            self._thread.start()

    def find(self, photo: Photo) -> Print | None:
        """The picture, if it has come."""
        found = self._kept.get(photo)
        if found is not None:
            self._kept.move_to_end(photo)
        return found

    def lacks(self, photo: Photo) -> bool:
        """Whether there is no such picture, as far as is known."""
        return not photo.path or (photo in self._kept and self._kept[photo] is None)

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return bool(self._asked)

    def tick(self) -> None:
        """Take over at most one picture that was read."""
        if not self._read:
            return
        photo, pixels = self._read.popleft()
        self._asked.discard(photo)
        self._kept[photo] = None if pixels is None else _print(pixels)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        self.arrived += 1

    def _run(self) -> None:
        while True:
            self._more.acquire()
            photo = self._wished.popleft()
            self._read.append((photo, _pixels(photo)))


def _pixels(photo: Photo) -> Pixels | None:
    """The picture as H x W x 4, top row first; None for one that cannot be read."""
    try:
        if Path(photo.path).stat().st_size > MOST_BYTES:
            log.warning("picture too large path=%s", photo.path)
            return None
        image = ImageLoader.load(photo.path, keep_data=True, nocache=True)
        (data,) = image._data  # noqa: SLF001 - the only way to pixels without a texture
        depth = {"rgb": 3, "rgba": 4}[data.fmt]
        flat = np.frombuffer(data.data, np.uint8)
        rows = flat.reshape(data.height, -1)[:, : data.width * depth]
        whole = rows.reshape(data.height, data.width, depth)
        return _shrunk(whole, LARGE if photo.large else SMALL)
    except Exception:  # noqa: BLE001  (the toolkit's loaders raise whatever they like)
        log.warning("picture unreadable path=%s", photo.path)
        return None


def _shrunk(whole: Pixels, side: int) -> Pixels:
    """Each square of k x k pixels as one, where that leaves `side` pixels; always with opacity.

    The colour of what cannot be seen does not count, else edges would have a rim.
    """
    high, wide = whole.shape[:2]
    k = max(min(high, wide) // side, 1)
    if whole.shape[2] == 3:
        whole = np.dstack([whole, np.full((high, wide), 255, np.uint8)])
    if k == 1:
        return whole.copy()  # what the loader gives may not be written to
    high, wide = high // k * k, wide // k * k
    parts = whole[:high, :wide].reshape(high // k, k, wide // k, k, 4).astype(np.float32)
    weight = parts[..., 3:]
    cover = weight.sum(axis=(1, 3))
    colour = (parts[..., :3] * weight).sum(axis=(1, 3)) / np.maximum(cover, 1)
    small = np.dstack([colour, cover / k**2])
    return np.ascontiguousarray(small.round().astype(np.uint8))


def _print(pixels: Pixels) -> Print:
    high, wide = pixels.shape[:2]
    texture = Texture.create(size=(wide, high), colorfmt="rgba")
    texture.blit_buffer(pixels.ravel(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return Print(texture, bool(pixels[..., 3].min() == 255))
