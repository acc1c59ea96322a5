"""The tokens of theme.kv: nothing else holds colours, and every text can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.ui.colours import PAIRS, contrast, mistakes, tokens, unreadable, with_shades

UI = Path(__file__).resolve().parents[2] / "kiosk" / "ui"


def test_contrast_is_measured_as_the_guideline_does():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
@pytest.mark.parametrize(("theme", "least"), [("Theme", 4.5), ("DarkTheme", 7.0)])
def test_every_text_can_be_read_on_its_ground(theme, least, ink, ground):
    colours = tokens(dark=theme == "DarkTheme")
    assert contrast(colours[ink], colours[ground]) >= least


@pytest.mark.parametrize(
    "path", sorted([*UI.rglob("*.kv"), *UI.rglob("*.py")]), ids=lambda p: p.name
)
def test_no_file_but_the_theme_holds_a_colour_or_a_size(path):
    text = path.read_text("utf-8")
    if path.name != "theme.kv":
        assert [c for c in re.findall(r"#[0-9A-Fa-f]{6,8}\b", text) if c not in ALLOWED] == []
    if path.suffix == ".kv" and path.name != "theme.kv":
        sizes = (
            r"(?:font_size|height|width|size|spacing|padding): (?:\d*[1-9]\d*(?:\.\d+)?)(?:,|\s*$)"
        )
        assert re.findall(sizes, text, re.MULTILINE) == []


ALLOWED = {"#000000", "#FFFFFF", "#CCCCCC"}
"""What a colour property is before its rule has set it."""


def test_a_shade_of_the_operators_colour_follows_from_it():
    shades = with_shades({"brand": "#0000FF"})
    assert shades == {"brand": "#0000FF", "brand_tint": "#E6E6FF", "brand_press": "#0000D9"}
    assert with_shades({"brand_tint": "#FFFFFF"}) == {"brand_tint": "#FFFFFF"}


def test_a_colour_that_nobody_can_read_with_is_told_with_its_contrast():
    assert list(unreadable({"brand": "#0B6E4F"})) == []
    pale = {(ink, ground): ratio for ink, ground, ratio in unreadable({"brand": "#7FB8A4"})}
    assert pale["brand_ink", "brand"] == pytest.approx(2.2, abs=0.1)
    assert pale["brand", "surface"] == pytest.approx(2.2, abs=0.1)
    assert list(unreadable({"brand": "#3DDC97", "brand_ink": "#06140E"}, dark=True, least=7)) == []


def test_what_is_no_colour_is_told_by_its_name():
    found = dict(mistakes({"brnad": "#123456", "brand": "green", "ink": "#101010"}))
    assert sorted(found) == ["brand", "brnad"]


def test_no_two_rules_have_the_same_name():
    """The toolkit would apply both to each of the two."""
    names = [
        name
        for path in sorted(UI.rglob("*.kv"))
        for name in re.findall(r"^<(\w+)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert sorted(names) == sorted(set(names))
