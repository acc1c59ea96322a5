"""Typed settings from one TOML file, as a strict reader makes them.

A key that nobody reads is a mistake somebody will look for at night: it is refused with file, line
and key. What a driver takes stands in its own table beside `driver` and is checked by the driver.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kiosk.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver's name and its own options, from a table `[… ] driver = "name"`."""

    driver: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Over:
    """A second file whose keys count instead of the first one's; only those in `may`, by table."""

    path: Path
    may: Mapping[str, frozenset[str]]


def read_settings(path: Path, kind: type[T], over: Over | None = None) -> tuple[T, Source]:
    """The file as this dataclass, and where its keys stand.

    Raises ConfigError that names file, line and key.
    """
    source = _read(path)
    if over is not None:
        source = replace(source, over=_read(over.path))
    shaped = _shape(_whole(source, over.may if over else {}), kind, (), source)
    try:
        settings: T = msgspec.convert(
            shaped, kind, strict=True, dec_hook=lambda kind, value: kind(value)
        )
    except msgspec.ValidationError as error:
        raise source.mistake(_key_of(str(error)), str(error).partition(" - ")[0]) from error
    return settings, source


def read_credential(name: str) -> str:
    """A secret that systemd handed to this unit (LoadCredential=), or a file's own path.

    Raises ConfigError when it is not there. Secrets are never in the settings file.
    """
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(name) if "/" in name else Path(directory or "/nonexistent") / name
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"the credential {name} cannot be read: {error.strerror}",
            "Give it with LoadCredential= in the unit, or as an absolute path",
        ) from error


@dataclass(frozen=True, slots=True)
class Source:
    """A settings file, to say where in it a mistake stands."""

    path: Path
    lines: list[str]
    table: Mapping[str, Any]
    over: Source | None = None

    def mistake(self, key: tuple[str, ...], what: str, mend: str = "") -> ConfigError:
        """The error that names file, line and key."""
        if self.over is not None and self.over.sets(key):
            return self.over.mistake(key, what, mend)
        place = f"{self.path}:{self._line(key)}" if key else str(self.path)
        return ConfigError(f"{place}: {'.'.join(key) or 'the file'}: {what}", mend)

    def sets(self, key: tuple[str, ...]) -> bool:
        """Whether the key stands in it."""
        table: Any = self.table
        for word in key:
            if not isinstance(table, Mapping) or word not in table:
                return False
            table = table[word]
        return bool(key)

    def _line(self, key: tuple[str, ...]) -> int:
        """The line that sets `key`, counted from 1: its last word below its table's head."""
        key = tuple(part for word in key for part in word.split("."))
        table: tuple[str, ...] = ()
        for number, line in enumerate(self.lines, 1):
            head = re.match(r"\s*\[\[?([^\]]+)\]", line)
            if head:
                table = tuple(word.strip().strip('"') for word in head[1].split("."))
                if table == key:
                    return number
            elif set_here := re.match(r"\s*([\w.\"-]+)\s*=", line):
                words = tuple(set_here[1].replace('"', "").split("."))
                if (*table, *words) == key[: len(table) + len(words)]:
                    return number
        return 1


def _read(path: Path) -> Source:
    try:
        text = path.read_text("utf-8")
        return Source(path, text.splitlines(), tomllib.loads(text))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", "Check its path") from error
    except (ValueError, RecursionError) as error:
        # ValueError: no TOML, no UTF-8, a number of thousands of digits
        raise ConfigError(f"{path}: {error}", "Mend the file's syntax") from error


def _whole(source: Source, may: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Both tables as one, after refusing in the one above what may not be there."""
    whole = dict(source.table)
    for name, given in (source.over.table if source.over else {}).items():
        known = may.get(name)
        if known is None:
            raise _out_of_place(source, (name,), may)
        for key in _table(given, (name,), source):
            if key not in known:
                raise _out_of_place(source, (name, key), known)
        whole[name] = {**_table(whole.get(name, {}), (name,), source), **given}
    return whole


def _out_of_place(source: Source, key: tuple[str, ...], may: Iterable[str]) -> ConfigError:
    return source.mistake(key, "does not come from afar", f"What does: {', '.join(sorted(may))}")


def _shape(
    table: Mapping[str, Any], kind: type, at: tuple[str, ...], source: Source
) -> dict[str, Any]:
    """The table with driver tables folded into Driver, after refusing keys that nobody reads."""
    if kind is Driver:
        if "driver" not in table:
            raise source.mistake(at, "names no driver", 'Add driver = "…"')
        rest = {key: value for key, value in table.items() if key != "driver"}
        return {"driver": table["driver"], "options": rest}
    hints = typing.get_type_hints(kind)
    known = {one.name for one in dataclasses.fields(kind)}
    shaped: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            names = ", ".join(sorted(known))
            raise source.mistake((*at, key), "is not a setting", f"Known here: {names}")
        shaped[key] = _shape_value(value, hints[key], (*at, key), source)
    return shaped


def _shape_value(value: Any, hint: Any, at: tuple[str, ...], source: Source) -> Any:
    if not isinstance(value, Mapping):
        return value
    if typing.get_origin(hint) is types.UnionType:
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _shape(value, hint, at, source)
    arguments = typing.get_args(hint)
    inner = arguments[-1] if arguments else None
    if isinstance(inner, type) and dataclasses.is_dataclass(inner):
        return {
            name: _shape(_table(one, (*at, name), source), inner, (*at, name), source)
            for name, one in value.items()
        }
    return dict(value)


def _table(value: Any, at: tuple[str, ...], source: Source) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise source.mistake(at, "is not a table")
    return value


def _key_of(message: str) -> tuple[str, ...]:
    found = re.search(r"\$\.([\w.]+)", message)
    return tuple(found[1].split(".")) if found else ()
