"""Item dispenser on the pins of this machine: a motor or a coil a slot, and one drop sensor.

    pin a slot ──► driver stage ──► motor with a spiral, or a coil; never a bare one
    sensor pin ◄── light barrier below all slots       emitter pin ──► its light (optional)
    home pin   ◄── switch that each spiral closes at rest, wired in common (optional)

Driver name in the configuration: ``gpio``. What the sensor does not see proves something only if
it can see: with an emitter pin its light is switched off before and after each drop, and the
sensor must tell. Without one, silence is UNKNOWN.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from hardware.devices import Condition, DropOutcome, DropResult, Health
from hardware.dispensers.switch import Switch
from hardware.errors import Busy, NotFound, Offline
from hardware.pins import is_high, pins_of, release, taking

LONGEST_TURN_MS = 30_000
LOOK = "Look into the slot and the tray."
BLINK_S = 0.2  # until a light barrier has noticed that its light went or came
LEAVES = 3  # a spiral that has not left its switch in a third of the turn is jammed


class GpioDispenser:
    """Numbers are BCM pins, or lines of ``chip``; ``slots`` has one for each slot's number.

    ``sensor_covered`` and ``home_level``: the level of the pin, "high" or "low", that means that
    something is before the sensor, and that the spiral is at rest. ``turn_ms``: how long a motor
    runs at most; ``fall_ms``: how long a fall is waited for after it. Raises ValueError.
    """

    def __init__(
        self,
        *,
        slots: dict[str, int],
        sensor_pin: int,
        name: str = "dispenser",
        sensor_covered: str = "high",
        emitter_pin: int | None = None,
        home_pin: int | None = None,
        home_level: str = "low",
        turn_ms: int = 6000,
        fall_ms: int = 1500,
        active_high: bool = True,
        chip: int | None = None,
        pin_factory: Any = None,
    ) -> None:
        if not slots or not all(str(slot).isdigit() and int(slot) > 0 for slot in slots):
            raise ValueError(f"slots must name a pin for each number from 1, not {slots!r}")
        others = [each for each in (sensor_pin, emitter_pin, home_pin) if each is not None]
        if len({*slots.values(), *others}) != len(slots) + len(others):
            raise ValueError("slots, sensor_pin, emitter_pin and home_pin must differ")
        if not 10 <= turn_ms <= LONGEST_TURN_MS or not 0 <= fall_ms <= LONGEST_TURN_MS:
            raise ValueError(f"turn_ms must be 10 to {LONGEST_TURN_MS}, fall_ms at least 0")
        self._name = name
        self._slots = {int(slot): pin for slot, pin in slots.items()}
        self._sensor_at = (sensor_pin, is_high("sensor_covered", sensor_covered))
        self._emitter_pin = emitter_pin
        home_high = is_high("home_level", home_level)
        self._home_at = None if home_pin is None else (home_pin, home_high)
        self._turn_s, self._fall_s = turn_ms / 1000, fall_ms / 1000
        self._active_high, self._chip, self._factory = active_high, chip, pin_factory
        self._one_drop = threading.Lock()
        self._motors: dict[int, Any] = {}
        self._sensor: Switch | None = None
        self._home: Switch | None = None
        self._emitter: Any = None

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> None:
        """Take the pins, motors off. Raises NotFound where there are none, Busy when taken."""
        with taking(self._name, self.close):
            self._take_pins(pins_of(self._chip, self._factory))

    def close(self) -> None:
        motors, self._motors = self._motors, {}
        for part in (*motors.values(), self._sensor, self._home, self._emitter):
            if part is not None:
                release(part)
        self._sensor = self._home = self._emitter = None

    def check_health(self) -> Health:
        sensor = self._sensor
        if sensor is None:
            return Health(Condition.BAD, "the dispenser is not open", Offline.default_mend)
        if self._one_drop.locked():
            return Health(Condition.GOOD)
        if sensor.on:
            return Health(Condition.BAD, "something covers the drop sensor", LOOK)
        if sensor.came.is_set():
            return Health(Condition.UNKNOWN, "something fell that nobody waited for any more", LOOK)
        return Health(Condition.GOOD)

    def dispense_item(self, slot: int) -> DropResult:
        """As ``ItemDispenser.dispense_item``; takes at most two turns' and two falls' time."""
        if not self._one_drop.acquire(blocking=False):
            raise Busy(self._name, "another item is being dispensed")
        try:
            sensor, motor = self._sensor, self._motors.get(slot)
            if sensor is None:
                raise Offline(self._name, "the dispenser is not open")
            if motor is None:
                raise NotFound(self._name, f"there is no slot {slot}", "Mend the price book.")
            if trouble := self._blind(sensor):
                return DropResult(DropOutcome.FAILED, trouble, LOOK)
            sensor.forget()
            moved = self._turn(motor, sensor)
            seen = sensor.came.wait(self._fall_s)
            result = self._judge(slot, sensor, moved=moved, seen=seen)
            sensor.forget()
            return result
        finally:
            self._one_drop.release()

    # --- inside ---------------------------------------------------------------------------------

    def _take_pins(self, pins: Any) -> None:
        from gpiozero import OutputDevice

        def output(pin: int, *, high: bool, on: bool) -> Any:
            return OutputDevice(pin, active_high=high, initial_value=on, pin_factory=pins)

        for slot, pin in self._slots.items():
            self._motors[slot] = output(pin, high=self._active_high, on=False)
        if self._emitter_pin is not None:
            self._emitter = output(self._emitter_pin, high=True, on=True)
        if self._home_at is not None:
            self._home = Switch(*self._home_at, pins)
        self._sensor = Switch(*self._sensor_at, pins)

    def _blind(self, sensor: Switch) -> str:
        """Why the sensor would not see a fall; empty when it would, as far as can be told."""
        if not sensor.settles(on=False, within=BLINK_S):
            return "something covers the drop sensor"
        if self._emitter is None:
            return ""
        self._emitter.off()
        try:
            sees = sensor.settles(on=True, within=BLINK_S)
        finally:
            self._emitter.on()
        sees = sensor.settles(on=False, within=BLINK_S) and sees
        return "" if sees else "the drop sensor does not notice that its light went out"

    def _turn(self, motor: Any, sensor: Switch) -> bool:
        """Run it for one turn, or until something falls where no switch tells; whether it moved."""
        home = self._home
        end = time.monotonic() + self._turn_s
        try:
            if home is None:
                motor.on()
                sensor.came.wait(self._turn_s)
                return True
            away = not home.on
            home.forget()
            motor.on()
            if not away and not home.went.wait(self._turn_s / LEAVES):
                return False
            home.came.wait(max(0.0, end - time.monotonic()))
            return True
        finally:
            motor.off()

    def _judge(self, slot: int, sensor: Switch, *, moved: bool, seen: bool) -> DropResult:
        if seen:
            if sensor.settles(on=False, within=max(self._fall_s, BLINK_S)):
                return DropResult(DropOutcome.DROPPED)
            cause = f"something from slot {slot} stays before the drop sensor"
            return DropResult(DropOutcome.UNKNOWN, cause, LOOK)
        if not moved:
            return DropResult(DropOutcome.FAILED, f"the motor of slot {slot} does not turn", LOOK)
        blind = self._blind(sensor)
        if self._emitter is not None and not blind:
            return DropResult(DropOutcome.FAILED, f"nothing fell from slot {slot}", LOOK)
        cause = blind or f"nothing was seen to fall from slot {slot}"
        return DropResult(DropOutcome.UNKNOWN, cause, LOOK)
