"""Cash drawers: on a mocked pin, and behind the simulated printer."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import contextmanager

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.devices import CashDrawer, Condition, DrawerState, Health
from hardware.drawers.gpio import GpioDrawer
from hardware.drawers.printer import PrinterDrawer
from hardware.drawers.watch import LEFT_OPEN
from hardware.errors import Busy, NotFound, Offline
from hardware.printers.peer import PrinterPeer
from hardware.printers.printer import Patience
from hardware.printers.serial import escpos_serial
from hardware.testing import DrawerContract, DrawerRig, wait_until


def rises(pin) -> int:
    states = [state.state for state in pin.states]
    return sum(not a and b for a, b in itertools.pairwise(states))


class TestGpioDrawer(DrawerContract):
    @contextmanager
    def rig(self, folder):
        factory = MockFactory()
        drawer = GpioDrawer(
            pin=17, sensor_pin=27, pulse_ms=20, left_open_s=0.1, pin_factory=factory
        )
        assert isinstance(drawer, CashDrawer)

        def switch(is_open: bool) -> None:
            pin = factory.pin(27)
            pin.drive_high() if is_open else pin.drive_low()

        yield DrawerRig(drawer, pulses=lambda: rises(factory.pin(17)), switch=switch)
        factory.reset()


class TestDrawerBehindThePrinter(DrawerContract):
    sensor_open = "high"

    @contextmanager
    def rig(self, folder):
        peer = PrinterPeer(folder / "printer")
        peer.start()
        printer = escpos_serial(path=str(folder / "printer"), patience=Patience(status=0.2))
        printer.open()
        drawer = PrinterDrawer(port=printer, sensor_open=self.sensor_open, left_open_s=0.1)
        assert isinstance(drawer, CashDrawer)

        def switch(is_open: bool) -> None:
            peer.mechanism.drawer_open = is_open

        yield DrawerRig(
            drawer,
            pulses=lambda: len(peer.mechanism.pulses),
            switch=switch if self.sensor_open else None,
        )
        printer.close()
        peer.stop()


class TestDrawerWithoutSwitch(TestDrawerBehindThePrinter):
    sensor_open = ""


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.reset()


def test_the_pulse_ends_by_itself_and_a_second_one_waits_for_that(factory):
    before = set(threading.enumerate())
    drawer = GpioDrawer(pin=17, pulse_ms=400, pin_factory=factory)
    drawer.open()
    drawer.open_drawer()
    drawer.open_drawer()
    assert factory.pin(17).state
    assert len(set(threading.enumerate()) - before) == 1, (
        "a second timer would cut the next pulse short"
    )
    assert wait_until(lambda: not factory.pin(17).state)
    assert rises(factory.pin(17)) == 1
    drawer.open_drawer()
    assert wait_until(lambda: rises(factory.pin(17)) == 2)
    drawer.close()


def test_closing_ends_a_pulse_at_once(factory):
    drawer = GpioDrawer(pin=17, pulse_ms=1000, pin_factory=factory)
    drawer.open()
    drawer.open_drawer()
    drawer.close()
    states = [state.state for state in factory.pin(17).states]
    assert states.count(True) == 1
    with pytest.raises(Offline):
        drawer.open_drawer()


def test_an_active_low_relay_rests_high(factory):
    drawer = GpioDrawer(pin=17, active_high=False, pulse_ms=20, pin_factory=factory)
    drawer.open()
    assert factory.pin(17).state
    drawer.open_drawer()
    assert not factory.pin(17).state
    assert wait_until(lambda: bool(factory.pin(17).state))
    drawer.close()


def test_a_pin_in_use_is_busy_and_a_pin_that_is_none_is_not_found(factory):
    first = GpioDrawer(pin=17, pin_factory=factory)
    first.open()
    with pytest.raises(Busy):
        GpioDrawer(pin=17, pin_factory=factory).open()
    with pytest.raises(NotFound) as raised:
        GpioDrawer(pin=900, pin_factory=factory).open()
    assert raised.value.mend
    first.close()


@pytest.mark.parametrize(("sensor_open", "state"), [("high", "open"), ("low", "closed")])
def test_which_level_means_open_is_configured(factory, sensor_open, state):
    drawer = GpioDrawer(pin=17, sensor_pin=27, sensor_open=sensor_open, pin_factory=factory)
    drawer.open()
    factory.pin(27).drive_high()
    assert drawer.is_open().value == state
    drawer.close()


class Port:
    """A printer's socket that tells nothing."""

    def __init__(self, level: bool | None) -> None:
        self.level = level
        self.kicks: list[tuple[int, int]] = []

    def kick(self, pin: int, on_ms: int) -> None:
        self.kicks.append((pin, on_ms))

    def sense_high(self) -> bool | None:
        return self.level


def test_a_printer_that_does_not_answer_leaves_the_state_unknown():
    drawer = PrinterDrawer(port=Port(None), sensor_open="low")
    drawer.open()
    assert drawer.is_open() is DrawerState.UNKNOWN
    assert drawer.check_health().condition is Condition.UNKNOWN


def test_the_level_is_not_trusted_right_after_the_pulse():
    slept: list[float] = []
    port = Port(level=True)
    drawer = PrinterDrawer(
        port=port, pin=5, sensor_open="high", clock=lambda: 10.0, sleep=slept.append
    )
    drawer.open()
    drawer.open_drawer()
    assert port.kicks == [(5, 100)]
    assert drawer.is_open() is DrawerState.OPEN
    assert slept == [pytest.approx(0.5)]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: GpioDrawer(pin=1, pulse_ms=5000), "pulse_ms"),
        (lambda: GpioDrawer(pin=1, sensor_pin=1), "differ"),
        (lambda: GpioDrawer(pin=1, sensor_open="up"), "sensor_open"),
        (lambda: GpioDrawer(pin=1, buzzer_pin=1), "buzzer_pin"),
        (lambda: GpioDrawer(pin=1, sensor_pin=2, left_open_s=-1), "left_open_s"),
        (lambda: PrinterDrawer(port=Port(None), left_open_s=9999), "left_open_s"),
        (lambda: PrinterDrawer(port=Port(None), pin=3), "pin"),
        (lambda: PrinterDrawer(port=Port(None), pulse_ms=500), "pulse_ms"),
        (lambda: PrinterDrawer(port=Port(None), sensor_open="up"), "sensor_open"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(make, word):
    with pytest.raises(ValueError, match=word):
        make()


def test_health_follows_opening(factory):
    drawer = GpioDrawer(pin=17, pin_factory=factory)
    assert drawer.check_health().condition is Condition.BAD
    drawer.open()
    assert drawer.check_health().condition is Condition.GOOD
    drawer.close()
    time.sleep(0)


@pytest.mark.parametrize("level", ["high", "low"])
def test_the_buzzer_sounds_from_the_alarm_until_the_drawer_is_closed(factory, level):
    drawer = GpioDrawer(
        pin=17, sensor_pin=27, sensor_open=level, buzzer_pin=22, left_open_s=0.1,
        pin_factory=factory,
    )  # fmt: skip
    drawer.open()
    sensor, buzzer = factory.pin(27), factory.pin(22)
    to_open, to_close = sensor.drive_high, sensor.drive_low
    if level == "low":
        to_open, to_close = to_close, to_open
    to_close()
    begun = time.monotonic()
    to_open()
    assert not buzzer.state
    assert wait_until(lambda: bool(buzzer.state))
    assert time.monotonic() - begun >= 0.1
    to_close()
    assert wait_until(lambda: not buzzer.state)
    to_open()
    assert wait_until(lambda: bool(buzzer.state))
    drawer.close()
    assert not buzzer.state, "a closed drawer port is silent"


def test_a_buzzer_pin_in_use_is_busy_and_gives_the_others_back(factory):
    options = {"sensor_pin": 27, "buzzer_pin": 22, "pin_factory": factory}
    first = PrinterDrawer(port=Port(None), sensor_open="high", buzzer_pin=22, pin_factory=factory)
    first.open()
    with pytest.raises(Busy):
        GpioDrawer(pin=17, **options).open()
    first.close()
    again = GpioDrawer(pin=17, **options)
    again.open()
    again.close()


class Levels:
    """A printer's socket whose switch is moved by the test."""

    def __init__(self) -> None:
        self.level: bool | None = False

    def kick(self, pin: int, on_ms: int) -> None: ...

    def sense_high(self) -> bool | None:
        return self.level


def test_an_unknown_state_neither_begins_nor_ends_the_alarm():
    port, told = Levels(), []
    drawer = PrinterDrawer(port=port, sensor_open="high", left_open_s=0.08)
    drawer.open(told.append)
    port.level = None
    time.sleep(0.15)
    assert told == []
    port.level = True
    assert wait_until(lambda: told == [LEFT_OPEN])
    port.level = None
    time.sleep(0.1)
    assert told == [LEFT_OPEN]
    assert drawer.check_health() == LEFT_OPEN
    port.level = False
    assert wait_until(lambda: len(told) == 2)
    drawer.close()


def test_a_watch_outlives_a_defect_of_what_it_asks():
    answers = iter([RuntimeError("a defect"), True, True, True])

    class Broken(Levels):
        def sense_high(self) -> bool | None:
            answer = next(answers, True)
            if isinstance(answer, Exception):
                raise answer
            return answer

    told: list[Health] = []
    drawer = PrinterDrawer(port=Broken(), sensor_open="high", left_open_s=0.05)
    drawer.open(told.append)
    assert wait_until(lambda: told == [LEFT_OPEN])
    drawer.close()
