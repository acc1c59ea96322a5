"""Five points of people and of pictures before a pinhole camera, moving as they are asked to.

    points in mm ─► bent ─► turned about neck or hand ─► placed ─► pinhole ─► 1 pixel of noise

Knows nothing of planes, homographies or parallax: whoever judges these points is judged by them.
Camera: x to the right, y down, z away, in millimetres; so whoever turns to his own left turns his
nose towards +x. The faces are our own numbers after adult anthropometry: pupils 63 mm apart, the
nose tip 24 to 32 mm before them, the corners of the mouth 50 mm apart, 65 mm below, 0 to 6 mm
before them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from vision.challenge import Failed, Passed
from vision.types import Guidance


def face(rng, relief=None):
    """5 x 3: eyes, nose tip, corners of the mouth, of a person of his own proportions."""
    eyes = rng.normal(63, 3.5)
    mouth_wide, mouth_down = rng.normal(50, 3.5), rng.normal(65, 4)
    mouth_before = rng.uniform(0, 6)
    nose = rng.uniform(24, 32) if relief is None else relief
    down = mouth_down * rng.normal(0.58, 0.04)
    uneven = rng.normal(0, 1.0, (5, 3)) * [1, 1, 0.5]
    return (
        uneven
        + np.array(
            [
                [-eyes / 2, 0, 0],
                [eyes / 2, 0, 0],
                [0, down, -nose],
                [-mouth_wide / 2, mouth_down, -mouth_before],
                [mouth_wide / 2, mouth_down, -mouth_before],
            ]
        )
        - [0, 35, 0]
    )


def turned(points, yaw, pitch=0.0, roll=0.0):
    """Degrees, numbers or one for each frame; positive yaw = to the own left, right in the picture.

    About the upright axis first, then about the level one, then in the picture.
    """
    x, y, z = np.moveaxis(points, -1, 0)
    (cy, sy), (cp, sp), (cr, sr) = (_cos_and_sin(angle) for angle in (yaw, pitch, roll))
    x, z = x * cy - z * sy, x * sy + z * cy
    y, z = y * cp - z * sp, y * sp + z * cp
    x, y = x * cr - y * sr, x * sr + y * cr
    return np.stack([x, y, z], axis=-1)


def _cos_and_sin(degrees):
    angle = np.radians(np.asarray(degrees, float))[..., None]
    return np.cos(angle), np.sin(angle)


@dataclass(frozen=True)
class Pinhole:
    """640 x 480; `focal` 520 to 720 pixels is a view of 63 to 48 degrees."""

    focal: float = 600.0
    noise: float = 1.0

    def see(self, points, rng):
        seen = points[..., :2] / points[..., 2:] * self.focal + [320, 240]
        return (seen + rng.normal(0, self.noise, seen.shape)).astype(np.float32)


@dataclass
class Glide:
    """Values on their way to a goal, as a limb goes: with least jerk, in a given time."""

    goal: float = 0.0
    parts: list = field(default_factory=list)

    def go(self, goal, at, lasts):
        self.parts.append((goal - self.goal, at, lasts))
        self.goal = goal

    def at(self, t):
        value = np.zeros_like(t)
        for change, begins, lasts in self.parts:
            part = np.clip((t - begins) / lasts, 0, 1)
            value += change * part**3 * (10 - 15 * part + 6 * part**2)
        return value


@dataclass
class Presenter:
    """Whoever or whatever stands before the camera and does what the screen asks."""

    rng: np.random.Generator
    points: np.ndarray
    pivot: np.ndarray  # what it turns about, mm from the middle of the face
    camera: Pinhole
    distance: float = 600.0
    least: float = 22.0  # degrees of a turn
    most: float = 40.0
    quick: float = 0.4  # seconds of a turn
    slow: float = 1.3
    tremor: float = 0.3  # degrees
    bend: Callable | None = None  # (points, how far the turn is, 0 to 1) -> points
    obeys: bool = True
    _yaw: Glide = field(default_factory=Glide)
    _near: Glide = field(default_factory=Glide)

    def __post_init__(self):
        self.tilt = self.rng.normal(0, [3, 4, 2.5])
        self.place = self.rng.normal(0, [40, 40])
        self.phases = self.rng.uniform(0, 2 * np.pi, 6)
        self.opens = self.rng.uniform(0, 0.04)

    def answer(self, guidance, times):
        """Its points (N x 5 x 2) at the `times`, seconds, in which the screen says `guidance`."""
        at, lasts = times[0] + self.rng.uniform(0.25, 0.9), self.rng.uniform(self.quick, self.slow)
        side = {Guidance.TURN_LEFT: 1, Guidance.TURN_RIGHT: -1}.get(guidance, 0)
        if not self.obeys:
            side *= self.rng.choice([-1, 1])
        goal = side * self.rng.uniform(self.least, self.most) + self.rng.normal(0, 2)
        self._yaw.go(goal, at, lasts)
        for late in (1.5, 2.5) if side else ():
            # The ring does not fill: a little more of the same.
            goal *= 1.25
            self._yaw.go(goal, at + lasts + late, 0.4)
        closer = guidance is Guidance.COME_CLOSER
        self._near.go(self.rng.uniform(0.26, 0.4) if closer else 0.0, at, lasts + 0.4)
        return self.camera.see(self.placed(times), self.rng)

    def stop_at(self, t):
        """The screen says something else from now on: what was not begun is not done."""
        for glide in (self._yaw, self._near):
            now = float(glide.at(np.array([t]))[0])
            glide.goal, glide.parts = now, [(now, t - 1.0, 0.5)]

    def placed(self, t):
        waves = np.sin(self.phases + 2 * np.pi * np.multiply.outer(t, [0.3, 0.4, 0.2, 3, 4, 5]))
        yaw, near = self._yaw.at(t), self._near.at(t)
        points = np.repeat(self.points[None], len(t), axis=0)
        if self.bend is not None:
            points = self.bend(points, np.minimum(1.0, np.abs(yaw) / 30)[:, None])
        points[:, 3:, 1] += (65 * self.opens * waves[:, 0])[:, None]
        pose = self.tilt + waves[:, :3] + self.tremor * waves[:, 3:]
        pose[:, 0] += yaw
        points = turned(points - self.pivot, *pose.T) + self.pivot
        sway = waves[:, [1, 2, 0]] * [4, 3, 6]
        sway[:, :2] += self.place
        sway[:, 2] += self.distance * (1 - near)
        return points + sway[:, None]


def person(rng, camera, relief=None):
    """A bona fide presentation."""
    neck = np.array([0, 30, rng.uniform(70, 110)])
    one = Presenter(rng, face(rng, relief), neck, camera, rng.uniform(430, 800))
    # Whoever stands aside looks at the screen all the same.
    one.tilt[0] -= np.degrees(np.arctan(one.place[0] / one.distance))
    return one


def bent(radius, axis=0.0, folds=0.0, growing=False):
    """Curls a flat picture about an axis (degrees from upright), or folds it along its middle."""

    def bend(points, part):
        much = 0.3 + 0.7 * part if growing else np.ones_like(part)
        x, y, raised = np.moveaxis(points, -1, 0)
        c, s = np.cos(np.radians(axis)), np.sin(np.radians(axis))
        across, along = x * c + y * s, y * c - x * s
        if folds:
            half = np.radians(folds * much / 2)
            x, z = across * np.cos(half), np.abs(across) * np.sin(half)
        else:
            r = radius / much
            x, z = r * np.sin(across / r), r * (1 - np.cos(across / r))
        return np.stack([x * c - along * s, along * c + x * s, z + raised], axis=-1)

    return bend


def picture(rng, camera, *, bend=None, scale=1.0, raised=0.0, of=0.0):
    """A flat picture of a face, taken `of` degrees from the front, in a hand that turns it."""
    whole = np.add(turned(face(rng), of), (0, 0, rng.uniform(500, 2000)))
    flat = np.zeros((5, 3))
    flat[:, :2] = whole[:, :2] / whole[:, 2:] * whole[:, 2:].mean() * scale
    flat[2, 2] = -raised
    return Presenter(
        rng,
        flat,
        np.array([rng.uniform(-40, 40), rng.uniform(0, 60), 0.0]),
        camera,
        distance=rng.uniform(430, 700) * scale,
        least=20,
        most=55,
        tremor=0.8,
        bend=bend,
    )


@dataclass
class Swapped:
    """Still pictures, straight and of the turned head, changed from one frame to the next."""

    straight: Presenter
    sides: dict

    def answer(self, guidance, times):
        change = times[0] + self.straight.rng.uniform(0.4, 0.9)
        seen = self.straight.answer(Guidance.LOOK_STRAIGHT, times)
        if guidance in self.sides:
            after = self.sides[guidance].answer(Guidance.LOOK_STRAIGHT, times)
            seen = np.where((times < change)[:, None, None], seen, after)
        return seen

    def stop_at(self, t):
        """Stills have nothing to stop."""


def swapped(rng, camera):
    whole, distance = face(rng), rng.uniform(430, 700)
    shown = {
        side: Presenter(rng, turned(whole, angle) * [1, 1, 0], np.zeros(3), camera, distance)
        for side, angle in ((None, 0), (Guidance.TURN_LEFT, 30), (Guidance.TURN_RIGHT, -30))
    }
    for one in shown.values():
        one.phases, one.place, one.tilt = shown[None].phases, shown[None].place, shown[None].tilt
    return Swapped(shown.pop(None), shown)


def play(challenge, presenter, rng):
    """Until the end: Passed, or Failed with its reason."""
    rate, t, guidance = rng.uniform(15, 30), 100.0, Guidance.LOOK_STRAIGHT
    for _ in range(100):
        times = t + np.cumsum(rng.uniform(0.9, 1.1, round(8 * rate)) / rate)
        for t, points in zip(times.tolist(), presenter.answer(guidance, times), strict=True):
            answer = challenge.feed(points, t)
            if isinstance(answer, Passed | Failed):
                return answer
            if answer.instruction is not guidance:
                break
        guidance = answer.instruction
        presenter.stop_at(t)
    raise AssertionError("a challenge without an end")
