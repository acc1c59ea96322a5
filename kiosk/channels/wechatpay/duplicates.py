"""Finding what is there twice among any number of keys, in a fixed amount of memory.

A key sets one of eight million bits; a key that finds its bit set is a suspect. What is there twice
is always among the suspects, and of a hundred thousand different keys only some six hundred are, by
chance: a second reading tells them apart.
"""

from __future__ import annotations

import zlib

_BITS = 1 << 23


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
        byte, bit = divmod(zlib.crc32(key.encode()) % _BITS, 8)
        if self._seen[byte] >> bit & 1:
            self._rows[key] = None
        self._seen[byte] |= 1 << bit

    def first_row(self, key: str, row: int) -> int | None:
        """Where the second reading has met this key before; None the first time."""
        if key not in self._rows:
            return None
        earlier = self._rows[key]
        self._rows[key] = earlier or row
        return earlier
