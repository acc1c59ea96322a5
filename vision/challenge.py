"""The active challenge: a person is asked to move, and what moves must not be flat.

    look straight ─► turn left | turn right | come closer ─► look straight ─► … ─► Passed | Failed
       (rest)              within the time, in one piece, by a face with relief

Two moves drawn at random, at least one of them a turn. Decided from the five points alone.

What it tells: a picture that is turned, tilted, bent a little or brought nearer, on paper or on a
screen, has no relief and fails. Coming closer shows relief too weakly to be measured by five points
(the nose lies near the axis of the motion), so it is asked for its surprise and proves nothing.

What it cannot tell: the points of a film of a turning head move as a head's do. Against that stand
only the draw (one in six), the time given, and the passive score. A mask has relief, and so has a
picture folded sharply along the nose or with the nose cut out and raised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from vision.relief import Moved, Rest, View, step_between, view_of
from vision.types import Floats, Guidance


class Move(Enum):
    """What a person may be asked to do; left and right are his own."""

    TURN_LEFT = "turn-left"
    TURN_RIGHT = "turn-right"
    COME_CLOSER = "come-closer"


INSTRUCTION = {
    Move.TURN_LEFT: Guidance.TURN_LEFT,
    Move.TURN_RIGHT: Guidance.TURN_RIGHT,
    Move.COME_CLOSER: Guidance.COME_CLOSER,
}
SIDE = {Move.TURN_LEFT: 1.0, Move.TURN_RIGHT: -1.0}
"""Where the nose goes: the camera's picture is not mirrored, so his left is its right."""

DRAWS = (
    (Move.TURN_LEFT, Move.TURN_RIGHT),
    (Move.TURN_RIGHT, Move.TURN_LEFT),
    (Move.TURN_LEFT, Move.COME_CLOSER),
    (Move.TURN_RIGHT, Move.COME_CLOSER),
    (Move.COME_CLOSER, Move.TURN_LEFT),
    (Move.COME_CLOSER, Move.TURN_RIGHT),
)


def draw(below: Callable[[int], int]) -> tuple[Move, ...]:
    """The moves of one challenge; `below(n)` answers a random number from 0 to n - 1."""
    return DRAWS[below(len(DRAWS))]


@dataclass(frozen=True, slots=True)
class ChallengeLimits:
    """Where the lines are drawn; times in seconds, lengths in distances of the eyes.

    `turn` and `relief` were chosen on simulated people and pictures, on other seeds than those by
    which the error rates are told (README).
    """

    turn: float = 0.115
    """Least parallax of the nose; a mean head shows it at 17 degrees."""
    relief: float = 0.26
    """Least parallax over the sine of the turn; a mean head has 0.4, a flat picture 0."""
    most_turn: float = 0.70
    """Least cosine: beyond 45 degrees the points are guesses."""
    flat_from: float = 0.82
    """Cosine below which (35 degrees) something without half the relief is flat."""
    closer: float = 1.25
    """Times the size at rest."""
    rest_frames: int = 8
    frames: int = 5
    """A move is judged on the mean of so many frames."""
    most_yaw: float = 15.0
    """Degrees; more is not straight."""
    move_seconds: float = 7.0
    """For each move with the rest before it."""
    soonest: float = 0.25
    """Nobody reads and moves in less: it moved by itself."""
    gap: float = 0.5
    """Without the face for longer, the one that comes back may be another."""
    jump: float = 0.35
    """Heights of the face that it moves, or times that it grows, from frame to frame at most, and
    `pace` times the seconds between them."""
    pace: float = 4.0
    repeats: int = 3
    """More frames than this in which no point moved at all are no live camera's."""


class Fault(Enum):
    """Why a challenge was not passed."""

    TIMED_OUT = "timed-out"
    LOST = "lost"
    """The face was gone for too long."""
    JUMPED = "jumped"
    """It was elsewhere, or of another size, from one frame to the next."""
    REPEATED = "repeated"
    FLAT = "flat"
    """It turned, and the nose did not stand out."""
    WRONG_WAY = "wrong-way"
    TOO_SOON = "too-soon"


@dataclass(frozen=True, slots=True)
class Progress:
    """Go on: `fraction` from 0 to 1 for the ring, and what the person should do."""

    fraction: float
    instruction: Guidance


@dataclass(frozen=True, slots=True)
class Passed:
    """All moves were made, and by something with the relief of a head."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It is over."""

    reason: Fault


Answer = Progress | Passed | Failed


class Challenge:
    """One challenge, fed with the points of each frame. The same frames give the same answers."""

    def __init__(self, moves: Sequence[Move], limits: ChallengeLimits) -> None:
        """Raises ValueError unless a turn is among the moves: nothing else shows relief."""
        if not any(move in SIDE for move in moves):
            raise ValueError("a challenge needs a turn")
        self._moves = tuple(moves)
        self._limits = limits
        self._done = 0
        self._moved: deque[Moved] = deque(maxlen=limits.frames)
        self._resting: list[View] = []
        self._rest: Rest | None = None
        self._before: tuple[View, float] | None = None
        self._began: float | None = None
        self._asked = 0.0
        self._half_way = False
        self._repeats = 0
        self._ended = False
        self._answer: Answer = Progress(0.0, Guidance.LOOK_STRAIGHT)

    def feed(self, points: Floats | None, now: float) -> Answer:
        """Takes the 5 x 2 points of one frame, None where nobody was found, seen at `now` (s).

        Raises RuntimeError after the end.
        """
        if self._ended:
            raise RuntimeError("this challenge has ended")
        if self._began is None:
            self._began = now
        if now - self._began > self._limits.move_seconds:
            self._answer = Failed(Fault.TIMED_OUT)
        else:
            view = _seen(points)
            fault = self._broken(view, now)
            if fault is not None:
                self._answer = Failed(fault)
            elif view is not None:
                self._answer = self._judge(view, now)
        self._ended = not isinstance(self._answer, Progress)
        return self._answer

    def _broken(self, view: View | None, now: float) -> Fault | None:
        """Whether this is another face than that of the frame before, or the very same frame."""
        if self._before is None:
            self._before = None if view is None else (view, now)
            return None
        last, at = self._before
        if not 0 <= now - at <= self._limits.gap:
            return Fault.LOST
        if view is None:
            return None
        self._before = (view, now)
        if view == last:
            self._repeats += 1
            return Fault.REPEATED if self._repeats > self._limits.repeats else None
        far = self._limits.jump + self._limits.pace * (now - at)
        return Fault.JUMPED if step_between(last, view) > far else None

    def _judge(self, view: View, now: float) -> Answer:
        if self._rest is None:
            self._wait_for_rest(view, now)
            return self._go_on(0.0)
        move, moved = self._moves[self._done], self._rest.moved(view)
        if self._leaps(move, moved):
            self._begin_again()
            return self._go_on(0.0)
        self._moved.append(moved)
        if len(self._moved) < self._limits.frames:
            return self._go_on(0.0)
        part = self._part(move)
        if isinstance(part, Fault):
            return Failed(part)
        if part < 1.0:
            return self._go_on(part)
        if now - self._asked < self._limits.soonest:
            return Failed(Fault.TOO_SOON)
        return self._next(now)

    def _wait_for_rest(self, view: View, now: float) -> None:
        straight = abs(view.yaw) <= self._limits.most_yaw
        self._resting = [*self._resting, view] if straight else []
        if len(self._resting) >= self._limits.rest_frames:
            self._rest, self._resting, self._asked = Rest.of(self._resting), [], now

    def _part(self, move: Move) -> float | Fault:
        """How much of the move is made (1 = all), or what is wrong with it."""
        limits, moved = self._limits, Moved.mean(self._moved)
        if move not in SIDE:
            return (moved.growth - 1.0) / (limits.closer - 1.0)
        parallax = SIDE[move] * moved.parallax
        if parallax <= -limits.turn:
            return Fault.WRONG_WAY
        if moved.cosine < limits.flat_from and parallax < limits.relief / 2 * moved.sine:
            return Fault.FLAT
        if moved.cosine < limits.most_turn or parallax < limits.relief * moved.sine:
            return min(0.9, parallax / limits.turn)
        return parallax / limits.turn

    def _leaps(self, move: Move, now: Moved) -> bool:
        """Whether a turn is there without having been on its way: two pictures, quickly changed.

        The move then does not count, and is asked for again: a person may just have been quick.
        """
        if move not in SIDE or not self._moved or self._half_way:
            return False
        before, here = (SIDE[move] * one.parallax for one in (self._moved[-1], now))
        self._half_way = here >= self._limits.turn
        return self._half_way and before < self._limits.turn / 3

    def _begin_again(self) -> None:
        self._rest, self._half_way = None, False
        self._moved.clear()

    def _next(self, now: float) -> Answer:
        self._done += 1
        if self._done == len(self._moves):
            return Passed()
        self._began = now
        self._begin_again()
        return self._go_on(0.0)

    def _go_on(self, part: float) -> Progress:
        fraction = (self._done + min(1.0, max(0.0, part))) / len(self._moves)
        asked = INSTRUCTION[self._moves[self._done]]
        return Progress(fraction, Guidance.LOOK_STRAIGHT if self._rest is None else asked)


def _seen(points: Floats | None) -> View | None:
    """Points that span no face are no face."""
    try:
        return None if points is None else view_of(points)
    except ValueError:
        return None
