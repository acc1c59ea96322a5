"""The dispenser driver on a simulated machine: for demonstrations and tests of a whole kiosk.

Driver name in the configuration: ``simulated``. What happens stands in a file that may be changed
at any time (orders of `machine.py`, one a line, read anew when a motor starts); what has fallen is
added to another, a slot's number a line, and outlives the process as the goods would.
"""

from __future__ import annotations

from pathlib import Path

from gpiozero.pins.mock import MockFactory

from hardware.devices import DropResult, Health
from hardware.dispensers.gpio import GpioDispenser
from hardware.dispensers.machine import Machine, Wiring

SENSOR, EMITTER, HOME = 2, 3, 4
MOTORS = range(5, 28)  # BCM pins


class SimulatedDispenser:
    """``slots`` of them, from 1; ``turn_ms``: how long a spiral takes for a turn. ValueError."""

    def __init__(
        self,
        *,
        name: str = "dispenser",
        slots: int = 10,
        turn_ms: int = 200,
        script_file: str = "",
        fallen_file: str = "",
    ) -> None:
        if not 1 <= slots <= len(MOTORS):
            raise ValueError(f"slots must be 1 to {len(MOTORS)}, not {slots!r}")
        pins = dict(zip(range(1, slots + 1), MOTORS, strict=False))
        self._factory = MockFactory()
        self._driver = GpioDispenser(
            slots={str(slot): pin for slot, pin in pins.items()},
            sensor_pin=SENSOR,
            name=name,
            emitter_pin=EMITTER,
            home_pin=HOME,
            turn_ms=turn_ms * 3,
            fall_ms=300,
            pin_factory=self._factory,
        )
        wiring = Wiring(pins, SENSOR, HOME, EMITTER)
        self._machine = Machine(self._factory, wiring, turn_ms / 1000)
        self._machine.on_motor = lambda _slot: self._read_script()
        self._machine.on_fall = self._write_down
        self._script, self._fallen = script_file, fallen_file
        self._running = False

    @property
    def name(self) -> str:
        return self._driver.name

    def open(self) -> None:
        """Switch the machine on and take its pins."""
        if not self._running:
            self._running = True
            self._driver.open()
            self._machine.start()

    def close(self) -> None:
        if self._running:
            self._running = False
            self._machine.stop()
        self._driver.close()

    def check_health(self) -> Health:
        return self._driver.check_health()

    def dispense_item(self, slot: int) -> DropResult:
        return self._driver.dispense_item(slot)

    def _read_script(self) -> None:
        if self._script and Path(self._script).is_file():
            for line in Path(self._script).read_text("utf-8").splitlines():
                self._machine.order(line)

    def _write_down(self, slot: int) -> None:
        if self._fallen:
            with Path(self._fallen).open("a", encoding="ascii") as file:
                file.write(f"{slot}\n")
