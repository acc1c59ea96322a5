"""The findings as Markdown, for people, and as JSON, for comparing two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from vision.evaluation.attacks import PadTrial, SpeciesRates, advice_of
from vision.evaluation.measure import Evaluation, Timing
from vision.evaluation.rates import Rate
from vision.evaluation.sets import BONA_FIDE, windows
from vision.evaluation.verification import Point, Verification

TARGETS = (1e-1, 1e-2, 1e-3, 1e-4)
WINDOW = 5
"""Frames: what an attempt is judged on at least."""


def markdown(found: Evaluation, curves: Mapping[str, str]) -> str:
    """The report; `curves` are names of picture files beside it, by chapter."""
    lines = [
        f"# Evaluation of {found.folder}",
        "",
        "A self-test, not a certificate. Bounds are exact, 95 %; where nothing was seen, the rule",
        "of three. They hold for independent trials; frames of one person or clip are not.",
        "",
    ]
    if found.verification:
        lines += _verification(found.verification, found.match, curves.get("verification"))
    for trial in found.trials:
        lines += _trial(trial, curves.get(trial.judge))
    lines += _timings(found.timings, found.load)
    return "\n".join(lines).rstrip() + "\n"


def as_json(found: Evaluation) -> dict[str, object]:
    """The same numbers; no cosine or score of a single picture is among them."""
    return {
        "folder": found.folder,
        "verification": _verification_json(found) if found.verification else None,
        "attack_detection": {trial.judge: _trial_json(trial) for trial in found.trials},
        "timings_ms": {
            one.stage: {"median": one.median, "p95": one.p95, "work": one.work}
            for one in found.timings
        },
        "load": found.load,
    }


def _verification(found: Verification, match: float, curve: str | None) -> Iterator[str]:
    yield "## Verification"
    yield ""
    yield f"{found.mated.size} pairs of one person, {found.strangers.size} of two;"
    yield f"{found.without_face} pairs with a picture without a face, counted as no match."
    yield ""
    yield "| threshold | FMR | FNMR | accuracy |"
    yield "|---|---|---|---|"
    yield _point(f"{match:.3f}, configured", found.at(match))
    for most in TARGETS:
        point = found.at_fmr(most)
        if point:
            yield _point(f"{point.threshold:.3f}, for FMR ≤ {most:g}", point)
        else:
            yield f"| for FMR ≤ {most:g} | not measurable with {found.strangers.size} pairs | | |"
    best = found.best()
    yield _point(f"{best.threshold:.3f}, best on these pairs", best)
    yield ""
    yield f"Accuracy at the best threshold of the other nine tenths: {found.cross_validated()}."
    yield ""
    yield from _picture("FMR and FNMR by threshold", curve)


def _point(what: str, point: Point) -> str:
    return f"| {what} | {point.fmr} | {point.fnmr} | {point.accuracy} |"


def _trial(trial: PadTrial, curve: str | None) -> Iterator[str]:
    limits = trial.thresholds
    yield f"## Attack detection by {trial.judge}"
    yield ""
    yield f"Bona fide from {limits.bona_fide_from:g}, attack below {limits.attack_below:g}, in"
    yield "between undecided. Errors: of bona fide BPCER, the share that does not pass; else APCER,"
    yield "the share that passes. No answer: BPNRR, APNRR."
    yield ""
    for title, gated in (
        ("Every frame with one face in front", False),
        ("As a kiosk would: only frames that pass the quality checks", True),
    ):
        yield f"### {title}"
        yield ""
        yield "| set, species | errors, frame | errors, mean of 3 | undecided | no answer |"
        yield "|---|---|---|---|---|"
        single, three = (trial.rates(size=size, gated=gated) for size in (1, 3))
        yield from map(_species, single, three)
        yield ""
    yield from _advice(trial)
    yield from _clips(trial)
    yield from _picture("Errors by threshold, single frames", curve)


def _species(one: SpeciesRates, three: SpeciesRates) -> str:
    undecided = f"{three.undecided.hits} of {three.undecided.of}"
    name = f"{one.source}, {one.species}"
    return f"| {name} | {one.errors} | {three.errors} | {undecided} | {one.no_response} |"


def _advice(trial: PadTrial) -> Iterator[str]:
    """Why frames were sent back."""
    for species in trial.species():
        counts = advice_of(trial.watched, species)
        if counts:
            said = ", ".join(f"{word} {count}" for word, count in counts.most_common())
            yield f"- {species}, sent back: {said}"
    yield ""


def _clips(trial: PadTrial) -> Iterator[str]:
    clips = [one for one in trial.watched if one.presentation.is_clip]
    if not clips:
        return
    yield f"| clip | frames judged | mean | lowest and highest mean of {WINDOW} frames | verdict |"
    yield "|---|---|---|---|---|"
    for one in clips:
        scores = one.scores(trial.judge, gated=False)
        means = windows(scores, WINDOW)
        span = f"{min(means):.3f} to {max(means):.3f}" if means else "too few"
        mean = f"{fmean(scores):.3f}" if scores else "none"
        verdict = trial.thresholds.verdict(scores).value
        count = f"{len(scores)} of {len(one.looks)}"
        yield f"| {one.presentation.name} | {count} | {mean} | {span} | {verdict} |"
    yield ""


def _timings(timings: Sequence[Timing], load: float) -> Iterator[str]:
    yield "## Times"
    yield ""
    yield f"One thread, milliseconds a call; load of the machine {load:.1f}. The processor's own"
    yield "time hardly depends on that load."
    yield ""
    yield "| stage | median | 95th percentile | processor, median | calls |"
    yield "|---|---|---|---|---|"
    for one in timings:
        yield f"| {one.stage} | {one.median:.2f} | {one.p95:.2f} | {one.work:.2f} | {one.calls} |"


def _picture(title: str, name: str | None) -> Iterator[str]:
    if name:
        yield f"![{title}]({name})"
        yield ""


def _verification_json(found: Evaluation) -> dict[str, object]:
    assert found.verification is not None
    points = {"configured": found.verification.at(found.match), "best": found.verification.best()}
    for most in TARGETS:
        point = found.verification.at_fmr(most)
        if point:
            points[f"fmr<={most:g}"] = point
    return {
        "without_face": found.verification.without_face,
        "cross_validated": _rate_json(found.verification.cross_validated()),
        **{
            name: {
                "threshold": point.threshold,
                "fmr": _rate_json(point.fmr),
                "fnmr": _rate_json(point.fnmr),
                "tar": 1 - point.fnmr.share,
                "accuracy": _rate_json(point.accuracy),
            }
            for name, point in points.items()
        },
    }


def _trial_json(trial: PadTrial) -> dict[str, object]:
    answer: dict[str, object] = {
        "bona_fide_from": trial.thresholds.bona_fide_from,
        "attack_below": trial.thresholds.attack_below,
    }
    for gate, gated in (("every_frame", False), ("quality_first", True)):
        for kind, size in (("frame", 1), ("three_frames", 3)):
            answer[f"{gate}_{kind}"] = {
                f"{one.source}, {one.species}": {
                    "bpcer" if one.species == BONA_FIDE else "apcer": _rate_json(one.errors),
                    "undecided": _rate_json(one.undecided),
                    "no_response": _rate_json(one.no_response),
                }
                for one in trial.rates(size=size, gated=gated)
            }
    return answer


def _rate_json(rate: Rate) -> dict[str, float | int | None]:
    share = rate.share if rate.of else None
    return {"hits": rate.hits, "of": rate.of, "share": share, "low": rate.low, "high": rate.high}
