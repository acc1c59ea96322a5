"""Devices by name: the receipt printer, a printer for each station, the dispenser."""

from __future__ import annotations

import time

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from hardware.devices import Condition, DropOutcome, Health, PrintOutcome
from hardware.errors import SameWeight
from hardware.printers.peer import PrinterPeer
from hardware.scales.peer import ScalePeer
from hardware.scanners.peer import ScannerPeer
from hardware.testing import wait_until
from kiosk.bootstrap.core import workers
from kiosk.config import Config
from kiosk.errors import ConfigError
from kiosk.peripherals import Listeners, Peripherals
from kiosk.settings import Driver
from kiosk.statistics import Statistics
from kiosk.timer import Timer


@pytest.fixture
def heard():
    """What contacts told, by their names."""
    return []


@pytest.fixture
def plugged(tmp_path, heard):
    """Plug these in, and look for what is not there as soon as may be."""
    timer = Timer(time.monotonic)
    made = []

    def plug(devices, **stations):
        counts = tmp_path / "statistics.json"
        scans = []
        listeners = Listeners(scans.append, lambda name, on: heard.append((name, on)), lambda: None)
        peripherals = Peripherals(devices, stations, timer, counts, listeners)
        peripherals.scans = scans
        made.append(peripherals)
        return peripherals

    timer.start()
    yield plug
    for peripherals in made:
        peripherals.close()
    timer.stop()


@pytest.fixture
def kitchen(tmp_path):
    peer = PrinterPeer(tmp_path / "kitchen")
    peer.start()
    yield Driver("escpos-serial", {"path": str(tmp_path / "kitchen")})
    peer.stop()


def opened(peripherals, name):
    end = time.monotonic() + 5
    while not peripherals.opened(name):
        assert time.monotonic() < end, name
        time.sleep(0.01)
    return peripherals.health()[name]


def test_a_station_has_a_printer_under_its_own_name(plugged, kitchen, tmp_path):
    printer = Driver("escpos-serial", {"path": str(tmp_path / "none")})
    found = plugged({"printer": printer}, kitchen=kitchen)
    assert not found.opened("kitchen")
    found.open()
    assert opened(found, "kitchen").condition is Condition.GOOD
    assert opened(found, "printer").condition is Condition.BAD
    assert found.printer("kitchen").print(b"\x1b@1\n", "k").outcome is PrintOutcome.DONE
    assert found.printer().name == "printer"
    assert found.printer("bar") is None
    assert found.printer("scanner") is None


def test_without_a_receipt_printer_there_is_none_and_it_is_not_waited_for(plugged, kitchen):
    found = plugged({}, kitchen=kitchen)
    assert found.printer() is None
    assert found.dispenser is None
    assert found.opened("printer")


def test_a_dispenser_that_was_used_is_looked_at(plugged, tmp_path):
    script = tmp_path / "script"
    options = {"turn_ms": 50, "script_file": str(script)}
    found = plugged({"dispenser": Driver("simulated", options)})
    found.open()
    assert opened(found, "dispenser").condition is Condition.GOOD
    assert found.dispenser.dispense_item(1).outcome is DropOutcome.DROPPED
    script.write_text("1 jam\ncover\n", "utf-8")
    assert found.dispenser.dispense_item(1).outcome is not DropOutcome.DROPPED
    found.look("dispenser")
    assert found.health()["dispenser"].condition is Condition.BAD
    assert not found.works("dispenser")


def test_further_scanners_are_scanners_and_one_that_works_is_enough(plugged, tmp_path):
    peer = ScannerPeer(tmp_path / "hand", baud=115200)
    peer.plug()
    gone = Driver("serial", {"path": str(tmp_path / "none")})
    hand = Driver("serial", {"path": str(tmp_path / "hand"), "gap_s": 0.3})
    found = plugged({"scanner": gone, "scanner2": hand})
    scans = found.scans
    found.open()
    assert opened(found, "scanner").condition is Condition.BAD
    assert opened(found, "scanner2").condition is Condition.GOOD
    assert found.works("scanner")
    assert found.works("scanner2")
    peer.scan("6901234567892", symbology="]E0")
    peer.obey("!bare 123")
    assert wait_until(lambda: "M_DroppedScanCount" in found.statistics().get("scanner2", {}))
    assert [(scan.text, scan.gs1) for scan in scans] == [("6901234567892", False)]
    assert found.statistics()["scanner2"] == {"GoodScanCount": 1, "M_DroppedScanCount": 1}
    peer.unplug()
    assert wait_until(lambda: not found.works("scanner"))


@pytest.mark.parametrize("name", ["scanner1", "scanner5", "printer2"])
def test_other_numbers_are_no_devices(plugged, name):
    with pytest.raises(ConfigError, match=name):
        plugged({name: Driver("serial", {"path": "x"})})


def test_a_drawer_left_open_is_trouble_until_it_is_closed(plugged, tmp_path):
    peer = PrinterPeer(tmp_path / "printer")
    peer.start()
    devices = {
        "drawer": Driver("printer", {"sensor_open": "high", "left_open_s": 0.1}),
        "printer": Driver("escpos-serial", {"path": str(tmp_path / "printer")}),
    }
    found = plugged(devices)
    found.open()
    assert opened(found, "printer").condition is Condition.GOOD
    peer.mechanism.drawer_open = True
    assert wait_until(lambda: not found.works("drawer"))
    assert "left open" in found.health()["drawer"].cause
    peer.order("drawer close")
    assert wait_until(lambda: found.works("drawer"))
    peer.stop()


def test_an_open_door_is_a_fault_until_it_is_closed_and_a_button_is_heard(
    plugged, monkeypatch, heard
):
    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    pins = {"door": 20, "help_button": 21, "presence": 22}
    found = plugged({name: Driver("gpio", {"pin": pin}) for name, pin in pins.items()})
    found.open()
    assert opened(found, "door").condition is Condition.GOOD
    assert wait_until(lambda: len(heard) == 3)
    factory.pin(20).drive_low()
    assert wait_until(lambda: found.health()["door"].condition is Condition.BAD)
    assert found.health()["door"].mend
    factory.pin(20).drive_high()
    assert wait_until(lambda: found.health()["door"].condition is Condition.GOOD)
    factory.pin(21).drive_low()
    assert wait_until(lambda: ("help_button", True) in heard)
    factory.reset()


def test_lights_are_there_where_they_are_configured(plugged, monkeypatch):
    factory = MockFactory()
    monkeypatch.setattr(gpiozero.Device, "pin_factory", factory)
    found = plugged({"lights": Driver("gpio", {"lights": {"green": 5}})})
    found.open()
    assert opened(found, "lights").condition is Condition.GOOD
    found.lights.switch_on("green")
    assert factory.pin(5).state
    assert plugged({}).lights is None


def test_a_table_that_is_no_device_names_those_there_are_and_where_a_kitchen_belongs(plugged):
    with pytest.raises(ConfigError) as raised:
        plugged({"kitchen": Driver("escpos-serial", {"path": "x"})})
    assert "devices.kitchen is not a device" in str(raised.value)
    assert "dispenser" in raised.value.mend
    assert "[stations.kitchen]" in raised.value.mend


def test_a_station_takes_the_options_of_its_driver_and_no_others(plugged):
    with pytest.raises(ConfigError, match="colour"):
        plugged({}, kitchen=Driver("escpos-serial", {"path": "x", "colour": "red"}))


def test_slow_paper_leaves_the_payments_their_threads():
    some = Driver("x")
    plain = workers(Config("0001", devices={"printer": some}))
    busy = Config("0001", devices={"dispenser": some}, stations={"kitchen": some, "bar": some})
    assert workers(busy) == plain + 3


def test_what_devices_did_is_counted_and_kept_over_a_start(plugged, kitchen, tmp_path):
    gone = Driver("escpos-serial", {"path": str(tmp_path / "none")})
    found = plugged({"printer": gone}, kitchen=kitchen)
    found.open()
    assert opened(found, "kitchen").condition is Condition.GOOD
    assert opened(found, "printer").condition is Condition.BAD
    found.printer("kitchen").print(b"\x1b@1\n", "k")
    told = {"kitchen": {"PaperCutCount": 1}, "printer": {"CommunicationErrorCount": 1}}
    assert found.statistics() == told
    found.close()
    again = plugged({}, kitchen=kitchen)
    again.open()
    assert opened(again, "kitchen").condition is Condition.GOOD
    again.printer("kitchen").print(b"\x1b@1\n", "k2")
    assert again.statistics()["kitchen"] == {"PaperCutCount": 2}


def test_a_scale_is_opened_watched_and_its_weighings_counted(plugged, tmp_path):
    peer = ScalePeer(tmp_path / "scale", "nci", settle_s=0.05)
    peer.start()
    options = {"path": str(tmp_path / "scale"), "poll_s": 0.02, "stale_s": 0.5}
    found = plugged({"scale": Driver("nci", options)})
    found.open()
    end = time.monotonic() + 5
    while found.health().get("scale") != Health(Condition.GOOD):
        assert time.monotonic() < end
        time.sleep(0.01)
    peer.order("load 640")
    assert found.scale.read_weight(3.0, 0).grams == 640
    with pytest.raises(SameWeight):
        found.scale.read_weight(0.1, 0)
    peer.order("unplug")
    while found.works("scale"):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert found.statistics()["scale"] == {
        "GoodWeightReadCount": 1,
        "FailedReadCount": 1,
        "CommunicationErrorCount": 1,
    }
    peer.stop()


@pytest.mark.parametrize("text", ["", "[]", '{"printer": 5}', '{"printer": {"x": "y"}}'])
def test_counts_that_cannot_be_read_begin_anew(tmp_path, text):
    path = tmp_path / "statistics.json"
    path.write_text(text, "utf-8")
    assert Statistics(path).summary() == {}


def test_the_scale_under_the_bags_is_none_to_sell_by(tmp_path, plugged):
    peer = ScalePeer(tmp_path / "bags", "mettler-8217", settle_s=0.05)
    peer.start()
    driver = Driver("mettler-8217", {"path": str(tmp_path / "bags"), "poll_s": 0.05})
    peripherals = plugged({"bagging": driver})
    peripherals.open()
    wait_until(lambda: peripherals.works("bagging"))
    assert not peripherals.works("scale"), "goods are not sold by what it weighs"
    assert peripherals.scale is None
    peer.order("load 260")
    wait_until(lambda: peripherals.device("bagging").live_weight().grams == 260)
    peer.order("unplug")
    wait_until(lambda: not peripherals.works("bagging"))
    peer.stop()
