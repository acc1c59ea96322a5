"""The tokens of theme.kv: nothing else holds colours, and every text can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

UI = Path(__file__).resolve().parents[2] / "kiosk" / "ui"
THEMES = {
    name: dict(re.findall(r"^    (\w+): '(#\w+)'", body, re.MULTILINE))
    for name, body in re.findall(
        r"^<(\w+)>:\n((?:    .*\n|\n)+)", (UI / "theme.kv").read_text("utf-8"), re.MULTILINE
    )
}

PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "brand", "accent", "good", "wait", "stop")
      for ground in ("ground", "surface")),
    ("brand_ink", "brand"), ("brand_ink", "brand_press"),
    ("state_ink", "good"), ("state_ink", "stop"),
    ("dark_ink", "dark"), ("brand", "brand_tint"), ("ink", "brand_tint"),
    ("good", "good_tint"), ("wait", "wait_tint"), ("stop", "stop_tint"),
    ("soft", "brand_tint"), ("ink", "line"), ("accent", "brand_tint"),
]  # fmt: skip


def light(colour):
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_the_guideline_does():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
@pytest.mark.parametrize(("theme", "least"), [("Theme", 4.5), ("DarkTheme", 7.0)])
def test_every_text_can_be_read_on_its_ground(theme, least, ink, ground):
    colours = THEMES["Theme"] | THEMES[theme]
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
