"""Cameras that give pictures, by V4L2, under the name that lasts."""

from __future__ import annotations

from collections.abc import Iterator

from hardware.cameras import v4l2
from hardware.plugged.found import LET_IN, Found, Offer, Roots


def find_cameras(roots: Roots) -> Iterator[Found]:
    """Those that answer, and those that this user may not ask."""
    for camera in v4l2.find_cameras(roots.dev):
        offer = Offer("camera", "opencv", {"device": camera.path})
        what = f"{camera.card.name} ({camera.card.driver}, {camera.card.bus})"
        yield Found(what, roots.dev / camera.path, (offer,), sure=True)
    for node in sorted(roots.dev.glob("video*")):
        if not roots.may(node):
            yield Found("a video device", node, (), notes=(LET_IN,))
