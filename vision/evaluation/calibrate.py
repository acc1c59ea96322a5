"""Thresholds of attack detection from captures of the kiosk's own camera, by people who agreed.

    attacks ..:::|        the gap        |:::.. bona fide        means of three good frames
                 ^attack_below  ^bona_fide_from

What no attack reached and nearly no person missed lies in the gap. Where there is none, the attacks
decide: refusing a person costs a moment, accepting a picture costs money.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from vision.evaluation.attacks import PadTrial
from vision.evaluation.rates import Rate, trials_for
from vision.evaluation.sets import BONA_FIDE, NothingToMeasure
from vision.pad import PadThresholds

MISSED = 0.03
"""Of bona fide means at most this share should fall below `bona_fide_from`."""
ACCUSED = 2 / 3
"""`attack_below` is at most this part of `bona_fide_from`: who is undecided may go on."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the captures say, and how little they prove."""

    thresholds: PadThresholds
    attacks: Rate
    """Means of attacks that would pass."""
    missed: Rate
    """Means of bona fide presentations that would not."""
    attack_captures: int
    """Presentations with a mean: the trials that are independent."""
    bona_fide_captures: int

    @property
    def separable(self) -> bool:
        """Whether there is a gap; without one the camera, the light or the networks must change."""
        return not self.missed.of or self.missed.share <= MISSED


def propose(trial: PadTrial) -> Proposal:
    """Raises NothingToMeasure unless both kinds have three good frames in some presentation."""
    bona_fide = trial.scores(BONA_FIDE, size=3, gated=True)
    attacks = [
        score
        for species in trial.species()
        if species != BONA_FIDE
        for score in trial.scores(species, size=3, gated=True)
    ]
    if not bona_fide or not attacks:
        raise NothingToMeasure(
            "three good frames of a bona fide presentation and three of an attack are the least; "
            f"found {len(bona_fide)} and {len(attacks)} such means"
        )
    thresholds = _between(attacks, bona_fide)
    return Proposal(
        thresholds,
        Rate.over(score >= thresholds.bona_fide_from for score in attacks),
        Rate.over(score < thresholds.bona_fide_from for score in bona_fide),
        _captures(trial, bona_fide=False),
        _captures(trial, bona_fide=True),
    )


def told(judge: str, proposal: Proposal) -> Iterator[str]:
    """The proposal for the terminal, with lines for models/manifest.toml."""
    yield f"{judge}: {proposal.attack_captures} attack and {proposal.bona_fide_captures} bona fide"
    yield f"captures. Attacks that pass {proposal.attacks}, people that do not {proposal.missed}."
    bound = Rate(0, proposal.attack_captures).high
    yield f"By captures, which alone are independent, {bound:.0%} of attacks could pass unseen; to"
    yield f"show less than 5 % takes {trials_for(0.05)} attack captures, 1 % {trials_for(0.01)}."
    if not proposal.separable:
        yield "The kinds overlap: no threshold tells them apart. Change camera, light or networks."
        return
    for name in judge.split(" + "):
        yield ""
        yield f"[models.{name}.thresholds]"
        yield f"bona_fide_from = {proposal.thresholds.bona_fide_from:.2f}"
        yield f"attack_below = {proposal.thresholds.attack_below:.2f}"


def _between(attacks: Sequence[float], bona_fide: Sequence[float]) -> PadThresholds:
    highest = max(attacks)
    reached = float(np.quantile(bona_fide, MISSED, method="lower"))
    # In hundredths, rounded to the safe side; above every attack even where the kinds overlap.
    middle = max((highest + reached) / 2, highest + 0.01)
    accepted = min(1.0, ceil(round(middle * 100, 6)) / 100)
    accused = floor(round(min(*bona_fide, accepted * ACCUSED) * 100, 6)) / 100
    return PadThresholds(bona_fide_from=accepted, attack_below=max(accused, 0.0))


def _captures(trial: PadTrial, *, bona_fide: bool) -> int:
    return sum(
        len(one.scores(trial.judge, gated=True)) >= 3
        for one in trial.watched
        if (one.presentation.species == BONA_FIDE) is bona_fide
    )
