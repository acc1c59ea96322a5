"""`make screens`: a picture of every screen and state on every panel, each from a scripted visit.

    panels (size, language, dress)   panel.py       one shopper, tour by tour    guide.py
    visits, as scripts that name     tours.py       pictures and references      album.py
    shops they are made in           rooms.py       whether two look alike       compare.py
                                                    the contact sheet            sheet.py

Everything is in build/screens, the contact sheet too. It answers 1 where a picture does not look as
its reference does, where there is none, or where a tour stopped. `--accept` makes what is seen the
references: after looking at it.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kiosk.demo.display import VirtualDisplay
from kiosk.errors import KioskError
from tests.screens import sheet
from tests.screens.album import Album, Taken
from tests.screens.guide import lead
from tests.screens.panel import PANELS, Panel
from tests.screens.rooms import ROOMS, Room

TOGETHER = 2
"""Panels at a time: a tour waits more than it works."""


def main() -> int:
    """Make the tours that are asked for, and tell what is not as it was."""
    parser = argparse.ArgumentParser(prog="make screens", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/screens"))
    parser.add_argument("--accept", action="store_true", help="these are the references from now")
    parser.add_argument("--panel", nargs="*", default=[], help="such as zh-portrait, or portrait")
    parser.add_argument("--room", nargs="*", default=[], help=" ".join(x.name for x in ROOMS))
    parser.add_argument("--together", type=int, default=TOGETHER, help="panels at a time")
    options = parser.parse_args()
    panels = [one for one in PANELS if not options.panel or {one.name, one.form} & {*options.panel}]
    rooms = [room for room in ROOMS if not options.room or room.name in options.room]
    albums = [Album(panel, "", options.folder, options.accept) for panel in panels]
    with ThreadPoolExecutor(options.together) as pool:
        found = pool.map(lambda album: _photograph(album, rooms), albums)
        stopped = [one for each in found for one in each]
    taken = [one for album in albums for one in album.taken]
    if not taken:
        sys.stdout.write("\n".join(stopped) + "\nnothing was taken\n")
        return 1
    where = sheet.write(options.folder, taken)
    for line in (*map(_told, (one for one in taken if not one.holds)), *stopped):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(taken)} pictures; the contact sheet is {where}\n")
    return int(bool(stopped) or not all(one.holds for one in taken))


def _photograph(album: Album, rooms: list[Room]) -> list[str]:
    panel: Panel = album.panel
    stopped = []
    with VirtualDisplay(panel.width, panel.height) as screen:
        album.display = screen.name
        for room in rooms:
            try:
                stopped += lead(album, room)
            except KioskError as trouble:
                stopped.append(f"{panel.name}, {room.name}: {trouble}")
    return stopped


def _told(taken: Taken) -> str:
    how = "no reference" if taken.difference is None else str(taken.difference)
    return f"{taken.panel.name} {taken.name}: {how}"


if __name__ == "__main__":
    sys.exit(main())
