"""`kiosk device test`, with a peer on the line and somebody who does what the sentences ask."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from hardware.printers.peer import PrinterPeer
from hardware.scales.peer import ScalePeer
from hardware.scanners.peer import ScannerPeer
from hardware.testing import wait_until
from hardware.transport import open_serial
from kiosk.demo.settings import toml
from kiosk.doctor import trial_command
from kiosk.errors import ConfigError
from kiosk.ledger import Ledger


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


class Installer:
    """Types the command, reads what it says, and does what it asks for."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.config = folder / "kiosk.toml"
        self.told: list[str] = []
        self.acts: dict[str, object] = {}

    @property
    def text(self) -> str:
        return "\n".join(self.told)

    def writes(self, **tables) -> None:
        named = {name.replace("__", "."): table for name, table in tables.items()}
        paths = {"state": str(self.folder / "state")}
        text = toml({"paths": paths, **named})
        self.config.write_text(f'terminal_id = "0001"\n{text}', "utf-8")

    def when(self, words, act) -> None:
        self.acts[words] = act

    def tests(self, name=None, *, seconds=2.0, slot=None) -> int:
        self.told.clear()
        return trial_command.run(self.config, name, seconds=seconds, slot=slot, say=self._hears)

    def _hears(self, line) -> None:
        self.told.append(line)
        for words, act in list(self.acts.items()):
            if words in line:
                del self.acts[words]
                threading.Timer(0.05, act).start()


@pytest.fixture
def installer(tmp_path):
    return Installer(tmp_path)


def test_without_a_name_what_the_settings_have_is_listed(installer):
    installer.writes(
        devices__scanner2={"driver": "serial", "path": "/dev/x"},
        stations__kitchen={"driver": "escpos-tcp", "host": "10.0.0.9"},
        faces__camera={"driver": "folder", "picture": "x"},
    )
    assert installer.tests() == 0
    assert installer.told == [
        "scanner2: scanner, driver serial",
        "kitchen: printer, driver escpos-tcp",
        "camera: camera, driver folder",
    ]


def test_a_name_that_the_settings_do_not_have_is_told_with_those_they_have(installer):
    installer.writes(devices__scanner={"driver": "serial", "path": "/dev/x"})
    with pytest.raises(ConfigError, match=r"no device scaner\. There are: scanner"):
        installer.tests("scaner")


@pytest.mark.parametrize(
    ("table", "name"), [("devices__printer", "printer"), ("stations__kitchen", "kitchen")]
)
def test_a_printer_prints_everything_that_goes_wrong_with_printers(installer, peer, table, name):
    driver = {"driver": "escpos-serial", "path": str(installer.folder / "printer")}
    installer.writes(**{table: driver})
    assert installer.tests(name) == 0, installer.told
    (slip,) = peer.paper.slips
    assert b"1234567890" * 4 + b"12345678\n" in slip, "48 digits are one whole line"
    assert "中文 ￥12.80".encode("gb18030") in slip
    assert b"\x1d\x6b\x49" in slip, "a bar code"
    assert b"\x1d\x28\x6b" in slip, "a QR code"
    assert b"\x1d\x56\x42\x00" in slip, "a cut"
    assert "paper in" in installer.text
    assert "a test slip is printed (done)" in installer.text
    assert installer.told[-1] == f"{name} worked."


def test_a_printer_without_paper_did_not_work_and_the_mend_is_told(installer, peer):
    driver = {"driver": "escpos-serial", "path": str(installer.folder / "printer")}
    installer.writes(devices__printer=driver)
    peer.order("paper out")
    assert installer.tests("printer") == 1
    assert "printer did not work" in installer.told[-1]
    assert "Put in a new roll" in installer.told[-1]
    assert not peer.paper.slips


def test_a_device_that_the_running_kiosk_has_is_told_so(installer, peer):
    installer.writes(
        devices__printer={"driver": "escpos-serial", "path": str(installer.folder / "printer")}
    )
    ledger = Ledger(installer.folder / "state" / "ledger", lambda: time.time_ns() // 1_000_000)
    line = open_serial("core", str(installer.folder / "printer"))
    try:
        assert installer.tests("printer") == 1
        assert "another program holds" in installer.told[-2]
        assert installer.told[-1] == trial_command.RUNS
    finally:
        line.close()
        ledger.close()
    assert not peer.paper.slips


def test_a_printer_that_takes_one_client_and_is_silent_is_told_so_while_the_kiosk_runs(installer):
    installer.writes(
        devices__printer={"driver": "escpos-tcp", "host": "127.0.0.1", "port": 9, "connect_s": 1.0}
    )
    assert installer.tests("printer") == 1
    assert trial_command.RUNS not in installer.told
    with closing(Ledger(installer.folder / "state" / "ledger", lambda: 1)):
        assert installer.tests("printer") == 1
        assert installer.told[-1] == trial_command.RUNS


@pytest.fixture
def scanner(installer):
    peer = ScannerPeer(installer.folder / "scanner")
    peer.plug()
    installer.writes(
        devices__scanner={"driver": "serial", "path": str(installer.folder / "scanner")}
    )
    yield peer
    peer.unplug()


def test_a_scan_is_told_with_its_kind_and_its_elements(installer, scanner):
    read = "0106901234567892310300123410AB1"
    installer.when("Scan something", lambda: scanner.scan(read, symbology="]C1"))
    assert installer.tests("scanner") == 0
    assert "Kind of code: gs1-128, with an element string of GS1." in installer.told
    assert "  (01) 06901234567892" in installer.told
    assert "  (3103) 001234" in installer.told
    assert "To the kiosk it is: TradeItem." in installer.told


def test_a_scanner_that_names_no_kind_is_told_so(installer, scanner):
    installer.when("Scan something", lambda: scanner.scan("6901234567892"))
    assert installer.tests("scanner") == 0
    assert "Read: '6901234567892', 13 bytes." in installer.told
    assert "AIM" in installer.text


def test_a_payment_code_is_not_shown(installer, scanner):
    code = "134500000000004711"
    installer.when("Scan something", lambda: scanner.scan(code))
    assert installer.tests("scanner") == 0
    assert code not in installer.text
    assert "ends in 4711" in installer.text


def test_a_scanner_before_which_nothing_is_held_did_not_work(installer, scanner):
    assert installer.tests("scanner", seconds=0.2) == 1
    assert "nothing was read" in installer.told[-1]


@pytest.fixture
def drawer(installer, peer):
    installer.writes(
        devices__printer={"driver": "escpos-serial", "path": str(installer.folder / "printer")},
        devices__drawer={"driver": "printer", "sensor_open": "high"},
    )
    return peer


def test_a_drawer_opens_and_is_waited_for_until_it_is_closed(installer, drawer):
    installer.when("Close it", lambda: drawer.order("drawer close"))
    assert installer.tests("drawer") == 0, installer.told
    assert installer.told[-2:] == ["Its switch says: closed.", "drawer worked."]


def test_a_drawer_that_nobody_closes_did_not_work(installer, drawer):
    assert installer.tests("drawer", seconds=0.3) == 1
    assert "still open" in installer.told[-1]


def test_a_drawer_without_a_switch_is_opened_and_only_a_person_sees_it(installer, peer):
    installer.writes(
        devices__printer={"driver": "escpos-serial", "path": str(installer.folder / "printer")},
        devices__drawer={"driver": "printer"},
    )
    assert installer.tests("drawer") == 0
    assert peer.mechanism.drawer_open
    assert "only you see" in installer.text


def test_the_pulse_of_a_drawer_on_a_pin_is_not_cut_short(installer, pins):
    installer.writes(devices__drawer={"driver": "gpio", "pin": 17, "pulse_ms": 300})
    assert installer.tests("drawer") == 0
    rise, fall = [state for state in pins.pin(17).states if state.timestamp > 0][-2:]
    assert (rise.state, fall.state) == (True, False)
    assert fall.timestamp >= 0.25, "seconds from the rise to the fall"


def test_a_drawer_on_a_printer_that_there_is_not_is_a_mistake_in_the_settings(installer):
    installer.writes(devices__drawer={"driver": "printer"})
    with pytest.raises(ConfigError, match=r"there is none.*devices\.printer"):
        installer.tests("drawer")


@pytest.mark.parametrize(
    ("script", "slot", "code", "says"),
    [
        ("", 2, 0, "Slot 2: something fell"),
        ("", None, 1, "--slot 1"),
        ("", 9, 1, "slot"),
        ("2 hang\n", 2, 1, "slot 2 "),
    ],
)
def test_a_dispenser_drops_what_is_in_the_slot_that_was_named(installer, script, slot, code, says):
    (installer.folder / "script").write_text(script)
    fallen = installer.folder / "fallen"
    installer.writes(
        devices__dispenser={
            "driver": "simulated",
            "slots": 3,
            "turn_ms": 50,
            "script_file": str(installer.folder / "script"),
            "fallen_file": str(fallen),
        }
    )
    assert installer.tests("dispenser", slot=slot) == code, installer.told
    assert says in installer.text
    assert (fallen.read_text().split() if fallen.exists() else []) == (["2"] if code == 0 else [])


def test_each_light_is_on_for_a_second_and_none_afterwards(installer, pins):
    installer.writes(devices__lights={"driver": "gpio", "lights": {"green": 5, "red": 6}})
    installer.config.write_text(
        'terminal_id = "0001"\n[devices.lights]\ndriver = "gpio"\nlights = {green = 5, red = 6}\n'
    )
    lit = []
    installer.when("green is on", lambda: lit.append((pins.pin(5).state, pins.pin(6).state)))
    installer.when("red is on", lambda: lit.append((pins.pin(5).state, pins.pin(6).state)))
    assert installer.tests("lights") == 0
    assert lit == [(1, 0), (0, 1)]
    assert (pins.pin(5).state, pins.pin(6).state) == (0, 0)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("door", ["door: closed.", "door: open."]),
        ("presence", ["presence: nobody is there.", "presence: somebody is there."]),
        ("help_button", ["help_button: not pressed.", "help_button: pressed."]),
    ],
)
def test_a_contact_tells_what_is_so_and_each_change(installer, pins, name, words):
    installer.writes(**{f"devices__{name}": {"driver": "gpio", "pin": 22}})
    installer.when(words[0], pins.pin(22).drive_low)
    assert installer.tests(name, seconds=0.5) == 0, installer.told
    assert installer.told[1:3] == words
    assert installer.tests(name, seconds=0.2) == 1
    assert "did not change" in installer.told[-1]


@pytest.fixture
def pan(installer):
    peer = ScalePeer(installer.folder / "scale", "mettler-8217", settle_s=0.1)
    peer.start()
    path = str(installer.folder / "scale")
    installer.writes(devices__scale={"driver": "mettler-8217", "path": path, "poll_s": 0.1})
    yield peer
    peer.stop()


def test_a_scale_shows_what_lies_on_it_and_comes_back_to_zero(installer, pan):
    installer.when("Lay something", lambda: pan.order("load 1234"))
    installer.when("stable: 1234", lambda: pan.order("empty"))
    assert installer.tests("scale", seconds=8) == 0, installer.told
    assert installer.told[-2:] == ["zero", "scale worked."]


def test_a_scale_on_which_nothing_lies_still_did_not_work(installer, pan):
    assert installer.tests("scale", seconds=0.3) == 1
    assert "no weight stood still" in installer.told[-1]


def test_a_scale_that_is_not_emptied_did_not_work(installer, pan):
    pan.order("load 500")
    assert installer.tests("scale", seconds=1.5) == 1
    assert "back to zero" in installer.told[-1]


def test_a_camera_tells_its_size_and_its_rate(installer):
    installer.writes(
        faces__camera={
            "driver": "folder", "picture": "skimage:astronaut", "width": 320, "height": 240,
            "fps": 20,
        }
    )  # fmt: skip
    assert installer.tests("camera") == 0, installer.told
    assert "It gives pictures of 320 × 240." in installer.told
    (rate,) = [line for line in installer.told if "a second" in line]
    assert 10 < float(rate.split()[0]) < 25


def test_the_line_is_given_back_after_each_trial(installer, drawer):
    for _ in range(2):
        installer.when("Close it", lambda: drawer.order("drawer close"))
        assert installer.tests("drawer") == 0
    line = open_serial("next", str(installer.folder / "printer"))
    line.close()
    assert wait_until(lambda: not drawer.mechanism.drawer_open)
