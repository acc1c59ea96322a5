"""How a simulated person does what the screen asks: he reads, takes his time, and moves.

What he is asked he reads where the screen says what it shows (the ``ui.trace`` file), as a shopper
reads it from the panel.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

READS = 0.4
"""Seconds from a new sentence on the screen to the first movement."""
TURN = 26.0
"""Degrees to which the head turns,"""
TURN_SPEED = 40.0
"""and how many of them a second."""
NEARER = 1.38
"""Times as large as at rest,"""
NEARER_SPEED = 0.4
"""and how much of that a second."""
GONE = 1.0
"""Seconds without a frame after which another visit begins, and he stands as at first."""
TURNS = {
    "guidance.turn_left": TURN,  # the picture is not mirrored: his left is its right
    "guidance.turn_right": -TURN,
}
CLOSER = "guidance.come_closer"


@dataclass(slots=True)
class Stance:
    """How he stands now."""

    yaw: float = 0.0
    """Degrees; positive = the nose to the right in the picture."""
    nearer: float = 1.0


class Obedience:
    """Follows the sentence that ``screen`` shows; whoever has no screen to read stands straight."""

    def __init__(self, screen: Path | None) -> None:
        self._screen = screen
        self._stamp = 0
        self._asked = ""
        self._goal = Stance()
        self._since = 0.0
        self._stance = Stance()
        self._at: float | None = None

    def stance(self, now: float) -> Stance:
        """How he stands at ``now`` (seconds of any steady clock), asked for once a frame."""
        if self._screen is not None:
            self._read(self._screen, now)
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        if passed > GONE:
            self._stance, self._goal = Stance(), Stance()
        if now - self._since >= READS:
            # Whoever has come closer stays there until he is done with the screen.
            nearer = NEARER if self._asked == CLOSER else self._goal.nearer if self._asked else 1.0
            self._goal = Stance(TURNS.get(self._asked, 0.0), nearer)
        goal, here = self._goal, self._stance
        here.yaw = _towards(here.yaw, goal.yaw, TURN_SPEED * passed)
        here.nearer = _towards(here.nearer, goal.nearer, NEARER_SPEED * passed)
        return here

    def _read(self, screen: Path, now: float) -> None:
        try:
            stamp = screen.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            self._stamp = stamp
            asked = str(json.loads(screen.read_text("utf-8")).get("instruction", ""))
        except (OSError, ValueError, AttributeError):
            return  # no screen yet, or one that is being written
        if asked != self._asked:
            self._asked, self._since = asked, now


def _towards(here: float, goal: float, most: float) -> float:
    step = max(-most, min(most, goal - here))
    return here + step
