"""A face as 128 numbers, by SFace: the same person's vectors point the same way.

Whoever holds a template can recognise its person, so it is treated like the face itself: memory
only, dropped after use, never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from models.load import Net
from vision.align import align
from vision.types import Face, Floats, Image


class Embedder(Protocol):
    """Makes a template of a face."""

    def embed(self, frame: Image, face: Face) -> Floats:
        """A vector of length 1; the cosine of two of them says how alike two faces are."""
        ...


class SFace:
    """The embedder: aligned 112 x 112, red-green-blue, 0 to 255."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def embed(self, frame: Image, face: Face) -> Floats:
        return normalise(self._net.run(prepare(align(frame, face.points)))[0][0])


def prepare(aligned: Image) -> Floats:
    """The network's input for one aligned face."""
    return np.asarray(cv2.dnn.blobFromImage(aligned, swapRB=True), np.float32)


def normalise(vector: Floats) -> Floats:
    """The vector at length 1; raises ValueError for the zero vector, which is nobody."""
    length = float(np.linalg.norm(vector))
    if length == 0 or not np.isfinite(length):
        raise ValueError("an embedding without length or with infinite numbers is no template")
    return (vector / length).astype(np.float32)


def mean_template(templates: Sequence[Floats]) -> Floats:
    """One template of several frames.

    With three instead of one, missed matches at 0.50 fall from 5.7 % to none in the set measured
    when both sides do it, and to 1.5 % when only the enrolment does.
    """
    return normalise(np.mean(np.stack(templates), axis=0))


def similarity_of(one: Floats, other: Floats) -> float:
    """Cosine, -1 to 1."""
    return float(one @ other)
