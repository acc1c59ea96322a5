"""What a folder holds to measure on: pairs of faces, and presentations to attack detection.

    ANY/pairs.txt             1|0 path path, one pair a line, paths from where the file is
    ANY/bonafide/...          pictures or clips of people; the folders beside it are PAI species,
    ANY/print/...             called by their names; those within `attack` count as beside it
    ANY/bonafide_1.mov        clips side by side: the species is the name without its number
    ANY/replay_1.mp4

A presentation is one clip, or the pictures of a folder whose names begin alike up to the first `_`
(one person, in most sets), in the order of their numbers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.types import Image

BONA_FIDE = "bona fide"
PICTURES = {".bmp", ".jpeg", ".jpg", ".png", ".webp"}
CLIPS = {".avi", ".mkv", ".mov", ".mp4", ".webm"}
_BONA_FIDE = re.compile(r"(?i)bona[-_ ]?fide")
_NUMBER = re.compile(r"[-_ ]*\d+$")


class NothingToMeasure(Exception):
    """The folder holds neither pairs nor presentations, or a line or file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, of the same person or not."""

    same: bool
    one: Path
    other: Path


@dataclass(frozen=True, slots=True)
class Presentation:
    """Consecutive frames of one species."""

    source: str
    """The set: the folder that holds bona fide and attacks, or the one asked for."""
    species: str
    """BONA_FIDE, or what the artefact is."""
    name: str
    files: tuple[Path, ...]
    """Pictures, or one clip."""

    @property
    def is_clip(self) -> bool:
        return self.files[0].suffix.lower() in CLIPS

    def frames(self, every: int = 1) -> Iterator[Image]:
        """Each `every`-th frame of a clip, or each picture; raises NothingToMeasure."""
        if self.is_clip:
            yield from _frames_of(self.files[0], every)
        else:
            yield from map(read_picture, self.files)


def read_pairs(folder: Path) -> list[Pair]:
    """All pairs of all lists in and below `folder`; raises NothingToMeasure for a bad line."""
    pairs = []
    for path in sorted(folder.rglob("pairs.txt")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            words = line.split()
            if not words:
                continue
            if len(words) != 3 or words[0] not in ("0", "1"):
                raise NothingToMeasure(f"{path}, line {number}: expected `1|0 path path`")
            pairs.append(Pair(words[0] == "1", path.parent / words[1], path.parent / words[2]))
    return pairs


def read_presentations(folder: Path) -> list[Presentation]:
    """All presentations in and below `folder`, but for the folders of pairs."""
    listed = {path.parent for path in folder.rglob("pairs.txt")}
    files = [
        path
        for path in sorted(folder.rglob("*"), key=_natural)
        if path.suffix.lower() in PICTURES | CLIPS and not listed & set(path.parents)
    ]
    found = []
    for (parent, name), group in itertools.groupby(
        files, key=lambda path: (path.parent, _name_of(path))
    ):
        paths = tuple(group)
        source, species = kind_of(paths[0], folder)
        title = name if name == parent.name else f"{parent.name}/{name}"
        found.append(Presentation(source, species, title, paths))
    return found


def kind_of(path: Path, root: Path) -> tuple[str, str]:
    """Set and species, by the nearest folder that holds something called bona fide.

    Without such a folder the species is the name of the file's own folder.
    """
    for place in path.parents:
        if any(_BONA_FIDE.match(child.name) for child in place.iterdir()):
            first, *rest = path.relative_to(place).parts
            if first.lower() in ("attack", "attacks") and len(rest) > 1:
                first = rest[0]
            return place.name, _species(first)
        if place == root:
            break
    return root.name, _species(path.parent.name)


def read_picture(path: Path) -> Image:
    """Raises NothingToMeasure if it is none."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise NothingToMeasure(f"{path} cannot be read as a picture")
    return np.asarray(picture, np.uint8)


def windows(scores: Sequence[float], size: int = 3) -> list[float]:
    """Means over `size` frames one after the other, none used twice; a rest is left out."""
    return [sum(scores[at : at + size]) / size for at in range(0, len(scores) - size + 1, size)]


def _frames_of(clip: Path, every: int) -> Iterator[Image]:
    reader = cv2.VideoCapture(str(clip))
    try:
        for number in itertools.count():
            there, frame = reader.read()
            if not there:
                break
            if number % every == 0:
                yield np.asarray(frame, np.uint8)
    finally:
        reader.release()
    if number == 0:
        raise NothingToMeasure(f"{clip} cannot be read as a clip")


def _species(name: str) -> str:
    stem = name.rsplit(".", 1)[0] if Path(name).suffix.lower() in PICTURES | CLIPS else name
    if _BONA_FIDE.match(stem):
        return BONA_FIDE
    return _NUMBER.sub("", stem).replace("_", " ") or stem


def _name_of(path: Path) -> str:
    if path.suffix.lower() in CLIPS:
        return path.name
    first, found, _ = path.stem.partition("_")
    return first if found else path.parent.name


def _natural(path: Path) -> list[tuple[int, int | str]]:
    """Order in which 9 comes before 10."""
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]
