"""Lights on mock pins."""

from __future__ import annotations

import itertools
from contextlib import contextmanager

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.devices import Condition, Lights
from hardware.errors import Busy, NotFound
from hardware.lights import gpio
from hardware.lights.gpio import GpioLights
from hardware.testing import LightsContract, LightsRig, wait_until

TOWER = {"green": 5, "amber": 6, "red": 13}


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.reset()


class TestGpioLights(LightsContract):
    active_high = True

    @contextmanager
    def rig(self, folder):
        factory = MockFactory()
        lights = GpioLights(lights=TOWER, active_high=self.active_high, pin_factory=factory)
        assert isinstance(lights, Lights)
        pin = factory.pin(TOWER["green"])

        def changes() -> int:
            states = [state.state for state in pin.states]
            return sum(a != b for a, b in itertools.pairwise(states))

        yield LightsRig(lights, "green", self.shines(pin), changes)
        factory.reset()

    def shines(self, pin):
        """A pin that nobody drives floats: no light."""
        return lambda: pin.function == "output" and bool(pin.state) == self.active_high


class TestGpioLightsThatAreLow(TestGpioLights):
    active_high = False


def test_when_nobody_sets_them_any_more_only_the_stale_light_is_on(factory, monkeypatch):
    monkeypatch.setattr(gpio, "LOOK_EVERY", 0.01)
    lights = GpioLights(lights=TOWER, stale_s=5, pin_factory=factory)
    lights._stale_s = 0.1
    lights.open()
    lights.switch_on("green")
    green, amber = factory.pin(TOWER["green"]), factory.pin(TOWER["amber"])
    assert wait_until(lambda: bool(amber.state) and not green.state)
    lights.switch_on("green")  # the program is back, and says what it said before
    assert green.state
    assert not amber.state
    lights.close()


def test_a_pin_in_use_is_busy_and_gives_the_others_back(factory):
    first = GpioLights(lights={"red": 13}, pin_factory=factory)
    first.open()
    second = GpioLights(lights=TOWER, pin_factory=factory)
    with pytest.raises(Busy):
        second.open()
    assert second.check_health().condition is Condition.BAD
    first.close()
    second.open()
    second.close()
    with pytest.raises(NotFound) as raised:
        GpioLights(lights={"red": 900}, pin_factory=factory).open()
    assert raised.value.mend


@pytest.mark.parametrize(
    "options",
    [
        {"lights": {}},
        {"lights": {"red": 5, "green": 5}},
        {"lights": TOWER, "stale_s": 1},
        {"lights": TOWER, "stale_s": 9, "stale_light": "blue"},
    ],
)
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="must"):
        GpioLights(**options)
