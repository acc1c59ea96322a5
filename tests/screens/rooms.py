"""Which tours are made, and what the shop is like in which they are made.

A room is a whole shop, started as a kiosk starts it. A screen more is a `yield` in a tour; what is
special about a picture is a line of LIVING.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.demo.settings import Play
from tests.flows.shopper import Staff
from tests.screens import tours
from tests.screens.compare import Area
from tests.screens.panel import Panel

Tour = Callable[[Staff], Iterator[str]]
SPEED = 10.0

_MIDDLE = Area(0, 0.12, 1, 0.88)
_NUMBER = Area(0, 0.58, 1, 0.8)
_BELOW = Area(0, 0.8, 1, 0.92)
LIVING: Mapping[str, tuple[Area, ...]] = {
    "attract": (Area(0, 0.25, 1, 0.8),),
    "basket.empty": (_MIDDLE,),
    "code": (_MIDDLE,),
    "face.nobody": (_MIDDLE,),
    "face.asked": (_MIDDLE,),
    "qr": (_MIDDLE,),
    "waiting.phone": (_MIDDLE,),
    "waiting.checking": (_MIDDLE,),
    "staff.payments": (_MIDDLE,),
    "staff.payment": (_MIDDLE,),
    **{f"trouble.{why}": (_NUMBER, _BELOW) for why in ("declined", "reversed", "stranger")},
}
"""What moves, or is of this visit alone: the camera's picture, a number, a time of day."""


def living(panel: Panel, name: str) -> tuple[Area, ...]:
    """What lives in a picture; where a panel has it elsewhere, "landscape qr" is asked first."""
    return LIVING.get(f"{panel.form} {name}", LIVING.get(name, ()))


@dataclass(frozen=True, slots=True)
class Room:
    """One shop and the tours through it; `play` are further arguments of Play."""

    name: str
    tours: tuple[Tour, ...]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    play: Mapping[str, Any] = field(default_factory=dict)

    def on(self, panel: Panel, display: str) -> Play:
        """The same shop behind this panel."""
        settings = {
            "visit": {"done": 6.0, "trouble": 30.0},
            **self.settings,
            "shop": {"language": panel.language, **self.settings.get("shop", {})},
            "ui": {**panel.ui, **self.settings.get("ui", {})},
        }
        size = (panel.width, panel.height)
        return Play(display, *size, speed=SPEED, settings=settings, **self.play)


ROOMS = (
    Room(
        "shop",
        (tours.buys, tours.picks, tours.pays_in_parts, tours.meets_trouble, tours.is_staff),
        {"cash": {"enabled": True, "drawer": False}},
        {"scale": True, "enrolled": False, "scene": "empty"},
    ),
    Room("face", (tours.pays_by_face,), {}, {"challenge": True, "scene": "empty"}),
    Room(
        "restaurant",
        (tours.eats,),
        {"shop": {"kind": "restaurant"}, "restaurant": {"tables": 20}},
        {"enrolled": False, "stations": ("kitchen", "bar")},
    ),
    Room(
        "hasty",
        (tours.hesitates,),
        {"visit": {"idle": 4.0, "idle_answer": 30.0}},
        {"enrolled": False},
    ),
)
