"""The kinds of devices that a kiosk has, by the names of their tables in the settings."""

from __future__ import annotations

DEVICE_KINDS = (
    "scanner", "printer", "drawer", "dispenser", "scale",
    "lights", "presence", "door", "help_button", "headphones", "navigator",
)  # fmt: skip
MOST_SCANNERS = 4
SCALE, BAGGING = "scale", "bagging"


def device_kind(name: str) -> str:
    """The kind of a device by its table: `scanner2` to `scanner4` are further scanners.

    The scale of the bagging area is a scale; goods are not sold by what it weighs.
    """
    further = {f"scanner{n}" for n in range(2, MOST_SCANNERS + 1)}
    return "scanner" if name in further else SCALE if name == BAGGING else name
