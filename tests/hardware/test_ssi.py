"""The scanner that speaks Zebra's packets, against one that repeats what is not acknowledged."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.devices import ScanData, Scanner, Symbology
from hardware.link import Backoff
from hardware.scanners.packets import PacketPeer, framed
from hardware.scanners.ssi import ACK, NAK, SCAN_DISABLE, SCAN_ENABLE, Packets, SsiScanner, packet
from hardware.testing import ScannerContract, ScannerRig, wait_until

EAN = "6901234567892"
# Simple Serial Interface Programmer's Guide: decode data, type 0B, EAN-13
EAN_PACKET = bytes.fromhex("12 F3 00 00 0B 36393031323334353637383932 FC42")


class TestSsiScanner(ScannerContract):
    @contextmanager
    def rig(self, folder):
        peer = PacketPeer(folder / "scanner")
        peer.plug()
        scanner = SsiScanner(path=str(folder / "scanner"), backoff=Backoff(0.01, 0.05))
        assert isinstance(scanner, Scanner)
        yield ScannerRig(scanner, scan=peer.scan, unplug=peer.unplug, plug=peer.plug)
        peer.unplug()


@pytest.fixture
def pair(tmp_path):
    peer = PacketPeer(tmp_path / "scanner")
    peer.plug()
    scanner = SsiScanner(path=str(tmp_path / "scanner"), gap_s=0.2)
    codes: list[ScanData] = []
    scanner.open(codes.append)
    yield peer, scanner, codes
    scanner.close()
    peer.unplug()


@pytest.mark.parametrize(
    ("sent", "raw"),
    [
        (packet(ACK), "04 D0 04 00 FF 28"),
        (packet(NAK, b"\x01"), "05 D1 04 00 01 FF 25"),
        (packet(SCAN_ENABLE), "04 E9 04 00 FF 0F"),
        (packet(SCAN_DISABLE), "04 EA 04 00 FF 0E"),
    ],
)
def test_packets_are_those_of_the_guide(sent, raw):
    assert sent == bytes.fromhex(raw)


def test_a_packet_is_read_byte_by_byte_and_acknowledged(pair):
    peer, _, codes = pair
    for byte in EAN_PACKET:
        peer.type(bytes([byte]))
    assert wait_until(lambda: codes == [ScanData(EAN.encode(), Symbology.EAN13)])
    assert peer.listen(1.0) == bytes.fromhex("04 D0 04 00 FF 28")


def test_a_code_whose_acknowledgement_is_lost_comes_once(pair):
    peer, _, codes = pair
    peer.obey("!deaf 1")
    assert peer.scan(EAN)
    assert peer.sent == 2
    assert peer.scan("12345670")
    assert wait_until(lambda: [code.text for code in codes] == [EAN, "12345670"])


def test_the_same_code_scanned_twice_is_two(pair):
    peer, _, codes = pair
    assert peer.scan(EAN)
    assert peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN, EAN])


def test_a_spoiled_packet_is_asked_for_again(pair):
    peer, _, codes = pair
    peer.type(EAN_PACKET[:-1] + b"\x43")
    assert peer.listen(1.0) == bytes.fromhex("05 D1 04 00 01 FF 25")
    assert codes == []
    peer.obey("!noise")
    assert peer.listen(1.0) == bytes.fromhex("05 D1 04 00 01 FF 25")
    assert peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])


def test_a_torn_packet_is_forgotten(pair):
    peer, _, codes = pair
    peer.type(EAN_PACKET[:9])
    assert peer.listen(0.3) == b""
    assert peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])


def test_a_long_code_comes_in_several_packets(pair):
    peer, _, codes = pair
    text = "https://example.cn/" + "x" * 700
    assert peer.scan(text)
    assert wait_until(lambda: codes == [ScanData(text.encode(), Symbology.QR)])


def test_an_endless_code_is_refused_and_the_next_is_whole(pair):
    peer, _, codes = pair
    assert peer.scan(b"7" * 6000)
    assert peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])


def test_a_code_whose_rest_never_comes_is_not_put_before_the_next(tmp_path):
    peer, now = PacketPeer(tmp_path / "scanner"), [10.0]
    peer.plug()
    codes: list[ScanData] = []
    scanner = SsiScanner(path=str(tmp_path / "scanner"), clock=lambda: now[0])
    scanner.open(codes.append)
    peer.type(framed(0xF3, b"\x1chttps://", 2))
    assert peer.listen(1.0) == bytes.fromhex("04 D0 04 00 FF 28")
    now[0] += 2.0
    assert peer.scan(EAN)
    assert wait_until(lambda: [code.text for code in codes] == [EAN])
    scanner.close()
    peer.unplug()


def test_the_scanner_is_enabled_while_it_is_open(pair):
    peer, scanner, _ = pair
    assert wait_until(lambda: peer.listen(0.1) == b"" and peer.enabled)
    scanner.close()
    assert wait_until(lambda: peer.listen(0.1) == b"" and not peer.enabled)


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_bytes_are_packets_or_spoiled_and_little_is_kept(parts):
    packets = Packets(0.2)
    for part in parts:
        for found in packets.feed(part, 1.0):
            assert found is None or len(found.data) <= 251
        assert len(packets._bytes) <= 257


@pytest.mark.parametrize(
    ("options", "word"),
    [({"path": ""}, "path"), ({"path": "/dev/x", "baud": 1}, "baud")],
)
def test_a_bad_option_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        SsiScanner(**options)
