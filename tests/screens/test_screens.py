"""One tour of the sheet, held against its references, and that the comparison sees what it must."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image, ImageDraw, ImageFont

from kiosk.demo.display import VirtualDisplay
from kiosk.demo.settings import cache_folder
from kiosk.ui.fonts import font_files
from tests.screens import sheet, tours
from tests.screens.album import REFERENCES, Album, Taken
from tests.screens.compare import Area, Difference, difference, shrunk
from tests.screens.guide import lead
from tests.screens.panel import PANELS
from tests.screens.rooms import LIVING, ROOMS

PANEL = next(one for one in PANELS if one.name == "zh-portrait")
MOST = 5 << 20  # bytes of all references


@pytest.mark.display
@pytest.mark.timeout(240)
def test_a_visit_looks_as_it_did_when_somebody_looked_at_it(tmp_path):
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are needed: apt install xvfb xdotool")
    (room,) = (one for one in ROOMS if tours.buys in one.tours)
    with VirtualDisplay(PANEL.width, PANEL.height) as screen:
        album = Album(PANEL, screen.name, tmp_path)
        stopped = lead(album, room, [tours.buys])
    assert stopped == []
    assert len(album.taken) == 9
    assert [f"{one.name}: {one.difference}" for one in album.taken if not one.holds] == []


def test_references_are_few_bytes_and_what_is_special_about_a_picture_is_of_one_that_there_is():
    kept = list(REFERENCES.rglob("*.webp"))
    assert sum(path.stat().st_size for path in kept) <= MOST
    assert {name.rpartition(" ")[2] for name in LIVING} <= {path.stem for path in kept}


# --- the comparison -----------------------------------------------------------------------------


def drawn(words="合计 ¥48.26", at=(200, 900), ink="#12161C", button=True):
    """A screen with a line of text and a button."""
    font = ImageFont.truetype(str(font_files(cache_folder()).regular), 72)
    picture = Image.new("RGB", (1080, 1920), "#F5F6F8")
    pen = ImageDraw.Draw(picture)
    pen.text(at, words, ink, font=font)
    if button:
        pen.rounded_rectangle((48, 1700, 1032, 1856), 24, "#0B6E4F")
    return picture


def apart(one, other, living=()):
    return difference(shrunk(one), shrunk(other), living)


def test_a_letter_that_is_drawn_a_pixel_aside_is_the_same():
    assert apart(drawn(), drawn(at=(201, 901))).same


def test_a_count_that_differs_by_a_digit_is_the_same():
    assert apart(drawn("12:58"), drawn("12:53")).same


@pytest.mark.parametrize(
    "other",
    [
        {"button": False},
        {"words": ""},
        {"words": "合计 ¥48.26 优惠 ¥3.00"},
        {"at": (200, 960)},
        {"ink": "#B3261E"},
    ],
    ids=["no button", "no sentence", "more words", "a line lower", "another colour"],
)
def test_what_a_person_would_see_is_seen(other):
    assert not apart(drawn(), drawn(**other)).same


def test_what_lives_is_not_compared_and_the_rest_is():
    living = (Area(0, 0.4, 1, 0.6),)
    assert apart(drawn(), drawn(words="别的"), living).same
    assert not apart(drawn(), drawn(words="别的", button=False), living).same


def test_the_worst_place_is_told():
    x, y = apart(drawn(), drawn(button=False)).where
    assert (0.04 < x < 0.96, 0.88 < y < 0.97) == (True, True)


def test_a_panel_of_another_size_is_not_the_same():
    assert not apart(drawn(), Image.new("RGB", (1920, 1080))).same


def test_the_sheet_has_every_picture_and_marks_what_differs(tmp_path):
    taken = []
    for name, found in (("basket", Difference(0, 0)), ("tender", Difference(90, 9)), ("qr", None)):
        path = tmp_path / PANEL.name / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        drawn().save(path)
        taken.append(Taken(PANEL, name, path, found))
    where = sheet.write(tmp_path, taken)
    page = (tmp_path / "contact-sheet.html").read_text("utf-8")
    assert page.count("<img") == 3
    assert page.count("class=no") == 2
    with Image.open(where) as picture:
        assert picture.height > 3 * sheet.CELL[1]
