"""`kiosk doctor --find`: what is plugged in, and settings for it that a kiosk takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugged import POS_SCANNER, Machine

from hardware.plugged import hid
from hardware.plugged.found import LET_IN, Found, Offer, UsbDevice
from hardware.plugged.hid import read_descriptor
from hardware.plugged.makers import guess, is_keyboard
from hardware.pseudo import PseudoTerminal
from hardware.scanners.peer import ScannerPeer
from hardware.testing import wait_until
from kiosk import registry
from kiosk.cli import main
from kiosk.config import Config, load
from kiosk.doctor import find
from kiosk.doctor.opening import configured, kind_of
from kiosk.peripherals import build_device


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "machine")


def told_by(machine, settings="", tmp_path=None) -> str:
    path = machine.folder / "kiosk.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'terminal_id = "0001"\n{settings}', "utf-8")
    said: list[str] = []
    assert find.run(path, machine.roots, said.append) == 0
    return "".join(said)


def pasted(machine, text: str) -> Config:
    """The settings that this text makes, every device of which can be built."""
    path = machine.folder / "pasted.toml"
    path.write_text(f'terminal_id = "0001"\n{text}', "utf-8")
    config = load(path)
    for name, driver in configured(config).items():
        kind = kind_of(config, name)
        if kind == "camera":
            registry.build(kind, driver, name=name).close()
        else:
            build_device(kind, driver, None, name=name).close()
    return config


def choices(text: str) -> list[str]:
    """Each possibility that stands as a comment."""
    bare = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    return re.findall(r"^\[[\w.-]+\]\n(?:\w+ = .*\n?)+", "\n".join(bare), re.MULTILINE)


def test_a_scanner_of_a_known_maker_is_proposed_and_works_as_proposed(machine):
    peer = ScannerPeer(machine.folder / "line")
    peer.plug()
    usb = machine.usb("1eab", "1c06", "Newland", "NLS-HR32", "K1")
    name = "usb-Newland_NLS-HR32_K1-if00"
    machine.tty("ttyACM0", usb, name, goal=machine.folder / "line")
    text = told_by(machine)
    assert "Newland NLS-HR32 (1eab:1c06)" in text
    config = pasted(machine, text)
    assert list(config.devices) == ["scanner"]
    assert config.devices["scanner"].options == {"path": str(machine.dev / "serial/by-id" / name)}
    scanner = registry.build("scanner", config.devices["scanner"])
    codes = []
    scanner.open(codes.append)
    peer.scan("6901234567892")
    assert wait_until(lambda: len(codes) == 1)
    scanner.close()
    peer.unplug()


def test_a_bridge_says_nothing_so_each_kind_is_a_comment_and_each_is_accepted(machine):
    usb = machine.usb("1a86", "7523", "", "USB Serial")
    machine.tty("ttyUSB0", usb, "usb-1a86_USB_Serial-if00-port0")
    text = told_by(machine)
    assert pasted(machine, text).devices == {}
    kinds = [next(iter(configured(pasted(machine, one)))) for one in choices(text)]
    assert kinds == ["scanner", "printer", "scale"]


def test_two_bridges_without_a_serial_number_go_by_their_sockets(machine):
    for n in range(2):
        usb = machine.usb("1a86", "7523", "", "USB Serial")
        machine.tty(f"ttyUSB{n}", usb, "usb-1a86_USB_Serial-if00-port0")
    text = told_by(machine)
    assert "/by-id/" not in text
    assert text.count("two alike have one serial number, or none") == 2


def test_the_ports_of_one_adapter_keep_their_own_names(machine):
    usb = machine.usb("9710", "7840", "MosChip", "4 ports", "A")
    for n in range(2):
        machine.tty(f"ttyUSB{n}", usb, f"usb-MosChip_A-if00-port{n}")
    text = told_by(machine)
    assert "two alike" not in text
    assert "by-id/usb-MosChip_A-if00-port1" in text


@pytest.mark.parametrize(
    ("settings", "driver"),
    [
        ('driver = "escpos-usb"\n', "escpos-usb"),
        ('driver = "escpos-usb"\nvendor = 1208\nproduct = 514\nserial = "S1"\n', "escpos-usb"),
        ('driver = "escpos-usb"\nvendor = 1208\nserial = "S2"\n', None),
        ('driver = "escpos-tcp"\nhost = "10.0.0.9"\n', None),
    ],
)
def test_what_the_settings_leave_out_is_what_the_driver_takes_then(machine, settings, driver):
    machine.usb("04b8", "0202", "EPSON", "TM", "S1", klass="07")
    text = told_by(machine, f"[devices.printer]\n{settings}")
    assert ("It is in the settings as printer." in text) == (driver is not None)


@pytest.mark.parametrize(
    ("maker", "name", "driver"),
    [
        ("METTLER TOLEDO", "USB", "mettler-8217"),
        ("CAS", "PD-II", "cas"),
        ("Bizerba", "CS 300", "dialog06"),
    ],
)
def test_a_scale_is_proposed_with_the_protocol_of_its_maker(machine, maker, name, driver):
    machine.tty("ttyACM0", machine.usb("ffff", "0001", maker, name), "usb-x-if00")
    (found,) = pasted(machine, told_by(machine)).devices.items()
    assert (found[0], found[1].driver) == ("scale", driver)


def test_two_with_one_serial_number_go_by_their_sockets_and_that_is_said(machine):
    lines = [PseudoTerminal(machine.folder / f"line{n}") for n in range(2)]
    for number, line in enumerate(lines):
        line.plug()
        usb = machine.usb("05f9", "4204", "Datalogic", "Scanner", "0000")
        name = "usb-Datalogic_Scanner_0000-if00"
        machine.tty(f"ttyACM{number}", usb, name, goal=machine.folder / f"line{number}")
    text = told_by(machine)
    assert text.count("two alike have one serial number") == 2
    devices = pasted(machine, text).devices
    assert list(devices) == ["scanner", "scanner2"]
    paths = [Path(one.options["path"]) for one in devices.values()]
    assert {path.parent.name for path in paths} == {"by-path"}
    assert len({path.resolve() for path in paths}) == 2
    for line in lines:
        line.unplug()


def test_a_line_that_may_not_be_opened_is_said(machine):
    machine.tty("ttyACM0", machine.usb("0c2e", "0cca", "Honeywell", "Barcode"), "usb-H-if00")
    machine.refused.add("ttyACM0")
    assert f"# {LET_IN}" in told_by(machine)


def test_what_the_settings_name_is_marked_and_not_proposed_again(machine):
    usb = machine.usb("1eab", "1c06", "Newland", "HR32", "K1")
    machine.tty("ttyACM0", usb, "usb-Newland-if00")
    other = machine.usb("1eab", "1c06", "Newland", "HR32", "K2")
    machine.tty("ttyACM1", other, "usb-Newland2-if00")
    # by another name than the one that would be proposed
    settings = f'[devices.scanner]\ndriver = "serial"\npath = "{machine.dev}/ttyACM0"\n'
    text = told_by(machine, settings)
    assert text.count("It is in the settings as scanner.") == 1
    assert list(pasted(machine, text).devices) == ["scanner2"], "the first name is taken"


def test_a_printer_of_the_kernel_is_told_by_its_own_name(machine):
    usb = machine.usb("04b8", "0e15", "EPSON", "TM-T20II", klass="07")
    told = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;"
    machine.lp("lp0", usb, told, links=["printer", "printer-X1"])
    text = told_by(machine)
    assert told in text
    (driver,) = pasted(machine, text).devices.values()
    assert (driver.driver, driver.options["path"]) == (
        "escpos-usblp",
        str(machine.dev / "kiosk/printer"),
    )


def test_two_printers_go_by_names_that_stay_and_the_second_is_a_stations(machine):
    for n in range(2):
        usb = machine.usb("04b8", "0e15", "EPSON", "TM-T20II", f"X{n}", klass="07")
        machine.lp(f"lp{n}", usb, links=["printer", f"printer-X{n}", f"printer-at-1-{n + 1}"])
    config = pasted(machine, told_by(machine))
    assert config.devices["printer"].options["path"] == f"{machine.dev}/kiosk/printer-X0"
    assert config.stations["kitchen"].options["path"] == f"{machine.dev}/kiosk/printer-X1"


def test_a_printer_without_a_lasting_name_is_told_so(machine):
    machine.lp("lp0", machine.usb("0416", "5011", klass="07"))
    text = told_by(machine)
    assert "install systemd/70-kiosk.rules" in text
    assert pasted(machine, text).devices["printer"].options["path"] == f"{machine.dev}/usb/lp0"


@pytest.mark.parametrize(("vendor", "klass"), [("1504", "07"), ("0416", "ff")])
def test_a_printer_without_a_node_is_offered_to_libusb(machine, vendor, klass):
    machine.usb(vendor, "5011", "Maker", "POS", "S1", klass=klass)
    machine.refused.add("002")
    text = told_by(machine)
    (driver,) = pasted(machine, text).devices.values()
    assert driver.driver == "escpos-usb"
    assert driver.options == {"vendor": int(vendor, 16), "product": 0x5011, "serial": "S1"}
    assert LET_IN in text
    numbers = f"vendor = {int(vendor, 16)}\nproduct = {0x5011}\n"
    named = f'[devices.printer]\ndriver = "escpos-usb"\n{numbers}'
    assert "It is in the settings as printer." in told_by(machine, named)


def test_a_scanner_that_types_is_proposed_a_keyboard_is_left_out_and_the_rest_is_asked(machine):
    scanner = machine.usb("0c2e", "0b61", "Honeywell", "Xenon 1900", "H1")
    machine.keyboard("event3", scanner, "usb-Honeywell_Xenon_1900_H1")
    keyboard = machine.usb("046d", "c31c", "Logitech", "USB Keyboard")
    machine.keyboard("event4", keyboard, "usb-Logitech_USB_Keyboard")
    nameless = machine.usb("ffff", "0035", "", "HID Keyboard Device")
    machine.keyboard("event5", nameless, "usb-ffff_HID_Keyboard_Device")
    text = told_by(machine)
    devices = pasted(machine, text).devices
    assert [one.driver for one in devices.values()] == ["evdev"]
    assert "event3" in str(Path(devices["scanner"].options["path"]).readlink())
    assert hid.KEYBOARD in text
    assert hid.MAYBE in text
    (maybe,) = choices(text)
    assert "HID_Keyboard_Device" in pasted(machine, maybe).devices["scanner2"].options["path"]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ('path = "{}"', ["event0"]),
        ('vendor = "05E0"\nserial = "B"', ["event1"]),
        ('vendor = "05e0"', ["event0", "event1"]),
        ('path = "/dev/nothing"', []),
    ],
)
def test_a_typing_scanner_is_marked_by_its_path_or_by_its_numbers(machine, named, told):
    for n, serial in enumerate("AB"):
        usb = machine.usb("05e0", "1200", "Symbol", "Scanner", serial)
        machine.keyboard(f"event{n}", usb, f"usb-Symbol_Scanner_{serial}")
    path = machine.dev / "input/by-id/usb-Symbol_Scanner_A-event-kbd"
    text = told_by(machine, f'[devices.scanner]\ndriver = "evdev"\n{named.format(path)}\n')
    parts = text.split("\n\n")
    marked = [part for part in parts if "in the settings as scanner" in part]
    assert [re.search(r"event\d", part)[0] for part in marked] == told


def test_two_typing_scanners_with_one_serial_number_go_by_their_sockets(machine):
    for n in range(2):
        usb = machine.usb("05e0", "1200", "Symbol", "Scanner", "S")
        machine.keyboard(f"event{n}", usb, "usb-Symbol_Scanner_S")
    paths = [one.options["path"] for one in pasted(machine, told_by(machine)).devices.values()]
    assert [Path(path).readlink().name for path in paths] == ["event0", "event1"]


def test_a_scanner_of_the_point_of_sale_is_known_by_its_descriptor(machine):
    usb = machine.usb("05f9", "2601", "Datalogic", "Gryphon")
    machine.hidraw("hidraw0", usb, POS_SCANNER, links=["scanner-hid", "scanner-hid-1-1"])
    other = machine.usb("046d", "c077", "Logitech", "Mouse")
    machine.hidraw("hidraw1", other, bytes.fromhex("05010902a101c0"))
    text = told_by(machine)
    assert "hidraw1" not in text
    (driver,) = pasted(machine, text).devices.values()
    assert driver.driver == "hidpos"
    assert driver.options == {"path": f"{machine.dev}/kiosk/scanner-hid-1-1"}


def test_another_form_of_report_is_put_into_the_settings(machine):
    odd = POS_SCANNER.replace(b"\x85\x02", b"\x85\x07").replace(b"\x95\x3f", b"\x95\x1f")
    machine.hidraw("hidraw0", machine.usb("1eab", "0010"), odd)
    (driver,) = pasted(machine, told_by(machine)).devices.values()
    assert driver.options == {
        "path": f"{machine.dev}/hidraw0",
        "report_id": 7,
        "report_size": 32,
    }


@given(st.binary(max_size=200))
def test_no_descriptor_raises_or_says_more_than_is_in_it(data):
    told = read_descriptor(data)
    assert len(told.pages) <= len(data)
    assert told.longest[1] >= 0


def test_pins_are_offered_as_comments_each_of_which_is_accepted(machine):
    machine.node("gpiochip0")
    text = told_by(machine)
    assert pasted(machine, text).devices == {}
    names = [next(iter(pasted(machine, one).devices)) for one in choices(text)]
    assert names == ["drawer", "door", "presence", "help_button"]


def test_a_camera_is_proposed_under_its_lasting_name(machine):
    machine.folder.mkdir()
    offer = Offer("camera", "opencv", {"device": "/dev/v"})

    def finder(roots):
        yield Found("Webcam", roots.dev / "video0", (offer,), sure=True)
        yield Found("Another", roots.dev / "video1", (offer,), sure=True)

    text = "\n".join(find.proposed(Config("0001"), find.found(machine.roots, [finder])))
    assert pasted(machine, text).faces.camera.options == {"device": "/dev/v"}
    assert "as many as there can be" in text, "there is one camera"


def test_what_a_device_says_of_itself_cannot_leave_the_comment(machine):
    usb = machine.usb("1eab", "0001", "Evil\x1b[2J\n[fleet]", 'A"\x00\u2028terminal_id = 1')
    machine.tty("ttyACM0", usb, "usb-x-if00")
    text = told_by(machine)
    assert "\x1b" not in text
    config = pasted(machine, text)
    assert (config.terminal_id, list(config.devices)) == ("0001", ["scanner"])


def test_a_video_device_that_may_not_be_asked_is_said(machine):
    machine.node("video0")
    machine.refused.add("video0")
    assert LET_IN in told_by(machine)


def test_a_finder_that_fails_hides_no_other(machine):
    def broken(_roots):
        raise ValueError("odd")

    def good(roots):
        yield Found("thing", roots.dev, ())

    assert [one.what for one in find.found(machine.roots, [broken, good])] == [
        "broken failed: ValueError odd",
        "thing",
    ]


def test_nothing_is_found_on_an_empty_machine_and_that_is_said(machine):
    assert "Nothing was found" in told_by(machine)


def test_the_command_answers_settings_even_without_any(tmp_path, capsys):
    assert main(["doctor", "--find", "--config", str(tmp_path / "none.toml")]) == 0
    text = capsys.readouterr().out
    assert "The settings cannot be read" in text
    (tmp_path / "whole.toml").write_text(f'terminal_id = "0001"\n{text}')
    load(tmp_path / "whole.toml")


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        (UsbDevice("04b8", "0202", "", "", ""), "printer"),
        (UsbDevice("1a86", "7523", "", "QinHeng", "USB Serial"), None),
        (UsbDevice("0403", "6001", "", "FTDI", "CAS PD-II scale"), "scale"),
        (UsbDevice("0000", "0000", "", "Cascade", "Broadcast"), None),
        (UsbDevice("0000", "0000", "", "Zebra", "Thermal Printer"), None),
        (UsbDevice("0000", "0000", "", "SM", "POS-58"), "printer"),
    ],
)
def test_a_kind_is_guessed_only_where_one_alone_is_told(device, kind):
    assert guess(device) == kind


def test_a_scanner_that_calls_itself_a_keyboard_is_none(machine):
    assert is_keyboard(UsbDevice("046d", "c31c", "", "Logitech", "USB Keyboard"))
    assert not is_keyboard(UsbDevice("0c2e", "0901", "", "Metrologic", "Keyboard"))
    assert not is_keyboard(UsbDevice("1d57", "001c", "", "", "Usb Keyboard"))
