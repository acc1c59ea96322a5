"""The operator's pictures on the first screen, one after the other: which is next, and its pixels.

    folder ──► names in order ──► read and cut on a thread ──► the screen fades it in

A picture is read while the one before it is seen: to unpack a photograph takes longer than a frame.
One that cannot be read is left out until its turn comes again.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

SUFFIXES = (".png", ".jpg", ".jpeg")
MOST_SIDE = 2048  # pixels that are kept of a picture; no place on a panel is larger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cut:
    """The middle of a picture in the shape of its place: rows x columns x 4, top row first."""

    pixels: npt.NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[0])


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder by their names; none where there is no folder."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError:
        return []


def cut(path: Path, shape: tuple[float, float]) -> Cut | None:
    """The largest middle part of the picture that has the shape of `shape`; None: unreadable."""
    from kivy.core.image import ImageLoader

    try:
        data = ImageLoader.load(str(path), keep_data=True)._data[0]  # noqa: SLF001 - no texture yet
        depth = len(data.fmt)
        rows = np.frombuffer(data.data, np.uint8).reshape(data.height, -1)
        whole = rows[:, : data.width * depth].reshape(data.height, data.width, depth)
        if data.fmt not in ("rgb", "rgba"):
            raise ValueError(f"pixels of the kind {data.fmt}")
    except Exception:  # noqa: BLE001  (the toolkit's loaders raise whatever they like)
        log.warning("attract picture unreadable path=%s", path)
        return None
    high, wide = whole.shape[:2]
    width = max(int(min(wide, high * shape[0] / shape[1])), 1)
    height = max(int(min(high, wide * shape[1] / shape[0])), 1)
    left, top = (wide - width) // 2, (high - height) // 2
    step = -(-max(width, height) // MOST_SIDE)
    part = whole[top : top + height : step, left : left + width : step]
    opaque = np.full((*part.shape[:2], 4), 255, np.uint8)
    opaque[..., : part.shape[2]] = part
    return Cut(opaque)


class Slides:
    """Hands out one picture after the other; `due` says that it is time for the next."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds
        self._shown = ""
        self._since = 0.0
        self._ready: tuple[str, Cut | None] | None = None
        self._reading: threading.Thread | None = None

    def take(self, now: float, shape: tuple[float, float]) -> Cut | None:
        """The next picture when its time has come and it is read; None: go on with the last."""
        if self._reading is not None and self._reading.is_alive():
            return None
        if self._ready is None:
            self._read(shape)
            return None
        if self._shown and now - self._since < self._seconds:
            return None
        self._shown, ready = self._ready
        self._since, self._ready = now, None
        return ready

    def _read(self, shape: tuple[float, float]) -> None:
        """Begin to read the picture after the one that is shown."""
        names = [path.name for path in pictures_in(self._folder)]
        if not names or names == [self._shown] or min(shape) <= 1:
            return
        name = next((each for each in names if each > self._shown), names[0])

        def read() -> None:
            self._ready = name, cut(self._folder / name, shape)

        self._reading = threading.Thread(target=read, name="slides", daemon=True)
        self._reading.start()
