"""What is said of a screen: its texts as sentences, each thing to touch as a name with its place.

    ¥27.80          二十七元八角              27 yuan 80
    6901234567892   6 9 0 1 2 3 …             digit by digit
    [Pay] 3 of 7    结账，按钮，第 3 个，共 7 个    Pay, button, 3 of 7

No toolkit here: reading.py finds the texts, this file says them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kiosk.ui.words import Catalogue, yuan

SINGLE = 5  # digits from which on a number is a name, and said one by one
_FIGURES = re.compile(rf"([−-]?)¥\s*([−-]?)([\d,]+)\.(\d\d)|\d{{{SINGLE},}}")
_PAUSES: Mapping[str, str] = MappingProxyType({" · ": ", ", "…": "", "\n": " ", "|": ", "})
_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿")


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of the screen; the same `mark` is the same fact, however its words change.

    A `private` one is not said where others hear it.
    """

    text: str
    mark: str = ""
    private: bool = False

    @property
    def fact(self) -> str:
        """What it is known by when it was said."""
        return self.mark or self.text


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be touched; `about` is what the line says that it belongs to."""

    name: str
    title: str
    about: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A screen, or what lies over it. `frame` are the texts around it, said only when asked."""

    place: str = ""
    pieces: tuple[Piece, ...] = ()
    items: tuple[Item, ...] = ()
    frame: tuple[Piece, ...] = ()


class Speaker:
    """Says pages and items in one language; `private`: nobody else hears it."""

    def __init__(self, catalogue: Catalogue, language: str, *, private: bool) -> None:
        self._catalogue = catalogue
        self._language = language
        self._private = private

    def pieces(self, pieces: Iterable[Piece]) -> list[str]:
        """Their sentences; a private one says only that it is."""
        said = []
        for piece in pieces:
            hidden = piece.private and not self._private
            said.append(
                self._say("spoken.private") if hidden else plain(piece.text, self._language)
            )
        return [sentence for sentence in said if sentence]

    def item(self, items: Sequence[Item], name: str) -> str:
        """One of the items with its place among them; nothing where there is no such item."""
        at = next((at for at, item in enumerate(items) if item.name == name), None)
        if at is None:
            return ""
        item = items[at]
        title = item.title or self._say("spoken.nameless")
        key = "spoken.chosen" if item.chosen else "spoken.button"
        said = self._catalogue.say(
            self._language, key, {"title": title, "at": at + 1, "of": len(items)}
        )
        about = f"{item.about}. " if item.about else ""
        return plain(about + said, self._language)

    def _say(self, key: str) -> str:
        return self._catalogue.say(self._language, key)


def plain(text: str, language: str) -> str:
    """A text as it is spoken: amounts as people say them, long numbers digit by digit."""
    for written, spoken in _PAUSES.items():
        text = text.replace(written, spoken)

    def figures(found: re.Match[str]) -> str:
        if not found[3]:
            return " ".join(found[0])
        fen = int(found[3].replace(",", "")) * 100 + int(found[4])
        return money(-fen if found[1] or found[2] else fen, language)

    return " ".join(_FIGURES.sub(figures, text).split())


def money(fen: int, language: str) -> str:
    """An amount as a cashier says it."""
    if language != "zh":
        return _english(fen)
    minus = "减" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    tenths, last = divmod(rest, 10)
    said = f"{_pair(chinese(whole))}元" if whole or not rest else ""
    if tenths:
        said += f"{_pair(_DIGITS[tenths]) if not whole else _DIGITS[tenths]}角"
    elif last and whole:
        said += "零"
    if last:
        said += f"{_pair(_DIGITS[last]) if not said else _DIGITS[last]}分"
    return minus + said


def chinese(number: int) -> str:
    """A whole number below a trillion in Chinese characters: 1005 is 一千零五."""
    if number == 0:
        return _DIGITS[0]
    said, gap = "", False
    for at in reversed(range(len(_GROUPS))):
        group = number // 10_000**at % 10_000
        if not group:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += _DIGITS[0]
        said += _below_ten_thousand(group) + _GROUPS[at]
        gap = False
    return said.removeprefix("一") if said.startswith("一十") else said


def written(fen: int) -> str:
    """An amount as it stands on the screen, for `plain` to say."""
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{yuan(abs(fen))}"


def _english(fen: int) -> str:
    minus = "minus " if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    if not whole and rest:
        return f"{minus}{rest} fen"
    if not rest:
        return f"{minus}{whole} yuan"
    return f"{minus}{whole} yuan {rest}" if rest >= 10 else f"{minus}{whole} yuan {rest} fen"


def _below_ten_thousand(number: int) -> str:
    said, zero = "", False
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if zero and said else "") + _DIGITS[digit] + _PLACES[place]
        zero = not digit
    return said


def _pair(number: str) -> str:
    """Two of something is 两, as is a leading two before hundreds, thousands and above."""
    return "两" + number[1:] if number == "二" or number[:2] in ("二千", "二万", "二亿") else number
