"""What the screen says: one catalogue of sentences a language, by key.

The catalogues are locale/zh.toml and locale/en.toml; table and key make "hint.scan_first".
Every sentence stands in both, with the same {placeholders}.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.messages import Text

LANGUAGES = ("zh", "en")
LAST_RESORT = "say.ask_staff"
"""Said where the core names a sentence this screen does not have; true of every case."""

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

log = logging.getLogger(__name__)


class Catalogue:
    """All sentences in all languages; immutable once read."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._sentences = sentences

    @classmethod
    def load(cls, folder: Path | None = None) -> Catalogue:
        """Read the catalogues beside this file, or those in `folder`."""
        folder = folder or Path(__file__).parent / "locale"
        return cls(
            {
                language: dict(
                    _flat(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")))
                )
                for language in LANGUAGES
            }
        )

    def keys(self, language: str) -> frozenset[str]:
        """All keys of one language."""
        return frozenset(self._sentences[language])

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._sentences[LANGUAGES[0]]

    def sentence(self, language: str, key: str) -> str:
        """The sentence as it is written, with its placeholders; KeyError for an unknown key."""
        return self._sentences[language][key]

    def say(self, language: str, key: str, args: Mapping[str, Any] | None = None) -> str:
        """The sentence, filled in; a placeholder without an argument stays empty.

        An unknown key says `LAST_RESORT` instead: a shopper never reads a key.
        """
        if not key:
            return ""
        table = self._sentences.get(language) or self._sentences[LANGUAGES[0]]
        sentence = table.get(key)
        if sentence is None:
            log.warning("sentence missing key=%s", key)
            sentence = table[LAST_RESORT]
        given = args or {}
        return _PLACEHOLDER.sub(lambda match: str(given.get(match[1], "")), sentence)

    def text(self, language: str, said: Text | None) -> str:
        """A sentence of the core's; nothing for nothing."""
        return "" if said is None else self.say(language, said.key, said.args)


def placeholders(sentence: str) -> frozenset[str]:
    """The names of what a sentence is filled in with."""
    return frozenset(_PLACEHOLDER.findall(sentence))


def yuan(fen: int) -> str:
    """Fen as "1,234.50", without the sign of the currency."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def named(names: Mapping[str, str], language: str) -> str:
    """A name in the language, or in any other there is; without emoji, which no text face holds."""
    name = names.get(language) or next(iter(names.values()), "")
    return _EMOJI.sub("", name).strip() or name


def _flat(tables: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{before}{key}.")
        else:
            pairs.append((before + key, str(value)))
    return pairs
