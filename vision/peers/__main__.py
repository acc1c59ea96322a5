"""Measures other people's pipelines beside ours: the same frames, the same machine, one thread.

    python -m vision.peers [FOLDER]

makes their environment in FOLDER (build/peers; a network is needed the first time), and prints one
line a figure: NAME MILLISECONDS. Ours are measured before and after theirs, so that a machine that
slows down in between does not flatter either.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import fmean

import numpy as np

from models.load import load
from models.manifest import Job, read_manifest
from models.weights import weights_folder
from vision.align import align
from vision.bench import astronaut, camera_frames, measure
from vision.detect import YuNet

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
ROUNDS = 30
_WITHIN = 600.0  # seconds, for a slow network


def main(arguments: list[str]) -> int:
    """Make, measure, print; 1 where the environment cannot be made. Raises CalledProcessError."""
    folder = Path(arguments[0]) if arguments else Path("build/peers")
    try:
        python = environment(folder)
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(
            f"{error}\nno environment in {folder}: it needs a network, the first time\n"
        )
        return 1
    with tempfile.TemporaryDirectory() as made:
        given = Path(made) / "given.npz"
        _write(given)
        before = measure(rounds=ROUNDS)
        theirs = _theirs(python, given)
        after = measure(rounds=ROUNDS)
    ours = {name: fmean((before[f"{name}_ms"], after[f"{name}_ms"])) for name in ("frame", "embed")}
    for name, value in {**ours, **theirs}.items():
        sys.stdout.write(f"{name} {value:.3f}\n")
    return 0


def environment(folder: Path) -> Path:
    """Its interpreter; made where it is not there or the requirements have changed.

    Raises OSError and SubprocessError.
    """
    python, stamp = folder / "bin" / "python", folder / "requirements.txt"
    wanted = REQUIREMENTS.read_text("ascii")
    if stamp.is_file() and stamp.read_text("ascii") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-build-isolation", "--require-hashes", "-r", str(REQUIREMENTS)]
    subprocess.run(command, check=True, timeout=_WITHIN)
    stamp.write_text(wanted, "ascii")
    return python


def _write(given: Path) -> None:
    """The frames of our own bench, and the face of one of them laid upright."""
    frames = camera_frames(astronaut(), ROUNDS)
    manifest, folder = read_manifest(), weights_folder(os.environ)
    model = manifest.of(Job.DETECT)[0]
    detector = YuNet(
        load(model.name, manifest, folder), model.thresholds["score"], model.thresholds["overlap"]
    )
    face = detector.detect(frames[0])[0]
    np.savez(given, frames=np.stack(frames), aligned=align(frames[0], face.points))


def _theirs(python: Path, given: Path) -> dict[str, float]:
    embedder = weights_folder(os.environ) / read_manifest().of(Job.EMBED)[0].file
    done = subprocess.run(
        [str(python), str(HERE / "theirs.py"), str(given), str(embedder), str(ROUNDS)],
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
        timeout=_WITHIN,
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
