"""Attack detection against the truth, in the words of ISO/IEC 30107-3.

    APCER   share of a species' presentations that pass as bona fide, of those judged
    BPCER   share of bona fide presentations that do not pass: taken for attacks, or undecided
    APNRR   share of a species' presentations that got no judgement; BPNRR the same of bona fide

Twice: on every frame with one face in front, and as a kiosk would, which judges no frame that the
quality checks send back. The first is the harder test, the second what a shopper meets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vision.evaluation.rates import Rate
from vision.evaluation.sets import BONA_FIDE, Presentation, windows
from vision.pad import PadThresholds
from vision.types import Guidance, PadVerdict


@dataclass(frozen=True, slots=True)
class Look:
    """What became of one frame."""

    scores: Mapping[str, float] | None
    """By the name of the set of networks; None where no single face is in front."""
    advice: Guidance | None
    """What a kiosk would have said instead of judging."""
    shifted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A presentation and its frames."""

    presentation: Presentation
    looks: Sequence[Look]

    def scores(self, judge: str, *, gated: bool) -> list[float]:
        """Of the frames that are judged."""
        return [
            look.scores[judge]
            for look in self.looks
            if look.scores is not None and not (gated and look.advice)
        ]


@dataclass(frozen=True, slots=True)
class SpeciesRates:
    """The errors on one species; for bona fide `errors` is BPCER, else APCER."""

    source: str
    species: str
    errors: Rate
    undecided: Rate
    no_response: Rate


@dataclass(frozen=True, slots=True, eq=False)
class PadTrial:
    """All presentations, as one set of networks judged them."""

    judge: str
    thresholds: PadThresholds
    watched: Sequence[Watched]

    def species(self) -> list[str]:
        """Bona fide first, then by name."""
        names = {one.presentation.species for one in self.watched}
        return sorted(names, key=lambda name: (name != BONA_FIDE, name))

    def rates(self, *, size: int, gated: bool) -> list[SpeciesRates]:
        """By set and species. A trial is the mean of `size` judged frames of one presentation,
        none of them used twice.
        """
        kinds = {(one.presentation.source, one.presentation.species) for one in self.watched}
        ordered = sorted(kinds, key=lambda kind: (kind[0], kind[1] != BONA_FIDE, kind[1]))
        return [self._rates(kind, size=size, gated=gated) for kind in ordered]

    def scores(self, species: str, *, size: int = 1, gated: bool = False) -> list[float]:
        """Every score of a species in all sets, for curves and thresholds."""
        chosen = [one for one in self.watched if one.presentation.species == species]
        return self._scores(chosen, size=size, gated=gated)

    def _scores(self, chosen: Sequence[Watched], *, size: int, gated: bool) -> list[float]:
        return [
            score for one in chosen for score in windows(one.scores(self.judge, gated=gated), size)
        ]

    def _rates(self, kind: tuple[str, str], *, size: int, gated: bool) -> SpeciesRates:
        chosen = [
            one
            for one in self.watched
            if (one.presentation.source, one.presentation.species) == kind
        ]
        verdicts = [
            self.thresholds.verdict([score])
            for score in self._scores(chosen, size=size, gated=gated)
        ]
        wrong = kind[1] != BONA_FIDE
        frames = sum(len(one.looks) for one in chosen)
        judged = sum(len(one.scores(self.judge, gated=gated)) for one in chosen)
        return SpeciesRates(
            *kind,
            errors=Rate.over((verdict is PadVerdict.BONA_FIDE) is wrong for verdict in verdicts),
            undecided=Rate.over(verdict is PadVerdict.NO_VERDICT for verdict in verdicts),
            no_response=Rate(frames - judged, frames),
        )


def advice_of(watched: Sequence[Watched], species: str) -> Counter[str]:
    """How often which guidance stood between the frames of a species and a judgement."""
    return Counter(
        look.advice.value
        for one in watched
        if one.presentation.species == species
        for look in one.looks
        if look.advice is not None
    )
