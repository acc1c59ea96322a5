"""The serial scanner against the simulated one, and its framing under any split of bytes."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.devices import Condition, Health, ScanData, Scanner, Symbology
from hardware.link import Backoff
from hardware.scanners.framing import Format, Framing
from hardware.scanners.orders import Awaited
from hardware.scanners.peer import ScannerPeer
from hardware.scanners.serial import SerialScanner
from hardware.testing import ScannerContract, ScannerRig, wait_until


class TestSerialScanner(ScannerContract):
    @contextmanager
    def rig(self, folder):
        peer = ScannerPeer(folder / "scanner", baud=115200)
        peer.plug()
        scanner = SerialScanner(path=str(folder / "scanner"), backoff=Backoff(0.01, 0.05))
        assert isinstance(scanner, Scanner)
        yield ScannerRig(scanner, scan=peer.scan, unplug=peer.unplug, plug=peer.plug)
        peer.unplug()


@pytest.fixture
def pair(tmp_path):
    peer = ScannerPeer(tmp_path / "scanner", baud=115200, aim=True)
    peer.plug()
    scanner = SerialScanner(path=str(tmp_path / "scanner"), gap_s=0.2)
    codes: list[ScanData] = []
    told: list[Health] = []
    scanner.open(codes.append, told.append)
    yield peer, codes, told
    scanner.close()
    peer.unplug()


def test_the_symbology_comes_from_the_aim_identifier(pair):
    peer, codes, _ = pair
    peer.scan("6901234567892")
    peer.scan("12345670")
    peer.scan("https://example.cn/苹果")
    peer.scan("130123456789012345", symbology="]C1")
    assert wait_until(lambda: len(codes) == 4)
    assert [(code.text, code.symbology) for code in codes] == [
        ("6901234567892", Symbology.EAN13),
        ("12345670", Symbology.EAN8),
        ("https://example.cn/苹果", Symbology.QR),
        ("130123456789012345", Symbology.GS1_128),
    ]


@pytest.mark.parametrize(
    ("order", "texts"),
    [
        ("!join 6901234567892 12345670", ["6901234567892", "12345670"]),
        ("!torn 6901234567892", ["6901234567892"]),
        ("6901234567892", ["6901234567892"]),
    ],
)
def test_codes_come_out_whole_however_the_scanner_types_them(pair, order, texts):
    peer, codes, _ = pair
    assert peer.obey(order)
    assert wait_until(lambda: [code.text for code in codes] == texts)


def test_a_code_without_its_end_is_dropped_told_and_leaves_nothing_behind(pair):
    peer, codes, told = pair
    peer.obey("!bare 690123")
    assert wait_until(lambda: len(told) == 1)
    assert told[0].condition is Condition.GOOD
    assert told[0].mend
    peer.scan("6901234567892")
    assert wait_until(lambda: [code.text for code in codes] == ["6901234567892"])


def test_an_endless_code_is_dropped_and_told(tmp_path):
    peer = ScannerPeer(tmp_path / "scanner", baud=460800)
    peer.plug()
    codes: list[ScanData] = []
    told: list[Health] = []
    scanner = SerialScanner(path=str(tmp_path / "scanner"), gap_s=2.0)
    scanner.open(codes.append, told.append)
    peer.scan("9" * 5000, symbology="]Q1")
    peer.scan("6901234567892")
    assert wait_until(lambda: [code.text for code in codes] == ["6901234567892"])
    assert told[0].condition is Condition.GOOD
    assert "longer than the limit" in told[0].cause
    assert told[1:] == [Health(Condition.GOOD)], "the next good code ends the trouble"
    scanner.close()
    peer.unplug()


def test_a_scanner_without_terminator_ends_codes_by_silence(tmp_path):
    peer = ScannerPeer(tmp_path / "scanner", baud=115200, suffix=b"")
    peer.plug()
    scanner = SerialScanner(path=str(tmp_path / "scanner"), terminator="none", gap_s=0.03)
    codes: list[ScanData] = []
    scanner.open(codes.append)
    peer.scan("6901234567892")
    assert wait_until(lambda: [code.text for code in codes] == ["6901234567892"])
    scanner.close()
    peer.unplug()


START, ANSWER = "16 54 0D", "06"  # Honeywell's serial trigger; Newland's older engines answer 06


@pytest.fixture
def ordered(tmp_path):
    peer = ScannerPeer(tmp_path / "scanner", baud=115200)
    peer.plug()
    codes: list[ScanData] = []
    told: list[Health] = []
    scanner = SerialScanner(
        path=str(tmp_path / "scanner"),
        start=START,
        stop="16 55 0D",
        answer=ANSWER,
        gap_s=0.2,
        backoff=Backoff(0.01, 0.05),
    )
    scanner.open(codes.append, told.append)
    yield peer, scanner, codes, told
    scanner.close()
    peer.unplug()


def hears(peer, wanted):
    heard = b""

    def all_of_it():
        nonlocal heard
        heard += peer.heard()
        return heard == wanted

    return wait_until(all_of_it)


def test_start_bytes_are_sent_and_their_answer_is_no_code(ordered):
    peer, _, codes, told = ordered
    assert hears(peer, b"\x16\x54\x0d")
    peer.type(b"\x06")
    peer.scan("6901234567892")
    assert wait_until(lambda: [code.text for code in codes] == ["6901234567892"])
    assert told == []


def test_without_an_answer_the_first_code_is_whole(ordered):
    peer, _, codes, _ = ordered
    peer.scan("6901234567892")
    assert wait_until(lambda: [code.text for code in codes] == ["6901234567892"])


def test_start_bytes_are_sent_again_after_a_reconnection_and_stop_bytes_at_the_end(ordered):
    peer, scanner, _, told = ordered
    assert hears(peer, b"\x16\x54\x0d")
    peer.unplug()
    assert wait_until(lambda: len(told) == 1)
    peer.plug()
    assert hears(peer, b"\x16\x54\x0d")
    scanner.close()
    assert hears(peer, b"\x16\x55\x0d")


@given(st.binary(max_size=8), st.lists(st.binary(max_size=4), max_size=6))
def test_an_awaited_answer_is_taken_out_once_and_nothing_else(answer, parts):
    awaited = Awaited()
    awaited.expect(answer)
    kept = b"".join(awaited.take(part) for part in parts) + awaited.give_up()
    stream = b"".join(parts)
    assert kept == stream.removeprefix(answer)


GS1_128 = Symbology.GS1_128
CODE = st.binary(min_size=1, max_size=40).map(
    lambda b: bytes(0x30 + c % 10 if c in b"\r\n\t]\x1d" else c for c in b)
)
ENDS = st.sampled_from([b"\r", b"\n", b"\r\n", b"\t"])


@given(st.lists(st.tuples(CODE, ENDS), max_size=6), st.data())
def test_any_split_of_the_bytes_gives_the_same_codes(records, data):
    stream = b"".join(code + end for code, end in records)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    framing = Framing()
    codes = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        codes += framing.feed(stream[start:end], now=1.0)
    assert [code.data for code in codes] == [code for code, _ in records]
    assert framing.dropped == 0


@given(st.lists(st.tuples(st.binary(max_size=300), st.floats(0, 1)), max_size=20))
def test_random_bytes_never_fail_and_no_code_is_too_long(parts):
    framing = Framing()
    now = 0.0
    for part, pause in parts:
        now += pause
        for code in framing.feed(part, now):
            assert 0 < len(code.data) <= 4096


@pytest.mark.parametrize(
    ("form", "record", "code"),
    [
        (Format(), b"]E06901234567892\r", ScanData(b"6901234567892", Symbology.EAN13)),
        (Format(), b"]Q3(01)\x1d10A\r", ScanData(b"(01)\x1d10A", Symbology.GS1_QR)),
        (
            Format(),
            b"]C1" + b"0106901234567892" + b"\x1d\r",
            ScanData(b"0106901234567892", GS1_128),
        ),
        (Format(), b"]L2x\r", ScanData(b"x", Symbology.PDF417)),
        (Format(), b"]z0x\r", ScanData(b"x", Symbology.AZTEC)),
        (Format(), b"]h0x\r", ScanData(b"x", Symbology.HAN_XIN)),
        (Format(), b"]I1x\r", ScanData(b"x", Symbology.ITF)),
        (Format(), b"]e0x\r", ScanData(b"x", Symbology.DATABAR)),
        (Format(), b"]d2x\r", ScanData(b"x", Symbology.GS1_DATA_MATRIX)),
        (Format(), b"]?x\r", ScanData(b"]?x")),
        (Format(), b"]Y0x\r", ScanData(b"]Y0x")),  # a letter that the list does not know
        (Format(aim=False), b"]E0690\r", ScanData(b"]E0690")),
        (Format(prefix=b"~", suffix=b"#"), b"~690#\r", ScanData(b"690")),
        (Format(prefix=b"~"), b"690\r", ScanData(b"690")),
        (Format(terminator="tab"), b"69\r0\t", ScanData(b"69\r0")),
    ],
)
def test_what_the_scanner_adds_is_taken_off(form, record, code):
    assert Framing(form).feed(record, now=0.0) == [code]


def test_the_first_character_after_a_pause_is_not_lost():
    framing = Framing()
    assert framing.feed(b"torn", now=0.0) == []
    assert framing.feed(b"6901234567892\r", now=1.0) == [ScanData(b"6901234567892")]
    assert framing.dropped == 1


def test_text_is_utf8_or_else_gb18030():
    assert ScanData("苹果".encode()).text == "苹果"
    assert ScanData("苹果".encode("gb18030")).text == "苹果"
    assert ScanData(b"01\x1d10").text == "01\x1d10"


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"path": ""}, "path"),
        ({"path": "/dev/x", "baud": 1}, "baud"),
        ({"path": "/dev/x", "terminator": "dot"}, "terminator"),
        ({"path": "/dev/x", "longest": 0}, "longest"),
        ({"path": "/dev/x", "gap_s": 0.0}, "gap_s"),
        ({"path": "/dev/x", "start": "16 5"}, "start"),
        ({"path": "/dev/x", "stop": "00" * 65}, "stop"),
        ({"path": "/dev/x", "answer": "06"}, "answer"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        SerialScanner(**options)


def test_the_simulated_scanner_keeps_the_pace_of_its_baud_rate(tmp_path):
    slept: list[float] = []
    peer = ScannerPeer(tmp_path / "scanner", baud=9600, sleep=slept.append)
    peer.plug()
    peer.scan("6901234567892")
    peer.unplug()
    assert sum(slept) == pytest.approx(14 * 10 / 9600)
    assert peer.obey("!dance") is False
