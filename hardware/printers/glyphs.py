"""Characters as the cells of a thermal head: 12 x 24 dots, hanzi 24 x 24, black or nothing.

Any font with hanzi will do; one whose Latin letters are half as wide as its hanzi looks like a
printer's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CELL_HEIGHT = 24
TALLEST = "国富鬱龍Hgjpqy"
INK = 105  # of 255: above it a dot is burnt
USUAL_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
)


class Glyphs:
    """One font, cell by cell. Raises FileNotFoundError with what to install."""

    def __init__(self, path: Path | None = None) -> None:
        self._font = _best_face(path or _usual_font())
        box = self._font.getbbox(TALLEST)
        self._top = (CELL_HEIGHT - (box[3] - box[1])) // 2 - box[1]
        self._cells: dict[tuple[str, int], NDArray[np.bool_]] = {}

    def cell(self, char: str, width: int) -> NDArray[np.bool_]:
        """``char`` as 24 x ``width`` dots, True is black; letters too wide are squeezed."""
        key = (char, width)
        if key not in self._cells:
            self._cells[key] = self._draw(char, width)
        return self._cells[key]

    def _draw(self, char: str, width: int) -> NDArray[np.bool_]:
        advance = max(1, round(self._font.getlength(char)))
        picture = Image.new("L", (max(advance, width), CELL_HEIGHT), 0)
        left = max(0, (width - advance) // 2)
        ImageDraw.Draw(picture).text((left, self._top), char, font=self._font, fill=255)
        if advance > width:
            picture = picture.resize((width, CELL_HEIGHT), Image.Resampling.BILINEAR)
        return np.asarray(picture) > INK


def _usual_font() -> Path:
    for name in USUAL_FONTS:
        if Path(name).is_file():
            return Path(name)
    raise FileNotFoundError(
        "no font with hanzi was found; install fonts-noto-cjk or name one with --font"
    )


def _best_face(path: Path) -> ImageFont.FreeTypeFont:
    """Of a collection the half-width simplified Chinese face, as large as its cell allows."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no font {path}; name another with --font")
    index = 0
    for candidate in range(16 if path.suffix == ".ttc" else 0):
        try:
            family = ImageFont.truetype(str(path), CELL_HEIGHT, index=candidate).getname()[0] or ""
        except OSError:
            break
        if "Mono" in family and "SC" in family:
            index = candidate
            break
    for size in range(CELL_HEIGHT, 12, -1):
        face = ImageFont.truetype(str(path), size, index=index)
        box = face.getbbox(TALLEST)
        if box[3] - box[1] <= CELL_HEIGHT + 1:  # one row of the deepest letters may be cut
            return face
    return ImageFont.truetype(str(path), 12, index=index)
