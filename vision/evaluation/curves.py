"""The curves of a report, drawn by matplotlib (extra `evaluation`), which is imported only here.

The colours are Okabe and Ito's (2008), told apart by colour-blind readers too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vision.evaluation.attacks import PadTrial
from vision.evaluation.measure import Evaluation
from vision.evaluation.sets import BONA_FIDE
from vision.evaluation.verification import Verification

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":")


def draw(found: Evaluation, folder: Path) -> dict[str, str]:
    """Writes one PNG a chapter into `folder`; their names by chapter, as the report wants them."""
    names = {}
    if found.verification:
        names["verification"] = "verification.png"
        verification(found.verification, found.match).savefig(folder / "verification.png")
    for number, trial in enumerate(found.trials, start=1):
        names[trial.judge] = f"attack-detection-{number}.png"
        attacks(trial).savefig(folder / names[trial.judge])
    return names


def verification(found: Verification, match: float) -> Figure:
    """Errors by threshold, and TAR by FMR."""
    figure = Figure(figsize=(11, 4.2), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2)
    thresholds = np.linspace(-0.2, 1, 241)
    fmr = np.array([np.mean(found.strangers >= t) for t in thresholds])
    fnmr = np.array([np.mean(found.mated < t) for t in thresholds])
    left.plot(thresholds, fmr, color=COLOURS[1], label="FMR, strangers that match")
    left.plot(thresholds, fnmr, color=COLOURS[0], ls="--", label="FNMR, persons that do not")
    _threshold(left, match, "configured")
    _labels(left, "threshold (cosine)", "share of pairs")
    steps = np.sort(np.append(found.strangers, 1.0))[::-1]
    tar = [np.mean(found.mated >= t) for t in np.nextafter(steps, np.float32(2))[1:]]
    strangers = np.arange(len(tar)) / max(1, len(tar))
    right.step(strangers, tar, where="post", color=COLOURS[0])
    right.set_xscale("symlog", linthresh=1 / max(1, len(tar)))
    right.set_xlim(0, 1)
    right.set_ylim(min(tar) - 0.01, 1.002)
    _labels(right, "FMR (left of the first mark: none seen)", "TAR = 1 - FNMR", legend=False)
    return figure


def attacks(trial: PadTrial) -> Figure:
    """BPCER and the APCER of each species by threshold, on single frames and means of three."""
    figure = Figure(figsize=(11, 4.2), dpi=110, layout="constrained")
    thresholds = np.linspace(0, 1, 201)
    for axes, size, title in zip(
        figure.subplots(1, 2, sharey=True), (1, 3), ("single frames", "means of three"), strict=True
    ):
        for number, species in enumerate(trial.species()):
            scores = np.array(trial.scores(species, size=size))
            if not scores.size:
                continue
            passed = np.array([np.mean(scores >= t) for t in thresholds])
            kind = "BPCER" if species == BONA_FIDE else f"APCER, {species}"
            axes.plot(
                thresholds,
                1 - passed if species == BONA_FIDE else passed,
                color=COLOURS[number % len(COLOURS)],
                ls=STYLES[number % len(STYLES)],
                label=f"{kind} ({scores.size})",
            )
        _threshold(axes, trial.thresholds.bona_fide_from, "bona fide from")
        axes.set_title(title)
        _labels(axes, "threshold (score)", "share of errors" if size == 1 else "")
    return figure


def _threshold(axes: Axes, value: float, label: str) -> None:
    axes.axvline(value, color="#777777", lw=1, label=f"{label} {value:g}")


def _labels(axes: Axes, x: str, y: str, *, legend: bool = True) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)
    if legend:
        axes.legend(fontsize=8)
