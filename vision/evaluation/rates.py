"""An error rate with the bounds that its sample size allows.

The bounds are exact (Clopper and Pearson, 1934), 95 %. Where nothing was seen the upper one is the
one-sided 1 - 0.05^(1/n), which the trade knows as the rule of three: about 3/n.
They hold for independent trials; frames of one person are not, so trust the count of captures more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import log

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of` trials; 0 <= hits <= of."""

    hits: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"{self.hits} of {self.of} is no rate")

    @classmethod
    def over(cls, outcomes: Iterable[bool]) -> Rate:
        """How many of the outcomes are true."""
        seen = list(outcomes)
        return cls(sum(seen), len(seen))

    @property
    def share(self) -> float:
        """0 to 1; not a number without trials."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def low(self) -> float:
        """Below this the true share lies with 2.5 % chance at most (5 % if all were hits)."""
        if not self.hits:
            return 0.0
        return _root(lambda p: _at_most(self.hits - 1, self.of, p), 1 - self._tail)

    @property
    def high(self) -> float:
        """Above this the true share lies with 2.5 % chance at most (5 % if there was no hit)."""
        if self.hits == self.of:
            return 1.0
        return _root(lambda p: _at_most(self.hits, self.of, p), self._tail)

    @property
    def _tail(self) -> float:
        one_sided = self.hits in (0, self.of)
        return (1 - CONFIDENCE) / (1 if one_sided else 2)

    def __str__(self) -> str:
        if not self.of:
            return "no trials"
        count = f"{self.share:.1%} ({self.hits} of {self.of}"
        if not self.hits:
            return f"{count}; ≤ {self.high:.1%})"
        return f"{count}; {self.low:.1%} to {self.high:.1%})"


def trials_for(share: float) -> int:
    """How many trials without a hit show, with 95 % confidence, that the share is below `share`."""
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    return int(np.ceil(log(1 - CONFIDENCE) / log(1 - share)))


def _at_most(hits: int, of: int, p: float) -> float:
    """Chance of `hits` or fewer in `of` trials; falls as p grows. By logarithms: 5000! is large."""
    if p <= 0 or p >= 1:
        return 1.0 if p <= 0 or hits >= of else 0.0
    k = np.arange(hits + 1)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, of + 1)))])
    ways = factorials[of] - factorials[k] - factorials[of - k]
    return min(1.0, float(np.exp(ways + k * log(p) + (of - k) * log(1 - p)).sum()))


def _root(falling: Callable[[float], float], goal: float) -> float:
    """Where a falling function of 0 to 1 passes `goal`."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > goal else (low, middle)
    return (low + high) / 2
