"""From a scanner's last byte to the changed basket, through the running core.

    last byte on the line ─► devices' loop ─► core's queue ─► checkout ─► message on the socket

The core is the shipped one. The line is this process's own end of what the driver reads, so the
clock starts when the terminator is written, whatever the baud rate of the rest; it stops when the
message with the new basket has arrived here, in the place of the screen.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hardware.pseudo import PseudoTerminal
from hardware.scanners.keyboard import FifoWire, KeyboardPeer
from kiosk.bench.figure import Figure
from kiosk.bench.lane import Hand
from kiosk.demo.settings import Play
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage
from kiosk.messages import RemoveLine, Screen, Start

SCANS = 40
WARM = 5  # scans until everything is imported
_HAND = 0.03  # seconds from one basket to the next code
_BYTES = 0.01  # seconds from the code to its terminator: the loop has slept again
BUDGET_MS = 10.0
DRIVERS = ("serial", "evdev")


@dataclass(frozen=True, slots=True)
class Observed:
    """Milliseconds of each scan, by the driver that read it."""

    scans: Mapping[str, Sequence[float]]


def observe(folder: Path, scans: int = SCANS, drivers: Sequence[str] = DRIVERS) -> Observed:
    """Scan in a shop in `folder`. Raises KioskError for a basket that does not come."""
    path = folder / "line"
    terminal, keys = PseudoTerminal(path), FifoWire(path)
    lines: dict[str, tuple[PseudoTerminal | FifoWire, Callable[[str], object]]] = {
        "serial": (terminal, lambda text: terminal.write(text.encode())),
        "evdev": (keys, KeyboardPeer(keys).type),
    }
    seen = {}
    for driver in drivers:
        line, send = lines[driver]
        line.plug()
        try:
            seen[driver] = _scans(folder / driver, driver, path, send, scans)
        finally:
            line.unplug()
    return Observed(seen)


def figures(seen: Observed) -> list[Figure]:
    """A budget for the median; the worst is told."""
    names = {
        "serial": "scanner: last byte to basket changed",
        "evdev": "the same, typed as on a keyboard",
    }
    return [
        Figure(
            names[driver],
            statistics.median(times),
            "ms",
            BUDGET_MS,
            note=f"median of {len(times)}, worst {max(times):.1f} ms; core and wire, no screen",
        )
        for driver, times in seen.scans.items()
    ]


def _scans(
    folder: Path, driver: str, path: Path, send: Callable[[str], object], scans: int
) -> list[float]:
    scanner = {"driver": driver, "path": str(path)}
    play = Play("", enrolled=False, settings={"devices.scanner": scanner})
    with Stage(folder, play, kiosk=("core",)) as stage, closing(Hand(stage)) as hand:
        hand.reaches(Screen.ATTRACT)
        hand.touches(Start())
        hand.reaches(Screen.BASKET)
        took = [_scan(hand, send, count) for count in range(1, WARM + scans + 1)]
        hand.touches(RemoveLine(1))
        return took[WARM:]


def _scan(hand: Hand, send: Callable[[str], object], count: int) -> float:
    """Milliseconds until the basket had `count` things."""
    time.sleep(_HAND)
    send(GOODS[0])
    time.sleep(_BYTES)
    began = time.perf_counter()
    send("\r")
    hand.sees(lambda seen: seen.count == count, f"{count} things")
    return (time.perf_counter() - began) * 1000
