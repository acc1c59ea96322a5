"""Draws the pictures of the sample restaurant's dishes, from bowls, plates and what lies in them.

python -m kiosk.demo.dishes     writes kiosk/shops/noodles/pictures/*.png
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from kiosk.demo import tableware as on
from kiosk.demo.pictures import Sheet
from kiosk.demo.settings import SHOPS

SIDE = 288  # pixels of a picture: a card of the menu shows it large

RED_OIL, BROTH, TOMATO, SOY = "#B9391F", "#B46A33", "#D9532F", "#7A4020"
CELADON = ("#8DB9A3", "#6A9A83")
CUCUMBERS = (
    (32, 40), (50, 36), (68, 40), (26, 54), (43, 50), (60, 51), (76, 54), (36, 65), (53, 65),
    (69, 67),
)  # fmt: skip
BLUE, BLACK, CLAY = ("#3F6FA8", "#2C5080"), ("#3A3533", "#26221F"), ("#C56B3F", "#9C4F2B")
RING = ((30, 40), (38, 58), (56, 62), (70, 54), (66, 34), (48, 30), (24, 52), (76, 44))


def _braised_beef_noodles(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.noodles(inner)
        on.beef(inner, ((34, 38), (56, 34), (44, 50)))
        on.egg(inner, 70, 50)
        on.greens(inner, ((24, 54), (32, 60)))
        on.scallions(inner, ((50, 62), (60, 58), (44, 34), (66, 38), (56, 47)))

    on.bowl(sheet, BROTH, fill)


def _tomato_beef_noodles(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.noodles(inner)
        on.wedges(inner, ((30, 42), (70, 52), (52, 60)))
        on.beef(inner, ((52, 38), (68, 36)))
        on.scallions(inner, ((40, 54), (60, 48), (38, 32), (24, 54)))

    on.bowl(sheet, TOMATO, fill)


def _chongqing_noodles(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.noodles(inner, "#F2D08A", "#E0AE5C")
        on.blobs(inner, RING[::2], "#8C2A16", "#C8553B", 6)
        on.greens(inner, ((68, 40), (76, 50), (64, 54)))
        on.blobs(inner, ((30, 48), (36, 42), (40, 52), (46, 44)), "#D9A764", "#F1D3A0", 6)
        on.chillies(inner, ((50, 58), (34, 60), (54, 34)))
        on.scallions(inner, ((44, 60), (58, 44), (28, 38)))

    on.bowl(sheet, RED_OIL, fill, *BLACK)


def _scallion_noodles(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.noodles(inner, "#E3B468", "#C48C42", 3.4)
        for x in (28, 40, 52, 62, 72):
            inner.line([(x - 8, 52 - x / 6), (x + 6, 44 - x / 9)], 3, "#4E7A2E")
            inner.line([(x - 4, 60 - x / 6), (x + 8, 56 - x / 9)], 2.4, "#7A5A22")
        on.scallions(inner, ((36, 36), (60, 60), (46, 58), (70, 38)))

    on.bowl(sheet, SOY, fill, *BLUE)


def _dandan_noodles(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.noodles(inner)
        heap = ((44, 44), (50, 40), (56, 44), (50, 48), (42, 50), (58, 50), (50, 54), (38, 45))
        on.blobs(inner, heap, "#7C4326", "#A86B45", 8)
        on.greens(inner, ((26, 46), (74, 46)))
        on.blobs(inner, ((36, 58), (64, 58), (60, 36), (38, 36)), "#DDB06C", "#F2D9A8", 5)
        on.scallions(inner, ((50, 62), (54, 36), (46, 47)))

    on.bowl(sheet, "#C8742F", fill, *CLAY)


def _topping_noodles(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.noodles(inner)
        on.blobs(inner, ((26, 44), (32, 38), (34, 48), (26, 54)), "#7C4326", "#A86B45", 8)
        on.blobs(inner, ((50, 36), (58, 34), (54, 42)), "#5B4534", "#8B705A", 10)
        on.blobs(inner, ((68, 48), (74, 54), (64, 56)), "#F2B632", "#FBDD86", 9)
        on.wedges(inner, ((76, 42),))
        on.greens(inner, ((46, 60),))

    on.bowl(sheet, "#D8A45C", fill, *BLUE)


def _braised_pork_rice(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.rice(inner)
        pork = ((38, 36), (50, 34), (60, 38), (44, 45), (56, 47), (34, 46))
        on.cubes(inner, pork, "#8A4423", "#5F2B14", 10)
        on.egg(inner, 70, 54, "#EBC08A")
        on.greens(inner, ((28, 58), (36, 62)))

    on.bowl(sheet, "#EFE4C8", fill, *BLACK)


def _kung_pao_rice(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        on.rice_beside(top)
        chicken = ((60, 44), (72, 42), (81, 51), (68, 54), (58, 58), (76, 63), (64, 67))
        on.blobs(top, chicken, "#B4622B", "#DC9458", 14)
        on.blobs(top, ((64, 49), (74, 56), (62, 62), (82, 58)), "#E9C48A", "#F8E6C4", 7)
        on.chillies(top, ((66, 38), (80, 44), (55, 51), (70, 71)))
        on.scallions(top, ((68, 46), (70, 61), (78, 68), (56, 65)))

    on.plate(sheet, fill, *CELADON)


def _mapo_tofu_rice(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.cubes(
            inner,
            ((30, 42), (44, 36), (58, 40), (70, 46), (38, 52), (54, 52), (66, 58), (48, 60)),
            "#FFF6DF",
            "#EBCFA0",
        )
        on.blobs(inner, ((36, 46), (50, 46), (62, 50), (46, 56), (28, 52)), "#7A3418", "#A85A38", 5)
        on.scallions(inner, ((40, 44), (58, 48), (50, 40), (66, 54), (34, 58), (56, 62)))

    on.bowl(sheet, RED_OIL, fill)


def _tomato_egg_rice(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        on.rice_beside(top)
        on.blobs(top, ((60, 44), (73, 47), (61, 58), (77, 59), (66, 67)), "#F4B92F", "#FCE08B", 18)
        on.wedges(top, ((68, 41), (58, 52), (74, 54), (60, 66), (76, 67)))
        on.scallions(top, ((66, 50), (80, 50), (67, 60), (56, 60)))

    on.plate(sheet, fill, *BLUE)


def _fried_rice(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        top.oval(50, 57, 70, 48, "#DDAF52")
        top.oval(50, 53, 68, 45, "#E9BE62")
        top.oval(50, 48, 52, 32, "#F3D283")
        grains = [(30 + at * 7 % 42, 42 + at * 11 % 28) for at in range(22)]
        on.blobs(top, grains, "#FFF0BE", "#FFFBE6", 4)
        on.blobs(top, ((38, 48), (60, 62), (52, 44)), "#F0906E", "#F9C2AA", 9)
        on.cubes(top, ((44, 58), (64, 50), (34, 60)), "#E2685C", "#BC463D", 6)
        on.blobs(top, ((48, 52), (68, 58), (40, 66), (56, 68), (30, 54)), "#6DB352", "#A5D78D", 4)

    on.plate(sheet, fill)


def _soup_dumplings(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        for x, y in ((50, 36), (28, 44), (72, 44), (38, 60), (62, 60)):
            on.dumpling(inner, x, y)

    on.steamer(sheet, fill)


def _fried_dumplings(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        for x, y in ((34, 44), (60, 42), (26, 58), (50, 57), (74, 56), (44, 71)):
            on.crescent(top, x, y, "#F0CB86", "#B06F2B")
        on.scallions(top, ((62, 66), (68, 70), (40, 50), (56, 48)))

    on.plate(sheet, fill, *BLACK)


def _wontons(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        for x, y in ((32, 40), (56, 36), (72, 48), (42, 54), (62, 60), (24, 56)):
            on.crescent(inner, x, y, "#F8E6CB", "#DDB789")
        on.chillies(inner, ((46, 44), (68, 38), (52, 64)))
        on.scallions(inner, ((36, 48), (58, 48), (48, 34), (76, 56), (32, 62)))

    on.bowl(sheet, RED_OIL, fill, *CLAY)


def _cucumber(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        for x, y in CUCUMBERS:
            top.shape([(x - 10, y + 5), (x - 8, y - 6), (x + 8, y - 7), (x + 10, y + 4)], "#3F8B3C")
            top.shape([(x - 7, y + 3), (x - 5, y - 4), (x + 6, y - 5), (x + 7, y + 3)], "#B5DD8C")
            top.line([(x - 3, y), (x + 3, y - 1)], 1.4, "#E8F5CF")
        on.blobs(top, ((42, 50), (58, 50), (36, 64), (66, 66)), "#FFF7E2", "#FFFFFF", 4)
        on.chillies(top, ((52, 52), (68, 54), (34, 54)))

    on.plate(sheet, fill)


def _cold_cuts(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        on.beef(top, ((30, 46), (38, 52), (46, 58)))
        on.cubes(top, ((60, 42), (70, 46), (62, 53)), "#A0672F", "#74471C", 11)
        on.egg(top, 70, 64, "#EBC08A")
        on.egg(top, 50, 72, "#EBC08A")
        on.greens(top, ((26, 62), (50, 40)))

    on.plate(sheet, fill, *BLUE)


def _scallion_pancake(sheet: Sheet) -> None:
    def fill(top: Sheet) -> None:
        top.oval(50, 58, 64, 42, "#A9692A")
        top.oval(50, 55, 64, 41, "#E9B65E")
        for wide in (50, 34, 18):
            top.oval(50, 55, wide, wide * 0.64, "#D2953F")
            top.oval(50, 55, wide - 4, wide * 0.64 - 3, "#EFC374")
        on.blobs(top, ((34, 48), (62, 64), (66, 46), (42, 66)), "#C27F30", "#D99A48", 7)
        on.scallions(top, ((40, 54), (56, 48), (60, 58), (48, 62), (32, 58), (52, 42), (70, 54)))

    on.plate(sheet, fill)


def _soy_milk(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        inner.oval(50, 29, 46, 10, "#FFFDF3")

    on.glass(sheet, "#F6EBCB", fill)
    on.blobs(sheet, ((20, 88), (30, 92), (80, 90)), "#E3C27C", "#F3DEAE", 10)


def _plum_juice(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.ice(inner, ((40, 36), (56, 42), (46, 54)))
        on.blobs(inner, ((44, 82), (56, 78)), "#3B1210", "#7A3A34", 12)

    on.glass(sheet, "#8E2A2B", fill)


def _lemon_tea(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        on.ice(inner, ((36, 40), (62, 48)))
        for x, y in ((44, 54), (58, 68), (42, 80)):
            on.lemon(inner, x, y)

    on.glass(sheet, "#D98A2C", fill, straw="#3E8E6B")
    on.lemon(sheet, 27, 17, 22)


def _milk_tea(sheet: Sheet) -> None:
    def fill(inner: Sheet) -> None:
        inner.oval(50, 28, 46, 10, "#EBD3B2")
        pearls = [(35 + at % 5 * 7.5 + at // 5 % 2 * 3, 87 - at // 5 * 6) for at in range(19)]
        on.blobs(inner, pearls, "#2E1B14", "#6E4A3A", 7)

    on.glass(sheet, "#C99A6B", fill, straw="#2E2A28")


def _beef_noodle_set(sheet: Sheet) -> None:
    _tray(sheet)
    _small(sheet, _braised_beef_noodles, 60, (4, 34))
    _small(sheet, _plum_juice, 44, (55, 9))
    _small(sheet, _cucumber, 36, (60, 57))


def _pork_rice_set(sheet: Sheet) -> None:
    _tray(sheet)
    _small(sheet, _braised_pork_rice, 60, (4, 34))
    _small(sheet, _soy_milk, 44, (55, 9))
    _small(sheet, _cucumber, 36, (60, 57))


def _sharing_set(sheet: Sheet) -> None:
    _tray(sheet)
    _small(sheet, _soup_dumplings, 38, (31, 11))
    _small(sheet, _tomato_beef_noodles, 45, (4, 47))
    _small(sheet, _chongqing_noodles, 45, (51, 47))
    _small(sheet, _plum_juice, 36, (1, 13))
    _small(sheet, _lemon_tea, 36, (64, 13))


def _tray(sheet: Sheet) -> None:
    corners = [(1, 12), (99, 12), (99, 97), (1, 97)]
    sheet.shape([at for at in corners for _ in range(3)], "#8A5A33")
    inner = [(4, 15), (96, 15), (96, 94), (4, 94)]
    sheet.shape([at for at in inner for _ in range(3)], "#A9733F")


def _small(
    sheet: Sheet, draw: Callable[[Sheet], None], side: float, at: tuple[float, float]
) -> None:
    """Another dish, so large, with its corner there."""
    other = sheet.another()
    draw(other)
    sheet.put(other, side, at)


DISHES: Mapping[str, Callable[[Sheet], None]] = MappingProxyType(
    {
        "braised-beef-noodles": _braised_beef_noodles,
        "tomato-beef-noodles": _tomato_beef_noodles,
        "chongqing-noodles": _chongqing_noodles,
        "scallion-noodles": _scallion_noodles,
        "dandan-noodles": _dandan_noodles,
        "topping-noodles": _topping_noodles,
        "braised-pork-rice": _braised_pork_rice,
        "kung-pao-rice": _kung_pao_rice,
        "mapo-tofu-rice": _mapo_tofu_rice,
        "tomato-egg-rice": _tomato_egg_rice,
        "fried-rice": _fried_rice,
        "soup-dumplings": _soup_dumplings,
        "fried-dumplings": _fried_dumplings,
        "wontons": _wontons,
        "cucumber": _cucumber,
        "cold-cuts": _cold_cuts,
        "scallion-pancake": _scallion_pancake,
        "soy-milk": _soy_milk,
        "plum-juice": _plum_juice,
        "lemon-tea": _lemon_tea,
        "milk-tea": _milk_tea,
        "beef-noodle-set": _beef_noodle_set,
        "pork-rice-set": _pork_rice_set,
        "sharing-set": _sharing_set,
    }
)


def main(folder: Path = SHOPS / "noodles" / "pictures") -> None:
    """Draw all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in DISHES.items():
        sheet = Sheet(SIDE)
        draw(sheet)
        sheet.save(folder / f"{name}.png")


if __name__ == "__main__":
    main()
