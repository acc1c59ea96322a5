"""How far the nose stands out before the plane of eyes and mouth, told from its motion alone.

    eye ───── eye        (0, 0) ─ (1, 0)    Four points of a plane fix how all of it is seen: a
     │  nose   │    ─►      │ nose  │       homography, eight numbers. Five points have ten; the
    mouth ─ mouth        (0, 1) ─ (1, 1)    two left over say where the nose lies among the four.

On a flat picture the nose keeps its place among the other four, however the picture is turned or
moved. On a head it wanders as the head turns: that parallax is the nose's depth over the distance
of the pupils, about 0.4, times the sine of the turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, degrees, hypot, sqrt

from vision.quality import NOSE_DEPTH
from vision.types import Floats


@dataclass(frozen=True, slots=True)
class View:
    """The five points of one frame; lengths in pixels."""

    x: float
    """Of the middle between eyes and mouth."""
    y: float
    eyes: float
    """Distance between the eyes."""
    height: float
    """From the middle of the eyes to that of the mouth."""
    nose_across: float
    """Where the nose lies in the square of the other four: 0 at the left eye, 1 at the right."""
    nose_down: float
    """0 at the eyes, 1 at the mouth."""
    square: tuple[float, ...]
    """The homography that lays the unit square on the other four, by rows; the ninth is 1."""
    nose: complex
    along: complex
    """From eye to eye, of length 1."""
    aside: float
    """How far the nose is to the right of the middle of the eyes, in their distances."""

    @property
    def yaw(self) -> float:
        """Degrees, as `quality.pose_of` has it: of a head that looks straight when it is 0."""
        return degrees(atan(self.aside / NOSE_DEPTH))

    @property
    def slenderness(self) -> float:
        """Distance of the eyes over height; a turned head and a turned picture lose as much."""
        return self.eyes / self.height


@dataclass(frozen=True, slots=True)
class Moved:
    """What has become of a face since its rest."""

    parallax: float
    """How far the nose is from where a plane would have it, in distances of the eyes at rest;
    positive = to the right in the picture. 0 on any plane but for noise."""
    cosine: float
    """Of the angle by which whatever is shown has turned, head or picture; near 1 at rest."""
    growth: float
    """How many times larger than at rest."""

    @property
    def sine(self) -> float:
        """Of the same angle; 0 where noise makes the cosine more than 1."""
        return sqrt(max(0.0, 1.0 - self.cosine * self.cosine))

    @classmethod
    def mean(cls, several: Sequence[Moved]) -> Moved:
        count = len(several)
        return cls(
            sum(one.parallax for one in several) / count,
            sum(one.cosine for one in several) / count,
            sum(one.growth for one in several) / count,
        )


@dataclass(frozen=True, slots=True)
class Rest:
    """What a face looked like before it was asked to move: the mean of several views."""

    across: float
    down: float
    slenderness: float
    height: float

    @classmethod
    def of(cls, views: Sequence[View]) -> Rest:
        count = len(views)
        return cls(
            sum(view.nose_across for view in views) / count,
            sum(view.nose_down for view in views) / count,
            sum(view.slenderness for view in views) / count,
            sum(view.height for view in views) / count,
        )

    def moved(self, view: View) -> Moved:
        """The unit is taken from the height, since turning shortens the distance of the eyes."""
        flat = _lay(view.square, self.across, self.down)
        off = (view.nose - flat) * view.along.conjugate()
        return Moved(
            parallax=off.real / (self.slenderness * view.height),
            cosine=view.slenderness / self.slenderness,
            growth=view.height / self.height,
        )


def view_of(points: Floats) -> View:
    """Reads 5 x 2 points, in pixels. Raises ValueError where they span no quadrilateral."""
    left, right, nose, mouth_left, mouth_right = (complex(x, y) for x, y in points.tolist())
    middle, lips = (left + right) / 2, (mouth_left + mouth_right) / 2
    eyes, height = abs(right - left), abs(lips - middle)
    if min(eyes, height) < 1.0:
        raise ValueError("five points that fall together")
    square = _square_on(left, right, mouth_right, mouth_left)
    across, down = _find(square, nose)
    centre, along = (middle + lips) / 2, (right - left) / eyes
    return View(
        x=centre.real,
        y=centre.imag,
        eyes=eyes,
        height=height,
        nose_across=across,
        nose_down=down,
        square=square,
        nose=nose,
        along=along,
        aside=((nose - middle) * along.conjugate()).real / eyes,
    )


def step_between(before: View, after: View) -> float:
    """How far a face moved, in its heights, which a turn leaves alone; growing by a tenth counts as
    a tenth.
    """
    moved = hypot(after.x - before.x, after.y - before.y) / before.height
    return max(moved, abs(after.height / before.height - 1.0))


def _square_on(p0: complex, p1: complex, p2: complex, p3: complex) -> tuple[float, ...]:
    """The homography from (0, 0), (1, 0), (1, 1), (0, 1) to the four (Heckbert, 1989)."""
    one, two, rest = p1 - p2, p3 - p2, p0 - p1 + p2 - p3
    area = _cross(one, two)
    if abs(area) < 1.0:
        raise ValueError("three of the points lie on a line")
    g, h = _cross(rest, two) / area, _cross(one, rest) / area
    a, b = p1 - p0 + g * p1, p3 - p0 + h * p3
    return (a.real, b.real, p0.real, a.imag, b.imag, p0.imag, g, h)


def _lay(square: tuple[float, ...], across: float, down: float) -> complex:
    a, b, c, d, e, f, g, h = square
    depth = g * across + h * down + 1.0
    return complex((a * across + b * down + c) / depth, (d * across + e * down + f) / depth)


def _find(square: tuple[float, ...], at: complex) -> tuple[float, float]:
    """The inverse of `_lay`."""
    a, b, c, d, e, f, g, h = square
    one, two = complex(a - g * at.real, d - g * at.imag), complex(b - h * at.real, e - h * at.imag)
    goal = at - complex(c, f)
    area = _cross(one, two)
    if abs(area) < 1e-9:
        raise ValueError("the nose lies on the plane's horizon")
    return _cross(goal, two) / area, _cross(one, goal) / area


def _cross(one: complex, other: complex) -> float:
    return one.real * other.imag - one.imag * other.real
