"""Finding, claiming and reading a USB printer that has no kernel driver, on a simulated bus."""

from __future__ import annotations

import pytest
import usb.core

from hardware.devices import PrintOutcome
from hardware.errors import Busy, NotFound
from hardware.printers.bulk import Wanted, open_usb
from hardware.printers.peer import PrinterPeer
from hardware.printers.printer import Patience
from hardware.printers.usb import escpos_usb
from hardware.printers.usbpeer import PRODUCT, SERIAL, VENDOR, UsbLine
from hardware.testing import JOB, wait_until


@pytest.fixture
def bus():
    line = UsbLine()
    line.plug()
    yield line
    line.unplug()


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(VENDOR), Wanted(VENDOR, PRODUCT), Wanted(serial=SERIAL)]
)
def test_a_printer_is_found_by_its_numbers_and_taken_from_the_kernel(bus, wanted):
    line = open_usb("printer", wanted, bus)
    assert bus.claims[-1] == "claim 1", "the second interface is the printer"
    assert not bus.held_by_kernel
    line.close()
    line.close()
    assert wait_until(lambda: bus.claims[-2:] == ["release 1", "close"])


@pytest.mark.parametrize("wanted", [Wanted(1), Wanted(VENDOR, 2), Wanted(serial="other")])
def test_another_printer_is_not_taken(bus, wanted):
    with pytest.raises(NotFound) as raised:
        open_usb("printer", wanted, bus)
    assert raised.value.mend


def test_two_printers_that_fit_are_not_guessed_between(bus):
    bus.enumerate_devices = lambda: ["one", "two"]
    with pytest.raises(NotFound) as raised:
        open_usb("printer", Wanted(), bus)
    assert "serial" in raised.value.mend


def test_a_usb_printer_that_is_held_or_forbidden_says_so(bus):
    bus.held_by_other = True
    with pytest.raises(Busy):
        open_usb("printer", Wanted(), bus)
    bus.held_by_other, bus.forbidden = False, True
    with pytest.raises(NotFound) as raised:
        open_usb("printer", Wanted(), bus)
    assert "group" in raised.value.mend


def test_without_libusb_the_package_is_named(monkeypatch):
    def none(**_):
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", none)
    with pytest.raises(NotFound) as raised:
        open_usb("printer", Wanted())
    assert "libusb-1.0-0" in raised.value.mend


def test_empty_packets_are_no_end_of_the_line(bus):
    bus.empty_packets = 3
    line = open_usb("printer", Wanted(), bus)
    bus.write(b"\x12")
    got = bytearray()
    assert wait_until(lambda: got.extend(line.read()) or bytes(got) == b"\x12")
    line.close()


def test_a_printer_that_only_listens_prints_and_its_end_is_unknown(tmp_path):
    wire = UsbLine(both_ways=False)
    peer = PrinterPeer(wire)
    peer.start()
    patience = Patience(status=0.02, finish=0.1, silence=0.05)
    printer = escpos_usb(backend=wire, patience=patience)
    try:
        printer.open()
        assert printer.print(JOB, "slip-1").outcome is PrintOutcome.UNKNOWN
        assert wait_until(lambda: peer.paper.slips[0].startswith(JOB))
    finally:
        printer.close()
        peer.stop()
