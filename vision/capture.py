"""One capture attempt, fed frame by frame, until there is one sample of one bona fide person.

    frame -> repeated? -> detect -> who stands in front? -> good enough? -> PAD -> embed -> kept
                                                                                     |
       sample  <- mean of the best templates <- bona fide <- verdict on all kept frames

No clock, no thread, no randomness: the same frames at the same times give the same answers. Only
templates and scores are kept between two frames, never a picture.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from vision.detect import Detector
from vision.embed import Embedder, mean_template, similarity_of
from vision.pad import PadJudge, PadThresholds
from vision.quality import Limits, assess
from vision.types import (
    AttackPresentation,
    Face,
    FaceSample,
    Floats,
    Guidance,
    Image,
    NonResponse,
    NonResponseReason,
    PadScore,
    PadVerdict,
    Step,
)

EVERY_ROW = 4
"""Two frames of a live sensor differ in any quarter of their rows."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an attempt demands; times in seconds."""

    frames: int = 3
    """The template is the mean of this many, the best ones."""
    judged_frames: int = 5
    """Attack detection decides on no fewer than this many."""
    frame_gap: float = 0.08
    """Between two kept frames, so that they are not one moment seen twice."""
    seconds: float = 20.0
    """From the first frame; then the attempt is a non-response."""
    rival: float = 0.6
    """Share of the first face's width at which a second one is in front too; less passes by."""
    same_person: float = 0.40
    """Least cosine between a kept frame and the others: who is judged is who is sampled."""
    repeats: int = 30
    """More frames than this that were seen before mean a frozen or a playing camera."""
    passive_only: bool = False
    """Demonstration only: accept attack detection that is too weak without the active challenge."""
    pad: PadThresholds | None = None
    """None = what the manifest says of the networks in use."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 1 <= self.frames <= self.judged_frames:
            raise ValueError("1 <= frames <= judged_frames does not hold")
        if self.seconds <= 0 or self.frame_gap < 0 or self.repeats < 0:
            raise ValueError("seconds must be above 0, frame_gap and repeats not below it")


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """What is left of one good frame."""

    template: Floats = field(repr=False)
    quality: float
    pad: PadScore


class FaceCapture:
    """An attempt. After a final step it takes no more frames until `restart`. For one thread."""

    def __init__(
        self,
        detector: Detector,
        pad: PadJudge,
        embedder: Embedder,
        thresholds: PadThresholds,
        policy: Policy,
    ) -> None:
        self._detector = detector
        self._pad = pad
        self._embedder = embedder
        self._thresholds = thresholds
        self._policy = policy
        self._next_keep = 0.0
        self.restart()

    def restart(self) -> None:
        """Forgets everything of the last attempt; the next frame begins a new one."""
        self._started: float | None = None
        self._ended = False
        self._guidance = Guidance.NO_FACE
        self._seen: set[int] = set()
        self._repeats = 0
        self._face: Face | None = None
        self._kept: list[_Kept] = []

    @property
    def progress(self) -> float:
        """0 to 1, for the ring on the screen; goes back to 0 when the person changes."""
        return min(1.0, len(self._kept) / self._policy.judged_frames)

    @property
    def face(self) -> Face | None:
        """Who was found in front in the last frame, for the frame on the screen."""
        return self._face

    def feed(self, frame: Image, now: float) -> Step:
        """Takes one frame (height x width x 3, BGR, uint8), seen at `now` of any steady clock (s).

        Answers Guidance until the attempt ends. Raises ValueError for another kind of array and
        RuntimeError after the end.
        """
        if self._ended:
            raise RuntimeError("this attempt has ended; restart() begins another")
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
            raise ValueError(
                f"a frame is height x width x 3 of uint8, not {frame.shape} {frame.dtype}"
            )
        if self._started is None:
            self._started = now
        step = self._repeated() if self._was_seen(frame) else self._look(frame, now)
        if isinstance(step, Guidance):
            self._guidance = step
            if now - self._started < self._policy.seconds:
                return step
            step = NonResponse(self._why_late(), step)
        self._ended = True
        self._face = None
        self._kept = []
        return step

    def _was_seen(self, frame: Image) -> bool:
        """Whether these very pixels came before in this attempt: no live sensor repeats itself.

        Compares checksums of every fourth row; a recording played in a loop is found as well.
        """
        checksum = zlib.crc32(np.ascontiguousarray(frame[::EVERY_ROW]).data)
        known = checksum in self._seen
        self._seen.add(checksum)
        return known

    def _repeated(self) -> Step:
        """A single repeat is a hiccup of the camera: passed over, and never evidence."""
        self._repeats += 1
        if self._repeats > self._policy.repeats:
            return NonResponse(NonResponseReason.CAMERA_STUCK, self._guidance)
        return self._guidance

    def _look(self, frame: Image, now: float) -> Step:
        found = in_front(self._detector.detect(frame), self._policy.rival)
        if isinstance(found, Guidance):
            # Whoever stands here next may be someone else: nothing of the last one may count.
            self._face = None
            self._kept = []
            return found
        self._face = found
        quality = assess(frame, found, self._policy.limits)
        if quality.guidance is not None:
            return quality.guidance
        if self._kept and now < self._next_keep:
            return Guidance.HOLD
        self._keep(
            _Kept(self._embedder.embed(frame, found), quality.score, self._pad.judge(frame, found)),
            now,
        )
        return self._decide()

    def _keep(self, new: _Kept, now: float) -> None:
        if self._kept:
            others = mean_template([kept.template for kept in self._kept])
            if similarity_of(new.template, others) < self._policy.same_person:
                self._kept = []
        self._kept.append(new)
        self._next_keep = now + self._policy.frame_gap

    def _decide(self) -> Step:
        """On all frames kept, not on the last few: a long attempt is not a row of new chances."""
        if len(self._kept) < self._policy.judged_frames:
            return Guidance.HOLD
        scores = [kept.pad.score for kept in self._kept]
        verdict = self._thresholds.verdict(scores)
        match verdict:
            case PadVerdict.NO_VERDICT:
                return Guidance.HOLD
            case PadVerdict.ATTACK:
                return AttackPresentation(float(np.mean(scores)), len(scores))
            case PadVerdict.BONA_FIDE:
                return sample_of(self._kept, self._policy.frames)
            case _:
                assert_never(verdict)

    def _why_late(self) -> NonResponseReason:
        undecided = len(self._kept) >= self._policy.judged_frames
        return NonResponseReason.UNDECIDED if undecided else NonResponseReason.TIMED_OUT


def in_front(faces: Sequence[Face], rival: float) -> Face | Guidance:
    """The one person in front of the kiosk; `faces` come largest first.

    Someone who walks by is farther away and so smaller; two of like size both want to pay, and the
    kiosk does not choose between them.
    """
    if not faces:
        return Guidance.NO_FACE
    if len(faces) > 1 and faces[1].box.width >= rival * faces[0].box.width:
        return Guidance.ONE_PERSON_ONLY
    return faces[0]


def sample_of(kept: Sequence[_Kept], frames: int) -> FaceSample:
    """The sample of the `frames` best; its attack score is that of all, by which it was judged."""
    best = sorted(kept, key=lambda one: one.quality, reverse=True)[:frames]
    return FaceSample(
        template=mean_template([one.template for one in best]),
        frames=len(best),
        quality=sum(one.quality for one in best) / len(best),
        pad_score=sum(one.pad.score for one in kept) / len(kept),
        pad_shifted=any(one.pad.shifted for one in kept),
    )
