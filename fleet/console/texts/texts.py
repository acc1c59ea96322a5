"""The catalogues, read once; a key that is missing is a defect and raises."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Texts:
    """What is said in one language: `say("payments.title")`, `say("terminals.gaps", count=2)`."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        return _catalogue(self.language)[key].format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """The text of a key that may be missing, since it was made from what others wrote."""
        return _catalogue(self.language).get(key, otherwise)

    def names(self) -> frozenset[str]:
        """All that can be said."""
        return frozenset(_catalogue(self.language))


def preferred(accept_language: str) -> str:
    """The first language of a browser's header that we have; Chinese where it names none."""
    for part in accept_language.split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    path = _FOLDER / f"{language}.toml"
    return dict(_flat(tomllib.loads(path.read_text("utf-8"))))


def _flat(table: Mapping[str, Any], front: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{front}{name}.")
        else:
            yield f"{front}{name}", value
