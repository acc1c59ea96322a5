"""What the screen computes for a picture where there is much on it and something changes each time.

    this process, in the place of the core ─socket─► the shipped screen process ─► frames.py

A basket of `LINES` lines: a new line with each message, then a total that counts up all the time
while touches turn the pages. There is a message for every picture.
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from kiosk.bench.figure import Figure
from kiosk.demo.display import VirtualDisplay
from kiosk.demo.finger import Finger
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from kiosk.messages import LineShown, Message, Role, Screen, Showing
from kiosk.wire import Server

LINES = 200
RATE = 60.0  # messages a second, as many as there are pictures
SECONDS = 4.0  # of new lines
TURNS = 8
MEDIAN_MS, RARE_MS = 4.0, 12.0
_SETTLE = 2.5  # until all screens are built ahead
_WITHIN = 30.0
_LOOK = 0.4


class Drawn(Stage):
    """A shop of which only the screen is started, watched."""

    @property
    def frames(self) -> Path:
        """A line for each picture."""
        return self.folder / "frames"

    def _command(self, name: str) -> list[str]:
        command = super()._command(name)
        if name == "ui":
            return ["kiosk.bench.frames", str(self.frames), *command[1:]]
        return command


class Core:
    """The core's end of the line: it says what is to be shown."""

    def __init__(self, socket: Path) -> None:
        self._server = Server(socket, lambda _role, _message: None, lambda _role, _here: None)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def says(self, message: Message) -> None:
        """Raises KioskError where no screen comes to hear it."""
        end = time.monotonic() + _WITHIN
        while not self._server.send(Role.UI, message):
            if time.monotonic() > end:
                raise KioskError("the screen does not listen")
            time.sleep(0.02)

    def goes_on(self, messages: Iterator[Message], until: Callable[[], bool]) -> None:
        """One after the other, `RATE` a second."""
        due = time.monotonic()
        while not until():
            self.says(next(messages))
            due = max(due + 1 / RATE, time.monotonic() - 1 / RATE)
            time.sleep(max(0.0, due - time.monotonic()))


def basket(last: int, lines: int = LINES) -> Showing:
    """The newest `lines` lines of a basket into which `last` things were put."""
    shown = tuple(_line(each) for each in range(last - lines + 1, last + 1))
    total = sum(line.total_fen for line in shown)
    return Showing(
        Screen.BASKET, "V1", lines=shown, count=lines, total_fen=total, due_fen=total, may_pick=True
    )


def observe(folder: Path, seconds: float = SECONDS, turns: int = TURNS) -> list[float]:
    """Milliseconds of each picture of the full basket. Raises KioskError where none comes."""
    size = Play("")
    with (
        VirtualDisplay(size.width, size.height) as display,
        Drawn(folder, Play(display.name, enrolled=False), kiosk=()) as stage,
        Core(stage.run / "core.sock") as core,
    ):
        stage.start("ui")
        core.says(Showing(Screen.ATTRACT))
        finger = Finger(display.name, stage.places.screen)
        finger.wait_for("ATTRACT", timeout=_WITHIN)
        time.sleep(_SETTLE)
        core.says(basket(LINES))
        finger.wait_for("BASKET")
        time.sleep(_SETTLE)
        began = time.monotonic()
        core.goes_on(map(basket, itertools.count(LINES + 1)), _after(seconds))
        turning = threading.Thread(target=_turn, args=(finger, turns), daemon=True)
        turning.start()
        core.goes_on(_totals(), lambda: not turning.is_alive())
        return list(_since(stage.frames, began))


def figures(times: Sequence[float]) -> list[Figure]:
    """The usual picture, and the one in a hundred."""
    if len(times) < 2:
        raise KioskError("the screen drew nothing")
    rare = statistics.quantiles(times, n=100)[98]
    of = f"{len(times)} pictures, {LINES} lines; the thread's own time, drawing left out"
    name = "computing a picture of a full basket"
    return [
        Figure(f"{name}, median", statistics.median(times), "ms", MEDIAN_MS, note=of),
        Figure("the same, 99 of 100", rare, "ms", RARE_MS, note=f"the longest {max(times):.1f} ms"),
    ]


def _line(number: int) -> LineShown:
    each = 100 + number * 37 % 900
    names = {"zh": f"第 {number} 件商品 500 克装", "en": f"Goods number {number}, 500 g"}
    return LineShown(
        number, names, 1 + number % 3, "1", each, each * (1 + number % 3), counted=True
    )


def _totals() -> Iterator[Showing]:
    """A campaign takes something else off each time."""
    whole = basket(LINES)
    for off in itertools.count(1):
        yield replace(whole, saved_fen=off, total_fen=whole.total_fen - off)


def _turn(finger: Finger, turns: int) -> None:
    """Through the pages, as long as a shopper looks at each."""
    for _ in range(turns):
        finger.touch("page.down", timeout=_WITHIN)
        time.sleep(_LOOK)


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _since(path: Path, began: float) -> Iterator[float]:
    for line in path.read_text("ascii").splitlines():
        at, took = line.split()
        if float(at) >= began:
            yield float(took)
