"""Reads the files of sentences: one a language, named after it, in either of two forms.

    zh.toml   [hint] scan_first = "…"                     key and sentence
    ja.po     msgctxt "hint.scan_first"  msgid "…"  msgstr "…"
              what translators' tools read: the context is the key, the msgid the English sentence

An operator's folder adds languages, and other words for single sentences. A sentence there that no
screen has, or that names other things in {braces}, is left out and logged: a file that somebody
wrote at night must not take the screen away.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Sentences = Mapping[str, str]
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")
"""The name of a language as Unicode's data has it: zh, en, ja, pt_BR, zh_Hant."""
OWN_NAMES = {"zh": "中文", "en": "English"}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

log = logging.getLogger(__name__)


def read_folder(folder: Path) -> dict[str, dict[str, str]]:
    """All languages in `folder`; a file that cannot be read is logged and is not there."""
    read = {".po": _read_po, ".toml": _read_toml}
    tables: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix not in read or not LANGUAGE.fullmatch(path.stem):
            continue
        try:
            table = read[path.suffix](path)
        except (OSError, ValueError) as error:
            log.warning("language unreadable path=%s error=%s", path, error)
            continue
        tables.setdefault(path.stem, {}).update(table)
    return tables


def lay_over(
    tables: Mapping[str, Sentences], further: Mapping[str, Sentences]
) -> dict[str, dict[str, str]]:
    """`tables` with the sentences of `further` over them, but for those that do not fit."""
    whole = {language: dict(table) for language, table in tables.items()}
    for language, table in further.items():
        bad = dict(faults({language: table}, tables))
        for key, what in bad.items():
            log.warning("sentence left out language=%s key=%s: %s", language, key, what)
        fitting = {key: text for key, text in table.items() if key not in bad}
        whole.setdefault(language, {}).update(fitting)
    return whole


def faults(
    further: Mapping[str, Sentences], tables: Mapping[str, Sentences]
) -> Iterator[tuple[str, str]]:
    """The key of each sentence that does not fit, and what is wrong with it."""
    for table in further.values():
        for key, text in table.items():
            known = [whole[key] for whole in tables.values() if key in whole]
            if not known:
                yield key, "no screen says this"
                continue
            may = frozenset().union(*map(placeholders, known))
            if not placeholders(text) <= may:
                odd = ", ".join(f"{{{name}}}" for name in sorted(placeholders(text) - may))
                names = ", ".join(f"{{{name}}}" for name in sorted(may)) or "nothing"
                yield key, f"names {odd}; known here: {names}"


def placeholders(sentence: str) -> frozenset[str]:
    """The names of what a sentence is filled in with."""
    return frozenset(_PLACEHOLDER.findall(sentence))


def own_name(language: str) -> str:
    """A language as its speakers call it."""
    if language in OWN_NAMES:
        return OWN_NAMES[language]
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        return language
    name = locale.get_display_name(locale) or language
    return name[:1].upper() + name[1:]


def _read_toml(path: Path) -> dict[str, str]:
    return dict(_flat(tomllib.loads(path.read_text("utf-8"))))


def _read_po(path: Path) -> dict[str, str]:
    from babel.messages.pofile import PoFileError, read_po

    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.stem, abort_invalid=True)
    except PoFileError as error:
        raise ValueError(str(error)) from error
    return {
        message.context: message.string
        for message in catalog
        if message.context and isinstance(message.string, str) and message.string
        if not message.fuzzy
    }


def _flat(tables: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{before}{key}.")
        else:
            pairs.append((before + key, str(value)))
    return pairs
