"""The doctor's look at devices: pins that tell something, and what hangs on another device."""

from __future__ import annotations

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hardware.devices import Condition
from hardware.printers.peer import PrinterPeer
from kiosk.config import Config
from kiosk.doctor import devices
from kiosk.doctor.finding import examine
from kiosk.settings import Driver


@pytest.fixture
def pins():
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@pytest.fixture
def peer(tmp_path):
    peer = PrinterPeer(tmp_path / "printer")
    peer.start()
    yield peer
    peer.stop()


def found(**named):
    config = Config("0001", devices=named)
    return {one.what: one for one in examine(devices.checks(config, running=False))}


@pytest.mark.parametrize(
    ("name", "idle", "active"),
    [
        ("presence", "nobody is there", "somebody is there"),
        ("door", "closed", "open"),
        ("help_button", "not pressed", "pressed"),
    ],
)
def test_a_contact_is_opened_and_says_what_is_so(pins, name, idle, active):
    driver = Driver("gpio", {"pin": 22})
    one = found(**{name: driver})[name]
    assert (one.state, one.says) == (Condition.GOOD, f"gpio: {idle}")
    pins.pin(22).drive_low()
    pins.pin(22)._set_pull = lambda _value: None  # else opening pulls the mock pin up again
    one = found(**{name: driver})[name]
    assert f"gpio: {active}" in one.says
    assert (one.state is Condition.BAD) == (name == "door"), "an open door stops the sale"


def test_a_contact_on_a_pin_that_there_is_not_is_bad(pins):
    one = found(door=Driver("gpio", {"pin": 999}))["door"]
    assert one.state is Condition.BAD
    assert one.mend


def test_lights_are_opened(pins):
    assert found(lights=Driver("gpio", {"lights": {"green": 5}}))["lights"].state is Condition.GOOD


def drawer_of(peer, tmp_path):
    printer = Driver("escpos-serial", {"path": str(tmp_path / "printer")})
    return {"drawer": Driver("printer", {"sensor_open": "high"}), "printer": printer}


def test_a_drawer_in_the_printers_socket_is_looked_at_with_the_printer(peer, tmp_path):
    told = found(**drawer_of(peer, tmp_path))
    assert {name: one.state for name, one in told.items()} == {
        "printer": Condition.GOOD,
        "drawer": Condition.GOOD,
    }
    assert not peer.mechanism.drawer_open, "looking moves nothing"


def test_a_drawer_whose_printer_does_not_open_is_not_known(peer, tmp_path):
    peer.order("unplug")
    told = found(**drawer_of(peer, tmp_path))
    assert told["printer"].state is Condition.BAD
    assert told["drawer"].state is Condition.UNKNOWN
    assert "printer" in told["drawer"].says


def test_a_drawer_without_the_printer_that_it_hangs_on_is_bad():
    one = found(drawer=Driver("printer"))["drawer"]
    assert one.state is Condition.BAD
    assert "devices.printer" in one.mend
