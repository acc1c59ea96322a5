"""The operator's colours: which there are, and whether people can read with them.

WCAG 2.2 asks for a contrast of 4.5 : 1 between a text and its ground; the dark theme, which is also
the one for people who see little, keeps 7 : 1. Nothing here imports the toolkit: settings are
checked by processes that have no window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

COLOURS = (
    "ground", "surface", "line", "ink", "soft", "brand", "brand_ink", "brand_tint", "brand_press",
    "accent", "good", "good_tint", "wait", "wait_tint", "stop", "stop_tint", "state_ink", "shadow",
    "scrim", "dark", "dark_ink",
)  # fmt: skip
PAIRS = (
    *((ink, ground) for ink in ("ink", "soft", "brand", "accent", "good", "wait", "stop")
      for ground in ("ground", "surface")),
    ("brand_ink", "brand"), ("brand_ink", "brand_press"),
    ("state_ink", "good"), ("state_ink", "stop"),
    ("dark_ink", "dark"), ("brand", "brand_tint"), ("ink", "brand_tint"),
    ("good", "good_tint"), ("wait", "wait_tint"), ("stop", "stop_tint"),
    ("soft", "brand_tint"), ("ink", "line"), ("accent", "brand_tint"),
)  # fmt: skip
"""Every text with every ground that it stands on."""
LEAST, LEAST_DARK = 4.5, 7.0

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_RULE = re.compile(r"^<(\w+)>:\n((?:    .*\n|\n)+)", re.MULTILINE)
_TOKEN = re.compile(r"^    (\w+): '(#\w+)'", re.MULTILINE)


def tokens(*, dark: bool = False) -> dict[str, str]:
    """The colours of theme.kv by name."""
    text = Path(__file__).with_name("theme.kv").read_text("utf-8")
    themes = {name: dict(_TOKEN.findall(body)) for name, body in _RULE.findall(text)}
    return themes["Theme"] | (themes["DarkTheme"] if dark else {})


def with_shades(colours: Mapping[str, str], *, dark: bool = False) -> dict[str, str]:
    """These, and what follows from `brand` where it stands alone: its paler ground, its press."""
    whole = dict(colours)
    if "brand" in whole and _HEX.fullmatch(whole["brand"]):
        surface = tokens(dark=dark)["surface"]
        whole.setdefault("brand_tint", mixed(whole["brand"], surface, 0.1))
        whole.setdefault("brand_press", mixed(whole["brand"], "#000000", 0.85))
    return whole


def mistakes(colours: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The name of each entry that is no colour of ours, and what is wrong with it."""
    for name, value in colours.items():
        if name not in COLOURS:
            yield name, f"is no colour of the screen; known: {', '.join(COLOURS)}"
        elif not _HEX.fullmatch(value):
            yield name, "must be a colour written as #RRGGBB"


def unreadable(
    colours: Mapping[str, str], *, dark: bool = False, least: float = LEAST
) -> Iterator[tuple[str, str, float]]:
    """Text, ground and contrast of every pair that `colours` take below `least`."""
    theirs = with_shades(colours, dark=dark)
    whole = tokens(dark=dark) | theirs
    for ink, ground in PAIRS:
        ratio = contrast(whole[ink], whole[ground])
        if ratio < least and {ink, ground} & set(theirs):
            yield ink, ground, ratio


def contrast(one: str, other: str) -> float:
    """1 to 21, as WCAG 2.2 reckons it."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """So much of the one colour, the rest of the other."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _light(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
