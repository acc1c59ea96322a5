"""The values that pass between the stages of the pipeline (words of ISO/IEC 2382-37, 30107-3).

A capture attempt is fed frame by frame and answers each with one `Step`:

    Guidance              not yet: what the person should do, one sentence on the screen
    FaceSample            done: one good sample of one bona fide person (final)
    AttackPresentation    an artefact was presented; never explained to the shopper (final)
    NonResponse           the attempt gave no answer, which is neither of the two above (final)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""H x W x 3, blue-green-red, 0 to 255."""
Floats = npt.NDArray[np.float32]


class Guidance(Enum):
    """What stands between the person and a good sample; the screen has one sentence for each."""

    NO_FACE = "no-face"
    ONE_PERSON_ONLY = "one-person-only"
    COME_CLOSER = "come-closer"
    STEP_BACK = "step-back"
    CENTRE_YOURSELF = "centre-yourself"
    LOOK_STRAIGHT = "look-straight"
    MORE_LIGHT = "more-light"
    LESS_LIGHT = "less-light"
    LIGHT_BEHIND = "light-behind"
    """The face is dark because what is behind it is bright."""
    HOLD_STILL = "hold-still"
    AVOID_GLARE = "avoid-glare"
    """A lamp or the sun glares off the face or its glasses; elsewhere the light is right."""
    TAKE_OFF_MASK = "take-off-mask"
    TAKE_OFF_SUNGLASSES = "take-off-sunglasses"
    NO_COLOUR = "no-colour"
    """The picture is grey: an infrared or broken camera, or a light that hides colour."""
    TURN_LEFT = "turn-left"
    """Of the active challenge; the person's own left."""
    TURN_RIGHT = "turn-right"
    HOLD = "hold"
    """All is well; keep looking while the frames are collected."""


class PadVerdict(Enum):
    """The decision of presentation attack detection over the frames seen so far."""

    BONA_FIDE = "bona-fide"
    ATTACK = "attack"
    NO_VERDICT = "no-verdict"


class NonResponseReason(Enum):
    """Why an attempt ended without a decision; counted apart from errors (APNRR, BPNRR)."""

    TIMED_OUT = "timed-out"
    UNDECIDED = "undecided"
    """Good frames came until the end, but attack detection could not decide on them."""
    CHALLENGE = "challenge"
    """The movement that was asked for did not come in time, or not in one piece."""
    CAMERA_STUCK = "camera-stuck"
    """The same picture came again and again: a frozen camera, or one that plays a recording."""
    CAMERA_JUMPS = "camera-jumps"
    """The face was elsewhere from one frame to the next, again and again."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the full frame; may reach beyond its edges."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre_x(self) -> float:
        return self.x + self.width / 2

    @property
    def centre_y(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected face, in pixels of the full frame."""

    box: Box
    points: Floats
    """5 x 2: eye, eye, nose tip, mouth corner, mouth corner; the left in the picture first."""
    score: float
    """The detector's confidence, 0 to 1."""


@dataclass(frozen=True, slots=True)
class PadScore:
    """How bona fide one frame looks."""

    score: float
    """0 (attack) to 1 (bona fide), the mean of the nets."""
    shifted: bool
    """There was not enough room around the face: the crop was moved or shrunk, less evidence."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceSample:
    """One person's template from several frames of one attempt; the frames themselves are gone.

    Lives in memory only: it is dropped as soon as the face service has used it, and its text form
    never shows the template.
    """

    template: Floats = field(repr=False)
    """128 numbers of length 1 together (L2): the mean of the best frames' embeddings."""
    frames: int
    """How many frames the template is the mean of."""
    quality: float
    """0 to 1, the mean quality of those frames."""
    pad_score: float
    """0 to 1, the mean over the frames judged."""
    pad_shifted: bool
    """Any of those frames was judged on a shifted crop."""


@dataclass(frozen=True, slots=True)
class AttackPresentation:
    """Presentation attack detection or the active challenge judged the attempt an attack."""

    pad_score: float
    """The mean over the frames judged, which after a challenge may be a good one."""
    frames: int


@dataclass(frozen=True, slots=True)
class NonResponse:
    """The attempt ended without a sample and without an attack."""

    reason: NonResponseReason
    last_guidance: Guidance
    """What was still missing at the end."""


Step = Guidance | FaceSample | AttackPresentation | NonResponse
