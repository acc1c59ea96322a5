"""One object of an operator's JSON file, whose keys are asked for by name and kind of value.

The first fault ends the reading, and names place, key and reason. Amounts are yuan, as texts with
at most two places; a number that was written without quotes is read as the text that it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk.content import MOST_FEN, PICTURE, ContentError
from kiosk.domain.money import Money

_T = TypeVar("_T")
_AMOUNT = re.compile(r"\d{1,8}(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fields:
    """The object; `place` says where one of its keys stands. Everything raises ContentError."""

    body: Mapping[str, Any]
    place: Callable[[str], str]

    def mistake(self, key: str, said: str) -> ContentError:
        """What is wrong with a key, and where it stands."""
        return ContentError(f"{self.place(key)}: {said}")

    def only(self, keys: Collection[str]) -> None:
        """That there are no other keys."""
        for key in self.body:
            if key not in keys:
                raise self.mistake(key, f"there are the keys {', '.join(keys)}")

    def words(self, key: str, least: int, most: int) -> str:
        """A text of so many printable characters; "" where it may be empty and is not there."""
        value = self.body.get(key, "")
        if type(value) is not str or not least <= len(value) <= most or not value.isprintable():
            raise self.mistake(key, f"{least} to {most} printable characters")
        if not (value := value.strip()) and least:
            raise self.mistake(key, "says nothing")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.body.get(key, default)
        if type(value) is not bool:
            raise self.mistake(key, "true or false")
        return value

    def number(self, key: str, least: int, most: int) -> int | None:
        """A whole number, or None where it is not there."""
        value = self.body.get(key)
        if value is not None and (type(value) is not int or not least <= value <= most):
            raise self.mistake(key, f"a whole number from {least} to {most}")
        return value

    def hundredths(self, key: str, most: int, value: object = None) -> int | None:
        """A number with at most two places, as a text, in hundredths; None: it is not there."""
        value = self.body.get(key) if value is None else value
        if value is None:
            return None
        if type(value) is not str or not _AMOUNT.fullmatch(value):
            raise self.mistake(key, f'{value!r} is not an amount like "3.50"')
        whole, _, places = value.partition(".")
        amount = int(whole) * 100 + int(places.ljust(2, "0"))
        if amount > most:
            raise self.mistake(key, f"{value} is more than {most // 100}")
        return amount

    def amount(self, key: str, value: object = None) -> Money | None:
        """An amount, or None where it is not there; `value` of an object inside this one."""
        fen = self.hundredths(key, MOST_FEN, value)
        return None if fen is None else Money(fen)

    def needed(self, key: str) -> Money:
        """An amount that must be there."""
        amount = self.amount(key)
        if amount is None:
            raise self.mistake(key, "is missing")
        return amount

    def read(self, key: str, parse: Callable[[str], _T], like: str) -> _T | None:
        """What `parse` makes of a text, or None where it is not there."""
        value = self.body.get(key)
        try:
            return None if value is None else parse(value)
        except (TypeError, ValueError) as error:
            raise self.mistake(key, f"{value!r} is not like {like}") from error

    def listed(self, key: str, most: int) -> list[Any]:
        """A list of at most so many; an empty one where it is not there."""
        value = self.body.get(key, [])
        if type(value) is not list or len(value) > most:
            raise self.mistake(key, f"a list of at most {most}")
        return value

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """A list of at most so many texts."""
        values = self.listed(key, most)
        if any(type(value) is not str for value in values):
            raise self.mistake(key, "a list of texts")
        return tuple(values)

    def picture(self, key: str, folder: Path) -> str:
        """The path of a picture in `folder`; whether it can be read the screen finds out."""
        value = self.words(key, 0, 110)
        if not value:
            return ""
        if not PICTURE.fullmatch(value) or ".." in value:
            raise self.mistake(key, f"{value!r} is not a path like pictures/a.png")
        return str(folder / value)


def decoder() -> json.JSONDecoder:
    """Reads JSON in which no key is there twice; raises ValueError."""
    return json.JSONDecoder(parse_float=str, parse_constant=str, object_pairs_hook=_keys_once)


def _keys_once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise ValueError("a key is there twice")
    return body
