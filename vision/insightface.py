"""Detector and embedder from an InsightFace pack, for operators who hold a licence for its weights.

The code is MIT, the published weights are not for commercial use. The package (extra `insightface`)
is imported when a stage is built: it takes a second and a half and brings much with it.
Alignment is this project's own, so the templates of both embedders mean the same face.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ModelMissing, ModelUnusable
from vision.align import SIDE, align
from vision.embed import normalise
from vision.types import Box, Face, Floats, Image

DETECTION, RECOGNITION = "detection", "recognition"
LONGEST_SIDE = 320
"""Pixels of the detector's square input, where the file leaves it free."""


class InsightFaceDetector:
    """An SCRFD or RetinaFace file with five points; `score` is the least confidence."""

    def __init__(self, file: Path, score: float = 0.5, overlap: float = 0.4) -> None:
        self._net = _open(file, DETECTION)
        if not self._net.use_kps:
            raise ModelUnusable(f"{file} finds boxes without points", "Use a file that has both")
        side = (LONGEST_SIDE, LONGEST_SIDE)
        self._net.prepare(-1, det_thresh=score, nms_thresh=overlap, input_size=side)

    def detect(self, frame: Image) -> list[Face]:
        boxes, points = self._net.detect(_within_reach(frame))
        faces = [_face(box, five) for box, five in zip(boxes, points, strict=True)]
        return sorted(faces, key=lambda face: face.box.width, reverse=True)


class InsightFaceEmbedder:
    """An ArcFace file of 112 x 112."""

    def __init__(self, file: Path) -> None:
        self._net = _open(file, RECOGNITION)
        if tuple(self._net.input_size) != (SIDE, SIDE):
            raise ModelUnusable(
                f"{file} wants faces of {self._net.input_size} pixels", f"Use one of {SIDE}"
            )

    def embed(self, frame: Image, face: Face) -> Floats:
        return normalise(np.asarray(self._net.get_feat(align(frame, face.points))[0], np.float32))


def _open(file: Path, job: str) -> Any:
    """Raises ModelMissing, or ModelUnusable if the package is absent or the file does another job.

    The hash of an operator's own file is unknown here: whoever puts it there vouches for it.
    """
    if not file.is_file():
        raise ModelMissing(f"there is no model at {file}", "Put the pack's .onnx files there")
    try:
        zoo = import_module("insightface.model_zoo")
    except ImportError as error:
        raise ModelUnusable(
            f"{file} needs the package insightface, which cannot be imported: {error}",
            "Install the extra `insightface`",
        ) from error
    try:
        net = zoo.get_model(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:  # its runtimes' error classes share no base of their own
        raise ModelUnusable(f"insightface refuses {file}: {error}", "Use a whole pack") from error
    if getattr(net, "taskname", None) != job:
        raise ModelUnusable(f"{file} is no model for {job}", "Choose another file of the pack")
    return net


def _within_reach(frame: Image) -> Image:
    """Its detector shrinks the frame to one side's length; a side that would vanish is padded."""
    height, width = frame.shape[:2]
    thin = -(-max(height, width) // LONGEST_SIDE)
    if min(height, width) >= thin:
        return frame
    rest = ((0, max(0, thin - height)), (0, max(0, thin - width)), (0, 0))
    return np.pad(frame, rest)


def _face(box: Floats, five: Floats) -> Face:
    left, top, right, bottom, score = (float(value) for value in box)
    place = Box(left, top, right - left, bottom - top)
    return Face(place, np.asarray(five, np.float32), min(score, 1.0))
