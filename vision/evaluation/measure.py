"""Runs the stages over a folder of pictures and keeps numbers only: cosines, scores, times."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time

import cv2
import numpy as np

from models.load import load
from models.manifest import Job, Manifest, Model
from models.weights import is_intact
from vision.align import align
from vision.detect import Detector
from vision.embed import Embedder, similarity_of
from vision.evaluation.attacks import Look, PadTrial, Watched
from vision.evaluation.sets import (
    NothingToMeasure,
    Pair,
    Presentation,
    read_pairs,
    read_picture,
    read_presentations,
)
from vision.evaluation.verification import Verification
from vision.pad import PadEnsemble, PadJudge, PadNet, PadThresholds
from vision.pipeline import build_stages, thresholds_of
from vision.quality import Limits, assess
from vision.tracking import in_front
from vision.types import Face, Floats, Guidance, Image

RIVAL = 0.5
"""The truth is told of one face. A second one of half its width may be of who holds a picture up:
nobody can say which of them is meant, so such a frame gets no answer. A kiosk has its own share."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A set of networks that judges together, and the thresholds in force for it."""

    pad: PadJudge
    thresholds: PadThresholds


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is measured."""

    detector: Detector
    embedder: Embedder
    judges: Mapping[str, Judge]
    match: float
    """The configured least cosine of one person."""


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds by stage: as they passed, and as the processor worked on it."""

    times: dict[str, list[float]] = field(default_factory=dict)
    work: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        begin, worked = perf_counter(), thread_time()
        yield
        self.work.setdefault(stage, []).append((thread_time() - worked) * 1000)
        self.times.setdefault(stage, []).append((perf_counter() - begin) * 1000)


@dataclass(frozen=True, slots=True)
class Timing:
    """One stage on this machine, in milliseconds."""

    stage: str
    median: float
    p95: float
    work: float
    """Median of the processor's own time: hardly grows when others use the machine too."""
    calls: int


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """All that was found."""

    folder: str
    match: float
    verification: Verification | None
    trials: Sequence[PadTrial]
    timings: Sequence[Timing]
    load: float
    """Of the machine over the last minute; above its cores the times say little."""


def build_instruments(manifest: Manifest, weights: Path) -> Instruments:
    """The stages of the kiosk, with every set of attack detectors that is in the folder whole."""
    sets = [[manifest.find(name) for name in names] for names in manifest.pad_sets]
    here = [models for models in sets if all(is_intact(model, weights) for model in models)]
    judges = {
        " + ".join(m.name for m in models): _judge(models, manifest, weights) for models in here
    }
    stages = build_stages(manifest, sets[-1], lambda name: load(name, manifest, weights))
    embed = manifest.of(Job.EMBED)[0]
    return Instruments(stages.detector, stages.embedder, judges, embed.thresholds["match"])


def evaluate(
    folder: Path, instruments: Instruments, say: Callable[[str], None], every: int = 1
) -> Evaluation:
    """Measures all pairs and presentations of `folder`; of clips each `every`-th frame.

    Raises NothingToMeasure if there are none.
    """
    pairs, presentations = read_pairs(folder), read_presentations(folder)
    if not pairs and not presentations:
        raise NothingToMeasure(f"{folder} holds neither pairs.txt nor pictures or clips")
    watch = Stopwatch()
    verification = None
    if pairs:
        say(f"{len(pairs)} pairs")
        verification = verify(pairs, instruments, watch)
    say(f"{len(presentations)} presentations")
    watched = [watch_one(one, instruments, watch, every) for one in presentations]
    return Evaluation(
        folder.name,
        instruments.match,
        verification,
        [PadTrial(name, judge.thresholds, watched) for name, judge in instruments.judges.items()]
        if watched
        else [],
        _timings(watch),
        os.getloadavg()[0],
    )


def verify(pairs: Sequence[Pair], instruments: Instruments, watch: Stopwatch) -> Verification:
    """Every picture once; the face nearest to the middle of the picture is the one meant."""
    names = sorted({path for pair in pairs for path in (pair.one, pair.other)})
    templates = {path: _template(read_picture(path), instruments, watch) for path in names}
    cosines, missing = [], 0
    for pair in pairs:
        one, other = templates[pair.one], templates[pair.other]
        if one is None or other is None:
            missing += 1
            cosines.append(-1.0)
        else:
            cosines.append(similarity_of(one, other))
    return Verification(np.array(cosines, np.float32), [pair.same for pair in pairs], missing)


def watch_one(
    presentation: Presentation, instruments: Instruments, watch: Stopwatch, every: int = 1
) -> Watched:
    """One presentation, frame by frame."""
    looks = [_look(frame, instruments, watch) for frame in presentation.frames(every)]
    return Watched(presentation, looks)


def _look(frame: Image, instruments: Instruments, watch: Stopwatch) -> Look:
    with watch("detect"):
        faces = instruments.detector.detect(frame)
    found = in_front(faces, RIVAL)
    if isinstance(found, Guidance):
        return Look(None, found)
    with watch("quality"):
        quality = assess(frame, found, Limits())
    scores, shifted = {}, False
    for name, judge in instruments.judges.items():
        with watch(f"PAD, {name}"):
            answer = judge.pad.judge(frame, found)
        scores[name], shifted = answer.score, answer.shifted
    return Look(scores, quality.guidance, shifted)


def _template(picture: Image, instruments: Instruments, watch: Stopwatch) -> Floats | None:
    with watch("detect"):
        faces = instruments.detector.detect(picture)
    if not faces:
        return None
    face = _nearest_to_middle(faces, picture)
    with watch("align"):
        align(picture, face.points)
    with watch("align and embed"):
        return instruments.embedder.embed(picture, face)


def _nearest_to_middle(faces: Sequence[Face], picture: Image) -> Face:
    middle = picture.shape[1] / 2
    return min(faces, key=lambda face: abs(face.box.centre_x - middle))


def _judge(models: Sequence[Model], manifest: Manifest, weights: Path) -> Judge:
    nets = [PadNet.of(load(model.name, manifest, weights), model) for model in models]
    return Judge(PadEnsemble(nets), thresholds_of(models))


def _timings(watch: Stopwatch) -> list[Timing]:
    return [
        Timing(
            stage,
            median=float(np.median(times)),
            p95=float(np.percentile(times, 95)),
            work=float(np.median(watch.work[stage])),
            calls=len(times),
        )
        for stage, times in watch.times.items()
    ]


def one_thread() -> None:
    """Times are of one thread, as in the tables of this project."""
    cv2.setNumThreads(1)
