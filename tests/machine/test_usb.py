"""The drivers on a USB bus of the real kernel, with the names that the kiosk's rules give.

escpos-usblp   /dev/kiosk/printer ─► usblp        escpos-usb   libusb, which takes it from usblp
serial         /dev/serial/by-id  ─► cdc_acm      hidpos       /dev/kiosk/scanner-hid ─► usbhid
evdev          /dev/input/by-id, by-path ─► usbhid
"""

from __future__ import annotations

import grp
import re
import stat
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.devices import Condition, PrintOutcome
from hardware.errors import Busy, NotFound
from hardware.link import Backoff
from hardware.printers.peer import PrinterPeer
from hardware.printers.printer import Patience
from hardware.printers.serial import escpos_serial
from hardware.printers.usb import escpos_usb
from hardware.printers.usblp import escpos_usblp
from hardware.scales.mettler8217 import Mettler8217
from hardware.scales.peer import ScalePeer
from hardware.scanners.evdev import EvdevScanner
from hardware.scanners.hidpos import HidposScanner
from hardware.scanners.reports import report
from hardware.scanners.serial import SerialScanner
from hardware.testing import (
    JOB,
    PrinterContract,
    PrinterRig,
    ScannerContract,
    ScannerRig,
    wait_until,
)
from tests.machine import gadget

EAN = "6901234567892"
QUICK = Backoff(0.02, 0.1)
PATIENT = Patience(status=0.4, write=10.0, finish=3.0, silence=0.3, fault=0.3, settle=0.3)

PRINTER = "/dev/kiosk/printer"
PORT = "/dev/serial/by-id/usb-Maker_Thing_S-1-if00"
SCANNER = "/dev/kiosk/scanner-hid"
KEYBOARD = "/dev/input/by-id/usb-Maker_Thing_S-1-event-kbd"
KEYBOARDS = [f"/dev/input/by-path/platform-dummy_hcd.{n}-usb-0:1:1.0-event-kbd" for n in (0, 1)]

pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif(
        not Path("/sys/class/udc/dummy_udc.1").exists() or not gadget.GADGETS.exists(),
        reason="no dummy_hcd with two sockets and libcomposite here",
    ),
]


@contextmanager
def in_the_bus(made: gadget.Gadget):
    try:
        yield made
    finally:
        made.remove()


def in_its_socket() -> str:
    """What is there of a printer that libusb has taken from usblp: no node."""
    (bus,) = Path("/sys/devices/platform/dummy_hcd.0").glob("usb*")
    return f"/sys/bus/usb/devices/{bus.name.removeprefix('usb')}-1"


@contextmanager
def printing(make, **patience):
    assert wait_until(lambda: not Path(PRINTER).exists()), "the printer before it is still there"
    node = PRINTER if make is on_usblp else in_its_socket()
    with in_the_bus(gadget.printer(node)) as line:
        peer = PrinterPeer(line)
        peer.start()
        assert wait_until(Path(PRINTER).exists), "usblp is always first"
        hung = make(patience=replace(PATIENT, **patience), backoff=QUICK)
        try:
            yield hung, peer
        finally:
            hung.close()
            peer.stop()


def on_paper(peer: PrinterPeer) -> list[bytes]:
    """What is printed once the printer has ended what it is at: a plug takes udev a while."""
    with peer._lock:
        return list(peer.paper.slips)


def on_usblp(**options):
    return escpos_usblp(path=PRINTER, **options)


def on_libusb(**options):
    return escpos_usb(vendor=0x0416, product=0x5011, serial="S-1", **options)


class TestPrinterBehindUsblp(PrinterContract):
    make = staticmethod(on_usblp)

    @contextmanager
    def rig(self, folder):
        with printing(self.make) as (hung, peer):
            yield PrinterRig(
                printer=hung,
                person=peer.order,
                printed=lambda: on_paper(peer),
                unplug=lambda: peer.order("unplug"),
                plug=lambda: peer.order("plug"),
            )


class TestPrinterThroughLibusb(TestPrinterBehindUsblp):
    make = staticmethod(on_libusb)


@pytest.mark.parametrize("make", [on_usblp, on_libusb])
def test_a_long_slip_arrives_byte_for_byte(make):
    with printing(make, finish=20.0) as (hung, peer):
        hung.open()
        job = JOB + b"".join(b"%05d\n" % number for number in range(3_000))
        assert hung.print(job, "slip-1").outcome is PrintOutcome.DONE
        assert b"".join(peer.paper.slips).startswith(job)


@pytest.mark.parametrize("make", [on_usblp, on_libusb])
def test_the_rest_of_a_job_never_reaches_a_printer_that_works_again(make):
    with printing(make, write=0.5, finish=20.0) as (hung, peer):
        hung.open()
        peer.mechanism.buffer_size = 0  # it takes nothing; its USB side still takes 16 kB
        job = JOB + b"x" * 400_000
        began = time.monotonic()
        assert hung.print(job, "slip-1").outcome is PrintOutcome.UNKNOWN
        assert time.monotonic() - began < 10
        peer.mechanism.buffer_size = 4096
        assert wait_until(lambda: hung.check_health().condition is Condition.GOOD, 10)
        assert hung.print(JOB, "slip-2").outcome is PrintOutcome.DONE
        *before, last = peer.paper.slips
        assert last.startswith(JOB + b"\x1d(H")
        assert sum(map(len, before)) < 100_000


@pytest.mark.parametrize("make", [on_usblp, on_libusb])
def test_a_printer_that_is_in_use_is_busy(make):
    with printing(make) as (hung, _):
        hung.open()
        second = make()
        with pytest.raises(Busy):
            second.open()


class TestScannerOnAUsbSerialPort(ScannerContract):
    @contextmanager
    def rig(self, folder):
        with in_the_bus(gadget.serial_port(PORT)) as line:
            line.plug()
            yield ScannerRig(
                SerialScanner(path=PORT, backoff=QUICK),
                scan=lambda code: line.write(code.encode() + b"\r"),
                unplug=line.unplug,
                plug=line.plug,
            )


def test_a_printer_on_a_usb_serial_port_prints_and_is_taken_up_again():
    with in_the_bus(gadget.serial_port(PORT)) as line:
        peer = PrinterPeer(line)
        peer.start()
        hung = escpos_serial(path=PORT, patience=PATIENT, backoff=QUICK)
        hung.open()
        assert hung.print(JOB, "slip-1").outcome is PrintOutcome.DONE
        peer.order("unplug")
        assert wait_until(lambda: hung.check_health().condition is Condition.BAD)
        peer.order("plug")
        assert wait_until(lambda: hung.check_health().condition is Condition.GOOD)
        assert hung.print(JOB, "slip-2").outcome is PrintOutcome.DONE
        hung.close()
        peer.stop()


def test_a_scale_on_a_usb_serial_port_weighs_and_is_taken_up_again(tmp_path):
    with in_the_bus(gadget.serial_port(PORT)) as line:
        peer = ScalePeer(tmp_path / "unused", "mettler-8217")
        peer._line = line
        peer.start()
        scale = Mettler8217(path=PORT, backoff=QUICK)
        scale.open()
        peer.order("load 1234")
        assert scale.read_weight(5.0).grams == 1234
        peer.order("unplug")
        assert wait_until(lambda: scale.check_health().condition is Condition.BAD)
        peer.order("load 640")
        peer.order("plug")
        assert wait_until(lambda: scale.check_health().condition is Condition.GOOD)
        assert scale.read_weight(5.0).grams == 640
        scale.close()
        peer.stop()


class TestScannerForPointsOfSale(ScannerContract):
    @contextmanager
    def rig(self, folder):
        with in_the_bus(gadget.point_of_sale(SCANNER)) as line:
            line.plug()
            yield ScannerRig(
                HidposScanner(path=SCANNER, backoff=QUICK),
                scan=lambda code: line.write(report(code.encode(), b"]Q1", more=False)),
                unplug=line.unplug,
                plug=line.plug,
            )


def test_a_long_code_and_the_orders_of_a_scanner_for_points_of_sale():
    with in_the_bus(gadget.point_of_sale(SCANNER)) as line:
        line.plug()
        start, stop = bytes.fromhex("FD 03 16 54 0D"), bytes.fromhex("FD 03 16 55 0D")
        scanner = HidposScanner(path=SCANNER, start=start.hex(" "), stop=stop.hex(" "))
        codes = []
        scanner.open(codes.append)
        heard = bytearray()
        assert wait_until(lambda: heard.extend(line.read()) or start in heard)
        parts = [b"x" * 56, b"y" * 56, b"z"]
        for at, part in enumerate(parts):
            line.write(report(part, b"]Q1", more=at < 2))
        assert wait_until(lambda: [code.data for code in codes] == [b"".join(parts)])
        scanner.close()
        assert wait_until(lambda: heard.extend(line.read()) or stop in heard)


def type_on(line: gadget.Gadget, digits: str) -> None:
    for each in gadget.typed(digits):
        line.write(each)


class TestScannerThatIsAUsbKeyboard(ScannerContract):
    @contextmanager
    def rig(self, folder):
        with in_the_bus(gadget.keyboard(KEYBOARD)) as line:
            line.plug()
            yield ScannerRig(
                EvdevScanner(path=KEYBOARD, backoff=QUICK),
                scan=lambda code: type_on(line, code),
                unplug=line.unplug,
                plug=line.plug,
            )

    def test_codes_come_whole_and_in_order(self, ready):  # digits only: a boot keyboard's table
        codes = []
        ready.scanner.open(codes.append)
        for code in (EAN, "12345670"):
            ready.scan(code)
        assert wait_until(lambda: [code.text for code in codes] == [EAN, "12345670"])


def test_two_keyboards_of_one_serial_number_go_by_their_sockets_also_when_replugged():
    first = gadget.keyboard(KEYBOARDS[0], socket=0, serial="00000000")
    second = gadget.keyboard(KEYBOARDS[1], socket=1, serial="00000000")
    with in_the_bus(first), in_the_bus(second):
        first.plug()
        second.plug()
        with pytest.raises(NotFound) as raised:
            EvdevScanner(serial="00000000").open(lambda _code: None)
        assert all(path in raised.value.cause for path in KEYBOARDS)
        heard = {path: [] for path in KEYBOARDS}
        told = []
        scanners = [EvdevScanner(path=path, backoff=QUICK) for path in KEYBOARDS]
        scanners[0].open(heard[KEYBOARDS[0]].append, told.append)
        scanners[1].open(heard[KEYBOARDS[1]].append)
        first.unplug()
        assert wait_until(lambda: [health.condition for health in told] == [Condition.BAD])
        type_on(second, "12345670")
        first.plug()
        assert wait_until(lambda: told[-1].condition is Condition.GOOD)
        type_on(first, EAN)
        texts = lambda path: [code.text for code in heard[path]]  # noqa: E731
        assert wait_until(lambda: texts(KEYBOARDS[0]) == [EAN])
        assert texts(KEYBOARDS[1]) == ["12345670"]
        for scanner in scanners:
            scanner.close()


# ---- systemd/70-kiosk.rules


def let_in(path: str | Path) -> tuple[str, int]:
    """Whose group it is, and what that may do."""
    told = Path(path).stat()
    return grp.getgrgid(told.st_gid).gr_name, stat.S_IMODE(told.st_mode)


def udevadm(*words: str) -> str:
    return subprocess.run(
        ["udevadm", *words], capture_output=True, text=True, timeout=20, check=True
    ).stdout


def properties(node: str) -> dict[str, str]:
    lines = udevadm("info", "--query=property", f"--name={node}").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_printer_has_its_names_and_belongs_to_its_group():
    with in_the_bus(gadget.printer(PRINTER)) as line:
        line.plug()
        node = Path(PRINTER).resolve()
        assert node.match("/dev/usb/lp*")
        assert let_in(node) == ("lp", 0o660)
        names = {path.name for path in Path("/dev/kiosk").iterdir() if path.resolve() == node}
        assert {"printer", "printer-S-1"} < names
        (at,) = names - {"printer", "printer-S-1"}
        socket = Path("/sys/bus/usb/devices", at.removeprefix("printer-at-"))
        assert (socket / "serial").read_text().strip() == "S-1"
        bus, number = (int((socket / name).read_text()) for name in ("busnum", "devnum"))
        assert let_in(f"/dev/bus/usb/{bus:03}/{number:03}") == ("lp", 0o660), "for libusb"


def test_a_scanner_belongs_to_its_group_and_the_screen_does_not_hear_it():
    with in_the_bus(gadget.keyboard(KEYBOARD)) as line:
        line.plug()
        assert let_in(KEYBOARD) == ("dialout", 0o660)
        assert properties(KEYBOARD)["LIBINPUT_IGNORE_DEVICE"] == "1"
    with in_the_bus(gadget.point_of_sale(SCANNER)) as line:
        line.plug()
        assert let_in(SCANNER) == ("dialout", 0o660)
        assert [path.name for path in Path("/dev/kiosk").glob("scanner-hid-*-1")]


def test_a_serial_port_belongs_to_its_group_and_is_not_greeted_as_a_modem():
    with in_the_bus(gadget.serial_port(PORT)) as line:
        line.plug()
        assert let_in(PORT) == ("dialout", 0o660)
        assert properties(PORT)["ID_MM_DEVICE_IGNORE"] == "1"


def test_udev_understands_every_line_of_the_rules():
    wrong = Path("/run/udev/rules.d/99-wrong.rules")
    wrong.parent.mkdir(parents=True, exist_ok=True)
    wrong.write_text('NO_SUCH_KEY=="x"\n')
    try:
        run = subprocess.run(
            ["udevadm", "test", "/class/mem/null"],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
    finally:
        wrong.unlink()
    told = run.stdout + run.stderr
    assert "/etc/udev/rules.d/70-kiosk.rules" in told, "it was read"
    complaints = re.findall(r"[^\s/]+\.rules:\d+.*", told)
    assert [line for line in complaints if line.startswith("99-wrong")], "one is told"
    assert [line for line in complaints if line.startswith("70-kiosk")] == []
