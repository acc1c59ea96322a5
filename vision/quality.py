"""Is this frame of this face good enough, and if not, what should the person do?

Presentation attack detection errs on blurred, noisy, dark and grey frames by refusing people, so
they are kept away from it. The aspects are those of ISO/IEC 29794-5, each with one instruction;
the first of these that fails decides the guidance:

    size      face width as a share of the frame's, and in pixels
    centring  centre of the face within the middle of the frame, box wholly inside
    light     mean and clipped share of the face's brightness; colour left in it; a face that is
              too dark in a bright frame is lit from behind
    pose      yaw, roll and nod, estimated from the five points; how sure the detector is of them
    sharpness variance of the Laplacian over the variance of brightness, on the face at 112 x 112
    motion    speed of the face, in its own widths a second, as its track tells it
    occlusion dark glasses, a mask (`occlusion.py`)
    glare     the largest clipped spot before the eyes (`occlusion.py`)
"""

from __future__ import annotations

from cmath import phase
from dataclasses import dataclass
from math import atan, degrees

import cv2
import numpy as np

from vision.align import align
from vision.occlusion import Hidden, glare_of, hidden_of
from vision.types import Face, Floats, Guidance, Image

SIDE = 112
SAMPLED = 56
NOSE_DEPTH = 0.58
"""How far the nose tip stands out before the line of the eyes, in distances between the pupils
(about 36 of 63 mm in an adult)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a frame must keep to; shares are of the frame's width or height, angles in degrees.

    Each says what it rests on; none is a best value on the sets by which the errors are told.
    """

    least_width: float = 0.14
    """An adult's head (15 cm) fills as much at 0.9 m before a lens of 60 degrees: arm's length."""
    least_pixels: int = 80
    """The eyes are then as far apart as in the networks' faces of 112 x 112; less is enlarged."""
    most_width: float = 0.45
    """Attack detection wants 2.7 widths around a face; from here on it gets fewer than 2.2."""
    off_centre_x: float = 0.25
    """The middle half of the frame: whoever stands beside it stands beside the kiosk."""
    off_centre_y: float = 0.30
    """A little more than across, since people differ more in height than in where they stand."""
    darkest: float = 45.0
    """A tenth of the light of skin that is lit well (130), over the same noise."""
    bright_around: float = 110.0
    """Near that of skin that is lit well: the room is not dark, only the face is."""
    brightest: float = 215.0
    """Half a stop below the sensor's end for the mean, so that most of the face is drawn."""
    most_clipped: float = 0.25
    """A quarter of the face without any drawing."""
    least_colour: float = 6.0
    """Noise alone (sigma 2) shows 3.4 on a grey face; colour is nearly twice that."""
    most_yaw: float = 25.0
    """Templates of SFace are of faces seen from the front; beyond it an eye begins to hide."""
    most_roll: float = 20.0
    """Alignment takes a tilt out; the detector was made for upright heads."""
    least_nod: float = 0.30
    """A mean head (0.55 straight on) reaches it 23 degrees up, and `most_nod` 29 degrees down."""
    most_nod: float = 0.85
    least_score: float = 0.885
    """YuNet's confidence: 0.913 and more in the astronaut upright, dim, soft or tilted by 20
    degrees, 0.859 and less in the same turned by 90, 180 or 270. Other detectors have their own."""
    least_sharpness: float = 0.025
    """A sharp portrait (the astronaut) blurred by one pixel of its face at 112 x 112."""
    most_speed: float = 0.7
    """Two pixels of a face of 112 while the shutter is open (1/30 s), 10 cm a second. Sharpness
    hardly sees such a smear: it lies in one direction."""
    least_eyes: float = 0.40
    """A lens of category 2 (ISO 12312-1) lets 18 to 43 % of light pass, an eye behind it is seen
    through it twice: 36 % leave 0.13 of the light, 0.40 of the brightness."""
    least_mouth: float = 0.40
    """Between cloth (0) and lips (1), nearer to cloth: refusing a bare face is the worse error."""
    most_glare: float = 0.5
    """Half of an eye with its lids is hidden."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head points."""

    yaw: float
    """Degrees; positive = the nose is to the right in the picture."""
    roll: float
    """Degrees; positive = clockwise in the picture."""
    nod: float
    """Where the nose is from the line of the eyes (0) to the mouth's (1); 0.55 straight on."""


@dataclass(frozen=True, slots=True)
class Light:
    """How the face is lit; brightness 0 to 255."""

    mean: float
    clipped: float
    """Share of pixels at 250 and above."""
    colour: float
    """Mean difference between a pixel's strongest and weakest colour."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The answer for one frame."""

    score: float
    """0 to 1, for choosing the best of several good frames."""
    guidance: Guidance | None
    """What is wrong, or None if nothing is."""


def assess(frame: Image, face: Face, limits: Limits, speed: float = 0.0) -> Quality:
    """Judges one frame of one face, which moves at `speed` (its own widths a second)."""
    guidance = placing(frame, face, limits)
    if guidance is not None:
        # A face that is far off or half outside needs no further look.
        return Quality(0.0, guidance)
    view = face_view(frame, face)
    gray = in_grey(view)
    pose, light, sharp = pose_of(face.points), light_of(view, gray), sharpness(gray)
    wrong = lighting(light, limits) or posing(pose, limits)
    if wrong is Guidance.MORE_LIGHT and around(frame) > limits.bright_around:
        wrong = Guidance.LIGHT_BEHIND
    if wrong is None and (sharp < limits.least_sharpness or speed > limits.most_speed):
        wrong = Guidance.HOLD_STILL
    if wrong is None:
        # Only a face that is lit and straight can be laid upright and compared with itself.
        aligned = aligned_view(frame, face)
        wrong = covering(hidden_of(aligned), glare_of(aligned), limits)
    if wrong is None and face.score < limits.least_score:
        # On a head that lies on its side or stands on itself the points are guesses.
        wrong = Guidance.LOOK_STRAIGHT
    return Quality(_score(pose, sharp, limits), wrong)


def placing(frame: Image, face: Face, limits: Limits) -> Guidance | None:
    """Size first: who is too near is often off the middle as well."""
    height, width = frame.shape[:2]
    box = face.box
    if box.width > limits.most_width * width:
        return Guidance.STEP_BACK
    if box.width < max(limits.least_width * width, limits.least_pixels):
        return Guidance.COME_CLOSER
    inside = (
        box.x >= 0 and box.y >= 0 and box.x + box.width <= width and box.y + box.height <= height
    )
    off_x = abs(box.centre_x / width - 0.5)
    off_y = abs(box.centre_y / height - 0.5)
    if not inside or off_x > limits.off_centre_x or off_y > limits.off_centre_y:
        return Guidance.CENTRE_YOURSELF
    return None


def lighting(light: Light, limits: Limits) -> Guidance | None:
    """Too dark, too bright, or without colour."""
    if light.mean < limits.darkest:
        return Guidance.MORE_LIGHT
    if light.mean > limits.brightest or light.clipped > limits.most_clipped:
        return Guidance.LESS_LIGHT
    return Guidance.NO_COLOUR if light.colour < limits.least_colour else None


def posing(pose: Pose, limits: Limits) -> Guidance | None:
    """Turned, tilted, or nodding."""
    straight = (
        abs(pose.yaw) <= limits.most_yaw
        and abs(pose.roll) <= limits.most_roll
        and limits.least_nod <= pose.nod <= limits.most_nod
    )
    return None if straight else Guidance.LOOK_STRAIGHT


def covering(hidden: Hidden, glare: float, limits: Limits) -> Guidance | None:
    """Something before the face that can be taken off, or light that hides a part of it."""
    if hidden.eyes < limits.least_eyes:
        return Guidance.TAKE_OFF_SUNGLASSES
    if hidden.mouth < limits.least_mouth:
        return Guidance.TAKE_OFF_MASK
    return Guidance.AVOID_GLARE if glare > limits.most_glare else None


def pose_of(points: Floats) -> Pose:
    """Estimates from 5 x 2 points, measured along and across the line of the eyes.

    A head turned by y moves the nose tip by NOSE_DEPTH * sin(y) and brings the eyes together by
    cos(y), so their quotient is NOSE_DEPTH * tan(y).
    """
    first, second, nose, *mouth = (complex(*point) for point in points.tolist())
    eyes, lips = (first + second) / 2, (mouth[0] + mouth[1]) / 2
    along = second - first
    distance = abs(along) or 1e-6
    unit = along / distance
    # Divided by the unit of the eyes' line, x lies along it and y across.
    nose_there, lips_there = (nose - eyes) * unit.conjugate(), (lips - eyes) * unit.conjugate()
    return Pose(
        yaw=degrees(atan(nose_there.real / distance / NOSE_DEPTH)),
        roll=degrees(phase(along)),
        nod=nose_there.imag / (lips_there.imag or 1e-6),
    )


def in_grey(view: Image) -> Image:
    """The face without colour, 112 x 112."""
    gray = cv2.cvtColor(view, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def light_of(view: Image, gray: Image) -> Light:
    """Measures a face and the same face in grey; for its colour, pixels here and there will do."""
    some = cv2.resize(view, (SAMPLED, SAMPLED), interpolation=cv2.INTER_NEAREST)
    blue, green, red = cv2.split(some)
    strongest, weakest = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    return Light(
        mean=float(cv2.mean(gray)[0]),
        clipped=float(np.count_nonzero(gray >= 250)) / gray.size,
        colour=float(cv2.mean(cv2.subtract(strongest, weakest))[0]),
    )


def around(frame: Image) -> float:
    """How bright the whole frame is, 0 to 255; pixels here and there will do."""
    return float(np.mean(frame[::16, ::16]))


def sharpness(gray: Image) -> float:
    """Fine detail as a share of all contrast; without unit, and independent of brightness."""
    _, spread = cv2.meanStdDev(gray)
    # CV_16S is exact for the 3 x 3 kernel and several times faster than floating point.
    _, detail = cv2.meanStdDev(cv2.Laplacian(gray, cv2.CV_16S))
    return float(detail[0, 0] ** 2 / max(float(spread[0, 0]) ** 2, 1.0))


def face_view(frame: Image, face: Face) -> Image:
    """The part of the frame in the box, which must lie inside it; no copy."""
    box = face.box
    left, top = max(0, int(box.x)), max(0, int(box.y))
    return frame[top : int(box.y + box.height) + 1, left : int(box.x + box.width) + 1]


def aligned_view(frame: Image, face: Face) -> Image:
    """What `align` answers for the face itself, in half the time: it is given no more than that,
    with a third of the box around it for what a tilt turns out of the box.
    """
    box, room = face.box, face.box.width / 3
    left, top = max(0, int(box.x - room)), max(0, int(box.y - room))
    right, bottom = int(box.x + box.width + room), int(box.y + box.height + room)
    points = face.points - np.array([left, top], np.float32)
    return align(frame[top:bottom, left:right], points)


def _score(pose: Pose, sharp: float, limits: Limits) -> float:
    turned = max(abs(pose.yaw) / limits.most_yaw, abs(pose.roll) / limits.most_roll)
    crisp = sharp / (4 * limits.least_sharpness)
    return max(0.0, 1 - turned / 2) * min(1.0, crisp)
