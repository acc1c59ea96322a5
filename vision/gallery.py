"""Who of the enrolled persons is this? Exact search over all templates (1:N), strangers included.

Every further person enrolled is one more chance for a stranger to resemble someone, so the
threshold follows the gallery's size; and an answer that is hardly better than the next person's is
none.
At 100,000 templates of 128 numbers one search takes a few milliseconds; an index would save
less than it costs in recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

import numpy as np

from vision.types import Floats

DIMENSIONS = 128

FALSE_MATCHES = ((1e-3, 0.363), (1e-4, 0.425), (1e-5, 0.492), (1e-6, 0.594))
"""SFace's cosine at which one impostor comparison in so many passes: 87 million pairs of LFW."""
FACTOR_FOR_OTHER_FACES = 5.0
"""East Asian faces before webcams pass five times as often as LFW's at the same cosine."""
LEAST_COSINE = 0.50


@dataclass(frozen=True, slots=True)
class Match:
    """The person found."""

    person: str
    cosine: float
    margin: float
    """Ahead of the next other person; the cosine itself if there is none."""


class Gallery:
    """Templates of the enrolled persons; one person may have several. For one thread.

    `false_matches` is the share of searches by strangers that may find anyone (FPIR, ISO/IEC
    19795-1).
    """

    def __init__(self, false_matches: float = 0.01, least_margin: float = 0.05) -> None:
        self._false_matches = false_matches
        self._least_margin = least_margin
        self._persons: list[str] = []
        self._templates = np.zeros((16, DIMENSIONS), np.float32)

    def __len__(self) -> int:
        """How many templates there are."""
        return len(self._persons)

    def enrol(self, person: str, template: Floats) -> None:
        """Adds one template; raises ValueError unless it is 128 numbers of length 1."""
        if template.shape != (DIMENSIONS,) or abs(float(np.linalg.norm(template)) - 1) > 1e-3:
            raise ValueError(f"a template is {DIMENSIONS} numbers of length 1 together")
        count = len(self._persons)
        if count == len(self._templates):
            self._templates = np.concatenate([self._templates, np.zeros_like(self._templates)])
        self._templates[count] = template
        self._persons.append(person)

    def forget(self, person: str) -> int:
        """Removes all templates of a person and wipes their memory; answers how many there were."""
        keep = [index for index, name in enumerate(self._persons) if name != person]
        removed = len(self._persons) - len(keep)
        self._templates[: len(keep)] = self._templates[keep]
        self._templates[len(keep) :] = 0
        self._persons = [self._persons[index] for index in keep]
        return removed

    def search(self, probe: Floats) -> Match | None:
        """The one person the probe surely is, or None."""
        best = self.nearest(probe)
        if best is None or best.cosine < self.threshold or best.margin < self._least_margin:
            return None
        return best

    def nearest(self, probe: Floats) -> Match | None:
        """The most similar person, however unlike; None only if the gallery is empty."""
        if not self._persons:
            return None
        cosines = self._templates[: len(self._persons)] @ probe
        first = int(np.argmax(cosines))
        person = self._persons[first]
        cosine = float(cosines[first])
        others = np.fromiter((name != person for name in self._persons), bool, len(self._persons))
        second = float(cosines[others].max()) if others.any() else 0.0
        return Match(person, cosine, cosine - second)

    @property
    def threshold(self) -> float:
        """The least cosine that counts at the present size."""
        return threshold_for(len(self._persons), self._false_matches)


def threshold_for(size: int, false_matches: float) -> float:
    """The cosine at which that share of strangers' searches among `size` templates matches.

    Between the measured points, and beyond them, straight in the logarithm; never below 0.50, where
    one frame against one template is already as sure as a payment asks.
    """
    wanted = log10(false_matches / max(1, size) / FACTOR_FOR_OTHER_FACES)
    rates = [log10(rate) for rate, _ in FALSE_MATCHES]
    cosines = [cosine for _, cosine in FALSE_MATCHES]
    for index in range(len(rates) - 1):
        if wanted >= rates[index + 1] or index == len(rates) - 2:
            slope = (cosines[index + 1] - cosines[index]) / (rates[index + 1] - rates[index])
            return min(0.99, max(LEAST_COSINE, cosines[index] + slope * (wanted - rates[index])))
    return LEAST_COSINE
