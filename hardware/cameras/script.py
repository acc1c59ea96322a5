"""What a camera made of pictures shows, shot by shot.

    "empty 1s, picture anna.jpg 5s, screen anna.jpg 5s, stuck 2s, gone 1s"

The last shot stays. A picture's name may be left out: then it is the camera's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

SHOT = re.compile(r"^(?P<kind>\w+)(?:\s+(?P<picture>\S+?))??(?:\s+(?P<seconds>\d+(?:\.\d+)?)s?)?$")


class Scene(Enum):
    """What stands before the camera."""

    PICTURE = "picture"  # the person of the picture: a bona fide presentation; does not turn
    PERSON = "person"  # the same with the relief of a head: turns it when the screen asks
    SHEET = "sheet"  # the same picture, flat and without an edge, turned when the screen asks
    EMPTY = "empty"  # a wall
    SCREEN = "screen"  # attack presentations: the picture on a telephone,
    TABLET = "tablet"  # on a tablet,
    PAPER = "paper"  # on paper
    STUCK = "stuck"  # the same frame again and again, as from a camera that hangs
    GONE = "gone"  # unplugged


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene. ``seconds`` is infinite where none are given."""

    scene: Scene
    picture: str = ""
    seconds: float = float("inf")


def parse_script(script: str) -> tuple[Shot, ...]:
    """The shots of ``script``; raises ValueError that quotes the part it does not understand."""
    shots = []
    for part in re.split(r"[,;\n]", script):
        text = part.strip()
        if not text:
            continue
        hit = SHOT.match(text)
        names = [scene.value for scene in Scene]
        if hit is None or hit["kind"] not in names:
            raise ValueError(f"{text!r} is no shot: write one of {', '.join(names)}, then seconds")
        seconds = float(hit["seconds"]) if hit["seconds"] else float("inf")
        shots.append(Shot(Scene(hit["kind"]), hit["picture"] or "", seconds))
    if not shots:
        raise ValueError("a script needs at least one shot")
    return tuple(shots)


def shot_at(shots: tuple[Shot, ...], seconds: float) -> Shot:
    """The shot that is on ``seconds`` after the script began."""
    for shot in shots:
        if seconds < shot.seconds:
            return shot
        seconds -= shot.seconds
    return shots[-1]
