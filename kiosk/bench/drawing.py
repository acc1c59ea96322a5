"""What the screen computes for a picture where there is much on it and something changes each time.

    this process, in the place of the core ─socket─► the shipped screen process ─► frames.py

A basket of `LINES` lines: a new line with each message, then a total that counts up all the time
while touches turn the pages. A menu of `DISHES`: one more of a dish with each message, while
touches open its categories. There is a message for every picture.
"""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from kiosk.bench.figure import Figure
from kiosk.bench.machine import comes_to_rest
from kiosk.demo.display import VirtualDisplay
from kiosk.demo.finger import Finger
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from kiosk.messages import LineShown, Message, Role, Screen, Showing
from kiosk.messages.menu import CategoryShown, DishShown, MenuShown
from kiosk.wire import Server

LINES, DISHES, CATEGORIES = 200, 300, 10
RATE = 60.0  # messages a second, as many as there are pictures
LEAST = 300  # pictures of each, so that one in a hundred means something
TURNS = 8
MEDIAN_MS, RARE_MS = 4.0, 12.0
_SETTLE = 1.0
_WITHIN = 30.0
_PATIENCE = 60.0  # seconds for all pictures of one screen
_LOOK = 0.4


class Drawn(Stage):
    """A shop of which only the screen is started, watched."""

    @property
    def frames(self) -> Path:
        """A line for each picture."""
        return self.folder / "frames"

    def drawn(self, began: float) -> list[float]:
        """Milliseconds of each picture since then."""
        lines = (line.split() for line in self.frames.read_text("ascii").splitlines())
        return [float(took) for at, took in lines if float(at) >= began]

    def has_drawn(self, least: int, began: float) -> Callable[[], bool]:
        """Answers whether there were so many since then, or a machine is too slow for it."""
        end = began + _PATIENCE
        return lambda: time.monotonic() >= end or len(self.drawn(began)) >= least

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


def menu() -> MenuShown:
    """All dishes, as many in each category."""
    each = DISHES // CATEGORIES
    return MenuShown(
        "1",
        tuple(
            CategoryShown(
                f"c{at}",
                {"zh": f"第{at}类", "en": f"Part {at}"},
                tuple(_dish(number) for number in range(at * each, (at + 1) * each)),
            )
            for at in range(CATEGORIES)
        ),
    )


@dataclass(frozen=True, slots=True)
class Observed:
    """Milliseconds of each picture, of a full basket and of a full menu."""

    basket: Sequence[float]
    menu: Sequence[float]


def observe(folder: Path, turns: int = TURNS, least: int = LEAST) -> Observed:
    """Raises KioskError where no picture comes."""
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
        comes_to_rest(stage.pid("ui"))  # all screens are built ahead
        core.says(basket(LINES))
        finger.wait_for("BASKET")
        time.sleep(_SETTLE)
        began = time.monotonic()
        core.goes_on(map(basket, itertools.count(LINES + 1)), stage.has_drawn(least // 2, began))
        touched = _touching(finger, ["page.down"] * turns)
        core.goes_on(_totals(), _both(touched, stage.has_drawn(least, began)))
        baskets = stage.drawn(began)
        core.says(menu())
        core.says(next(_orders()))
        finger.wait_for("MENU")
        time.sleep(_SETTLE)
        began = time.monotonic()
        names = [f"category.c{at % CATEGORIES}" for at in range(1, turns + 1)]
        touched = _touching(finger, names)
        core.goes_on(_orders(), _both(touched, stage.has_drawn(least, began)))
        return Observed(baskets, stage.drawn(began))


def figures(seen: Observed) -> list[Figure]:
    """The usual picture, and the one in a hundred."""
    return [
        *_figures("a full basket", f"{LINES} lines", seen.basket),
        *_figures("a full menu", f"{DISHES} dishes", seen.menu),
    ]


def _figures(what: str, size: str, times: Sequence[float]) -> list[Figure]:
    if len(times) < 2:
        raise KioskError("the screen drew nothing")
    rare = statistics.quantiles(times, n=100, method="inclusive")[98]
    of = f"{len(times)} pictures, {size}; the thread's own time, drawing left out"
    name = f"computing a picture of {what}"
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


def _dish(number: int) -> DishShown:
    names = {"zh": f"第 {number} 道菜，招牌口味", "en": f"Dish number {number}, the house's own"}
    return DishShown(f"{number:05d}", names, 900 + number * 37 % 4000)


def _orders() -> Iterator[Showing]:
    """One more of the first dish each time."""
    first = _dish(0)
    for count in itertools.count(1):
        total = count * first.fen
        line = LineShown(
            1, first.names, count, str(count), first.fen, total, counted=True, dish=first.code
        )
        yield Showing(
            Screen.MENU, "V2", lines=(line,), count=count, total_fen=total, may_order=True
        )


def _touching(finger: Finger, names: Sequence[str]) -> Callable[[], bool]:
    """Touch these, as a shopper looks at each; answers whether the last was touched."""

    def touch() -> None:
        for name in names:
            finger.touch(name, timeout=_WITHIN)
            time.sleep(_LOOK)

    touching = threading.Thread(target=touch, daemon=True)
    touching.start()
    return lambda: not touching.is_alive()


def _both(one: Callable[[], bool], other: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: one() and other()
