"""One capture attempt, fed frame by frame, until there is one sample of one bona fide person.

    frame -> repeated? -> detect -> track -> who is in front? -> good? -> PAD -> embed -> kept
                                                                                     |
       sample  <- mean of the best templates <- bona fide <- verdict on all kept frames
                                                                |  in doubt, or always
                   one more frame of the same person  <- passed - challenge

No clock, no thread, no randomness: the same frames at the same times give the same answers. Only
templates and scores are kept between two frames, never a picture.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

import numpy as np

from vision.challenge import Answer, Challenge, ChallengeLimits, Failed, Fault, Move, Passed
from vision.detect import Detector
from vision.embed import Embedder, mean_template, similarity_of
from vision.frame import frame_of
from vision.pad import PadJudge, PadThresholds
from vision.quality import Limits, assess
from vision.tracking import Foreground, Presence, Track, TrackLimits
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


class Asking(Enum):
    """When a person is asked to move."""

    OFF = "off"
    DOUBT = "doubt"
    """Where the passive score lies between the thresholds."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Policy:
    """What an attempt demands; times in seconds."""

    frames: int = 3
    """The template is the mean of this many, the best ones."""
    judged_frames: int = 5
    """Attack detection decides on no fewer than this many."""
    frame_gap: float = 0.05
    """Between two kept frames, so that they are not one moment seen twice: every second one of a
    camera of 30 a second, every one of 15.
    """
    seconds: float = 20.0
    """From the first frame; then the attempt is a non-response."""
    rival: float = 0.6
    """Share of the first face's width at which a second one is in front too; less passes by."""
    same_person: float = 0.40
    """Least cosine between a kept frame and the others: who is judged is who is sampled."""
    repeats: int = 30
    """More frames than this that were seen before mean a frozen or a playing camera."""
    tracks: TrackLimits = field(default_factory=TrackLimits)
    leaps: int = 5
    """Faces that end in one place and begin in another in the same moment: more of them mean a
    camera that loses its place, or a recording with cuts."""
    passive_only: bool = False
    """Demonstration only: accept attack detection that is too weak without the active challenge."""
    challenge: Asking = Asking.OFF
    challenge_limits: ChallengeLimits = field(default_factory=ChallengeLimits)
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
        draw: Callable[[], Sequence[Move]] | None = None,
    ) -> None:
        """`draw` answers the moves of a challenge. Raises ValueError where the policy asks for one
        and there is no `draw`.
        """
        if draw is None and policy.challenge is not Asking.OFF:
            raise ValueError("a policy with a challenge needs somebody to draw its moves")
        self._draw = draw
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
        self._leaps = 0
        self._shape: tuple[int, ...] = ()
        self._foreground = Foreground(self._policy.tracks, self._policy.rival)
        self._face: Face | None = None
        self._kept: list[_Kept] = []
        self._challenge: Challenge | None = None
        self._part = 0.0
        self._proven = False

    @property
    def progress(self) -> float:
        """0 to 1, for the ring on the screen; goes back to 0 when the person changes, and for the
        challenge.
        """
        if self._challenge is not None:
            return self._part
        return min(1.0, len(self._kept) / self._policy.judged_frames)

    @property
    def challenging(self) -> bool:
        """Whether the person is being asked to move."""
        return self._challenge is not None

    @property
    def face(self) -> Face | None:
        """Who was found in front in the last frame, for the frame on the screen."""
        return self._face

    def feed(self, frame: Image, now: float) -> Step:
        """Takes one frame (height x width x 3, BGR, uint8), seen at `now` of any steady clock (s).

        Answers Guidance until the attempt ends. Raises UnusableFrame for another kind of array,
        which leaves the attempt as it was, and RuntimeError after the end.
        """
        if self._ended:
            raise RuntimeError("this attempt has ended; restart() begins another")
        frame = frame_of(frame)
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
        self._forget()
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
        if frame.shape != self._shape:
            # Another size is another camera or another setting of it: no place means what it did.
            self._shape = frame.shape
            self._foreground = Foreground(self._policy.tracks, self._policy.rival)
            self._forget()
        seen = self._foreground.look(self._detector.detect(frame), now)
        self._face = seen.track.face if seen.track else None
        if seen.changed:
            self._forget()
        if seen.leapt:
            self._leaps += 1
            if self._leaps > self._policy.leaps:
                return NonResponse(NonResponseReason.CAMERA_JUMPS, self._guidance)
        if self._challenge is not None:
            points = None if self._face is None else self._face.points
            return self._after(self._challenge.feed(points, now))
        if seen.track is not None:
            return self._study(frame, seen.track, now)
        if seen.presence is Presence.UNSURE:
            return self._guidance
        # Whoever stands here next may be someone else: nothing of the last one may count.
        self._forget()
        nobody = seen.presence is Presence.NOBODY
        return Guidance.NO_FACE if nobody else Guidance.ONE_PERSON_ONLY

    def _study(self, frame: Image, track: Track, now: float) -> Step:
        """One frame of the one in front."""
        quality = assess(frame, track.face, self._policy.limits, track.speed)
        if quality.guidance is not None:
            return quality.guidance
        if self._kept and now < self._next_keep:
            return Guidance.HOLD
        template = self._embedder.embed(frame, track.face)
        self._keep(_Kept(template, quality.score, self._pad.judge(frame, track.face)), now)
        return self._decide()

    def _keep(self, new: _Kept, now: float) -> None:
        if self._kept:
            others = mean_template([kept.template for kept in self._kept])
            if similarity_of(new.template, others) < self._policy.same_person:
                self._forget()
        self._kept.append(new)
        self._next_keep = now + self._policy.frame_gap

    def _decide(self) -> Step:
        """On all frames kept, not on the last few: a long attempt is not a row of new chances."""
        if len(self._kept) < self._policy.judged_frames:
            return Guidance.HOLD
        scores = [kept.pad.score for kept in self._kept]
        verdict = self._thresholds.verdict(scores)
        if verdict is PadVerdict.ATTACK:
            return self._attack()
        if self._proven:
            return sample_of(self._kept, self._policy.frames)
        if is_asked(self._policy.challenge, verdict) and self._draw is not None:
            self._part = 0.0
            self._challenge = Challenge(self._draw(), self._policy.challenge_limits)
            return Guidance.LOOK_STRAIGHT
        if verdict is PadVerdict.BONA_FIDE:
            return sample_of(self._kept, self._policy.frames)
        return Guidance.HOLD

    def _after(self, answer: Answer) -> Step:
        """Goes on after a frame of the challenge. What was proven is proven of whoever was kept:
        the next good frame must show the same person, or all begins again.
        """
        match answer:
            case Passed():
                self._challenge, self._proven = None, True
                return Guidance.LOOK_STRAIGHT
            case Failed(reason=Fault.FLAT | Fault.WRONG_WAY | Fault.TOO_SOON):
                return self._attack()
            case Failed(reason=Fault.REPEATED):
                return NonResponse(NonResponseReason.CAMERA_STUCK, self._guidance)
            case Failed():
                return NonResponse(NonResponseReason.CHALLENGE, self._guidance)
            case _:
                self._part = answer.fraction
                return answer.instruction

    def _attack(self) -> AttackPresentation:
        scores = [kept.pad.score for kept in self._kept]
        return AttackPresentation(float(np.mean(scores)), len(scores))

    def _forget(self) -> None:
        self._kept = []
        self._challenge, self._proven = None, False

    def _why_late(self) -> NonResponseReason:
        undecided = len(self._kept) >= self._policy.judged_frames
        return NonResponseReason.UNDECIDED if undecided else NonResponseReason.TIMED_OUT


def is_asked(asking: Asking, verdict: PadVerdict) -> bool:
    """Whether a passive verdict that accuses nobody is not enough."""
    match asking:
        case Asking.OFF:
            return False
        case Asking.DOUBT:
            return verdict is PadVerdict.NO_VERDICT
        case Asking.ALWAYS:
            return True
        case _:
            assert_never(asking)


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
