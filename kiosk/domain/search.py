"""Finds products by what a person types: a name, a number, the initials of a Chinese name.

    红富士苹果          红 fu|hong…   each character is read in every way it can be read,
    Fuji apples        fuji apples   each word as it is written
    00101              00101 101

What is typed is spelled out by beginnings of words that follow each other, from any word on:
"hfs", "hongfs", "pg", "pingguo", "苹果", "fu", "fujiap", "101". Two letters lead to the few places
where such a beginning may stand, so that a book of thousands is not read through.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from kiosk.domain.catalogue import Product

MOST_TYPED = 40  # characters; what is typed beyond says nothing new

Readings = Callable[[str], Sequence[str]]
"""How a character is said, in small Latin letters; nothing for one that has no reading."""
_WORD = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]|[^\W_㐀-鿿\U00020000-\U0003ffff]+")
_LATER, _LAST, _AT = 1 << 56, 1 << 57, 16  # bits of a place: so they are sorted
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_WIDE = len(_LETTERS) + 1  # all others are one
_COLUMN = {letter: at for at, letter in enumerate(_LETTERS)}


@dataclass(frozen=True, slots=True)
class Word:
    """One character or word of a name, in all its readings.

    Two letters that may follow each other are one bit of `pairs`; `letters` times the `begins` of
    the next word are those that may meet between the two.
    """

    readings: tuple[str, ...]
    pairs: int
    letters: int
    begins: int

    def beginnings(self, after: Word) -> set[str]:
        """The one or two letters that something typed from here on may begin with."""
        begins = {reading[:length] for reading in self.readings for length in (1, 2)}
        following = {reading[0] for reading in after.readings}
        return begins | {each[0] + other for each in self.readings for other in following}


_NOTHING = Word((), 0, 0, 0)


@lru_cache(100_000)
def _word(*readings: str) -> Word:
    said = tuple(dict.fromkeys(filter(None, readings)))
    pairs = letters = begins = 0
    for reading in said:
        pairs |= _pairs(reading)
        begins |= 1 << _column(reading[0])
        for letter in reading:
            letters |= 1 << _column(letter) * _WIDE
    return Word(said, pairs, letters, begins)


def _pairs(text: str) -> int:
    """The letters of a text that follow each other."""
    bits = 0
    for one, other in pairwise(text):
        bits |= 1 << (_column(one) * _WIDE + _column(other))
    return bits


def _column(letter: str) -> int:
    return _COLUMN.get(letter, _WIDE - 1)


class Search:
    """An index of products; built once, it does not change."""

    def __init__(self, products: Sequence[Product], readings: Readings) -> None:
        """What has no bar code of its own is found first, then the order of `products` counts."""
        self._products = sorted(products, key=lambda product: not product.loose)
        self._names = [_names_of(product, readings) for product in self._products]
        self._pairs: list[int] = []
        places: defaultdict[str, list[int]] = defaultdict(list)
        for at, names in enumerate(self._names):
            first = 0 if self._products[at].loose else _LAST
            pairs = 0
            for number, words in enumerate(names):
                for place, word in enumerate(words):
                    after = words[place + 1] if place + 1 < len(words) else _NOTHING
                    pairs |= word.pairs | word.letters * after.begins
                    code = first | (_LATER if place else 0) | at << _AT | number << 8 | place
                    for begin in word.beginnings(after):
                        places[begin].append(code)
            self._pairs.append(pairs)
        self._places = {begin: array("Q", sorted(found)) for begin, found in places.items()}

    def find(self, text: str, most: int, fits: Callable[[Product], bool]) -> list[Product]:
        """At most `most` products that `fits`; names that begin so before those that go on so.

        Nothing for a text that names nothing: no letter or digit is in it.
        """
        typed = spelled(text)
        return list(islice(filter(fits, self._found(typed)), most)) if typed else []

    def _found(self, typed: str) -> Iterator[Product]:
        told: set[int] = set()
        needed = _pairs(typed)
        for code in self._places.get(typed[:2], ()):
            at = (code & (_LATER - 1)) >> _AT
            if self._pairs[at] & needed != needed or at in told:
                continue
            if len(typed) <= 2 or _spells(self._names[at][code >> 8 & 0xFF], code & 0xFF, typed):
                told.add(at)
                yield self._products[at]


def spelled(text: str) -> str:
    """What counts of a text that was typed: small letters and digits, without what is between."""
    return "".join(_words(text))[:MOST_TYPED]


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _names_of(product: Product, readings: Readings) -> list[list[Word]]:
    """The number and both names, word by word."""
    return [
        [_word(product.code, product.code.lstrip("0"))],
        *(
            [_word(each, *readings(each)) for each in _words(name)]
            for name in product.names.values()
        ),
    ]


def _spells(words: Sequence[Word], at: int, typed: str) -> bool:
    """Whether beginnings of the words from `at` on, one after the other, make what was typed."""
    whole = len(typed)
    ends = {0}
    while ends and at < len(words):
        further: set[int] = set()
        for end in ends:
            for reading in words[at].readings:
                if reading[0] == typed[end]:
                    far = _reach(reading, typed, end)
                    if far == whole:
                        return True
                    further.update(range(end + 1, far + 1))
        ends, at = further, at + 1
    return False


def _reach(reading: str, typed: str, begin: int) -> int:
    """How far the longest beginning of a reading reaches in what was typed."""
    far = begin
    for letter, other in zip(reading, typed[begin:], strict=False):
        if letter != other:
            break
        far += 1
    return far
