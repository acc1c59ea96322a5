"""The operator's look and words, checked before a screen wears them.

A colour that people cannot read with, a sentence that no screen says: each is refused by the name
of its key, when the settings are read and not when a shopper stands there. Files are not looked at
then: a picture that is not there leaves the screen without it, and the doctor says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.ui import colours as palette
from kiosk.ui.catalogues import faults, read_folder
from kiosk.ui.words import FOLDER


@dataclass(frozen=True, slots=True)
class Brand:
    """What makes a screen the operator's.

    On the first screen a `video` stands before `slides` (a folder of pictures, each for
    `slide_seconds`), and these before the one `picture`. `colours` are tokens of theme.kv;
    `texts` are sentences by language and key; `languages` is a folder of further languages.
    """

    logo: Path | None = None
    picture: Path | None = None
    slides: Path | None = None
    slide_seconds: float = 8.0
    video: Path | None = None
    languages: Path | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def brand_mistakes(brand: Brand, *, dark: bool) -> Iterator[tuple[tuple[str, ...], str]]:
    """The key below `brand` of everything that is refused, and why."""
    if not 2 <= brand.slide_seconds <= 600:
        yield ("slide_seconds",), "must be from 2 to 600"
    wrong = list(palette.mistakes(brand.colours))
    yield from ((("colours", name), what) for name, what in wrong)
    if not wrong:
        for ink, ground, ratio in palette.unreadable(brand.colours, dark=dark):
            name = ink if ink in brand.colours else ground
            name = name if name in brand.colours else "brand"
            says = f"{ink} on {ground} has a contrast of {ratio:.1f} : 1; people need 4.5 : 1"
            yield ("colours", name), says
    if brand.texts:
        known = read_folder(FOLDER)
        for language, table in brand.texts.items():
            for key, what in faults({language: table}, known):
                yield ("texts", language, key), what
