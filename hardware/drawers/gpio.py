"""Cash drawer on a pin of this machine, through a relay or a driver stage; never a bare coil.

    pin ──► opto-coupler ──► solenoid with fly-back diode, own 24 V supply
    sensor pin ◄── the drawer's switch (optional)      buzzer pin ──► buzzer (optional)

Driver name in the configuration: ``gpio``. The pulse is ended by a timer, and by ``close``.
"""

from __future__ import annotations

import threading
from typing import Any

from hardware.devices import Condition, DrawerState, Health, Report
from hardware.drawers.watch import LEFT_OPEN, DrawerWatch, check_watch_options
from hardware.errors import DeviceError, Offline
from hardware.pins import is_high, pins_of, release, taking

LONGEST_PULSE_MS = 1000  # longer burns the coil


class GpioDrawer:
    """One drawer. ``pin`` and ``sensor_pin`` are BCM numbers, or lines of ``chip``.

    ``sensor_open``: the level of the sensor pin that means open, "high" or "low". With a sensor, a
    drawer open for ``left_open_s`` is told as its health, and the buzzer sounds until it is closed.
    Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        pin: int,
        name: str = "drawer",
        sensor_pin: int | None = None,
        sensor_open: str = "high",
        pulse_ms: int = 150,
        active_high: bool = True,
        left_open_s: float = 60.0,
        buzzer_pin: int | None = None,
        chip: int | None = None,
        pin_factory: Any = None,
    ) -> None:
        if not 10 <= pulse_ms <= LONGEST_PULSE_MS:
            raise ValueError(f"pulse_ms must be 10 to {LONGEST_PULSE_MS}, not {pulse_ms!r}")
        if sensor_pin == pin:
            raise ValueError("pin and sensor_pin must differ")
        check_watch_options(left_open_s, buzzer_pin, pin, sensor_pin)
        self._name = name
        self._pin = pin
        self._sensor_pin = sensor_pin
        self._open_level = is_high("sensor_open", sensor_open)
        self._pulse_s = pulse_ms / 1000
        self._active_high = active_high
        self._chip, self._factory = chip, pin_factory
        self._lock = threading.Lock()
        self._relay: Any = None
        self._sensor: Any = None
        self._timer: threading.Timer | None = None
        watched = 0.0 if sensor_pin is None else left_open_s
        self._watch = DrawerWatch(name, self.is_open, watched, buzzer_pin, chip, pin_factory)

    @property
    def name(self) -> str:
        return self._name

    def open(self, report: Report | None = None) -> None:
        """Take the pins, relay off. Raises NotFound where there are none, Busy when taken."""
        from gpiozero import DigitalInputDevice, OutputDevice

        with taking(self._name, self.close):
            pins = pins_of(self._chip, self._factory)
            self._relay = OutputDevice(
                self._pin,
                active_high=self._active_high,
                initial_value=False,
                pin_factory=pins,
            )
            if self._sensor_pin is not None:
                self._sensor = DigitalInputDevice(self._sensor_pin, pull_up=True, pin_factory=pins)
        try:
            self._watch.start(report)
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        self._watch.stop()
        self._end_pulse()
        with self._lock:
            for part in (self._relay, self._sensor):
                if part is not None:
                    release(part)
            self._relay = self._sensor = None

    def check_health(self) -> Health:
        if self._relay is None:
            error: DeviceError = Offline(self._name, "the drawer is not open for use")
            return Health(Condition.BAD, error.cause, error.mend)
        if self._watch.left_open:
            return LEFT_OPEN
        return Health(Condition.GOOD)

    def open_drawer(self) -> None:
        """One pulse; while one runs, another changes nothing."""
        with self._lock:
            if self._relay is None:
                raise Offline(self._name, "the drawer is not open for use")
            if self._timer is not None:
                return
            self._timer = threading.Timer(self._pulse_s, self._end_pulse)
            self._timer.daemon = True
            self._relay.on()
            self._timer.start()

    def is_open(self) -> DrawerState:
        with self._lock:
            if self._sensor is None:
                return DrawerState.UNKNOWN
            high = bool(self._sensor.pin.state)
        return DrawerState.OPEN if high == self._open_level else DrawerState.CLOSED

    def _end_pulse(self) -> None:
        with self._lock:
            timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            if self._relay is not None:
                self._relay.off()
