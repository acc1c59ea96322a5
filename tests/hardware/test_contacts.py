"""Sensors, switches and buttons on mock pins."""

from __future__ import annotations

import time
from contextlib import contextmanager

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.contacts.gpio import GpioContact
from hardware.devices import Contact
from hardware.errors import Busy, NotFound
from hardware.testing import ContactContract, ContactRig, wait_until


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.reset()


class TestGpioContact(ContactContract):
    on = "low"

    @contextmanager
    def rig(self, folder):
        factory = MockFactory()
        pin = factory.pin(22)

        def switch(on: bool) -> None:
            pin.drive_high() if on == (self.on == "high") else pin.drive_low()

        contact = GpioContact(pin=22, on=self.on, bounce_ms=20, pin_factory=factory)
        assert isinstance(contact, Contact)
        if self.on == "high":  # a pulled-up pin that nobody drives is high
            contact._factory.pin(22)._set_pull = lambda _value: None
            pin.drive_low()
        yield ContactRig(contact, switch)
        factory.reset()


class TestGpioContactThatIsHigh(TestGpioContact):
    on = "high"


def test_a_presence_sensor_that_lets_go_between_two_movements_still_sees_somebody(factory):
    heard = []
    contact = GpioContact(pin=22, bounce_ms=5, linger_s=0.3, pin_factory=factory)
    contact.open(heard.append)
    assert wait_until(lambda: heard == [False], 0.2), "nobody is waited for at first"
    pin = factory.pin(22)
    pin.drive_low()
    assert wait_until(lambda: heard == [False, True])
    for _ in range(3):
        pin.drive_high()
        time.sleep(0.05)
        pin.drive_low()
        time.sleep(0.05)
    assert heard == [False, True]
    pin.drive_high()
    assert wait_until(lambda: heard == [False, True, False])
    contact.close()


def test_pins_in_use_and_pins_that_there_are_not_are_told(factory):
    first = GpioContact(pin=22, pin_factory=factory)
    first.open(lambda _on: None)
    with pytest.raises(Busy):
        GpioContact(pin=22, pin_factory=factory).open(lambda _on: None)
    with pytest.raises(NotFound):
        GpioContact(pin=900, pin_factory=factory).open(lambda _on: None)
    first.close()


@pytest.mark.parametrize("options", [{"on": "up"}, {"bounce_ms": -1}, {"linger_s": 9e9}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="must"):
        GpioContact(pin=22, **options)
