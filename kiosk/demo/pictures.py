"""Draws the pictures of the sample shop's loose goods: plain shapes, smooth, on no ground.

python -m kiosk.demo.pictures     writes kiosk/shops/grocery/pictures/*.png
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from PIL import Image, ImageChops, ImageDraw

from kiosk.demo.settings import SHOPS

SIDE = 192  # pixels of a picture
FINER = 4  # drawn so much larger, so that edges are smooth

Points = list[tuple[float, float]]


class Sheet:
    """A square of 100 by 100, y downwards."""

    def __init__(self, side: int = SIDE) -> None:
        """`side` is the picture's, in pixels."""
        self._side = side
        self._scale = side * FINER / 100
        self.image = Image.new("RGBA", (side * FINER, side * FINER))
        self._draw = ImageDraw.Draw(self.image)

    def oval(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """An ellipse around x, y."""
        box = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]
        self._draw.ellipse([each * self._scale for each in box], fill=colour)

    def shape(self, points: Points, colour: str) -> None:
        """A polygon whose corners are rounded off twice."""
        for _ in range(4):
            points = _rounder(points)
        self._draw.polygon([(x * self._scale, y * self._scale) for x, y in points], fill=colour)

    def line(self, points: Sequence[tuple[float, float]], wide: float, colour: str) -> None:
        """A stroke with round ends."""
        at = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(at, fill=colour, width=round(wide * self._scale), joint="curve")
        for x, y in points:
            self.oval(x, y, wide, wide, colour)

    def inside(self, draw: Callable[[Sheet], None]) -> None:
        """What is drawn is seen only where something is already: light and shade of a body."""
        other = self.another()
        draw(other)
        alpha = ImageChops.multiply(other.image.getchannel("A"), self.image.getchannel("A"))
        other.image.putalpha(alpha)
        self.image.alpha_composite(other.image)

    def another(self) -> Sheet:
        """An empty one of the same size."""
        return Sheet(self._side)

    def lay(self, other: Sheet) -> None:
        """Put another one on top."""
        self.image.alpha_composite(other.image)

    def put(self, other: Sheet, side: float, at: tuple[float, float]) -> None:
        """Put another one on top, as a square of this side with its upper left corner there."""
        size = round(side * self._scale)
        small = other.image.resize((size, size), Image.Resampling.LANCZOS)
        self.image.alpha_composite(small, (round(at[0] * self._scale), round(at[1] * self._scale)))

    def save(self, path: Path) -> None:
        """As a small PNG."""
        small = self.image.resize((self._side, self._side), Image.Resampling.LANCZOS)
        small.quantize(96, method=Image.Quantize.FASTOCTREE).save(path, optimize=True)


def _rounder(points: Points) -> Points:
    """Each corner cut off, as Chaikin does it."""
    cut: Points = []
    for (x, y), (u, v) in zip(points, [*points[1:], points[0]], strict=True):
        cut += [(0.75 * x + 0.25 * u, 0.75 * y + 0.25 * v)]
        cut += [(0.25 * x + 0.75 * u, 0.25 * y + 0.75 * v)]
    return cut


def _apple(sheet: Sheet) -> None:
    sheet.shape(
        [(50, 30), (70, 20), (96, 30), (92, 70), (68, 97), (50, 90), (32, 97), (8, 70), (4, 30),
         (30, 20)],
        "#D63A34",
    )  # fmt: skip
    sheet.inside(lambda inner: inner.oval(24, 52, 26, 60, "#E86A55"))
    sheet.inside(lambda inner: inner.oval(50, 26, 34, 12, "#A82A28"))
    sheet.line([(50, 29), (53, 16), (57, 10)], 4.5, "#6B4226")
    sheet.shape([(55, 20), (64, 4), (88, 6), (76, 22)], "#5BA64B")


def _pear(sheet: Sheet) -> None:
    sheet.shape(
        [(50, 16), (62, 18), (66, 40), (88, 58), (88, 88), (62, 97), (38, 97), (12, 88), (12, 58),
         (34, 40), (38, 18)],
        "#D9C24A",
    )  # fmt: skip
    sheet.inside(lambda inner: inner.oval(32, 66, 22, 44, "#E9D879"))
    for x, y in ((62, 60), (70, 74), (56, 80), (64, 88), (48, 68)):
        sheet.oval(x, y, 2.6, 2.6, "#A8912F")
    sheet.line([(50, 20), (52, 10), (56, 5)], 4.5, "#6B4226")


def _banana(sheet: Sheet) -> None:
    body: Points = [
        (16, 14), (24, 12), (28, 36), (44, 58), (66, 70), (92, 68), (94, 78), (72, 92), (44, 88),
        (20, 66), (12, 36),
    ]  # fmt: skip
    sheet.shape(body, "#F2C637")
    sheet.inside(lambda inner: inner.line([(14, 40), (28, 68), (54, 87), (84, 85)], 7, "#D9A520"))
    sheet.line([(19, 17), (17, 9)], 7, "#7A5B1E")
    sheet.oval(91, 74, 7, 9, "#7A5B1E")


def _tomato(sheet: Sheet) -> None:
    sheet.oval(50, 57, 88, 76, "#DE4130")
    sheet.inside(lambda inner: inner.oval(27, 52, 20, 36, "#EE7460"))
    star: Points = [
        (50, 30), (72, 38), (58, 24), (76, 16), (56, 18), (50, 4), (44, 18), (24, 16), (42, 24),
        (28, 38),
    ]  # fmt: skip
    sheet.shape(star, "#3F8F46")
    sheet.line([(50, 22), (51, 10)], 4.5, "#2F6E36")


def _pork(sheet: Sheet) -> None:
    sheet.shape([(12, 44), (28, 16), (64, 14), (94, 34), (90, 70), (60, 90), (22, 84)], "#F3D9CF")
    sheet.shape([(19, 46), (32, 24), (62, 22), (86, 38), (83, 66), (58, 82), (27, 76)], "#D9636B")
    sheet.inside(lambda inner: inner.line([(30, 40), (48, 46), (60, 38)], 4, "#F0B5B2"))
    sheet.inside(lambda inner: inner.line([(42, 66), (58, 60), (76, 62)], 4, "#F0B5B2"))
    sheet.oval(38, 58, 13, 12, "#F3D9CF")
    sheet.oval(38, 58, 6.5, 6, "#E3B9A8")


def _carrot(sheet: Sheet) -> None:
    for points in ([(30, 36), (16, 8)], [(32, 34), (33, 4)], [(35, 34), (54, 10)]):
        sheet.line(points, 8, "#4D9A46")
    sheet.shape([(20, 44), (36, 24), (56, 30), (94, 94), (84, 98), (28, 64)], "#F0843A")
    for points in ([(38, 44), (48, 38)], [(42, 62), (50, 56)], [(58, 62), (66, 56)]):
        sheet.inside(lambda inner, at=points: inner.line(at, 3, "#CE6322"))  # type: ignore[misc]


def _corn(sheet: Sheet) -> None:
    sheet.oval(50, 44, 38, 82, "#F3CB42")
    for column in range(-2, 3):
        for row in range(9):
            x, y = 50 + column * 8, 12 + row * 8
            sheet.inside(lambda inner, x=x, y=y: inner.oval(x, y, 6.4, 6.4, "#E2AC24"))  # type: ignore[misc]
    sheet.shape([(50, 98), (22, 84), (14, 40), (30, 52), (50, 88)], "#6CB257")
    sheet.shape([(50, 98), (78, 84), (86, 40), (70, 52), (50, 88)], "#559A46")


def _bun(sheet: Sheet) -> None:
    sheet.shape(
        [(6, 70), (10, 42), (34, 26), (50, 16), (66, 26), (90, 42), (94, 70), (80, 88), (20, 88)],
        "#F4E7D3",
    )
    sheet.inside(lambda inner: inner.oval(50, 92, 96, 18, "#E2CCAC"))
    for end in ((28, 48), (38, 56), (50, 60), (62, 56), (72, 48)):
        sheet.line([(50, 30), end], 2.6, "#CDB189")
    sheet.oval(50, 29, 9, 6, "#B9986B")


GOODS: Mapping[str, Callable[[Sheet], None]] = MappingProxyType(
    {
        "apple": _apple,
        "pear": _pear,
        "banana": _banana,
        "tomato": _tomato,
        "pork": _pork,
        "carrot": _carrot,
        "corn": _corn,
        "bun": _bun,
    }
)


def main(folder: Path = SHOPS / "grocery" / "pictures") -> None:
    """Draw all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in GOODS.items():
        sheet = Sheet()
        draw(sheet)
        sheet.save(folder / f"{name}.png")


if __name__ == "__main__":
    main()
