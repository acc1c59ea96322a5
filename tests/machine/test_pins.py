"""The drivers on GPIO pins of the real kernel: gpiozero and lgpio on a chip of gpio-sim.

    driver ──► gpiozero ──► lgpio ──► /dev/gpiochip0 ──► gpio-sim ──► `value` and `pull` in sysfs

A pin is the line of the same number. The other side is seen and moved by files.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.contacts.gpio import GpioContact
from hardware.devices import CashDrawer, Condition, Contact, DrawerState, ItemDispenser, Lights
from hardware.dispensers.gpio import GpioDispenser
from hardware.dispensers.machine import Machine, Wiring
from hardware.drawers.gpio import GpioDrawer
from hardware.errors import Busy, NotFound
from hardware.lights.gpio import GpioLights
from hardware.pins import pins_of
from hardware.testing import (
    ContactContract,
    ContactRig,
    DispenserContract,
    DispenserRig,
    DrawerContract,
    DrawerRig,
    LightsContract,
    LightsRig,
    wait_until,
)

BANK = Path("/sys/kernel/config/gpio-sim/kiosk")

pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif(not BANK.exists(), reason="no chip of gpio-sim here"),
]


class Line:
    """The other side of a pin; what a Machine asks of one."""

    def __init__(self, number: int, *, function: str) -> None:
        chip = (BANK / "bank0" / "chip_name").read_text().strip()
        device = (BANK / "dev_name").read_text().strip()
        self._folder = Path("/sys/devices/platform") / device / chip / f"sim_gpio{number}"
        self.function = function  # as the driver sees it

    @property
    def state(self) -> bool:
        return (self._folder / "value").read_text().strip() == "1"

    def drive_high(self) -> None:
        (self._folder / "pull").write_text("pull-up")

    def drive_low(self) -> None:
        (self._folder / "pull").write_text("pull-down")


class Pulses:
    """Counts how often a line rises, and changes; looks every millisecond."""

    def __init__(self, line: Line) -> None:
        self.count = self._changes = 0
        self._line = line
        self._before = line.state
        self._looking = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulses", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def changes(self) -> int:
        """Up to now: one that is not seen yet is looked for."""
        with self._looking:
            now = self._line.state
            self.count += now and not self._before
            self._changes += now != self._before
            self._before = now
            return self._changes

    def _run(self) -> None:
        while not self._ended.wait(0.001):
            self.changes()


@pytest.fixture(scope="module")
def board():
    """One for all, as on a kiosk: lgpio's thread for edges does not outlive the chip it is for."""
    made = pins_of(0)
    yield made
    made.close()


class TestDrawer(DrawerContract):
    @pytest.fixture(autouse=True)
    def chip(self, board):
        self.board = board

    @contextmanager
    def rig(self, folder):
        switch = Line(27, function="input")
        pulses = Pulses(Line(17, function="output"))
        drawer = GpioDrawer(
            pin=17, sensor_pin=27, pulse_ms=100, left_open_s=0.3, pin_factory=self.board
        )
        assert isinstance(drawer, CashDrawer)
        yield DrawerRig(
            drawer,
            pulses=lambda: pulses.count,
            switch=lambda is_open: switch.drive_high() if is_open else switch.drive_low(),
        )
        pulses.stop()


class Wires:
    """The pins of a dispenser from the machine's side: where gpiozero's mock pins are elsewhere."""

    def __init__(self, *, outputs: set[int], inputs: set[int]) -> None:
        self._lines = {n: Line(n, function="output") for n in outputs}
        self._lines |= {n: Line(n, function="input") for n in inputs}

    def pin(self, number: int) -> Line:
        return self._lines[number]


class TestDispenser(DispenserContract):
    @pytest.fixture(autouse=True)
    def chip(self, board):
        self.board = board

    @contextmanager
    def rig(self, folder):
        dispenser = GpioDispenser(
            slots={"1": 20, "3": 21}, sensor_pin=5, emitter_pin=6, home_pin=13,
            turn_ms=6000, fall_ms=1500, pin_factory=self.board,
        )  # fmt: skip
        assert isinstance(dispenser, ItemDispenser)
        wires = Wires(outputs={20, 21, 6}, inputs={5, 13})
        # It turns by steps, which take several times as long where each goes through sysfs.
        machine = Machine(wires, Wiring({1: 20, 3: 21}, 5, 13, 6), turn=0.08)

        def order(text: str) -> None:
            machine.order({"jam": "3 jam", "late": "3 late 120"}.get(text, text))
            time.sleep(0.05)

        machine.start()
        yield DispenserRig(dispenser, 3, order, lambda: len(machine.fallen))
        dispenser.close()
        machine.stop()


class TestLights(LightsContract):
    @pytest.fixture(autouse=True)
    def chip(self, board):
        self.board = board

    @contextmanager
    def rig(self, folder):
        lights = GpioLights(lights={"green": 8, "amber": 9, "red": 10}, chip=0)
        assert isinstance(lights, Lights)
        line = Line(8, function="output")
        pulses = Pulses(line)
        yield LightsRig(lights, "green", lambda: line.state, pulses.changes)
        pulses.stop()


class TestContact(ContactContract):
    @pytest.fixture(autouse=True)
    def chip(self, board):
        self.board = board

    @contextmanager
    def rig(self, folder):
        line = Line(24, function="input")
        contact = GpioContact(pin=24, bounce_ms=60, chip=0)
        assert isinstance(contact, Contact)
        yield ContactRig(contact, lambda on: line.drive_low() if on else line.drive_high())


def test_a_contact_and_lights_share_a_chip_and_hold_their_pins(board):
    lights = GpioLights(lights={"green": 8}, chip=0)
    contact = GpioContact(pin=24, chip=0)
    lights.open()
    contact.open(lambda _on: None)
    for second in (GpioLights(lights={"red": 24}, chip=0), GpioDrawer(pin=8, chip=0)):
        with pytest.raises(Busy):
            second.open()
    with pytest.raises(NotFound):
        GpioContact(pin=900, chip=0).open(lambda _on: None)
    contact.close()
    lights.close()


def test_a_presence_sensor_is_seen_by_its_edges_through_its_pauses(board):
    line = Line(24, function="input")
    heard = []
    contact = GpioContact(pin=24, bounce_ms=5, linger_s=0.6, chip=0)
    contact.open(heard.append)
    assert wait_until(lambda: heard == [False])
    line.drive_low()
    assert wait_until(lambda: heard == [False, True])
    for _ in range(3):
        line.drive_high()
        time.sleep(0.05)
        line.drive_low()
        time.sleep(0.05)
    assert heard == [False, True]
    line.drive_high()
    assert wait_until(lambda: heard == [False, True, False])
    contact.close()


def test_a_pin_that_another_program_holds_is_busy(board):
    import lgpio

    other = lgpio.gpiochip_open(0)
    lgpio.gpio_claim_output(other, 22, 0)
    drawer = GpioDrawer(pin=22, pin_factory=board)
    dispenser = GpioDispenser(slots={"1": 22}, sensor_pin=5, pin_factory=board)
    with pytest.raises(Busy) as of_the_drawer:
        drawer.open()
    with pytest.raises(Busy) as of_the_dispenser:
        dispenser.open()
    assert of_the_drawer.value.mend
    lgpio.gpiochip_close(other)
    drawer.open()  # though both errors are still held here
    drawer.close()
    assert of_the_dispenser.value.device == dispenser.name


def test_the_level_of_a_cut_wire_is_that_of_the_pull_up(board):
    Line(27, function="input").drive_low()
    drawer = GpioDrawer(pin=17, sensor_pin=27, pin_factory=board)
    drawer.open()
    assert drawer.is_open() is DrawerState.OPEN
    drawer.close()


@pytest.mark.filterwarnings("ignore::gpiozero.exc.PinFactoryFallback")
def test_a_board_that_gpiozero_does_not_know_needs_its_chip_named(board):
    drawer = GpioDrawer(pin=17)
    with pytest.raises(NotFound) as raised:
        drawer.open()
    assert "name its chip" in raised.value.mend
    assert drawer.check_health().condition is Condition.BAD
    named = GpioDrawer(pin=17, chip=0)
    named.open()
    assert named.check_health().condition is Condition.GOOD
    named.close()


def test_a_line_that_the_chip_has_not_is_not_found(board):
    with pytest.raises(NotFound):
        GpioDrawer(pin=900, chip=0).open()


def test_the_pulse_is_as_long_as_it_was_set(board):
    line = Line(17, function="output")
    drawer = GpioDrawer(pin=17, pulse_ms=300, pin_factory=board)
    drawer.open()
    began = time.monotonic()
    drawer.open_drawer()
    assert wait_until(lambda: line.state)
    assert wait_until(lambda: not line.state)
    assert 0.25 < time.monotonic() - began < 1.0
    drawer.close()
