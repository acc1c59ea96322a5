"""Who is who from frame to frame, and which of them stands in front of the kiosk.

    boxes of a frame ─► tracks: the same face as before, or a new one
                          └─► without those who walk by and the pictures on the wall
                                └─► ONE | NOBODY | SEVERAL | UNSURE      and whether he is another

Every frame is detected (2 ms at 320 pixels); a track bridges the frames in which the detector
misses a face. Only boxes are compared, so all of it is the same wherever in the frame it happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import hypot, sqrt

from vision.types import Face, Guidance


@dataclass(frozen=True, slots=True)
class TrackLimits:
    """What a face may do and be the same; lengths in widths of the face, times in seconds.

    A head is taken to be 15 cm wide. None of these was fitted to recordings of people.
    """

    reach: float = 1.0
    """From one finding to the next: 2 m/s at 15 frames a second, faster than anybody walks."""
    growth: float = 1.6
    """Times that it may grow or shrink meanwhile: 60 cm towards the camera from 1.6 m."""
    gap: float = 0.5
    """Unseen for longer, the one that comes back may be another (as in the challenge)."""
    walking: float = 3.0
    """A second: 45 cm/s, half of a slow stroll."""
    speed_over: float = 0.2
    """The time over which a speed is told, so that the detector's tremble is no speed."""
    settle: float = 0.3
    """A newcomer is not yet known to stand or to walk by."""
    picture: float = 0.006
    """Least deviation (root of the mean square) of a living face's centre over its whole track:
    1 mm. Who stands still is taken to sway by 2 mm and more in two seconds; on a photograph under
    a sensor's noise YuNet was measured to tremble by 0.0007 to 0.004."""
    picture_after: float = 2.0


class Track:
    """One face over time. Its number is never given to another within an attempt."""

    __slots__ = ("_count", "_means", "_path", "_squares", "began", "face", "number", "seen_at")

    def __init__(self, number: int, face: Face, now: float) -> None:
        self.number = number
        self.face = face
        self.began = self.seen_at = now
        self._path: deque[tuple[float, Face]] = deque()
        self._count = 0
        self._means = [0.0, 0.0]
        self._squares = 0.0
        self.found(face, now, 0.0)

    def found(self, face: Face, now: float, speed_over: float) -> None:
        """Goes on with where the face is now."""
        self.face, self.seen_at = face, now
        self._path.append((now, face))
        while len(self._path) > 2 and self._path[1][0] <= now - speed_over:
            self._path.popleft()
        # Welford's running variance (1962): no path of a long attempt is kept.
        self._count += 1
        for axis, place in enumerate((face.box.centre_x, face.box.centre_y)):
            before = place - self._means[axis]
            self._means[axis] += before / self._count
            self._squares += before * (place - self._means[axis])

    @property
    def speed(self) -> float:
        """Widths of the face a second; 0 where it was seen once."""
        (then, first), (now, last) = self._path[0], self._path[-1]
        return distance(first, last) / (now - then) if now > then else 0.0

    @property
    def deviation(self) -> float:
        """Of its centre about the mean since it was first seen, in widths."""
        return sqrt(max(0.0, self._squares) / self._count) / max(self.face.box.width, 1.0)


def distance(one: Face, other: Face) -> float:
    """Between the centres, in widths of the first."""
    across = other.box.centre_x - one.box.centre_x
    down = other.box.centre_y - one.box.centre_y
    return hypot(across, down) / max(one.box.width, 1.0)


class Tracker:
    """Joins the faces of each frame to tracks, the nearest pair first."""

    def __init__(self, limits: TrackLimits) -> None:
        self._limits = limits
        self._tracks: list[Track] = []
        self._seen: set[int] = set()
        self._next = 0

    def update(self, faces: Sequence[Face], now: float) -> list[Track]:
        """The tracks of `faces`, in their order; `now` of any steady clock (s).

        A face seen in the frame before goes on however late this one comes.
        """
        self._tracks = [
            track
            for track in self._tracks
            if track.number in self._seen or now - track.seen_at <= self._limits.gap
        ]
        joined = self._joined(faces)
        for index, face in enumerate(faces):
            if index in joined:
                joined[index].found(face, now, self._limits.speed_over)
            else:
                joined[index] = Track(self._next, face, now)
                self._tracks.append(joined[index])
                self._next += 1
        self._seen = {track.number for track in joined.values()}
        return [joined[index] for index in range(len(faces))]

    def missed(self, number: int | None) -> Track | None:
        """The track of that number if it is not in this frame, but was within the gap."""
        unseen = (track for track in self._tracks if track.number not in self._seen)
        return next((track for track in unseen if track.number == number), None)

    def _joined(self, faces: Sequence[Face]) -> dict[int, Track]:
        pairs = sorted(
            (far, track.number, index)
            for track in self._tracks
            for index, face in enumerate(faces)
            if (far := distance(track.face, face)) <= self._limits.reach
            and self._alike(track.face, face)
        )
        by_number = {track.number: track for track in self._tracks}
        joined: dict[int, Track] = {}
        for _, number, index in pairs:
            if number in by_number and index not in joined:
                joined[index] = by_number.pop(number)
        return joined

    def _alike(self, one: Face, other: Face) -> bool:
        small, large = sorted((one.box.width, other.box.width))
        return large <= self._limits.growth * max(small, 1.0)


class Presence(Enum):
    """Who is in front of the kiosk in one frame."""

    ONE = "one"
    NOBODY = "nobody"
    SEVERAL = "several"
    UNSURE = "unsure"
    """The one before is missed for a moment, or a newcomer has not shown what he does."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The answer to one frame."""

    presence: Presence
    track: Track | None = None
    """Whose it is, where there is ONE."""
    changed: bool = False
    """He is another than the last one: nothing of that one may count."""
    leapt: bool = False
    """And that one was there a moment ago, and is gone: a jump, of him or of the camera."""


class Foreground:
    """Follows who stands in front. The same faces at the same times give the same answers."""

    def __init__(self, limits: TrackLimits, rival: float) -> None:
        """`rival` is the share of the first face's width from which another is in front too."""
        self._limits = limits
        self._rival = rival
        self._tracker = Tracker(limits)
        self._last: int | None = None

    def look(self, faces: Sequence[Face], now: float) -> Sighting:
        """`faces` are those of one frame, the largest first."""
        present = self._who_stand(self._tracker.update(faces, now), now)
        missed = self._tracker.missed(self._last)
        match in_front([track.face for track in present], self._rival):
            case Guidance.NO_FACE:
                return Sighting(Presence.UNSURE if missed else Presence.NOBODY)
            case Guidance():
                unsure = self._only_newcomers_beside(present, now)
                return Sighting(Presence.UNSURE if unsure else Presence.SEVERAL)
            case face if missed and face.box.width < self._rival * missed.face.box.width:
                # Whoever is farther off does not take his place for that.
                return Sighting(Presence.UNSURE)
            case _:
                return self._one(present[0], leapt=missed is not None)

    def _one(self, track: Track, *, leapt: bool) -> Sighting:
        changed = self._last not in (None, track.number)
        self._last = track.number
        return Sighting(Presence.ONE, track, changed, changed and leapt)

    def _who_stand(self, tracks: Sequence[Track], now: float) -> Sequence[Track]:
        """All but passers-by and pictures; who is alone is taken as he is, for others to judge."""
        limits = self._limits
        if len(tracks) < 2:
            return tracks
        standing = [
            track
            for track in tracks
            if track.speed <= limits.walking
            and not (now - track.began >= limits.picture_after and track.deviation < limits.picture)
        ]
        return standing or tracks

    def _only_newcomers_beside(self, present: Sequence[Track], now: float) -> bool:
        """Whether the one in front is still there, and all who vie with him have just come."""
        vying = [
            track
            for track in present
            if track.face.box.width >= self._rival * present[0].face.box.width
        ]
        others = [track for track in vying if track.number != self._last]
        return len(others) < len(vying) and all(
            now - track.began < self._limits.settle for track in others
        )


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
