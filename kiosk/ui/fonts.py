"""Makes one font file per weight out of the system's Chinese collection, once, at set-up.

A .ttc holds several faces, and the toolkit opens only the first, which in Debian's Noto CJK is
the Japanese one: the same characters in the wrong shapes. So the simplified Chinese face is
copied out into a cache directory, table by table, without touching a glyph.

    python -m kiosk.ui.fonts --cache DIR      prints the two paths
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.ui.options import FontFiles

SYSTEM = Path("/usr/share/fonts")


class FontMissing(Exception):
    """No Chinese font on this machine; the message says which package brings one."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a distribution keeps a Chinese font; `family` picks the face of a collection."""

    regular: str
    bold: str
    family: str


SOURCES = (
    Source(
        "opentype/noto/NotoSansCJK-Regular.ttc",
        "opentype/noto/NotoSansCJK-Bold.ttc",
        "Noto Sans CJK SC",
    ),
    Source(
        "google-noto-cjk/NotoSansCJK-Regular.ttc",
        "google-noto-cjk/NotoSansCJK-Bold.ttc",
        "Noto Sans CJK SC",
    ),
    Source("noto-cjk/NotoSansCJK-Regular.ttc", "noto-cjk/NotoSansCJK-Bold.ttc", "Noto Sans CJK SC"),
    Source(
        "opentype/source-han-sans/SourceHanSansSC-Regular.otf",
        "opentype/source-han-sans/SourceHanSansSC-Bold.otf",
        "Source Han Sans SC",
    ),
    Source("truetype/wqy/wqy-microhei.ttc", "truetype/wqy/wqy-microhei.ttc", "WenQuanYi Micro Hei"),
    Source("truetype/wqy/wqy-zenhei.ttc", "truetype/wqy/wqy-zenhei.ttc", "WenQuanYi Zen Hei"),
    Source(
        "truetype/droid/DroidSansFallbackFull.ttf",
        "truetype/droid/DroidSansFallbackFull.ttf",
        "Droid Sans Fallback",
    ),
)


def font_files(cache: Path) -> FontFiles:
    """Where the prepared fonts are; does not look whether they are there."""
    return FontFiles(cache / "kiosk-regular.otf", cache / "kiosk-bold.otf")


def ready(files: FontFiles) -> bool:
    """Whether set-up has already been done."""
    return files.regular.is_file() and files.bold.is_file()


def prepare_fonts(cache: Path, system: Path = SYSTEM) -> FontFiles:
    """Extract both weights into `cache` unless they are there; raises FontMissing."""
    files = font_files(cache)
    if ready(files):
        return files
    source = next((each for each in SOURCES if (system / each.regular).is_file()), None)
    if source is None:
        raise FontMissing(
            f"no Chinese font under {system}; install one: apt-get install fonts-noto-cjk"
        )
    bold = system / source.bold
    cache.mkdir(parents=True, exist_ok=True)
    _extract(system / source.regular, source.family, files.regular)
    _extract(bold if bold.is_file() else system / source.regular, source.family, files.bold)
    return files


def _extract(collection: Path, family: str, target: Path) -> None:
    """Copy the face called `family` to `target`; a half-written file never bears the name."""
    from fontTools.ttLib import TTCollection, TTFont

    if collection.suffix == ".ttc":
        faces: Sequence[TTFont] = TTCollection(str(collection), lazy=True).fonts
    else:
        faces = [TTFont(str(collection), lazy=True)]
    chosen = next((face for face in faces if face["name"].getDebugName(1) == family), None)
    if chosen is None:
        # Bold faces of some builds put the weight into the family's name.
        chosen = next(
            (face for face in faces if str(face["name"].getDebugName(1)).startswith(family)),
            faces[0],
        )
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    chosen.save(str(partial), reorderTables=None)
    partial.replace(target)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare the fonts and print where they are."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.ui.fonts", description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="directory to keep them in")
    try:
        files = prepare_fonts(parser.parse_args(arguments).cache)
    except FontMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{files.regular}\n{files.bold}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
