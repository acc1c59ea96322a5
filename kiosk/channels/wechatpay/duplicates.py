"""Finding what is there twice among any number of keys, in a fixed amount of memory.

A key sets four of sixteen million bits (a Bloom filter, two megabytes); a key that finds all of
its four set is a suspect. What is there twice is always among the suspects. Of a hundred thousand
different keys one is, by chance, on one of 150 days: then a second reading tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

_BITS = 1 << 24
_MARKS = 4  # bits a key; with one nearly every day would be read twice


class Duplicates:
    """The suspects of a first reading; asked once more for each key of the second."""

    def __init__(self) -> None:
        self._seen = bytearray(_BITS // 8)
        self._rows: dict[str, int | None] = {}

    @property
    def suspects(self) -> bool:
        """Whether a second reading is needed at all."""
        return bool(self._rows)

    def add(self, key: str) -> None:
        """A key of the first reading."""
        new = False
        for byte, bit in _marks(key):
            held = self._seen[byte]
            if not held & bit:
                self._seen[byte] = held | bit
                new = True
        if not new:
            self._rows[key] = None

    def first_row(self, key: str, row: int) -> int | None:
        """Where the second reading has met this key before; None the first time."""
        if key not in self._rows:
            return None
        earlier = self._rows[key]
        self._rows[key] = earlier or row
        return earlier


def _marks(key: str) -> Iterator[tuple[int, int]]:
    """Where the bits of a key are: byte, and bit in it."""
    number = int.from_bytes(blake2b(key.encode(), digest_size=_MARKS * 3).digest())
    for _ in range(_MARKS):
        number, at = divmod(number, _BITS)
        yield at >> 3, 1 << (at & 7)
