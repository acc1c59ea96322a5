"""Draws the pictures of the sample shop's banners: its goods on a coloured ground.

python -m kiosk.demo.banner_pictures     writes kiosk/shops/grocery/pictures/banner-*.png
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from kiosk.demo.pictures import GOODS, Sheet
from kiosk.demo.settings import SHOPS

WIDE, HIGH = 360, 240

Place = tuple[str, int, int, int]
"""Which goods, where their middle is, how large."""
FRUIT: Sequence[Place] = (
    ("banana", 110, 100, 150),
    ("pear", 255, 95, 140),
    ("apple", 180, 150, 150),
)
BREAKFAST: Sequence[Place] = (("corn", 255, 112, 170), ("bun", 140, 140, 180))


def picture(ground: str, sun: str, goods: Sequence[Place]) -> Image.Image:
    """Goods before a round sun."""
    image = Image.new("RGBA", (WIDE * 2, HIGH * 2), ground)
    ImageDraw.Draw(image).ellipse([140, -60, 580, 380], fill=sun)
    image = image.resize((WIDE, HIGH), Image.Resampling.LANCZOS)
    for name, x, y, side in goods:
        sheet = Sheet()
        GOODS[name](sheet)
        drawn = sheet.image.resize((side, side), Image.Resampling.LANCZOS)
        image.alpha_composite(drawn, (x - side // 2, y - side // 2))
    return image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64)


def main(folder: Path = SHOPS / "grocery" / "pictures") -> None:
    """Draw all of them."""
    picture("#FBE3CF", "#F7C79B", FRUIT).save(folder / "banner-coupon.png", optimize=True)
    picture("#DCEFE4", "#BFE0CE", BREAKFAST).save(folder / "banner-breakfast.png", optimize=True)


if __name__ == "__main__":
    main()
