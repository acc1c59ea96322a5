"""Finds and reads the pictures that a camera made of files shows.

A picture is a file, a folder of files, or ``package:name`` for one that an installed package brings
along; the package is found but never imported.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.errors import NotFound

Pixels = NDArray[np.uint8]
SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".webp"))
PACKAGED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"skimage:astronaut": ("scikit-image", "data/astronaut.png")}
)


@dataclass(frozen=True, slots=True)
class Composition:
    """Where the face is, as fractions of width and height, and how much of the picture to show.

    ``visible``: the least part of each side that stays in view; what a frame of another shape would
    need beyond the picture is filled with its blurred edge. ``eyes``: the distance between the
    pupils as a fraction of the width; ``nose``: where its tip is, the focus where that is not said.
    """

    focus_x: float = 0.5
    focus_y: float = 0.45
    visible: float = 0.9
    eyes: float = 0.1
    nose: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.focus_x <= 1 and 0 <= self.focus_y <= 1):
            raise ValueError("the focus lies within the picture: two numbers from 0 to 1")
        if not 0.01 <= self.eyes <= 0.5:
            raise ValueError(f"eyes must be 0.01 to 0.5 of the width, not {self.eyes!r}")
        if not 0.2 <= self.visible <= 1:
            raise ValueError(f"visible must be 0.2 to 1, not {self.visible!r}")


def composition_of(picture: str) -> Composition:
    """What is known about a packaged picture; the ordinary centre for any other."""
    if picture == "skimage:astronaut":
        return Composition(
            focus_x=0.44, focus_y=0.26, visible=0.56, eyes=0.082, nose=(0.4354, 0.2437)
        )
    return Composition()


def find_pictures(device: str, picture: str) -> list[Path]:
    """Every file that ``picture`` stands for, in the order of their names; raises NotFound."""
    if picture in PACKAGED:
        return [_packaged(device, picture)]
    path = Path(picture).expanduser()
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        if not found:
            raise NotFound(device, f"{path} has no picture in it", "Put PNG or JPEG files there.")
        return found
    if not path.is_file():
        known = ", ".join(PACKAGED)
        raise NotFound(
            device, f"there is no picture {picture}", f"Name a file, a folder, or one of: {known}."
        )
    return [path]


def read_picture(device: str, path: Path) -> Pixels:
    """H x W x 3 uint8, BGR; raises NotFound when the file is no picture."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise NotFound(device, f"{path} cannot be read as a picture", "Give a PNG or JPEG file.")
    return pixels.astype(np.uint8, copy=False)


def _packaged(device: str, picture: str) -> Path:
    distribution, inner = PACKAGED[picture]
    package = picture.partition(":")[0]
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        if (Path(place) / inner).is_file():
            return Path(place) / inner
    raise NotFound(
        device,
        f"the picture {picture} is not installed",
        f"Install {distribution}, or set picture to a file of your own.",
    )
