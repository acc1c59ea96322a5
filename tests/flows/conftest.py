"""One shop for the stories of a file, every part of it a process of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from shopper import QUICK, Shopper

from kiosk.demo.display import VirtualDisplay
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage

SPEED = 10.0  # the sandbox's 15 s and 45 s, and the kiosk's own policy, run this much faster


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are needed: apt install xvfb xdotool")
    with VirtualDisplay(1080, 1920) as screen:
        yield screen.name


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory) -> Iterator[Stage]:
    play = Play(display, speed=SPEED, settings={**QUICK, "visit": {"done": 1.0, "trouble": 20.0}})
    with Stage(tmp_path_factory.mktemp("shop"), play) as stage:
        yield stage


@pytest.fixture
def shopper(shop) -> Shopper:
    for name in ("sandbox", "core", "faces", "ui"):
        shop.start(name)
    shop.sandbox("DELETE", "/sandbox/scripts")
    shop.scene("picture")
    person = Shopper(shop)
    person.comes_to_an_idle_kiosk()
    return person
