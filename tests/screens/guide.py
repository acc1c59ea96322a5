"""Leads a shopper through a room, tour by tour, and photographs what the tours name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from kiosk.bench.machine import comes_to_rest
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from tests.flows.shopper import Staff
from tests.screens.album import Album
from tests.screens.rooms import Room, Tour, living


def lead(album: Album, room: Room, tours: Iterable[Tour] | None = None) -> list[str]:
    """Make the tours of a room; says which of them stopped, and why."""
    stopped = []
    with tempfile.TemporaryDirectory(prefix="screens-") as name:
        folder = Path(name)
        with Stage(folder / "shop", room.on(album.panel, album.display)) as shop:
            shopper = Staff(shop)
            shopper.sees("ATTRACT", timeout=60)
            # Screens that are built ahead hold pictures up, which would look like rest.
            comes_to_rest(shop.pid("ui"), seconds=8.0)
            for tour in room.tours if tours is None else tours:
                try:
                    _make(album, shopper, tour)
                except (KioskError, AssertionError) as trouble:
                    stopped.append(f"{album.panel.name}, {tour.__name__}: {trouble}")
    return stopped


def _make(album: Album, shopper: Staff, tour: Tour) -> None:
    shop = shopper.shop
    for name in ("sandbox", "core", "ui"):
        shop.start(name)
    shop.sandbox("DELETE", "/sandbox/scripts")
    shopper.goes()
    shopper.comes_to_an_idle_kiosk()
    for name in tour(shopper):
        screen = name.partition(".")[0].upper()
        seen = shopper.sees(screen, timeout=40)
        assert seen.language == album.panel.language, f"{name} speaks {seen.language}"
        album.take(name, living(album.panel, name))
    if shopper.sees("DONE", "TROUBLE", *_OTHERS).screen == "DONE":
        shopper.sees("ATTRACT", timeout=30)


_OTHERS = ("ATTRACT", "BASKET", "PICK", "MENU", "TENDER", "STAFF", "OUT_OF_ORDER")
