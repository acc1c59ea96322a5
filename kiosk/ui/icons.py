"""Icons as strokes on a grid of 24 x 24, y downwards, drawn smooth at any size.

    L x y x y …      a line through points        D x y r            a dot
    C x y r          a circle                     A x y r from to    an arc, degrees, clockwise
    R x y w h r      a rectangle, round corners

Each pixel's distance to the nearest stroke gives its cover: round ends and joints come for free,
and a panel without multisampling shows no stairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from kivy.graphics.texture import Texture

GRID = 24.0
STROKE = 1.9  # grid units

Plane = npt.NDArray[np.float32]

ICONS: Mapping[str, str] = MappingProxyType(
    {
        "check": "L 4 12.5 9.5 18 20 6.5",
        "plus": "L 12 5 12 19;L 5 12 19 12",
        "minus": "L 5 12 19 12",
        "back": "L 20 12 4 12;L 10.5 5.5 4 12 10.5 18.5",
        "left": "L 15 5 8 12 15 19",
        "right": "L 9 5 16 12 9 19",
        "closer": "L 14 10 20 4;L 14 4 20 4 20 10;L 10 14 4 20;L 4 14 4 20 10 20",
        "up": "L 5 15 12 8 19 15",
        "down": "L 5 9 12 16 19 9",
        "arrow": "L 12 4 12 20;L 5.5 13.5 12 20 18.5 13.5",
        "bin": "L 4 7 20 7;L 9 7 9 4 15 4 15 7;L 6 7 7 20.5 17 20.5 18 7;"
        "L 10 11 10 16.5;L 14 11 14 16.5",
        "face": "L 3 8 3 3 8 3;L 16 3 21 3 21 8;L 21 16 21 21 16 21;L 8 21 3 21 3 16;"
        "D 9 9.8 1.3;D 15 9.8 1.3;A 12 12 4.2 25 155",
        "code": "R 3.5 3.5 6.5 6.5 1;R 14 3.5 6.5 6.5 1;R 3.5 14 6.5 6.5 1;D 6.75 6.75 1;"
        "D 17.25 6.75 1;D 6.75 17.25 1;L 14 14 14 17;L 17.5 14 20.5 14 20.5 17;"
        "L 14 20.5 17 20.5;D 20.5 20.5 1.1",
        "qr": "L 3 8 3 3 8 3;L 16 3 21 3 21 8;L 21 16 21 21 16 21;L 8 21 3 21 3 16;L 3 12 21 12",
        "card": "R 2.5 5 19 14 2.2;L 2.5 9.5 21.5 9.5;L 6 15 10.5 15",
        "cash": "R 2 6 20 12 1.6;C 12 12 2.8;D 5.6 12 1;D 18.4 12 1",
        "split": "A 10.2 12 8.7 90 270;L 10.2 3.3 10.2 20.7;A 13.8 12 8.7 270 450;"
        "L 13.8 3.3 13.8 20.7",
        "phone": "R 6.5 2 11 20 2.4;L 11 18.6 13 18.6",
        "clock": "C 12 12 9.5;L 12 6.5 12 12 15.8 14.2",
        "warn": "L 12 3 22 20.5 2 20.5 12 3;L 12 9.5 12 14;D 12 17.3 1.2",
        "bell": "L 3 18.5 21 18.5;A 12 16 8 180 360;L 4 16 20 16;L 12 8 12 5.5;L 10 5.5 14 5.5",
        "receipt": "L 5.5 3 5.5 21.5 8.7 19.5 12 21.5 15.3 19.5 18.5 21.5 18.5 3 5.5 3;"
        "L 9 8 15 8;L 9 12 15 12",
        "scan": "L 3 7.5 3 4 6.5 4;L 17.5 4 21 4 21 7.5;L 21 16.5 21 20 17.5 20;"
        "L 6.5 20 3 20 3 16.5;L 7.5 8.5 7.5 15.5;L 10.5 8.5 10.5 15.5;L 13.5 8.5 13.5 15.5;"
        "L 16.5 8.5 16.5 15.5",
        "shield": "L 12 2.5 20 5.5 20 11.5 18.4 16 15.6 19 12 21.5 8.4 19 5.6 16 4 11.5 4 5.5 "
        "12 2.5;L 8.2 11.8 11 14.5 16 9",
        "bag": "L 4.5 8 19.5 8 20.7 21.5 3.3 21.5 4.5 8;A 12 8 4.3 180 360",
        "camera": "R 2.5 7 19 13.5 2.5;C 12 13.5 3.8;L 7.5 7 9.3 4 14.7 4 16.5 7",
        "globe": "C 12 12 9.5;L 2.5 12 21.5 12;A 6.5 12 10.5 -65 65;A 17.5 12 10.5 115 245",
        "lock": "R 4.5 11 15 10.5 2.2;A 12 11 4.7 180 360;D 12 16.2 1.5",
        "erase": "L 8 5 21 5 21 19 8 19 2.5 12 8 5;L 11.5 9.5 16.5 14.5;L 16.5 9.5 11.5 14.5",
        "search": "C 10.5 10.5 6.8;L 15.6 15.6 21 21",
        "close": "L 6 6 18 18;L 18 6 6 18",
        "apple": "A 9 14 6 70 290;A 15 14 6 250 470;L 12 8.6 12 6;A 15.2 6 3.2 180 270",
        "tag": "L 3 3 11.5 3 21 12.5 12.5 21 3 11.5 3 3;D 7.5 7.5 1.5",
        "member": "C 12 7.6 4.1;A 12 21 7.8 180 360;L 4.2 21 19.8 21",
        "eat": "L 4 3 4 8.5;L 7 3 7 8.5;L 10 3 10 8.5;A 7 8.5 3 0 180;L 7 11.5 7 21;"
        "L 17 21 17 3;L 17 3 18.8 4.2 20 7 20 13 17 13",
        "table": "L 2.5 9 21.5 9;L 6 9 4.5 20;L 18 9 19.5 20",
        "order": "R 4 4 16 17 2;L 9 4 9 2.5 15 2.5 15 4;L 8 10 16 10;L 8 14.5 13 14.5",
        "access": "D 12 3.8 2.2;L 3.5 8.5 12 10 20.5 8.5;L 12 10 12 14.5;L 12 14.5 8 21.5;"
        "L 12 14.5 16 21.5",
        "large": "L 2.5 20 9 4 15.5 20;L 5 14.5 13 14.5;L 19.5 4.5 19.5 11.5;L 16 8 23 8",
        "contrast": "C 12 12 9;L 12 3 12 21;L 14 4 14 20;L 16 4.8 16 19.2;L 18 6.5 18 17.5;"
        "L 20 9.5 20 14.5",
        "low": "L 3 20.5 21 20.5;L 12 3 12 15;L 6.5 10 12 15.5 17.5 10",
        "calm": "L 8.5 5 8.5 19;L 15.5 5 15.5 19",
        "speech": "L 3 9 7 9 11.5 5 11.5 19 7 15 3 15 3 9;A 12 12 4.3 310 410;A 12 12 8.5 310 410",
        "curtain": "A 12 17.5 11 212 328;A 12 6.5 11 32 148;D 12 12 2.2;L 4 20.5 20 3.5",
        "closed": "C 12 12 9.5;L 5.4 5.4 18.6 18.6",
        "sum": "L 18 7.5 18 4.5 6 4.5 13 12 6 19.5 18 19.5 18 16.5",
        "device": "R 3 3.5 18 12 2;L 12 15.5 12 20;L 7.5 20.5 16.5 20.5",
        "drawer": "R 3 5 18 14 2;L 3 12 21 12;L 10 15.5 14 15.5",
        "park": "R 3.5 3.5 17 17 3;L 9 17 9 7 13 7;A 13 10 3 270 450;L 13 13 9 13",
        "other": "L 4 8.5 19 8.5;L 15 4.5 19.5 8.5 15 12.5;L 20 16.5 5 16.5;"
        "L 9 12.5 4.5 16.5 9 20.5",
    }
)


def cover(name: str, size: int) -> npt.NDArray[np.uint8]:
    """How much of each pixel the icon covers: `size` x `size`, top row first, 0 to 255."""
    scale = size / GRID
    axis = (np.arange(size, dtype=np.float32) + 0.5) / scale
    x, y = np.meshgrid(axis, axis)
    distance = np.full((size, size), GRID, np.float32)
    for stroke in ICONS[name].split(";"):
        kind, *words = stroke.split()
        distance = np.minimum(distance, _distance(kind, [float(word) for word in words], x, y))
    return (np.clip(0.5 - distance * scale, 0, 1) * 255).astype(np.uint8)


@lru_cache(maxsize=256)
def icon_texture(name: str, size: int) -> Texture:
    """A white texture with the icon as its opacity, to be tinted by a Color; computed once."""
    pixels = np.full((size, size, 4), 255, np.uint8)
    pixels[..., 3] = cover(name, size)[::-1]  # textures start at the bottom
    texture = Texture.create(size=(size, size), colorfmt="rgba")
    texture.blit_buffer(pixels.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    return texture


def _distance(kind: str, at: list[float], x: Plane, y: Plane) -> Plane:
    """From each pixel to the edge of one stroke, in grid units, negative inside."""
    half = STROKE / 2
    match kind:
        case "L":
            points = list(zip(at[::2], at[1::2], strict=True))
            parts = [_segment(a, b, x, y) for a, b in pairwise(points)]
            return np.minimum.reduce(parts) - half
        case "C":
            return np.abs(np.hypot(x - at[0], y - at[1]) - at[2]) - half
        case "D":
            return np.hypot(x - at[0], y - at[1]) - at[2]
        case "A":
            return _arc(at, x, y) - half
        case "R":
            across = np.abs(x - at[0] - at[2] / 2) - at[2] / 2 + at[4]
            down = np.abs(y - at[1] - at[3] / 2) - at[3] / 2 + at[4]
            outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
            return np.abs(outside + np.minimum(np.maximum(across, down), 0) - at[4]) - half
        case _:
            raise ValueError(f"no such stroke: {kind!r}")


def _segment(start: tuple[float, float], end: tuple[float, float], x: Plane, y: Plane) -> Plane:
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length = along_x**2 + along_y**2 or 1.0
    share = np.clip(((x - start[0]) * along_x + (y - start[1]) * along_y) / length, 0, 1)
    distance: Plane = np.hypot(x - start[0] - share * along_x, y - start[1] - share * along_y)
    return distance


def _arc(at: list[float], x: Plane, y: Plane) -> Plane:
    centre_x, centre_y, radius, begin, end = at
    angle = np.degrees(np.arctan2(y - centre_y, x - centre_x)) % 360
    on_it = (angle - begin) % 360 <= end - begin
    ring = np.abs(np.hypot(x - centre_x, y - centre_y) - radius)
    tips = [
        np.hypot(
            x - centre_x - radius * np.cos(np.radians(turn)),
            y - centre_y - radius * np.sin(np.radians(turn)),
        )
        for turn in (begin, end)
    ]
    distance: Plane = np.where(on_it, ring, np.minimum(*tips)).astype(np.float32)
    return distance
