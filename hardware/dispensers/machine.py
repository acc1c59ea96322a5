"""A simulated vending machine behind mock pins: spirals turn, things fall, hang, jam or fall late.

    motor pin on ──► the spiral turns: leaves its switch, at 70 % of the turn something falls,
                     comes back to its switch
    a fall       ──► covers the light barrier for 30 ms, some time later where it is "late"

It knows pins, and nothing of the driver. Orders, to one slot or to the light barrier:

    3 falls   3 jam   3 hang   3 empty   3 late 200   cover   uncover   dead   alive
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STEP = 0.002  # seconds
FALL = 0.030
FALLS_AT, LEAVES_AT = 0.7, 0.1  # parts of a turn


@dataclass(slots=True)
class Spiral:
    """One slot: how far it has turned, and what becomes of the next thing in it."""

    turned: float = 0.0
    manner: str = "falls"
    late: float = 0.0  # seconds after the place where it should fall
    due: bool = False  # whether it still has to fall in this turn


@dataclass(frozen=True, slots=True)
class Wiring:
    """Pin numbers as the machine is wired; None where a part is not built in."""

    slots: dict[int, int]
    sensor: int
    home: int | None = None
    emitter: int | None = None


class Machine:
    """Moves by itself between ``start`` and ``stop``; ``fallen`` are slots, in order of falling.

    A dark light barrier reads high, as a cut cable does; a spiral at rest pulls the home pin low.
    """

    def __init__(self, factory: Any, wiring: Wiring, turn: float = 0.1) -> None:
        """`turn`: seconds that a spiral takes for one."""
        self.fallen: list[int] = []
        self.on_motor: Callable[[int], None] = lambda _slot: None
        self.on_fall: Callable[[int], None] = lambda _slot: None
        self._factory, self._wiring, self._turn = factory, wiring, turn
        self._spirals = {slot: Spiral() for slot in wiring.slots}
        self._turning: set[int] = set()
        self._in_the_air: list[tuple[float, int]] = []  # when each will pass the light; its slot
        self._passing: list[float] = []  # since when each is before the light
        self._covered, self._dead = False, False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="machine", daemon=True)

    def start(self) -> None:
        """Switch it on."""
        self._step()
        self._thread.start()

    def stop(self) -> None:
        """Switch it off."""
        self._stopped.set()
        self._thread.join()

    def order(self, text: str) -> None:
        """Do one of the things named at the top of the file; ValueError for anything else."""
        match text.split():
            case ["cover"] | ["uncover"]:
                self._covered = text == "cover"
            case ["dead"] | ["alive"]:
                self._dead = text == "dead"
            case [slot, ("falls" | "jam" | "hang" | "empty") as manner]:
                self._spirals[int(slot)].manner = manner
            case [slot, "late", ms]:
                spiral = self._spirals[int(slot)]
                spiral.manner, spiral.late = "falls", int(ms) / 1000
            case _:
                raise ValueError(f"a machine does not take {text!r}")

    # --- inside ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped.wait(STEP):
            self._step()

    def _step(self) -> None:
        now = time.monotonic()
        for slot, pin in self._wiring.slots.items():
            motor = self._factory.pin(pin)
            if motor.function == "output" and motor.state:
                self._move(slot, now)
            else:
                self._turning.discard(slot)
        for fall in [fall for fall in self._in_the_air if fall[0] <= now]:
            self._in_the_air.remove(fall)
            self._passing.append(now)
            self.fallen.append(fall[1])
            self.on_fall(fall[1])
        self._passing = [since for since in self._passing if now - since < FALL]
        self._show()

    def _move(self, slot: int, now: float) -> None:
        """A step of a turn; a machine that was held up for a while turns on where it was."""
        spiral = self._spirals[slot]
        if slot not in self._turning:
            self._turning.add(slot)
            self.on_motor(slot)
        if spiral.manner == "jam":
            return
        spiral.due = spiral.due or spiral.turned == 0.0
        spiral.turned += STEP / self._turn
        if spiral.manner == "hang":
            spiral.turned = min(spiral.turned, FALLS_AT - LEAVES_AT)
        if spiral.due and spiral.turned >= FALLS_AT:
            spiral.due = False
            if spiral.manner == "falls":
                self._in_the_air.append((now + spiral.late, slot))
        if spiral.turned >= 1.0:
            spiral.turned = 0.0

    def _show(self) -> None:
        """Bring the pins to what the machine is like now."""
        wiring = self._wiring
        dark = wiring.emitter is not None and not self._lit(wiring.emitter)
        covered = (self._covered or bool(self._passing) or dark) and not self._dead
        self._drive(wiring.sensor, high=covered)
        if wiring.home is not None:
            away = any(each.turned > LEAVES_AT for each in self._spirals.values())
            self._drive(wiring.home, high=away)

    def _lit(self, emitter: int) -> bool:
        pin = self._factory.pin(emitter)
        return pin.function != "output" or bool(pin.state)

    def _drive(self, number: int, *, high: bool) -> None:
        pin = self._factory.pin(number)
        if pin.function == "input" and bool(pin.state) != high:
            pin.drive_high() if high else pin.drive_low()
