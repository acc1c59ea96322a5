"""Which runtime is fastest for each network on this machine, measured; and the choice, kept.

    weights folder / runtimes.json      {"yunet": "onnxruntime", "sface": "opencv"}

The file may name a runtime only, never other weights. Without it the manifest's order holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

import numpy as np

from models.errors import ModelUnusable
from models.load import Net, load
from models.manifest import Manifest, Model
from models.runtimes import FILE
from models.weights import is_intact

FREE_WIDTH, FREE_HEIGHT = 320, 256
"""What the detector sees of a frame of 640 x 480."""


@dataclass(frozen=True, slots=True)
class RuntimeTime:
    """Milliseconds a call on one runtime, medians."""

    model: str
    runtime: str
    passed: float
    worked: float
    """The processor's own time; hardly grows when others use the machine too."""


def measure(
    manifest: Manifest, folder: Path, rounds: int = 20, threads: int = 1
) -> list[RuntimeTime]:
    """Every network that is here on each of its runtimes; what cannot run is left out.

    The runtimes take turns, so that a busy machine slows them alike. OpenCV's number of threads is
    the process's own and set by the caller.
    """
    times = []
    for model in manifest:
        if is_intact(model, folder):
            nets = dict(_nets(model, manifest, folder, threads))
            times += _compare(model, nets, rounds)
    return times


def fastest(times: Sequence[RuntimeTime]) -> dict[str, str]:
    """The runtime with the least work, by model."""
    best: dict[str, RuntimeTime] = {}
    for one in times:
        if one.model not in best or one.worked < best[one.model].worked:
            best[one.model] = one
    return {name: one.runtime for name, one in best.items()}


def keep(choice: Mapping[str, str], folder: Path) -> Path:
    """Writes the choice where `load` finds it."""
    path = folder / FILE
    path.write_text(json.dumps(dict(choice), indent=2) + "\n", "utf-8")
    return path


def table(times: Sequence[RuntimeTime], manifest: Manifest) -> Iterator[str]:
    """One line a network and runtime, the fastest marked."""
    best = fastest(times)
    yield f"{'model':<16} {'runtime':<12} {'ms':>7} {'processor':>10}"
    for one in times:
        note = ""
        if best[one.model] == one.runtime:
            expected = manifest.find(one.model).runtimes[0] == one.runtime
            note = "  fastest" if expected else "  fastest, against the manifest"
        yield f"{one.model:<16} {one.runtime:<12} {one.passed:7.2f} {one.worked:10.2f}{note}"


def _nets(
    model: Model, manifest: Manifest, folder: Path, threads: int
) -> Iterator[tuple[str, Net]]:
    for runtime in model.runtimes:
        try:
            yield runtime, load(model.name, manifest, folder, runtime, threads)
        except ModelUnusable:
            continue  # not installed here: nothing to compare


def _compare(model: Model, nets: Mapping[str, Net], rounds: int) -> list[RuntimeTime]:
    size = (model.input.height or FREE_HEIGHT, model.input.width or FREE_WIDTH)
    inputs = np.random.default_rng(0).uniform(0, 255, (1, 3, *size)).astype(np.float32)
    passed: dict[str, list[float]] = {name: [] for name in nets}
    worked: dict[str, list[float]] = {name: [] for name in nets}
    for number in range(rounds + 1):
        for name, net in nets.items():
            begin, work = perf_counter(), thread_time()
            net.run(inputs)
            if number:  # the first call allocates
                worked[name].append((thread_time() - work) * 1000)
                passed[name].append((perf_counter() - begin) * 1000)
    return [
        RuntimeTime(model.name, name, median(passed[name]), median(worked[name])) for name in nets
    ]
