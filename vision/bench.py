"""What one frame costs, stage by stage, and how much of it is not the networks themselves.

    ratio         a whole `FaceCapture.feed` / the same networks alone on the same prepared inputs
    judged_ratio  detect + PAD / their networks alone
    plain_ms      the same networks alone, all on onnxruntime
    decision_ms   from the first usable frame of a person who stands still to the sample

All are measured in turn, frame by frame, so that a busy machine slows them alike.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from models.load import Net, load
from models.manifest import read_manifest
from models.weights import is_intact, weights_folder
from vision.capture import FaceCapture, Policy
from vision.pad import PadThresholds
from vision.pipeline import Stages, build_stages
from vision.quality import assess
from vision.types import Face, FaceSample, Floats, Guidance, Image, Step

WIDTH, HEIGHT = 640, 480
RATE = 30
"""Frames a second of the camera."""
DECISIONS = 5
DECIDED_WITHIN = 60
"""Frames, also on a board that looks at every tenth only."""


def measure(
    weights: Path | None = None, picture: Image | None = None, threads: int = 1, rounds: int = 40
) -> dict[str, float]:
    """Milliseconds by stage (medians), of the frame (also its 95th percentile), and the `ratio`.

    Without a picture it takes the astronaut's photograph that scikit-image brings.
    Raises ValueError if no face in it passes the quality checks, and the errors of `load`.
    """
    folder = weights or weights_folder(os.environ)
    shown = astronaut() if picture is None else picture
    frames = camera_frames(shown, max(rounds, DECIDED_WITHIN) + 1)
    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    try:
        return _measure(folder, frames, threads, rounds)
    finally:
        cv2.setNumThreads(before)


def astronaut() -> Image:
    """The public-domain photograph in scikit-image's package, which is not imported for it."""
    spec = find_spec("skimage")
    places = spec.submodule_search_locations if spec else None
    path = Path(places[0]) / "data" / "astronaut.png" if places else None
    picture = cv2.imread(str(path)) if path and path.exists() else None
    if picture is None:
        raise ValueError("no picture: install scikit-image, or pass one with a face")
    return np.asarray(picture, np.uint8)


def camera_frames(picture: Image, count: int) -> list[Image]:
    """The upper part of the picture as a camera of 640 x 480 with sensor noise would give it."""
    scale = WIDTH / picture.shape[1]
    size = (WIDTH, max(HEIGHT, round(picture.shape[0] * scale)))
    view = cv2.resize(picture, size)[:HEIGHT].astype(np.int16)
    noise = np.random.default_rng(0)
    return [
        np.clip(view + noise.normal(0, 2, view.shape), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]


class _Recorded:
    """A network that remembers what it was asked last, to be asked the same again alone."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self.inputs: Floats = np.empty(0, np.float32)

    def run(self, inputs: Floats) -> list[Floats]:
        self.inputs = inputs
        return self._net.run(inputs)

    def again(self) -> list[Floats]:
        return self._net.run(self.inputs)


def _measure(folder: Path, frames: Sequence[Image], threads: int, rounds: int) -> dict[str, float]:
    manifest = read_manifest()
    nets: list[_Recorded] = []  # the embedder's is the last
    plain: list[Net] = []

    def net_of(name: str) -> Net:
        nets.append(_Recorded(load(name, manifest, folder, threads=threads)))
        plain.append(load(name, manifest, folder, "onnxruntime", threads))
        return nets[-1]

    judges = manifest.judges(lambda model: is_intact(model, folder))
    stages = build_stages(manifest, judges, net_of)
    # An attempt that no number of frames ends: every frame takes the whole way.
    policy = Policy(judged_frames=len(frames) + 1, frame_gap=0.0, seconds=float("inf"))
    capture = FaceCapture(
        stages.detector, stages.pad, stages.embedder, PadThresholds(0.5, 0.5), policy
    )
    face = _warm_up(capture, frames[0], nets)
    times: dict[str, list[float]] = {}
    for number, frame in enumerate(frames[1 : rounds + 1], start=1):
        work: dict[str, Callable[[], object]] = {
            "frame": partial(capture.feed, frame, number / RATE),
            **_parts(stages, frame, face),
            "networks": lambda: [net.again() for net in nets],
            "judging_networks": lambda: [net.again() for net in nets[:-1]],
            "plain": lambda: [
                other.run(net.inputs) for net, other in zip(nets, plain, strict=True)
            ],
        }
        for name, part in work.items():
            times.setdefault(name, []).append(_milliseconds(part))
    summary = _summary(times)
    decisions = [_decision(stages, frames[1:]) for _ in range(DECISIONS)]
    summary["decision_ms"] = float(np.median(decisions))
    return summary


def _decision(stages: Stages, frames: Sequence[Image]) -> float:
    """Milliseconds from the first usable frame to the sample, the camera giving `RATE` a second.

    While a frame is looked at, the camera goes on; the newest one is taken next, as the kiosk does.
    """
    capture = FaceCapture(
        stages.detector, stages.pad, stages.embedder, PadThresholds(0.0, 0.0), Policy()
    )
    number, ended = 0, 0.0
    step: Step = Guidance.NO_FACE
    while not isinstance(step, FaceSample):
        taken = number / RATE
        begin = perf_counter()
        step = capture.feed(frames[number], taken)
        ended = taken + perf_counter() - begin
        number = max(number + 1, ceil(ended * RATE))
    return ended * 1000


def _warm_up(capture: FaceCapture, frame: Image, nets: Sequence[_Recorded]) -> Face:
    step = capture.feed(frame, 0.0)
    face = capture.face
    if step is not Guidance.HOLD or face is None:
        raise ValueError(f"no face in the picture passes the quality checks: {step}")
    for net in nets:
        net.again()
    return face


def _parts(stages: Stages, frame: Image, face: Face) -> dict[str, Callable[[], object]]:
    limits = Policy().limits
    return {
        "detect": lambda: stages.detector.detect(frame),
        "judged": lambda: (stages.detector.detect(frame), stages.pad.judge(frame, face)),
        "quality": lambda: assess(frame, face, limits),
        "pad": lambda: stages.pad.judge(frame, face),
        "embed": lambda: stages.embedder.embed(frame, face),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return (perf_counter() - begin) * 1000


def _summary(times: dict[str, list[float]]) -> dict[str, float]:
    summary = {f"{name}_ms": float(np.median(values)) for name, values in times.items()}
    summary["frame_p95_ms"] = float(np.percentile(times["frame"], 95))
    # Round by round, so that one slow moment spoils one quotient and not the result.
    quotients = np.divide(times["frame"], times["networks"])
    summary["ratio"] = float(np.median(quotients))
    judged = np.divide(times["judged"], times["judging_networks"])
    summary["judged_ratio"] = float(np.median(judged))
    return summary


def main() -> None:
    """Prints one line a figure."""
    for name, value in measure().items():
        print(f"{name:<20} {value:8.3f}")


if __name__ == "__main__":
    main()
