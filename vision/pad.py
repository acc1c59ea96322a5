"""Presentation attack detection (ISO/IEC 30107-3) from single frames: a person, or an artefact?

The networks look at the face with much around it, since paper edges and bezels give an artefact
away. Each sees the face's box times its own factor, resized to its input; the score is the mean of
the networks, and the verdict comes from the mean over the frames of an attempt:

    attack  |  no verdict  |  bona fide
    0     below           from          1

A frame with too little room around the face is judged on what there is, and flagged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from models.load import Net
from models.manifest import Model
from vision.types import Box, Face, Floats, Image, PadScore, PadVerdict

ROOM = 2.7
"""Times the face's box: with less around it than this a paper's edge or a bezel may go unseen."""


class PadJudge(Protocol):
    """Judges one frame."""

    def judge(self, frame: Image, face: Face) -> PadScore: ...


@dataclass(frozen=True, slots=True)
class PadThresholds:
    """Between the two lies no verdict; 0 <= attack_below <= bona_fide_from <= 1."""

    bona_fide_from: float
    attack_below: float

    def __post_init__(self) -> None:
        if not 0 <= self.attack_below <= self.bona_fide_from <= 1:
            raise ValueError(f"thresholds out of order: {self}")

    def verdict(self, scores: Sequence[float]) -> PadVerdict:
        """The decision on the mean of the frames' scores; without frames there is none."""
        if not scores:
            return PadVerdict.NO_VERDICT
        mean = sum(scores) / len(scores)
        if mean >= self.bona_fide_from:
            return PadVerdict.BONA_FIDE
        return PadVerdict.ATTACK if mean < self.attack_below else PadVerdict.NO_VERDICT


@dataclass(frozen=True, slots=True)
class PadNet:
    """A loaded network with the rules by which it is asked."""

    net: Net
    crop: float
    width: int
    height: int
    bona_fide_class: int

    @classmethod
    def of(cls, net: Net, model: Model) -> PadNet:
        """Raises ValueError if the manifest has no [pad] rules for the model."""
        if model.pad is None:
            raise ValueError(f"the manifest has no [models.{model.name}.pad]")
        return cls(
            net, model.pad.crop, model.input.width, model.input.height, model.pad.bona_fide_class
        )


class PadEnsemble:
    """One network or several, all with the same say."""

    def __init__(self, nets: Sequence[PadNet]) -> None:
        if not nets:
            raise ValueError("presentation attack detection needs at least one network")
        self._nets = tuple(nets)

    def judge(self, frame: Image, face: Face) -> PadScore:
        scores = [self._ask(net, frame, face.box) for net in self._nets]
        room = room_around(face.box, frame.shape[1], frame.shape[0], ROOM)
        return PadScore(sum(scores) / len(scores), room.shifted)

    @staticmethod
    def _ask(net: PadNet, frame: Image, box: Box) -> float:
        crop = room_around(box, frame.shape[1], frame.shape[0], net.crop)
        answer = net.net.run(prepare(frame, crop, net.width, net.height))[0][0]
        return float(softmax(answer)[net.bona_fide_class])


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle wholly inside the frame; the right and lower edges are not part of it."""

    left: int
    top: int
    right: int
    bottom: int
    shifted: bool


def room_around(box: Box, frame_width: int, frame_height: int, factor: float) -> Crop:
    """The box times `factor` about its centre; shrunk to the frame if larger, then moved inside."""
    fits = min(factor, (frame_width - 1) / box.width, (frame_height - 1) / box.height)
    width, height = box.width * fits, box.height * fits
    left, top = box.centre_x - width / 2, box.centre_y - height / 2
    inside_left = min(max(left, 0.0), frame_width - 1 - width)
    inside_top = min(max(top, 0.0), frame_height - 1 - height)
    return Crop(
        left=int(inside_left),
        top=int(inside_top),
        right=int(inside_left + width) + 1,
        bottom=int(inside_top + height) + 1,
        shifted=fits < factor or inside_left != left or inside_top != top,
    )


def prepare(frame: Image, crop: Crop, width: int, height: int) -> Floats:
    """The network's input: the crop stretched to its size, blue-green-red, 0 to 255."""
    view = frame[crop.top : crop.bottom, crop.left : crop.right]
    return np.asarray(cv2.dnn.blobFromImage(cv2.resize(view, (width, height))), np.float32)


def softmax(values: Floats) -> Floats:
    """Chances that sum to 1."""
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum(), np.float32)
