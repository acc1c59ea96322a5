"""A camera before a flat or bent thing, in three dimensions: the geometry of generated attacks.

    sensor pixel --> ray through the pinhole --> where it meets the thing --> (u, v) on its surface

Lengths are metres, the camera looks along +z, x is to the right and y down. Several rays a pixel
are averaged, as a pixel gathers light from an area; what is finer than that beats against the
sensor's grid, and so moire appears by itself instead of being painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, tan

import cv2
import numpy as np

from vision.types import Floats, Image

RAYS = 3
"""Along each side of a pixel."""
NOWHERE = 1e3
"""Metres: where a ray is said to meet a sheet that it misses."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A pinhole camera with a sensor of `width` x `height` pixels."""

    width: int = 640
    height: int = 480
    field_of_view: float = 60.0
    """Degrees, across the width."""

    @property
    def focal_length(self) -> float:
        """In pixels."""
        return self.width / 2 / tan(radians(self.field_of_view / 2))

    def rays(self) -> Floats:
        """Directions (x, y, 1), RAYS * height x RAYS * width x 2."""
        columns = (np.arange(self.width * RAYS) + 0.5) / RAYS - self.width / 2
        rows = (np.arange(self.height * RAYS) + 0.5) / RAYS - self.height / 2
        grid = np.stack(np.meshgrid(columns, rows), axis=-1)
        return (grid / self.focal_length).astype(np.float32)

    def gather(self, light: Floats) -> Floats:
        """One value a pixel, out of one a ray."""
        size = (self.width, self.height)
        return np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing's middle is and how it is turned (degrees)."""

    x: float
    y: float
    distance: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the rays meet: u to the right and v down, in metres from the thing's middle."""

    u: Floats
    v: Floats


def look_at(rays: Floats, place: Place, bend: float = 0.0) -> Seen:
    """Where each ray meets a sheet; `bend` is the curvature about its upright axis (1/m).

    A bent sheet is z = bend * u^2 / 2 in its own axes, bent away from the camera; of the two places
    where a ray may meet it the nearer one counts, and a ray may miss it.
    """
    axes = _axes(place)
    middle = np.array([place.x, place.y, place.distance], np.float32)
    # In the sheet's axes the camera is at `eye` and the rays point along `way`.
    eye = -axes.T @ middle
    directions = np.concatenate([rays, np.ones((*rays.shape[:2], 1), np.float32)], axis=2)
    way = directions @ axes
    # a s^2 + b s + c = 0 for the step s along the ray, solved so that a = 0 is no exception.
    a, b = bend / 2 * way[..., 0] ** 2, bend * eye[0] * way[..., 0] - way[..., 2]
    c = bend / 2 * eye[0] ** 2 - eye[2]
    root = b * b - 4 * a * c
    steps = 2 * c / (np.sqrt(np.maximum(root, 0)) - b)
    u = np.where(root < 0, np.float32(NOWHERE), eye[0] + steps * way[..., 0])
    return Seen(u, eye[1] + steps * way[..., 1])


def sample(picture: Image, seen: Seen, width: float) -> Floats:
    """The picture as the rays see it on the sheet, `width` metres wide; edges are continued."""
    scale = picture.shape[1] / width
    columns = seen.u * scale + picture.shape[1] / 2
    rows = seen.v * scale + picture.shape[0] / 2
    return np.asarray(
        cv2.remap(
            picture.astype(np.float32),
            columns.astype(np.float32),
            rows.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )


def expose(light: Floats, rng: np.random.Generator, noise: float = 1.5) -> Image:
    """The sensor: a lens that is a little soft, photon noise that grows with light, read noise."""
    soft = cv2.GaussianBlur(light, (0, 0), 0.6)
    photons = rng.normal(0, 1, soft.shape) * np.sqrt(np.maximum(soft, 0) * 0.03)
    return np.clip(soft + photons + rng.normal(0, noise, soft.shape), 0, 255).astype(np.uint8)


def _axes(place: Place) -> Floats:
    """The sheet's axes as columns: turned about y (yaw), then x (pitch), then z (roll)."""
    yaw, pitch, roll = (radians(angle) for angle in (place.yaw, place.pitch, place.roll))
    about_y = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, cos(pitch), -sin(pitch)], [0, sin(pitch), cos(pitch)]])
    about_z = np.array([[cos(roll), -sin(roll), 0], [sin(roll), cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, np.float32)
