"""What the screen says: one catalogue of sentences a language, by key.

    asked for in ja ──► ja ──► en ──► zh ──► LAST_RESORT     the first of them that has it

Chinese and English are complete, with the same {placeholders}; a further language says in English
what it does not have. The files are read in catalogues.py.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kiosk.messages import Text
from kiosk.ui.catalogues import Sentences, lay_over, own_name, placeholders, read_folder

LANGUAGES = ("zh", "en")
"""The complete ones."""
LAST_RESORT = "say.ask_staff"
"""Said where the core names a sentence this screen does not have; true of every case."""
FOLDER = Path(__file__).parent / "locale"

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

log = logging.getLogger(__name__)


class Catalogue:
    """All sentences in all languages; immutable once read."""

    def __init__(
        self, sentences: Mapping[str, Sentences], offered: Sequence[str] = LANGUAGES
    ) -> None:
        self._sentences = sentences
        self._missed: set[tuple[str, str]] = set()
        self.offered = tuple(each for each in offered if each in sentences) or LANGUAGES[:1]
        """The languages that shoppers choose from, in their order."""

    @classmethod
    def load(
        cls,
        offered: Sequence[str] = LANGUAGES,
        further: Path | None = None,
        texts: Mapping[str, Sentences] | None = None,
    ) -> Catalogue:
        """The product's languages, the files of an operator's folder and his texts over them."""
        tables = lay_over(read_folder(FOLDER), read_folder(further) if further else {})
        for language in offered:
            if language not in tables:
                log.warning("no file of sentences language=%s", language)
        return cls(lay_over(tables, texts or {}), offered)

    def keys(self, language: str) -> frozenset[str]:
        """All keys of one language."""
        return frozenset(self._sentences[language])

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self._sentences[LANGUAGES[0]]

    def sentence(self, language: str, key: str) -> str:
        """The sentence as it is written, with its placeholders; KeyError for an unknown key."""
        return self._sentences[language][key]

    def other(self, language: str) -> str:
        """The language beside this one, for the few words that are said in two."""
        return next((each for each in self.offered if each != language), "")

    def names(self) -> tuple[tuple[str, str], ...]:
        """The offered languages, each with what its speakers call it."""
        return tuple((language, own_name(language)) for language in self.offered)

    def say(self, language: str, key: str, args: Mapping[str, Any] | None = None) -> str:
        """The sentence, filled in; a placeholder without an argument stays empty.

        An unknown key says `LAST_RESORT` instead: a shopper never reads a key.
        """
        if not key:
            return ""
        sentence = self._find(language, key) or self._find(language, LAST_RESORT)
        given = args or {}
        return _PLACEHOLDER.sub(lambda match: str(given.get(match[1], "")), sentence)

    def text(self, language: str, said: Text | None) -> str:
        """A sentence of the core's; nothing for nothing."""
        return "" if said is None else self.say(language, said.key, said.args)

    def _find(self, language: str, key: str) -> str:
        for each in dict.fromkeys((language, *reversed(LANGUAGES))):
            sentence = self._sentences.get(each, {}).get(key, "")
            if sentence:
                return sentence
            if (each, key) not in self._missed and each == language:
                self._missed.add((each, key))
                log.warning("sentence missing language=%s key=%s", each, key)
        return ""


def yuan(fen: int) -> str:
    """Fen as "1,234.50", without the sign of the currency."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def named(names: Mapping[str, str], language: str) -> str:
    """A name in the language, else in English or any other; without emoji, which no face holds."""
    beside = "" if language in LANGUAGES else names.get("en", "")
    found = [name for name in (names.get(language, ""), beside, *names.values()) if name]
    plain = (_EMOJI.sub("", name).strip() for name in found)
    return next(filter(None, plain), next(iter(found), ""))


__all__ = ["LANGUAGES", "LAST_RESORT", "Catalogue", "named", "placeholders", "yuan"]
