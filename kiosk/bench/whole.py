"""The kiosk as a whole on a virtual display: its start, three visits, and its memory afterwards."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.bench.figure import Figure
from kiosk.bench.machine import Memory, memory_of
from kiosk.demo.display import VirtualDisplay
from kiosk.demo.finger import Finger
from kiosk.demo.settings import Play, cache_folder
from kiosk.demo.shopper import play_visit, wait_for_tender
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError

VISITS = 3
STARTS = 3
PROCESSES = ("core", "faces", "ui")
_DONE = 2.0  # seconds; how long a shopper looks at the last screen is no figure of ours
_HAND = 0.6  # seconds from one scan to the next; a practised cashier needs no less
_START_WITHIN = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen, in milliseconds where not said otherwise."""

    starts: Sequence[float]
    bare_starts: Sequence[float]
    scans: Sequence[float]
    slips: Sequence[float]
    longest_block: float
    longest_at: str
    memory: Memory


def observe(folder: Path) -> Observed:
    """Start a shop in `folder` and play in it. Raises KioskError for what does not come."""
    settings = {"visit": {"done": _DONE}}
    play = Play("", settings=settings)
    with (
        VirtualDisplay(play.width, play.height) as display,
        Stage(folder, Play(display.name, settings=settings)) as stage,
    ):
        finger = Finger(display.name, stage.places.screen)
        finger.wait_for("ATTRACT", timeout=_START_WITHIN)
        wait_for_tender(stage)
        starts, bare = [], []
        for _ in range(STARTS):
            # In turn, so that other work on the machine slows both alike.
            bare.append(_bare_start(stage.play))
            starts.append(_start_of_ui(stage))
        blocks = _Blocks(finger)
        scans = [
            ms for _ in range(VISITS) for ms in play_visit(stage, finger, blocks.reached, _HAND)
        ]
        return Observed(
            starts=starts,
            bare_starts=bare,
            scans=scans,
            slips=list(slip_times(_steps(stage))),
            longest_block=blocks.longest,
            longest_at=blocks.step,
            memory=memory_of([stage.pid(name) for name in PROCESSES]),
        )


def figures(observed: Observed) -> list[Figure]:
    """The budgets of the whole."""
    start, bare = statistics.median(observed.starts), statistics.median(observed.bare_starts)
    slip, scan = statistics.median(observed.slips), statistics.median(observed.scans)
    memory = observed.memory
    return [
        Figure(
            "start to first attract frame",
            start / 1000,
            "s",
            3.0,
            note=f"median of {STARTS}, worst {max(observed.starts) / 1000:.2f} s; the core is up",
        ),
        Figure(
            "the same ÷ an empty window", start / bare, "×", 3.0, note=f"empty: {bare / 1000:.2f} s"
        ),
        Figure(
            "last good frame to slip complete",
            max(observed.slips) / 1000,
            "s",
            0.8,
            note=f"worst of {len(observed.slips)} visits, median {slip / 1000:.2f} s",
        ),
        Figure("scan to visible line, median", scan, "ms", 60, note=_line_note(observed)),
        Figure("scan to visible line, worst", max(observed.scans), "ms", 60),
        Figure(
            "longest block of the screen's thread",
            observed.longest_block,
            "ms",
            50,
            note=f"beyond drawing, in {VISITS} visits; first seen at {observed.longest_at}",
        ),
        Figure(
            f"memory of {', '.join(PROCESSES)}",
            memory.pss,
            "MB",
            600,
            note=f"PSS after {VISITS} visits; RSS {memory.rss:.0f} MB counts shared pages twice",
        ),
    ]


def slip_times(steps: Sequence[Mapping[str, object]]) -> Iterator[float]:
    """From the last good frame to the end of the slip, for each payment that has both."""
    frames = {step.get("attempt"): step for step in steps if step["step"] == "last good frame"}
    for step in steps:
        frame = frames.get(step.get("out_trade_no"))
        if step["step"] == "slip complete" and frame is not None:
            yield float(str(step["at_ms"])) - float(str(frame["at_ms"]))


def _line_note(observed: Observed) -> str:
    return f"{len(observed.scans)} scans; 15 ms of it are the scanner's line at 9600 baud"


def _start_of_ui(stage: Stage) -> float:
    """End the screen and start it again; milliseconds until its attract screen is drawn."""
    stage.kill("ui")
    began = time.monotonic() * 1000
    stage.start("ui")
    end = time.monotonic() + _START_WITHIN
    while time.monotonic() < end:
        for step in _steps(stage):
            if step["step"] == "attract drawn" and float(str(step["at_ms"])) > began:
                time.sleep(1.0)  # it builds its other screens ahead; leave it in peace
                return float(str(step["at_ms"])) - began
        time.sleep(0.02)
    raise KioskError("the screen did not start", f"See {stage.folder / 'logs' / 'ui.log'}")


def _bare_start(play: Play) -> float:
    size = [str(play.width), str(play.height)]
    module = "kiosk.bench.bare_window"
    command = [sys.executable, "-m", module, str(cache_folder()), *size]
    began = time.monotonic() * 1000
    done = subprocess.run(
        command,
        env={**os.environ, "DISPLAY": play.display},
        capture_output=True,
        text=True,
        timeout=_START_WITHIN,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise KioskError(f"no empty window: {done.stderr.strip()[-200:]}")
    return float(done.stdout.split()[0]) - began


def _steps(stage: Stage) -> list[dict[str, object]]:
    if not stage.places.steps.is_file():
        return []
    return [json.loads(line) for line in stage.places.steps.read_text("utf-8").splitlines()]


class _Blocks:
    """What the screen says of its longest block, and the step by which it had happened."""

    def __init__(self, finger: Finger) -> None:
        self._finger = finger
        self.longest = 0.0
        self.step = ""

    def reached(self, step: str) -> None:
        if step == "attract":
            return  # said while the window was still being made ready
        seen = self._finger.look()
        if seen is not None and seen.longest_block_ms > self.longest:
            self.longest, self.step = seen.longest_block_ms, step
