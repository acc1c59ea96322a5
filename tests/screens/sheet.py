"""All pictures on one sheet: a row for each screen and state, a column for each panel.

contact-sheet.html     the pictures themselves, each a link to its full size
contact-sheet.png      the same, to be looked at without a browser
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.screens.album import Taken

CELL = (240, 270)  # pixels; a portrait and a landscape panel both fit
GAP, HEAD = 12, 26
INK, PAPER, STOP = "#12161C", "#E3E6EB", "#B3261E"


def write(folder: Path, taken: Sequence[Taken]) -> Path:
    """Both sheets into `folder`; answers where the one of pixels is."""
    names = list(dict.fromkeys(each.name for each in taken))
    panels = list(dict.fromkeys(each.panel.name for each in taken))
    found = {(each.name, each.panel.name): each for each in taken}
    (folder / "contact-sheet.html").write_text(_page(folder, names, panels, found), "utf-8")
    sheet = folder / "contact-sheet.png"
    _drawn(names, panels, found).save(sheet, optimize=True)
    return sheet


def _page(
    folder: Path, names: list[str], panels: list[str], found: dict[tuple[str, str], Taken]
) -> str:
    rows = []
    for name in names:
        cells = [_cell(folder, found.get((name, panel))) for panel in panels]
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    head = "".join(f"<th>{escape(panel)}</th>" for panel in panels)
    return (
        "<!doctype html><meta charset=utf-8><title>Screens</title><style>"
        f"body{{background:{PAPER};color:{INK};font:14px sans-serif}}img{{height:270px}}"
        f"td{{text-align:center;vertical-align:top}}.no{{outline:4px solid {STOP}}}</style>"
        f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>\n"
    )


def _cell(folder: Path, taken: Taken | None) -> str:
    if taken is None:
        return "<td></td>"
    link = escape(str(taken.path.relative_to(folder)))
    mark = "" if taken.holds else " class=no"
    said = escape(_said(taken))
    return f"<td><a href={link}><img{mark} src={link} title='{said}'></a><br>{said}</td>"


def _said(taken: Taken) -> str:
    if taken.difference is None:
        return "new"
    return "" if taken.holds else str(taken.difference)


def _drawn(names: list[str], panels: list[str], found: dict[tuple[str, str], Taken]) -> Image.Image:
    wide, high = CELL[0] + GAP, CELL[1] + HEAD + GAP
    sheet = Image.new("RGB", (GAP + wide * len(panels), GAP + high * len(names)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=15)
    for row, name in enumerate(names):
        for column, panel in enumerate(panels):
            taken = found.get((name, panel))
            if taken is None:
                continue
            x, y = GAP + wide * column, GAP + high * row
            with Image.open(taken.path) as picture:
                small = picture.convert("RGB")
                small.thumbnail(CELL, Image.Resampling.LANCZOS)
            sheet.paste(small, (x, y + HEAD))
            pen.text((x, y), f"{name}  {panel}", INK if taken.holds else STOP, font=font)
    return sheet
