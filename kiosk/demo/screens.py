"""`make pictures`: the README's pictures, taken in one visit in each language.

    attract ─► goods without a bar code ─► basket ─► tender ─► face, asked to move ─► done

Each is kept as LANGUAGE-NAME.png, a third of the panel's width.
Everything in them is made by the program itself; the face is the public-domain photograph of an
astronaut that scikit-image brings.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from kiosk.demo.display import VirtualDisplay
from kiosk.demo.finger import Finger
from kiosk.demo.settings import Play
from kiosk.demo.shopper import play_visit, wait_for_tender
from kiosk.demo.stage import Stage
from kiosk.demo.visit import Album

PICTURES = Path(__file__).parents[1] / "ui" / "pictures"
LANGUAGES = ("zh", "en")
SHOWN = ("attract", "pick", "basket", "tender", "asked", "done")
WIDTH = 360  # pixels; a row of them fills a page
COLOURS = 128  # in the palette; with half of it the face gets stripes


def main(folder: Path = PICTURES) -> int:
    """Play the visits and keep what a reader wants to see. Raises KioskError where one stops."""
    folder.mkdir(parents=True, exist_ok=True)
    play = Play("")
    with VirtualDisplay(play.width, play.height) as screen:
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as made:
                _photograph(screen.name, language, Path(made))
                for name in SHOWN:
                    (taken,) = Path(made).glob(f"[0-9][0-9]-{name}.png")
                    shrink(taken, folder / f"{language}-{name}.png")
    sys.stdout.write(f"pictures are in {folder}\n")
    return 0


def shrink(taken: Path, kept: Path) -> None:
    """A picture for a page: `WIDTH` wide, with a palette, as small as the format makes it."""
    with Image.open(taken) as picture:
        size = (WIDTH, round(picture.height * WIDTH / picture.width))
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(kept, optimize=True)


def _photograph(display: str, language: str, out: Path) -> None:
    """One visit, its pictures in `out`."""
    shop = {"shop": {"language": language}}
    play = Play(display, challenge=True, scene="person", scale=True, settings=shop)
    with Stage(out / "shop", play) as stage:
        finger = Finger(display, stage.places.screen)
        finger.wait_for("ATTRACT", timeout=30)
        wait_for_tender(stage)
        album = Album(out, display, time.monotonic())
        play_visit(stage, finger, album.see)


if __name__ == "__main__":
    sys.exit(main())
