"""Paying by face: a frame, a decision, other people's pipelines, and the process that looks.

The pipeline is measured in a process of its own, since what else is loaded here would change its
threads and memory. The faces process is the shipped one; the core's end of its line is here.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

from kiosk.bench.figure import Budget, Figure
from kiosk.bench.machine import Memory, memory_of
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from kiosk.messages import Captured, Guiding, Message, Role, StartCapture
from kiosk.wire import Server

STARTS = 3
_WITHIN = 900.0  # seconds, on the slowest board, and for the first download of the peers
_LOOKS_WITHIN = 30.0


def vision() -> list[Figure]:
    """The pipeline on frames of 640 x 480, one thread."""
    found = _told_by("vision.bench")
    alone = f"a frame {found['frame_ms']:.1f} ms, the networks alone {found['networks_ms']:.1f} ms"
    judging = f"the networks alone {found['judging_networks_ms']:.1f} ms"
    plain = f"the same networks, all on onnxruntime, alone: {found['plain_ms']:.1f} ms"
    still = "30 frames a second; the person stands still"
    return [
        Figure("vision: a frame ÷ its networks alone", found["ratio"], "×", 1.25, note=alone),
        Figure("vision: detect and PAD", found["judged_ms"], "ms", 12, note=judging),
        Figure("the same ÷ their networks alone", found["judged_ratio"], "×", 1.15),
        Figure("vision: a whole frame, embedded", found["frame_ms"], "ms", 32, note=plain),
        Figure("first usable frame to decision", found["decision_ms"], "ms", 300, note=still),
    ]


def peers() -> list[Figure]:
    """Other people's pipelines beside ours, on the same frames."""
    found = _told_by("vision.peers")
    whole = found["face_recognition"] / found["frame"]
    embedder = found["insightface"] / found["embed"]
    dlib, class_ = found["face_recognition"], found["insightface"]
    both = f"on dlib {dlib:.0f} ms, ours with attack detection {found['frame']:.1f} ms"
    file = f"its embedder class {class_:.1f} ms, ours with alignment {found['embed']:.1f} ms"
    return [
        Figure("face_recognition ÷ ours", whole, "×", 4, Budget.AT_LEAST, both),
        Figure("insightface ÷ ours, on our file", embedder, "×", 1, Budget.AT_LEAST, file),
    ]


def faces(folder: Path) -> list[Figure]:
    """Start the faces process and have it look. Raises KioskError where it does not."""
    with Stage(folder, Play("", enrolled=False), kiosk=()) as stage:
        looks = [_look(stage) for _ in range(STARTS)]
    starts, memory = [look.start for look in looks], looks[-1].memory
    decisions = [look.decision for look in looks]
    worst = f"median of {STARTS}, worst {max(starts):.2f} s"
    shared = f"RSS {memory.rss:.0f} MB counts shared pages of libraries"
    return [
        Figure(
            "faces process: start to first frame analysed", median(starts), "s", 1.5, note=worst
        ),
        Figure(
            "told to look to sealed sample, a person who stands still",
            median(decisions),
            "s",
            1.0,
            note=f"camera of 30 a second, no challenge; worst {max(decisions):.2f} s",
        ),
        Figure("its memory", memory.pss, "MB", 300, note=shared),
    ]


@dataclass(frozen=True, slots=True)
class _Look:
    """Seconds from the process's start to its first word, and from the order to the sample."""

    start: float
    decision: float
    memory: Memory


class _Core:
    """The core's end of the line: has it look as soon as it is there, hears what it says."""

    def __init__(self, socket: Path) -> None:
        self._server = Server(socket, self._hear, lambda _role, _here: None)
        self.looked, self.decided = threading.Event(), threading.Event()
        self.told_at = self.at = self.decided_at = 0.0

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _hear(self, role: Role, message: Message) -> None:
        if isinstance(message, Guiding):
            self.at = self.at or time.monotonic()
            self.looked.set()
        elif isinstance(message, Captured):
            self.decided_at = time.monotonic()
            self.decided.set()
        elif not self.looked.is_set():
            # It says what state its camera is in when it can look.
            self.told_at = time.monotonic()
            self._server.send(role, StartCapture("bench"))


def _look(stage: Stage) -> _Look:
    with _Core(stage.run / "core.sock") as core:
        began = time.monotonic()
        stage.start("faces")
        try:
            if not core.looked.wait(_LOOKS_WITHIN):
                raise KioskError("no frame was analysed", f"See {stage.folder / 'logs'}")
            if not core.decided.wait(_LOOKS_WITHIN):
                raise KioskError("there was no sample", f"See {stage.folder / 'logs'}")
            decision = core.decided_at - core.told_at
            return _Look(core.at - began, decision, memory_of([stage.pid("faces")]))
        finally:
            stage.kill("faces")


def _told_by(module: str) -> Mapping[str, float]:
    """NAME VALUE, a line each."""
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_WITHIN, check=False)
    if done.returncode:
        raise KioskError(f"{module}: {' '.join(done.stderr.strip().splitlines()[-1:])}")
    return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}
