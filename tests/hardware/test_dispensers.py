"""Dispensers: on mock pins, behind which a simulated machine turns."""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.devices import Condition, DropOutcome, ItemDispenser
from hardware.dispensers.gpio import GpioDispenser
from hardware.dispensers.machine import Machine, Wiring
from hardware.dispensers.simulated import SimulatedDispenser
from hardware.errors import Busy, NotFound
from hardware.testing import DispenserContract, DispenserRig, wait_until

SENSOR, EMITTER, HOME = 2, 3, 4
SLOTS = {"1": 17, "3": 27}
TURN = 0.1


@dataclass
class Built:
    """A driver and the machine behind its pins."""

    dispenser: GpioDispenser
    machine: Machine
    factory: MockFactory

    def motor_ran(self, pin: int) -> int:
        states = [state.state for state in self.factory.pin(pin).states]
        return sum(not a and b for a, b in itertools.pairwise(states))


@contextmanager
def built(*, home: bool = True, emitter: bool = True, **options):
    factory = MockFactory()
    parts = {"home_pin": HOME if home else None, "emitter_pin": EMITTER if emitter else None}
    dispenser = GpioDispenser(
        slots=SLOTS, sensor_pin=SENSOR, turn_ms=600, fall_ms=250, pin_factory=factory,
        **{**parts, **options},
    )  # fmt: skip
    wiring = Wiring({1: 17, 3: 27}, SENSOR, parts["home_pin"], parts["emitter_pin"])
    machine = Machine(factory, wiring, TURN)
    machine.start()
    yield Built(dispenser, machine, factory)
    machine.stop()
    dispenser.close()
    factory.reset()


class TestGpioDispenser(DispenserContract):
    emitter = True

    @contextmanager
    def rig(self, folder):
        with built(emitter=self.emitter) as made:
            assert isinstance(made.dispenser, ItemDispenser)

            def order(text: str) -> None:
                to_slot = {"jam": "3 jam", "late": "3 late 120"}
                made.machine.order(to_slot.get(text, text))
                time.sleep(0.02)

            yield DispenserRig(made.dispenser, 3, order, lambda: len(made.machine.fallen))


class TestDispenserWithoutATestLight(TestGpioDispenser):
    emitter = False


class TestSimulatedDispenser(DispenserContract):
    @contextmanager
    def rig(self, folder):
        script, fallen = folder / "script", folder / "fallen"
        dispenser = SimulatedDispenser(
            slots=3, turn_ms=100, script_file=str(script), fallen_file=str(fallen)
        )

        def order(text: str) -> None:
            to_slot = {"jam": "3 jam", "late": "3 late 120"}
            script.write_text(to_slot.get(text, text), "utf-8")
            if text in ("cover", "dead"):
                dispenser._machine.order(text)
                time.sleep(0.02)

        yield DispenserRig(
            dispenser, 3, order, lambda: len(fallen.read_text().split()) if fallen.exists() else 0
        )


def outcome(made, slot=3):
    return made.dispenser.dispense_item(slot).outcome


def test_the_motor_of_that_slot_alone_turns_and_stops_at_home():
    with built() as made:
        made.dispenser.open()
        for _ in range(2):
            assert outcome(made, 1) is DropOutcome.DROPPED
        assert (made.motor_ran(17), made.motor_ran(27)) == (2, 0)
        assert not made.factory.pin(17).state
        assert made.machine.fallen == [1, 1]


def test_without_a_home_switch_the_motor_stops_when_something_fell():
    with built(home=False) as made:
        made.dispenser.open()
        began = time.monotonic()
        assert outcome(made) is DropOutcome.DROPPED
        assert time.monotonic() - began < 0.6
        assert not made.factory.pin(27).state


@pytest.mark.parametrize(
    ("emitter", "said"), [(True, DropOutcome.FAILED), (False, DropOutcome.UNKNOWN)]
)
@pytest.mark.parametrize("manner", ["empty", "hang"])
def test_silence_is_a_failure_only_where_the_sensor_proves_that_it_sees(emitter, said, manner):
    with built(emitter=emitter) as made:
        made.dispenser.open()
        made.machine.order(f"3 {manner}")
        assert outcome(made) is said
        assert made.machine.fallen == []
        assert not made.factory.pin(27).state


def test_a_fall_that_stays_before_the_sensor_is_unknown():
    with built() as made:
        made.dispenser.open()
        made.machine.on_fall = lambda _slot: made.machine.order("cover")
        result = made.dispenser.dispense_item(3)
        assert result.outcome is DropOutcome.UNKNOWN
        assert "stays" in result.reason


def test_what_falls_after_its_time_is_told_as_health():
    with built() as made:
        made.dispenser.open()
        made.machine.order("3 late 600")
        assert outcome(made) is DropOutcome.FAILED
        assert wait_until(lambda: made.dispenser.check_health().condition is Condition.UNKNOWN)
        assert made.dispenser.check_health().mend
        made.machine.order("3 late 0")
        assert outcome(made) is DropOutcome.DROPPED
        assert made.dispenser.check_health().condition is Condition.GOOD


def test_a_dead_sensor_is_found_before_anything_moves():
    with built() as made:
        made.dispenser.open()
        made.machine.order("dead")
        time.sleep(0.02)
        assert outcome(made) is DropOutcome.FAILED
        assert made.motor_ran(27) == 0


def test_one_drop_at_a_time():
    with built() as made:
        made.dispenser.open()
        refused = []

        def meanwhile(_slot):
            try:
                made.dispenser.dispense_item(1)
            except Busy as error:
                refused.append(error)

        made.machine.on_motor = meanwhile
        assert outcome(made) is DropOutcome.DROPPED
        assert len(refused) == 1


def test_a_pin_in_use_is_busy_and_a_pin_that_is_none_is_not_found():
    with built() as made:
        made.dispenser.open()
        with pytest.raises(Busy):
            GpioDispenser(slots={"1": 17}, sensor_pin=9, pin_factory=made.factory).open()
        with pytest.raises(NotFound) as raised:
            GpioDispenser(slots={"1": 900}, sensor_pin=9, pin_factory=made.factory).open()
        assert raised.value.mend


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"slots": {}}, "slots"),
        ({"slots": {"0": 5}}, "slots"),
        ({"slots": {"a": 5}}, "slots"),
        ({"slots": {"1": 5, "2": 5}}, "differ"),
        ({"sensor_pin": 5}, "differ"),
        ({"home_level": "up"}, "home_level"),
        ({"sensor_covered": "up"}, "sensor_covered"),
        ({"turn_ms": 60_000}, "turn_ms"),
        ({"fall_ms": -1}, "fall_ms"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        GpioDispenser(**{"slots": {"1": 5}, "sensor_pin": 6, **options})


@pytest.mark.parametrize("text", ["", "3", "3 flies", "late", "3 late", "3 late soon"])
def test_a_machine_does_not_take_an_order_that_there_is_not(text):
    with pytest.raises(ValueError, match=r"take|invalid"):
        Machine(MockFactory(), Wiring({3: 5}, 6)).order(text)


def test_a_simulated_dispenser_has_as_many_slots_as_there_are_pins():
    with pytest.raises(ValueError, match="slots"):
        SimulatedDispenser(slots=40)
