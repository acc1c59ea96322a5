"""One against one: how often strangers match (FMR) and how often a person does not (FNMR)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.evaluation.rates import Rate
from vision.types import Floats

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold does; at or above it two faces match."""

    threshold: float
    fmr: Rate
    fnmr: Rate

    @property
    def accuracy(self) -> Rate:
        wrong, of = self.fmr.hits + self.fnmr.hits, self.fmr.of + self.fnmr.of
        return Rate(of - wrong, of)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """Cosines of pairs, in the order of the list; a pair without a face has cosine -1."""

    cosines: Floats
    same: Sequence[bool]
    without_face: int
    """Pairs in which a picture has no face (failure to acquire): they match nobody."""

    @property
    def mated(self) -> Floats:
        return np.asarray(self.cosines[np.asarray(self.same, bool)])

    @property
    def strangers(self) -> Floats:
        return np.asarray(self.cosines[~np.asarray(self.same, bool)])

    def at(self, threshold: float) -> Point:
        """Both errors at a threshold."""
        return Point(
            threshold,
            Rate(int(np.count_nonzero(self.strangers >= threshold)), self.strangers.size),
            Rate(int(np.count_nonzero(self.mated < threshold)), self.mated.size),
        )

    def at_fmr(self, most: float) -> Point | None:
        """The lowest threshold whose FMR is at most `most`; None with fewer than 1/most pairs."""
        count = self.strangers.size
        if count * most < 1:
            return None
        highest = np.sort(self.strangers)[::-1]
        # Just above the first stranger who may not match any more.
        limit = highest[int(count * most + 1e-9)]
        return self.at(float(np.nextafter(limit, np.float32(2))))

    def best(self) -> Point:
        """The threshold with the fewest errors on these very pairs, so an optimistic one."""
        return self.at(_best(self.cosines, np.asarray(self.same, bool)))

    def cross_validated(self) -> Rate:
        """Accuracy of each tenth of the pairs at the best threshold of the other nine."""
        same = np.asarray(self.same, bool)
        # Each tenth has its share of both kinds, in whatever order the list has them.
        part = np.where(same, np.cumsum(same), np.cumsum(~same)) % TENTHS
        right = 0
        for tenth in range(TENTHS):
            inside, outside = part == tenth, part != tenth
            if inside.any() and outside.any():
                limit = _best(self.cosines[outside], same[outside])
                right += int(np.count_nonzero((self.cosines[inside] >= limit) == same[inside]))
        return Rate(right, same.size)


def _best(cosines: Floats, same: npt.NDArray[np.bool_]) -> float:
    """The middle of the gap between two cosines at which the fewest pairs are on the wrong side."""
    order = np.argsort(cosines)
    values, kind = cosines[order], same[order]
    # Threshold below value k: the mated under it and the strangers from it on are wrong.
    wrong = np.concatenate([[0], np.cumsum(kind)]) + np.concatenate(
        [np.cumsum(~kind[::-1])[::-1], [0]]
    )
    # Between two equal cosines there is no room for a threshold.
    wrong[1:-1][values[1:] == values[:-1]] = values.size + 1
    edges = np.concatenate(
        [[values[0] - 1e-3], (values[1:] + values[:-1]) / 2, [values[-1] + 1e-3]]
    )
    best = np.nonzero(wrong == wrong.min())[0]
    return float(edges[best[len(best) // 2]])
