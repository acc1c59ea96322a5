"""Attack presentations made from one bona fide picture: species by species, called synthetic.

What tells an artefact from a person is physics here, not a formula that a judge might share: ink
reaches neither black nor white, a screen's light comes from red, green and blue stripes, a pane
mirrors a lamp, a sheet has an edge and can be bent. Real instruments are better; this needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from vision.evaluation.scene import Lens, Place, Seen, expose, look_at, sample
from vision.types import Box, Floats, Image

FACE = 0.15
"""Metres across a face's box."""
Surface = Callable[[Image, Seen, float], Floats]
"""Light by ray: of the picture shown, at a place on the sheet, at its width in metres."""


@dataclass(frozen=True, slots=True)
class Species:
    """One kind of artefact; sizes in metres."""

    surface: Surface
    face: float = FACE
    """The face on it, which need not be of life size."""
    distance: float = 0.5
    half_width: float = float("inf")
    half_height: float = float("inf")
    rim: float = 0.0
    rim_shade: tuple[float, float, float] = (18.0, 18.0, 18.0)
    bend: float = 0.0
    glare: bool = False


def reflected(picture: Image, seen: Seen, width: float) -> Floats:
    """The scene itself: no artefact."""
    return sample(picture, seen, width)


def printed(picture: Image, seen: Seen, width: float) -> Floats:
    """Ink on paper: dull, flat, with the dots of its raster (0.25 mm, turned by 15 degrees)."""
    light = sample(picture, seen, width)
    dull = 0.75 * light + 0.25 * light.mean(axis=2, keepdims=True)
    across = (seen.u * 0.966 + seen.v * 0.259) * (2 * np.pi / 0.00025)
    along = (seen.v * 0.966 - seen.u * 0.259) * (2 * np.pi / 0.00025)
    dots = 9 * np.sin(across) * np.sin(along)
    return np.asarray(42 + 0.70 * dull + dots[..., None], np.float32)


def emitted(picture: Image, seen: Seen, width: float, pitch: float = 0.00027) -> Floats:
    """A screen: bluish white, lifted black, stripes of red, green and blue `pitch` metres apart."""
    light = 10 + 0.96 * sample(picture, seen, width)
    column, row = np.mod(seen.u / pitch, 1), np.mod(seen.v / pitch, 1)
    gap = np.where(row < 0.85, np.float32(1), np.float32(0.25))
    # Each colour lights a third of the column, so a third is as bright as the whole was.
    lit, dark = np.float32(2.6), np.float32(0.18)
    stripes = [
        np.where((column > third / 3) & (column < (third + 1) / 3), lit, dark) * gap
        for third in (2, 1, 0)
    ]
    white = np.array([1.06, 1.0, 0.94], np.float32)
    return np.asarray(light * np.stack(stripes, axis=2) * white, np.float32)


def coarse(picture: Image, seen: Seen, width: float) -> Floats:
    """A screen whose stripes are near the sensor's own pitch: strong moire."""
    return emitted(picture, seen, width, pitch=0.00085)


_SHEET = Species(
    printed, half_width=0.13, half_height=0.13, rim=0.012, rim_shade=(225.0, 225.0, 225.0)
)
_TABLET = Species(emitted, face=0.07, distance=0.28, half_width=0.12, half_height=0.09, rim=0.012)
SPECIES: Mapping[str, Species] = {
    "bonafide": Species(reflected, distance=0.6),
    "print": _SHEET,
    "print warped": replace(_SHEET, bend=7.0),
    "print full-frame": Species(printed),
    "screen bezel": _TABLET,
    "screen moire": replace(_TABLET, surface=coarse, face=0.10, distance=0.38),
    "screen glare": replace(_TABLET, glare=True),
    "screen full-frame": Species(emitted),
}


def frames_of(
    species: Species, picture: Image, face: Box, count: int, seed: int, lens: Lens | None = None
) -> Iterator[Image]:
    """`count` frames of an artefact in an unsteady hand, the picture's `face` in their middle."""
    eye = lens or Lens()
    rng, rays = np.random.default_rng(seed), eye.rays()
    width = species.face * picture.shape[1] / face.width
    shown = _centred(picture, face)
    lean = rng.normal(0, 4, 3)
    for _ in range(count):
        turn, shift = lean + rng.normal(0, 0.6, 3), rng.normal(0, 0.003, 3)
        place = Place(shift[0], shift[1], species.distance * (1 + shift[2]), *map(float, turn))
        place = replace(place, roll=place.roll / 2)
        seen = look_at(rays, place, species.bend)
        light = species.surface(shown, seen, width * shown.shape[1] / picture.shape[1])
        yield expose(eye.gather(_framed(species, light, seen, rays)), rng)


def generate(
    picture: Image, face: Box, folder: Path, count: int, seeds: int, lens: Lens | None = None
) -> list[Path]:
    """Writes PNG files, a folder a species, as `evaluate` reads them; answers the folders."""
    made = []
    for name, species in SPECIES.items():
        place = folder / name.replace(" ", "_")
        place.mkdir(parents=True, exist_ok=True)
        made.append(place)
        for seed in range(seeds):
            for number, frame in enumerate(frames_of(species, picture, face, count, seed, lens)):
                cv2.imwrite(str(place / f"{seed}_{number:03}.png"), frame)
    return made


def _framed(species: Species, light: Floats, seen: Seen, rays: Floats) -> Floats:
    """Rim and room around the sheet, and what its pane mirrors."""
    beyond = np.maximum(np.abs(seen.u) - species.half_width, np.abs(seen.v) - species.half_height)
    if species.glare:
        right, down = rays[..., 0] - 0.12, rays[..., 1] + 0.10
        lamp = np.exp(-((right / 0.10) ** 2) - (down / 0.035) ** 2)
        light = light + 150 * lamp[..., None]
    if not np.isfinite(beyond).all():
        return light
    rim = (beyond > 0) & (beyond <= species.rim)
    room = 135 + 45 * rays[..., :1] * np.array([0.9, 1.0, 1.05], np.float32)
    light = np.where(rim[..., None], np.asarray(species.rim_shade, np.float32), light)
    return np.asarray(np.where((beyond > species.rim)[..., None], room, light), np.float32)


def _centred(picture: Image, face: Box) -> Image:
    """The picture shifted so that the face is in the middle, its edges continued."""
    high, wide = picture.shape[:2]
    right, down = round(face.centre_x * 2 - wide), round(face.centre_y * 2 - high)
    edges = (max(0, -down), max(0, down), max(0, -right), max(0, right))
    return np.asarray(cv2.copyMakeBorder(picture, *edges, cv2.BORDER_REPLICATE), np.uint8)
