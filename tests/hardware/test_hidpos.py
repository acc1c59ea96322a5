"""The HID scanner for points of sale, against one that sends its reports on a named pipe."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.devices import Condition, Health, ScanData, Scanner, Symbology
from hardware.errors import Busy
from hardware.link import Backoff
from hardware.scanners.hidpos import HidposScanner, ReportForm, Scanned
from hardware.scanners.reports import ReportPeer, report
from hardware.testing import ScannerContract, ScannerRig, wait_until

QUICK = Backoff(0.01, 0.05)
EAN = "6901234567892"
# An EAN-13 as the usage tables' common form has it: number 2, 13 characters, "]E0".
EAN_REPORT = bytes.fromhex("02 0D 5D4530 36393031323334353637383932").ljust(64, b"\0")


class TestHidposScanner(ScannerContract):
    @contextmanager
    def rig(self, folder):
        peer = ReportPeer(folder / "hidraw0")
        peer.plug()
        scanner = HidposScanner(path=str(folder / "hidraw0"), backoff=QUICK)
        assert isinstance(scanner, Scanner)
        yield ScannerRig(scanner, scan=peer.scan, unplug=peer.unplug, plug=peer.plug)
        peer.unplug()


@pytest.fixture
def pair(tmp_path):
    peer = ReportPeer(tmp_path / "hidraw0")
    peer.plug()
    scanner = HidposScanner(path=str(tmp_path / "hidraw0"), gap_s=0.2, backoff=QUICK)
    codes: list[ScanData] = []
    told: list[Health] = []
    scanner.open(codes.append, told.append)
    yield peer, codes, told
    scanner.close()
    peer.unplug()


def test_a_report_is_read_byte_by_byte(pair):
    peer, codes, _ = pair
    peer.send(EAN_REPORT)
    assert wait_until(lambda: codes == [ScanData(EAN.encode(), Symbology.EAN13)])


@pytest.mark.parametrize("size", [1, 55, 56, 57, 60, 112, 113, 2953, 4093])
def test_a_code_of_any_length_comes_in_as_many_reports_as_it_needs(pair, size):
    peer, codes, _ = pair
    code = bytes(0x21 + at % 90 for at in range(size))
    peer.scan(code, b"]Q1")
    assert wait_until(lambda: codes == [ScanData(code, Symbology.QR)])


def test_separators_and_line_ends_inside_belong_to_the_code(pair):
    peer, codes, _ = pair
    peer.scan(b"010690123456789210A\x1d17261231", b"]d2")
    peer.scan("BEGIN:VCARD\r\nN:苹\r\nEND:VCARD\r\n".encode(), b"]Q1")
    assert wait_until(lambda: len(codes) == 2)
    assert codes[0] == ScanData(b"010690123456789210A\x1d17261231", Symbology.GS1_DATA_MATRIX)
    assert codes[1].text == "BEGIN:VCARD\r\nN:苹\r\nEND:VCARD"


def test_a_code_that_stops_is_dropped_and_told_and_the_next_is_whole(pair):
    peer, codes, told = pair
    peer.obey("!bare 690123")
    assert wait_until(lambda: len(told) == 1)
    assert "without its end" in told[0].cause
    peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])
    assert wait_until(lambda: told[-1] == Health(Condition.GOOD))


def test_an_endless_code_is_refused_by_name_and_the_next_is_whole(pair):
    peer, codes, told = pair
    peer.scan(b"7" * 10_000, b"]Q1")
    peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])
    assert "longer than the limit" in told[0].cause


def test_a_report_of_another_number_is_told_and_passed_over(pair):
    peer, codes, told = pair
    peer.obey("!alien")
    peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])
    assert "not understood" in told[0].cause


def test_a_code_cut_by_the_plug_leaves_nothing_behind(pair):
    peer, codes, told = pair
    peer.send(report(b"690", b"]E0", more=True) + EAN_REPORT[:20])
    peer.unplug()
    assert wait_until(lambda: any(h.condition is Condition.BAD for h in told))
    peer.plug()
    assert wait_until(lambda: told[-1].condition is Condition.GOOD)
    peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])


def test_a_second_program_is_told_that_it_is_busy(pair, tmp_path):
    with pytest.raises(Busy):
        HidposScanner(path=str(tmp_path / "hidraw0")).open(lambda _code: None)


@pytest.mark.parametrize(
    ("form", "raw", "scanned"),
    [
        (ReportForm(), EAN_REPORT, Scanned(b"]E0", EAN.encode(), more=False)),
        (ReportForm(0), EAN_REPORT[1:], Scanned(b"]E0", EAN.encode(), more=False)),
        (ReportForm(), EAN_REPORT[:-1] + b"\x01", Scanned(b"]E0", EAN.encode(), more=True)),
        (ReportForm(), b"\x02\x03\0\0\0abc".ljust(64, b"\0"), Scanned(b"", b"abc", more=False)),
        (ReportForm(3), EAN_REPORT, None),
        (ReportForm(), b"\x02\x39]E0".ljust(64, b"x"), None),  # 57 do not fit
        (ReportForm(), b"\x02\x01", None),
        (ReportForm(), b"", None),
    ],
)
def test_what_is_in_a_report(form, raw, scanned):
    assert form.read(raw) == scanned


@given(st.integers(0, 255), st.binary(max_size=70))
def test_no_report_is_too_strange(number, raw):
    found = ReportForm(number).read(raw)
    assert found is None or len(found.data) <= 64


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"path": ""}, "path"),
        ({"path": "/dev/x", "report_id": 256}, "report_id"),
        ({"path": "/dev/x", "report_size": 8}, "report_size"),
        ({"path": "/dev/x", "start": "zz"}, "start"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        HidposScanner(**options)
