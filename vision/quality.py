"""Is this frame of this face good enough, and if not, what should the person do?

The components of ISO/IEC 29794-5 that a person before a kiosk can mend. Presentation attack
detection errs on blurred, noisy, dark and grey frames by refusing people, so they are kept away
from it. The first of these that fails decides the guidance:

    size      face width as a share of the frame's, and in pixels
    centring  centre of the face within the middle of the frame, box wholly inside
    light     mean and clipped share of the face's brightness; colour left in it
    pose      yaw, roll and nod, estimated from the five points
    occlusion dark glasses and masks, and glare (`occlusion.py`), on the face laid upright
    motion    widths of the face a second, from its track
    sharpness variance of the Laplacian over the variance of brightness, on the face at 112 x 112

How the limits were chosen, none of them on the sets that the error rates are told of:

    size, centring       what attack detection needs around a face, and what an embedder needs in it
    darkest, brightest   a fifth of the range of brightness is left at either end
    eyes 0.40            sunglasses (ISO 12312-1, category 2 and up) let through 43 % at most
    mouth 0.40           cloth has no redness of its own; the lips of a bearded man keep most of it
    glare 0.15           a spot that could cover an eye
    speed 0.5            smears 2 of 112 pixels in a thirtieth of a second, the width of an eyelid
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, atan2, degrees, hypot

import cv2
import numpy as np

from vision.align import align
from vision.occlusion import Hidden, glare_of, hidden_of
from vision.types import Face, Floats, Guidance, Image

SIDE = 112
NOSE_DEPTH = 0.58
"""How far the nose tip stands out before the line of the eyes, in distances between the pupils
(about 36 of 63 mm in an adult)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a frame must keep to; shares are of the frame's width or height, angles in degrees."""

    least_width: float = 0.14
    least_pixels: int = 80
    most_width: float = 0.45
    off_centre_x: float = 0.25
    off_centre_y: float = 0.30
    darkest: float = 45.0
    brightest: float = 215.0
    most_clipped: float = 0.25
    least_colour: float = 6.0
    most_yaw: float = 25.0
    most_roll: float = 20.0
    least_nod: float = 0.30
    most_nod: float = 0.85
    least_sharpness: float = 0.025
    least_eyes: float = 0.40
    least_mouth: float = 0.40
    most_glare: float = 0.15
    most_speed: float = 0.5


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
    """Judges one frame of one face, which moves its own width `speed` times a second."""
    guidance = placing(frame, face, limits)
    if guidance is not None:
        # A face that is far off or half outside needs no further look.
        return Quality(0.0, guidance)
    crop = face_crop(frame, face)
    gray = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)
    pose, light, sharp = pose_of(face.points), light_of(crop, gray), sharpness(gray)
    wrong = lighting(light, limits) or posing(pose, limits)
    if wrong is None:
        aligned = align(frame, face.points)
        wrong = showing(hidden_of(aligned), glare_of(aligned), limits)
    if wrong is None and (speed > limits.most_speed or sharp < limits.least_sharpness):
        wrong = Guidance.HOLD_STILL
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


def showing(hidden: Hidden, glare: float, limits: Limits) -> Guidance | None:
    """Glare, dark glasses, or a mask."""
    if glare > limits.most_glare:
        return Guidance.LESS_GLARE
    if hidden.eyes < limits.least_eyes:
        return Guidance.TAKE_OFF_GLASSES
    return Guidance.TAKE_OFF_MASK if hidden.mouth < limits.least_mouth else None


def pose_of(points: Floats) -> Pose:
    """Estimates from 5 x 2 points, measured along and across the line of the eyes.

    A head turned by y moves the nose tip by NOSE_DEPTH * sin(y) and brings the eyes together by
    cos(y), so their quotient is NOSE_DEPTH * tan(y).
    """
    first, second, nose, *mouth = points.astype(np.float64)
    eyes, lips = (first + second) / 2, (mouth[0] + mouth[1]) / 2
    along = second - first
    distance = hypot(along[0], along[1]) or 1e-6
    unit = along / distance
    across = np.array([-unit[1], unit[0]])
    drop = float((lips - eyes) @ across) or 1e-6
    return Pose(
        yaw=degrees(atan(float((nose - eyes) @ unit) / distance / NOSE_DEPTH)),
        roll=degrees(atan2(along[1], along[0])),
        nod=float((nose - eyes) @ across) / drop,
    )


def light_of(crop: Image, gray: Image) -> Light:
    """Measures a face crop and the same crop in grey."""
    blue, green, red = cv2.split(crop)
    strongest, weakest = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    return Light(
        mean=float(cv2.mean(gray)[0]),
        clipped=float(np.count_nonzero(gray >= 250)) / gray.size,
        colour=float(cv2.mean(cv2.subtract(strongest, weakest))[0]),
    )


def sharpness(gray: Image) -> float:
    """Fine detail as a share of all contrast; without unit, and independent of brightness."""
    _, spread = cv2.meanStdDev(gray)
    # CV_16S is exact for the 3 x 3 kernel and several times faster than floating point.
    _, detail = cv2.meanStdDev(cv2.Laplacian(gray, cv2.CV_16S))
    return float(detail[0, 0] ** 2 / max(float(spread[0, 0]) ** 2, 1.0))


def face_crop(frame: Image, face: Face) -> Image:
    """The box, which must lie inside the frame, at 112 x 112."""
    box = face.box
    left, top = max(0, int(box.x)), max(0, int(box.y))
    view = frame[top : int(box.y + box.height) + 1, left : int(box.x + box.width) + 1]
    return np.asarray(cv2.resize(view, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _score(pose: Pose, sharp: float, limits: Limits) -> float:
    turned = max(abs(pose.yaw) / limits.most_yaw, abs(pose.roll) / limits.most_roll)
    crisp = sharp / (4 * limits.least_sharpness)
    return max(0.0, 1 - turned / 2) * min(1.0, crisp)
