"""Which load is which: one that was read is not read again until it has gone or clearly changed.

pan empty ──stable weight──► load n ──emptied──► pan empty ──stable weight──► load n + 1
└──── changed by ``change_g`` ────► load n + 1
"""

from __future__ import annotations

from decimal import Decimal

from hardware.devices import ScaleStatus

EMPTY = frozenset({ScaleStatus.ZERO, ScaleStatus.UNDER_ZERO})


class Loads:
    """Counts loads. Losing the line changes nothing: what was read may still lie there."""

    def __init__(self, change_g: Decimal) -> None:
        self._change_g = change_g
        self._empty = True
        self._first = Decimal(0)
        self._read = 0
        self._read_g: Decimal | None = None  # None: what was read has gone from the pan
        self._count = 0
        self.load = 0

    @property
    def already_read(self) -> bool:
        """Whether the load on the pan is the one that was read last."""
        return self._read_g is not None and self.load == self._read and not self._empty

    def see(self, status: ScaleStatus, grams: Decimal) -> None:
        """A fresh reading; only what is at rest counts.

        Something laid beside what was read and taken away again leaves what was read.
        """
        if status in EMPTY:
            self._empty, self._read_g = True, None
        elif status is ScaleStatus.STABLE:
            if self._read_g is not None and abs(grams - self._read_g) < self._change_g:
                self.load = self._read
            elif self._empty or self.already_read or abs(grams - self._first) >= self._change_g:
                self._count += 1
                self.load, self._first = self._count, grams
            self._empty = False

    def take(self, grams: Decimal) -> int:
        """The load on the pan has been read; its number."""
        self._read, self._read_g, self._first = self.load, grams, grams
        return self.load

    def release(self, load: int) -> None:
        """The load may be read again."""
        if load == self._read:
            self._read, self._read_g = 0, None
