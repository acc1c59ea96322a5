"""From a touch, and from a scanner's last byte, to pixels that have changed on the panel.

    XTEST ─► window ─► pressed look                    touch to changed pixels
    XTEST ─► window ─► core ─► window ─► next screen   lift to the next screen's first pixels
    last byte ─► core ─► window ─► the line            scan to line on screen

Core and screen are the shipped ones. The pixels are read from the display, not asked of the
program; the eye's own look is part of what is told.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hardware.pseudo import PseudoTerminal
from kiosk.bench.figure import Figure
from kiosk.bench.machine import comes_to_rest
from kiosk.bench.panel import BLINK, Eye, Pointer
from kiosk.demo.display import VirtualDisplay
from kiosk.demo.finger import Finger
from kiosk.demo.settings import Play
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage

TOUCHES, SCANS, WARM = 40, 30, 3
TOUCH_MS, SCAN_MS = 100.0, 60.0
_SIDE = 60  # pixels of the part that is looked at, at most
_BYTES = 0.01  # seconds from the code to its terminator: the loop has slept again


@dataclass(slots=True)
class Observed:
    """Milliseconds of each touch, of each step to another screen, of each scan, of each look."""

    touches: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    scans: list[float] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)


def observe(folder: Path, touches: int = TOUCHES, scans: int = SCANS) -> Observed:
    """Touch and scan in a shop in `folder`. Raises KioskError for what does not come."""
    size, seen = Play(""), Observed()
    terminal = PseudoTerminal(folder / "line")
    scanner = {"driver": "serial", "path": str(folder / "line")}
    folder.mkdir(parents=True, exist_ok=True)
    terminal.plug()
    try:
        with VirtualDisplay(size.width, size.height) as display:
            play = Play(display.name, enrolled=False, settings={"devices.scanner": scanner})
            with (
                Stage(folder, play, kiosk=("core", "ui")) as stage,
                Pointer(display.name) as pointer,
            ):
                finger = Finger(display.name, stage.places.screen)
                finger.wait_for("ATTRACT", timeout=30)
                comes_to_rest(stage.pid("ui"))  # all screens are built ahead
                finger.touch("start")
                finger.wait_for("BASKET")
                _scan(display.name, finger, terminal, seen, scans)
                _touch(display.name, finger, pointer, seen, touches)
    finally:
        terminal.unplug()
    return seen


def figures(seen: Observed) -> list[Figure]:
    """The 95th of a hundred is judged; the median is told."""
    look = f"looked at every {BLINK * 1000 + statistics.median(seen.looks):.1f} ms"
    return [
        _figure("touch to changed pixels", seen.touches, TOUCH_MS, f"the pressed look; {look}"),
        _figure("lift to the next screen's pixels", seen.steps, TOUCH_MS, "through the core"),
        _figure("scan to line on screen", seen.scans, SCAN_MS, "last byte to its pixels"),
    ]


def _figure(name: str, times: Sequence[float], limit: float, what: str) -> Figure:
    usual = f"of {len(times)}, median {statistics.median(times):.0f}, worst {max(times):.0f} ms"
    return Figure(f"{name}, 95 of 100", rare(times), "ms", limit, note=f"{usual}; {what}")


def rare(times: Sequence[float]) -> float:
    """What 95 of 100 are not above."""
    return statistics.quantiles(times, n=20, method="inclusive")[18]


def _scan(
    display: str, finger: Finger, terminal: PseudoTerminal, seen: Observed, scans: int
) -> None:
    """Goods in turn, one more of each; the eye is on the quantities of all of them."""
    for code in GOODS:
        _put_in(finger, terminal, code)
    lines = finger.wait_until(lambda one: f"line.{len(GOODS)}.more" in one.widgets, "the lines")
    more = [box for name, box in lines.widgets.items() if name.endswith(".more")]
    left, top = more[0][0] - _SIDE - 8, min(box[1] for box in more)
    bottom = max(box[1] + box[3] for box in more)
    with Eye(display, (left, top, _SIDE, bottom - top)) as eye:
        for number in range(WARM + scans):
            before = eye.waits_for_rest()
            terminal.write(GOODS[number % len(GOODS)].encode())
            time.sleep(_BYTES)
            began = time.perf_counter()
            terminal.write(b"\r")
            took = (eye.waits_for_a_change(before) - began) * 1000
            if number >= WARM:
                seen.scans.append(took)
        seen.looks += eye.looks


def _put_in(finger: Finger, terminal: PseudoTerminal, code: str) -> None:
    before = finger.wait_for("BASKET").changes
    terminal.write(f"{code}\r".encode())
    finger.wait_until(lambda one: one.changes > before, f"a line for {code}")


def _touch(display: str, finger: Finger, pointer: Pointer, seen: Observed, touches: int) -> None:
    """To the tenders and back again: how a button looks while pressed, then the other screen."""
    for number in range(WARM + touches):
        screen, button = ("BASKET", "pay") if number % 2 == 0 else ("TENDER", "back")
        finger.wait_for(screen)
        x, y, width, height = _box(finger, button)
        corner = (x + width // 8, y + height // 2 - _SIDE // 2, _SIDE, _SIDE)
        pointer.move(x + width // 2, y + height // 2)
        with Eye(display, corner) as eye:
            before = eye.waits_for_rest()
            began = pointer.press(down=True)
            pressed = (eye.waits_for_a_change(before) - began) * 1000
            before = eye.waits_for_rest(0.1)
            began = pointer.press(down=False)
            if number >= WARM:
                seen.touches.append(pressed)
                seen.looks += eye.looks
        other = "TENDER" if screen == "BASKET" else "BASKET"
        arrived = finger.wait_for(other)
        if number >= WARM:
            seen.steps.append((arrived.drawn_at - began) * 1000)


def _box(finger: Finger, name: str) -> tuple[int, int, int, int]:
    """Where a button is that can be touched now."""
    seen = finger.wait_until(lambda one: one.can_touch(name), name)
    x, y, width, height, _ = seen.widgets[name]
    return x, y, width, height
