"""Finding what is there twice among any number of keys, in a fixed amount of memory.

A key sets four of sixteen million bits (a Bloom filter, two megabytes); a key that finds all of
its four set is a suspect. What is there twice is always among the suspects. Of a hundred thousand
different keys one is, by chance, on one of 150 days: then a second reading tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct

_BITS = 1 << 24
# Bits a key: four; with one nearly every day would be read twice.
_four_numbers = Struct(">4I").unpack


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
        seen, new = self._seen, False
        for mark in _marks(key):
            byte, bit = mark >> 3, 1 << (mark & 7)
            if not seen[byte] & bit:
                seen[byte] |= bit
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


def _marks(key: str) -> Sequence[int]:
    """Which bits are a key's."""
    return [mark % _BITS for mark in _four_numbers(blake2b(key.encode(), digest_size=16).digest())]
