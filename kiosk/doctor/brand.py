"""The operator's look: the files of it, his colours in the dark theme, the languages offered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, bad, good, unknown
from kiosk.ui.catalogues import faults, read_folder
from kiosk.ui.colours import LEAST_DARK, unreadable
from kiosk.ui.slides import pictures_in
from kiosk.ui.words import FOLDER, LANGUAGES


def checks(config: Config) -> list[Check]:
    """All of this file."""
    return [
        Check("brand", lambda: brand(config)),
        Check("languages", lambda: languages(config)),
    ]


def brand(config: Config) -> Iterator[Finding]:
    """Pictures that are not there, and colours that not everybody reads."""
    brand, found = config.brand, False
    for name in ("logo", "picture", "video", "slides"):
        path: Path | None = getattr(brand, name)
        if path is None:
            continue
        there = bool(pictures_in(path)) if name == "slides" else path.is_file()
        if not there:
            found = True
            says = f"brand.{name} names {path}, where there is none"
            yield bad("brand", says, "Put it there, or take the key out.")
    if config.ui.dark:
        for ink, ground, ratio in unreadable(brand.colours, dark=True, least=LEAST_DARK):
            found = True
            says = f"{ink} on {ground} has a contrast of {ratio:.1f} : 1, less than 7 : 1"
            yield unknown("brand", says, "Choose a lighter colour for the dark theme.")
    if not found:
        yield good("brand", "its files are there and its colours can be read")


def languages(config: Config) -> Iterator[Finding]:
    """Every language that shoppers choose from needs its sentences."""
    ours = read_folder(FOLDER)
    folder = config.brand.languages
    theirs = read_folder(folder) if folder else {}
    wrong = list(faults(theirs, ours))
    for key, what in wrong[:5]:
        yield bad("languages", f"{folder}: {key}: {what}", "Mend the sentence; it is left out now.")
    for language in config.shop.languages:
        table = {**ours.get(language, {}), **theirs.get(language, {})}
        lacking = len(ours[LANGUAGES[0]].keys() - table.keys())
        if not table:
            says = f"there is no file of sentences for {language}"
            yield bad("languages", says, "Put it into brand.languages, or offer it no more.")
        elif lacking:
            says = f"{language} lacks {lacking} sentences; they are said in English"
            yield unknown("languages", says, "Complete the file when you can.")
        else:
            yield good("languages", f"{language} is complete")
