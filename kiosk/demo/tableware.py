"""Bowls, plates and glasses, and what lies in them: the parts of the pictures of dishes.

Everything is seen from a step above the table, on a sheet of 100 by 100.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from kiosk.demo.pictures import Points, Sheet

Fill = Callable[[Sheet], None]
"""Draws what is in a dish; only what lies inside its rim is seen."""

WHITE, SHADE = "#FBF8F2", "#E4DCCF"
SCALLION, LEAF, STEM = "#6DB352", "#4F9E45", "#A9D68B"


def bowl(sheet: Sheet, soup: str, fill: Fill, body: str = WHITE, edge: str = SHADE) -> None:
    """A deep one: rim, foot, and the soup with what swims in it."""
    sheet.oval(50, 93, 62, 9, "#00000018")
    sheet.shape([(4, 46), (10, 74), (28, 92), (50, 95), (72, 92), (90, 74), (96, 46)], edge)
    sheet.shape([(4, 46), (12, 72), (28, 88), (46, 92), (62, 88), (84, 70), (92, 46)], body)
    sheet.oval(50, 44, 94, 60, edge)
    sheet.oval(50, 43, 93, 58, body)
    _within(sheet, (50, 45, 82, 48), soup, fill)


def plate(sheet: Sheet, fill: Fill, body: str = WHITE, edge: str = SHADE) -> None:
    """A flat one."""
    sheet.oval(50, 59, 98, 76, "#00000018")
    sheet.oval(50, 56, 98, 76, edge)
    sheet.oval(50, 54, 98, 74, body)
    sheet.oval(50, 54, 78, 56, edge)
    sheet.oval(50, 55, 77, 55, body)
    top = sheet.another()
    fill(top)
    sheet.lay(top)


def steamer(sheet: Sheet, fill: Fill) -> None:
    """A bamboo basket."""
    sheet.oval(50, 92, 84, 12, "#00000018")
    sheet.shape([(3, 50), (3, 76), (20, 92), (50, 97), (80, 92), (97, 76), (97, 50)], "#B98545")
    for y in (66, 78):
        sheet.inside(lambda inner, y=y: inner.line(_arc(y), 1.6, "#9A6A32"))  # type: ignore[misc]
    sheet.oval(50, 50, 96, 64, "#D9A866")
    sheet.oval(50, 50, 84, 54, "#A9763B")
    _within(sheet, (50, 52, 82, 51), "#E9CF9E", fill)


def glass(sheet: Sheet, drink: str, fill: Fill, *, straw: str = "") -> None:
    """A tall one of clear glass, filled to under the rim."""
    sheet.oval(50, 94, 46, 8, "#00000018")
    if straw:
        sheet.line([(58, 40), (68, 3)], 4.5, straw)
    sheet.shape(_cup(22, 78, 12, 30, 70, 95), "#DCEBF0")
    inner = sheet.another()
    inner.shape(_cup(26, 74, 26, 32.5, 67.5, 91), drink)
    inner.inside(fill)
    inner.inside(lambda top: top.shape(_cup(27, 37, 24, 33, 40, 92), "#FFFFFF38"))
    sheet.lay(inner)
    sheet.oval(50, 13, 56, 9, "#F3FAFC")
    sheet.oval(50, 13, 49, 6, "#CFE1E7")
    if straw:
        sheet.line([(64.5, 16), (68, 3)], 4.5, straw)


# --- what lies in them --------------------------------------------------------------------------


def noodles(sheet: Sheet, light: str = "#F6DE9F", dark: str = "#E5C274", wide: float = 3.0) -> None:
    """Strands in waves over the whole dish."""
    for at in range(13):
        y = 22 + at * 4
        waves = [(x, y + 3.4 * math.sin(x / 8 + at * 1.7)) for x in range(6, 98, 4)]
        sheet.line(waves, wide, dark if at % 2 else light)


def rice(sheet: Sheet) -> None:
    """A heap of grains."""
    sheet.oval(50, 46, 76, 44, "#FFFDF6")
    for at in range(46):
        angle, far = at * 2.4, math.sqrt(at / 46)
        x, y = 50 + 36 * far * math.cos(angle), 46 + 20 * far * math.sin(angle)
        sheet.line([(x - 1.2, y), (x + 1.2, y + 0.8)], 1.7, "#EFE7D2")


def rice_beside(sheet: Sheet) -> None:
    """A round heap on the left half of a plate."""
    sheet.oval(33, 55, 46, 40, "#DED5BF")
    sheet.oval(33, 52, 45, 38, "#FFFDF6")
    for at in range(26):
        angle, far = at * 2.4, math.sqrt(at / 26)
        x, y = 33 + 19 * far * math.cos(angle), 51 + 15 * far * math.sin(angle)
        sheet.line([(x - 1.2, y), (x + 1.2, y + 0.8)], 1.7, "#E9E0CA")


def beef(sheet: Sheet, places: Iterable[tuple[float, float]]) -> None:
    """Slices with a vein of fat."""
    for x, y in places:
        outline: Points = [(-11, -2), (-5, -8), (7, -7), (12, 0), (6, 7), (-7, 6)]
        sheet.shape(_at(outline, x, y + 1.5), "#5E2E1C")
        sheet.shape(_at(outline, x, y), "#8E4A2E")
        sheet.line([(x - 6, y - 1), (x, y + 2), (x + 7, y - 1)], 1.8, "#C98D6C")


def egg(sheet: Sheet, x: float, y: float, white: str = "#FFF4DE") -> None:
    """Half of a boiled one."""
    sheet.oval(x, y + 1, 22, 17, "#C9924F")
    sheet.oval(x, y, 21, 16, white)
    sheet.oval(x, y, 12, 9.5, "#F09A2A")
    sheet.oval(x - 2, y - 1.5, 4, 3, "#FBC36A")


def fried_egg(sheet: Sheet, x: float, y: float) -> None:
    """Sunny side up."""
    outline: Points = [(-17, 0), (-12, -10), (2, -11), (15, -8), (18, 3), (8, 11), (-10, 10)]
    sheet.shape(_at(outline, x, y), "#FFFDF5")
    sheet.oval(x, y, 14, 11, "#F5A623")
    sheet.oval(x - 2.5, y - 2, 5, 3.5, "#FFD27A")


def greens(sheet: Sheet, places: Iterable[tuple[float, float]]) -> None:
    """Leaves of pak choi with pale stems."""
    for x, y in places:
        sheet.shape(_at([(-4, 8), (-10, -3), (-3, -11), (7, -10), (10, 0), (3, 8)], x, y), LEAF)
        sheet.line([(x - 1, y + 10), (x + 1, y - 5)], 2.8, STEM)


def scallions(sheet: Sheet, places: Iterable[tuple[float, float]]) -> None:
    """Rings."""
    for x, y in places:
        sheet.oval(x, y, 5, 4, SCALLION)
        sheet.oval(x, y, 2.2, 1.6, "#E3F2D3")


def chillies(sheet: Sheet, places: Iterable[tuple[float, float]]) -> None:
    """Short pieces of dried ones."""
    for x, y in places:
        sheet.line([(x - 3.5, y + 1.5), (x + 3.5, y - 1.5)], 3.2, "#C62F22")
        sheet.line([(x - 1.5, y), (x + 2, y - 1.5)], 1.0, "#EE7361")


def blobs(
    sheet: Sheet, places: Iterable[tuple[float, float]], colour: str, light: str, size: float = 9
) -> None:
    """Round pieces with a gleam: meat, nuts, egg, tapioca."""
    for x, y in places:
        sheet.oval(x, y, size, size * 0.82, colour)
        sheet.oval(x - size / 6, y - size / 6, size * 0.45, size * 0.34, light)


def cubes(
    sheet: Sheet, places: Iterable[tuple[float, float]], top: str, side: str, size: float = 11
) -> None:
    """Dice, such as tofu."""
    for x, y in places:
        half = size / 2
        sheet.shape(_at([(-half, 0), (half, 0), (half, size), (-half, size)], x, y), side)
        sheet.shape(
            _at([(-half, -half), (half, -half), (half, half * 0.9), (-half, half * 0.9)], x, y), top
        )


def wedges(sheet: Sheet, places: Iterable[tuple[float, float]]) -> None:
    """Tomato."""
    for x, y in places:
        sheet.shape(_at([(-11, 2), (-7, -7), (4, -9), (12, -2), (6, 7), (-6, 8)], x, y), "#D93A2B")
        sheet.shape(_at([(-6, 1), (-3, -4), (4, -5), (6, 0), (1, 4)], x, y), "#F0705C")
        sheet.oval(x, y - 1, 2.2, 1.6, "#F9C7A0")


def dumpling(sheet: Sheet, x: float, y: float, skin: str = "#FBF1DE") -> None:
    """A gathered one, as in a steamer."""
    sheet.oval(x, y + 3, 24, 17, "#D9C49A")
    sheet.oval(x, y, 24, 18, skin)
    for dx, dy in ((-7, 2), (-4, 5), (0, 6), (4, 5), (7, 2)):
        sheet.line([(x, y - 4), (x + dx, y + dy)], 1.3, "#DCC9A4")
    sheet.oval(x, y - 4.5, 5.5, 4, "#E8D8B8")


def crescent(sheet: Sheet, x: float, y: float, skin: str, seam: str) -> None:
    """A folded one: fried, or a wonton."""
    outline: Points = [(-13, 5), (-12, -3), (-4, -9), (5, -9), (13, -2), (13, 5), (0, 8)]
    sheet.shape(_at(outline, x, y + 1.5), seam)
    sheet.shape(_at(outline, x, y), skin)
    for dx in (-7, -2, 3, 8):
        sheet.line([(x + dx, y - 6), (x + dx + 1, y - 2.5)], 1.4, seam)


def lemon(sheet: Sheet, x: float, y: float, size: float = 18) -> None:
    """A slice."""
    sheet.oval(x, y, size, size * 0.86, "#EDC92F")
    sheet.oval(x, y, size * 0.82, size * 0.7, "#FBF2B6")
    for at in range(6):
        angle = at * math.pi / 3
        end = (x + size * 0.34 * math.cos(angle), y + size * 0.29 * math.sin(angle))
        sheet.line([(x, y), end], 1.1, "#F0DA62")


def ice(sheet: Sheet, places: Iterable[tuple[float, float]]) -> None:
    """Clear cubes."""
    for x, y in places:
        sheet.shape(_at([(-6, -5), (5, -7), (7, 4), (-4, 6)], x, y), "#FFFFFF70")
        sheet.shape(_at([(-4, -3), (2, -4), (3, 1), (-3, 2)], x, y), "#FFFFFF60")


# --- inside -------------------------------------------------------------------------------------


def _within(
    sheet: Sheet, place: tuple[float, float, float, float], ground: str, fill: Fill
) -> None:
    inner = sheet.another()
    inner.oval(*place, ground)
    inner.inside(fill)
    sheet.lay(inner)


def _at(outline: Points, x: float, y: float) -> Points:
    return [(x + dx, y + dy) for dx, dy in outline]


def _arc(y: float) -> Points:
    return [(x, y + 17 - (x - 50) ** 2 / 140) for x in range(2, 99, 4)]


def _cup(
    left: float, right: float, top: float, left_foot: float, right_foot: float, foot: float
) -> Points:
    """The corners twice, so that rounding them off leaves them nearly as they are."""
    corners = [(left, top), (right, top), (right_foot, foot), (left_foot, foot)]
    return [corner for corner in corners for _ in range(3)]
