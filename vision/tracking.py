"""Who is who from frame to frame, and who of them stands in front.

    faces of a frame -> each goes on with the nearest track -> Track: how long, how fast, how still
                                                           -> the one person in front, or nobody

A track lasts as long as its face is found again, at most `patience` seconds apart and no farther
away than a person moves. What was collected from one track is never evidence for another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import count
from math import hypot

from vision.types import Box, Face, Guidance

ESTABLISHED = 3
"""Frames after which a face counts: a detector errs for a frame, a person stays."""
PATH_SECONDS = 1.0
"""How far back a track remembers where it was."""
SPEED_SECONDS = 0.25
LEAST_SPAN = 0.1
"""Seconds below which a difference of places is noise and no speed."""
STILL = 0.01
"""Widths of the face: whoever breathes sways farther than this in `PATH_SECONDS`, a poster does
not, and the detector's own noise on it stays below."""
MOST_GROWTH = 2.0


class Track:
    """One face over time. `number` is never used again in the life of its `Tracks`."""

    __slots__ = ("_path", "face", "number", "seen")

    def __init__(self, number: int, face: Face, now: float) -> None:
        self.number = number
        self.seen = 0
        """In how many frames."""
        self._path: deque[tuple[float, Box]] = deque()
        self.follow(face, now)

    def follow(self, face: Face, now: float) -> None:
        """The face was found again."""
        self.face = face
        self.seen += 1
        self._path.append((now, face.box))
        while len(self._path) > 2 and self._path[0][0] < now - PATH_SECONDS:
            self._path.popleft()

    @property
    def last(self) -> float:
        """When it was found last."""
        return self._path[-1][0]

    @property
    def speed(self) -> float:
        """How fast it moves and grows, in its own widths a second; 0 as long as that is unknown."""
        now, here = self._path[-1]
        for then, there in self._path:
            if LEAST_SPAN <= now - then <= SPEED_SECONDS:
                return (distance(here, there) + abs(here.width - there.width)) / (
                    here.width * (now - then)
                )
        return 0.0

    @property
    def still(self) -> bool:
        """Whether it has stayed where it is for as long as its path is, as a picture does."""
        (then, first), (now, _) = self._path[0], self._path[-1]
        if now - then < 0.9 * PATH_SECONDS:
            return False
        return all(
            distance(box, first) + abs(box.width - first.width) <= STILL * first.width
            for _, box in self._path
        )


class Tracks:
    """All faces that are followed now."""

    def __init__(self, reach: float, patience: float) -> None:
        """`reach`: widths of a face that it moves from one frame to the next at most.
        `patience`: seconds for which a face may be out of sight and still be the same.
        """
        self._reach = reach
        self._patience = patience
        self._numbers = count(1)
        self._tracks: list[Track] = []

    def follow(self, faces: Sequence[Face], now: float) -> list[Track]:
        """The tracks of the faces of one frame, the largest face first."""
        free = [track for track in self._tracks if now - track.last <= self._patience]
        lost = free.copy()
        seen = []
        for face in sorted(faces, key=lambda each: each.box.width, reverse=True):
            track = self._nearest(face, lost)
            if track is None:
                track = Track(next(self._numbers), face, now)
            else:
                lost.remove(track)
                track.follow(face, now)
            seen.append(track)
        self._tracks = seen + lost
        return seen

    def knows(self, number: int | None) -> bool:
        """Whether that track may still be found again."""
        return any(track.number == number for track in self._tracks)

    def _nearest(self, face: Face, among: Sequence[Track]) -> Track | None:
        near = [track for track in among if self._may_be(face, track)]
        return min(near, key=lambda track: distance(face.box, track.face.box), default=None)

    def _may_be(self, face: Face, track: Track) -> bool:
        now, before = face.box, track.face.box
        grown = now.width / before.width if before.width else 0.0
        within = distance(now, before) <= self._reach * before.width
        return within and 1 / MOST_GROWTH <= grown <= MOST_GROWTH


def in_front(tracks: Sequence[Track], rival: float) -> Track | Guidance:
    """The one person in front of the kiosk; `tracks` come largest first.

    Someone who walks by is farther away and so smaller; two of like size (`rival`, a share of the
    larger one's width) both want to pay, and the kiosk does not choose between them. A picture on
    the wall behind is no second person, however large, as long as it is the smaller one.
    """
    if not tracks:
        return Guidance.NO_FACE
    least = min(ESTABLISHED, max(track.seen for track in tracks))
    first, *others = [track for track in tracks if track.seen >= least]
    rivals = [each for each in others if each.face.box.width >= rival * first.face.box.width]
    if any(not each.still or first.still for each in rivals):
        return Guidance.ONE_PERSON_ONLY
    return first


def distance(one: Box, other: Box) -> float:
    """Between the centres of two boxes, in pixels."""
    return hypot(one.centre_x - other.centre_x, one.centre_y - other.centre_y)
