"""Faces and their five points, by YuNet.

The frame is shrunk to a longest side of 320 pixels, which finds anyone within reach of a kiosk in a
quarter of the time of the full frame, and padded right and below to multiples of 32.
The network answers for every cell of three grids (strides 8, 16, 32 pixels):

    score        sqrt(cls * obj)
    box          centre (column + b0, row + b1) * stride, size exp(b2, b3) * stride
    five points  (column + k[2i], row + k[2i + 1]) * stride
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from models.load import Net
from vision.types import Box, Face, Floats, Image

STRIDES = (8, 16, 32)
STEP = 32
LONGEST_SIDE = 320


class Detector(Protocol):
    """Finds faces."""

    def detect(self, frame: Image) -> list[Face]:
        """All faces of the frame, the largest first, in pixels of the full frame."""
        ...


class YuNet:
    """The detector; `score` is the least confidence, `overlap` the most two boxes may share."""

    def __init__(
        self, net: Net, score: float, overlap: float, longest_side: int = LONGEST_SIDE
    ) -> None:
        self._net = net
        self._score = score
        self._overlap = overlap
        self._longest_side = longest_side

    def detect(self, frame: Image) -> list[Face]:
        blob, scale = prepare(frame, self._longest_side)
        columns = blob.shape[3]
        found = decode(self._net.run(blob), columns, self._score)
        keep = _without_overlap(found, self._score, self._overlap)
        faces = [_face(found[index], scale) for index in keep]
        return sorted(faces, key=lambda face: face.box.width, reverse=True)


def prepare(frame: Image, longest_side: int = LONGEST_SIDE) -> tuple[Floats, float]:
    """The network's input and the factor from its pixels to the frame's; never enlarges."""
    height, width = frame.shape[:2]
    scale = max(height, width) / longest_side
    if scale > 1:
        size = (max(1, round(width / scale)), max(1, round(height / scale)))
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
        height, width = frame.shape[:2]
    below, right = -height % STEP, -width % STEP
    if below or right:
        border = cv2.BORDER_CONSTANT
        frame = np.asarray(cv2.copyMakeBorder(frame, 0, below, 0, right, border), np.uint8)
    return np.asarray(cv2.dnn.blobFromImage(frame), np.float32), max(scale, 1.0)


def decode(outputs: list[Floats], columns: int, least_score: float) -> Floats:
    """N x 15: score, box (x, y, width, height) and five points, in pixels of the network's input.

    `outputs` are cls, obj, bbox and kps, each for the three strides.
    `columns` is the input's width.
    """
    found = []
    for level, stride in enumerate(STRIDES):
        cls, obj = outputs[level][0, :, 0], outputs[3 + level][0, :, 0]
        chance = cls * obj
        cells = np.nonzero(chance >= least_score * least_score)[0]
        if not cells.size:
            continue
        row, column = np.divmod(cells, columns // stride)
        origin = np.stack([column, row], axis=1).astype(np.float32)
        box, points = outputs[6 + level][0, cells], outputs[9 + level][0, cells]
        size = np.exp(box[:, 2:])
        found.append(
            np.concatenate(
                [
                    np.sqrt(chance[cells, None]),
                    (origin + box[:, :2] - size / 2) * stride,
                    size * stride,
                    (np.tile(origin, 5) + points) * stride,
                ],
                axis=1,
            )
        )
    return np.concatenate(found) if found else np.empty((0, 15), np.float32)


def _without_overlap(found: Floats, score: float, overlap: float) -> list[int]:
    if not len(found):
        return []
    boxes, scores = found[:, 1:5].tolist(), found[:, 0].tolist()
    return [int(index) for index in cv2.dnn.NMSBoxes(boxes, scores, score, overlap)]


def _face(row: Floats, scale: float) -> Face:
    x, y, width, height = (float(value) * scale for value in row[1:5])
    return Face(Box(x, y, width, height), (row[5:] * scale).reshape(5, 2), float(row[0]))
