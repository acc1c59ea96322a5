"""The scanner that types like a keyboard, against one that types on a named pipe."""

from __future__ import annotations

import errno
import os
import select
import struct
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.devices import Condition, Health, ScanData, Scanner, Symbology
from hardware.errors import Busy, NotFound
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scanners import inputs
from hardware.scanners.evdev import EvdevScanner
from hardware.scanners.inputs import Events, Sought, find_node, open_node
from hardware.scanners.keyboard import COUNTRIES, FifoWire, KeyboardPeer, event, key, report
from hardware.scanners.keys import LAYOUTS, Keyboard
from hardware.scanners.uinput import UINPUT, UinputWire
from hardware.testing import ScannerContract, ScannerRig, wait_until

QUICK = Backoff(0.01, 0.05)
EAN = "6901234567892"


class TestEvdevScanner(ScannerContract):
    @contextmanager
    def rig(self, folder):
        peer = KeyboardPeer(FifoWire(folder / "scanner-event-kbd"))
        peer.plug()
        scanner = EvdevScanner(path=str(folder / "scanner-event-kbd"), backoff=QUICK)
        assert isinstance(scanner, Scanner)
        yield ScannerRig(scanner, scan=peer.scan, unplug=peer.unplug, plug=peer.plug)
        peer.unplug()


@pytest.mark.machine
@pytest.mark.skipif(
    not os.access(UINPUT, os.W_OK),
    reason=f"needs a kernel with {UINPUT} (modprobe uinput) and the right to write to it",
)
class TestEvdevOnTheRealKernel(ScannerContract):
    """The same through the kernel's own input layer; run as root where there is /dev/uinput."""

    @contextmanager
    def rig(self, folder):
        wire = UinputWire()
        peer = KeyboardPeer(wire, key_s=0.003)
        peer.plug()
        scanner = EvdevScanner(vendor="1209", product="5ca7", backoff=QUICK)
        yield ScannerRig(scanner, scan=peer.scan, unplug=peer.unplug, plug=peer.plug)
        peer.unplug()

    @pytest.fixture
    def kernel(self):
        wire = UinputWire()
        wire.plug()
        codes: list[ScanData] = []
        told: list[Health] = []
        loop = DeviceLoop()
        scanner = EvdevScanner(path=str(wire.path), loop=loop, gap_s=0.1, backoff=QUICK)
        yield wire, scanner, loop, codes, told
        scanner.close()
        loop.stop()
        wire.unplug()

    def test_what_is_grabbed_reaches_nobody_else(self, kernel):
        wire, scanner, _, codes, told = kernel
        peer = KeyboardPeer(wire, key_s=0.003)
        other = os.open(wire.path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            peer.type("7")
            assert select.select([other], [], [], 1.0)[0], "before the grab everybody hears"
            while select.select([other], [], [], 0.1)[0]:
                os.read(other, 4096)
            scanner.open(codes.append, told.append)
            peer.scan(EAN)
            assert wait_until(lambda: [code.text for code in codes] == [EAN])
            assert not select.select([other], [], [], 0.1)[0]
            scanner.close()
            assert wait_until(lambda: _hears(other, peer)), "the grab ends with the scanner"
        finally:
            os.close(other)

    def test_no_first_character_is_lost_however_soon_it_comes(self, kernel):
        wire, _, loop, _, _ = kernel
        peer = KeyboardPeer(wire, key_s=0.003)
        for _ in range(8):
            codes: list[ScanData] = []
            scanner = EvdevScanner(path=str(wire.path), loop=loop)
            scanner.open(codes.append)
            peer.scan(EAN)
            assert wait_until(lambda: bool(codes))  # noqa: B023 - called at once
            assert [code.text for code in codes] == [EAN]
            scanner.close()

    def test_a_second_driver_is_told_that_it_is_busy(self, kernel):
        wire, scanner, _, codes, _ = kernel
        scanner.open(codes.append)
        second = EvdevScanner(path=str(wire.path))
        with pytest.raises(Busy):
            second.open(codes.append)

    def test_a_full_kernel_buffer_costs_the_code_and_no_more(self, kernel):
        wire, scanner, loop, codes, told = kernel
        scanner.open(codes.append, told.append)
        quick, slow = KeyboardPeer(wire), KeyboardPeer(wire, key_s=0.003)
        busy, done = threading.Event(), threading.Event()
        loop.call_soon(lambda: (busy.set(), done.wait(5.0)))
        assert busy.wait(5.0)
        quick.scan("https://example.cn/" + "x" * 400)
        done.set()
        assert wait_until(lambda: any("lost a part" in each.cause for each in told))
        assert codes == []
        slow.scan(EAN)
        assert wait_until(lambda: [code.text for code in codes] == [EAN])

    def test_a_shift_that_is_held_at_the_start_is_known(self, kernel):
        wire, scanner, _, codes, _ = kernel
        wire.write(key(42, 1))
        scanner.open(codes.append)
        wire.write(key(30, 1) + key(30, 0) + key(42, 0))
        wire.write(key(28, 1) + key(28, 0))
        assert wait_until(lambda: [code.text for code in codes] == ["A"])


def _hears(fd, peer):
    peer.type("7")
    return bool(select.select([fd], [], [], 0.05)[0])


@pytest.fixture
def pair(tmp_path):
    """A peer and its driver with these options; codes and health as they came."""
    made = []

    def connect(peer_options=None, **options):
        peer = KeyboardPeer(FifoWire(tmp_path / "kbd"), **(peer_options or {}))
        peer.plug()
        options = {"gap_s": 0.2, "backoff": QUICK, **options}
        scanner = EvdevScanner(path=str(tmp_path / "kbd"), **options)
        codes: list[ScanData] = []
        told: list[Health] = []
        scanner.open(codes.append, told.append)
        made.append((peer, scanner))
        return peer, codes, told

    yield connect
    for peer, scanner in made:
        scanner.close()
        peer.unplug()


def comes(codes, *texts):
    return wait_until(lambda: [code.text for code in codes] == list(texts))


# ---- characters

# The line that shows at the installation whether the country is right.
PROOF = "0123456789-/]ABCxyz"


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_a_scanner_and_a_driver_of_one_country_understand_each_other(pair, country):
    peer, codes, _ = pair({"layout": country}, layout=country)
    text = PROOF + "aqwmQWZ_[{}\\@#~|<>?!:;.,()&%$*+=\"'"
    peer.scan(text)
    assert comes(codes, text)


def test_the_wrong_country_spoils_letters_and_signs_and_no_digit(pair):
    peer, codes, _ = pair({"layout": "de"}, layout="us")
    peer.scan("0123456789-yz")
    assert comes(codes, "0123456789/zy")


@pytest.mark.parametrize(
    ("gs", "options"), [("control", {}), ("alt", {}), ("f8", {"separator": "F8"})]
)
@pytest.mark.parametrize("country", ["us", "de"])
def test_the_group_separator_comes_however_it_is_typed(pair, gs, options, country):
    peer, codes, _ = pair({"gs": gs, "layout": country}, layout=country, **options)
    peer.scan("]C10106901234567892310300123410AB1\x1d17261231")
    assert wait_until(lambda: bool(codes))
    assert codes == [
        ScanData(b"0106901234567892310300123410AB1\x1d17261231", Symbology.GS1_128),
    ]


def test_a_character_may_stand_for_the_group_separator(pair):
    peer, codes, _ = pair(separator="~")
    peer.scan("10AB1~17261231")
    assert comes(codes, "10AB1\x1d17261231")


@pytest.mark.parametrize("text", ["苹果", EAN, "https://example.cn/p/1?x=苹"])
def test_alt_and_a_number_is_a_character(pair, text):
    peer, codes, _ = pair({"alt": True})
    peer.scan(text)
    assert comes(codes, text)


def presses(*codes: int) -> bytes:
    """What a sequence of keys types on a US keyboard; a negative one is let go."""
    board = Keyboard()
    return b"".join(board.press(c) if c > 0 else board.release(-c) for c in codes)


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        ((30, -30, 42, 30, -30, -42, 30), b"aAa"),
        ((58, -58, 30, 2, 58, -58, 30), b"A1a"),  # CapsLock: letters only
        ((58, -58, 42, 30, -42), b"a"),
        ((54, 3, -54, 3), b"@2"),
        ((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83), b"7894561230."),
        ((28, 96, 15, 57), b"\r\r\t "),
        ((29, 27, -27, -29, 27), b"\x1d]"),
        ((97, 50, -50, -97), b"\r"),  # Ctrl + M
        ((29, 2, -2, -29), b""),  # Ctrl + 1 is nothing
        ((56, 82, 80, 73, -56), b"\x1d"),  # Alt 0 2 9
        ((56, -56, 56, 30, -56), b""),
        ((113, 200, 255, 700), b""),  # mute and keys that there are not
    ],
)
def test_keys_type_what_a_us_keyboard_types(keys, typed):
    assert presses(*keys) == typed


def test_alt_numbers_are_gbk_where_the_scanner_is_set_so():
    board = Keyboard(alt_codes="gbk")
    board.press(56)
    for digit in "50875":  # 苹 is C6 BB
        board.press({"5": 76, "0": 82, "8": 72, "7": 71}[digit])
    assert board.release(56).decode() == "苹"


@pytest.mark.parametrize("digits", ["55296", "99999999", "0", "1114112"])
def test_a_number_that_is_no_character_types_nothing(digits):
    pad = dict(zip("7894561230", (71, 72, 73, 75, 76, 77, 79, 80, 81, 82), strict=True))
    typed = []
    for board in (Keyboard(), Keyboard(alt_codes="gbk")):
        board.press(56)
        for digit in digits:
            board.press(pad[digit])
        typed.append(board.release(56))
    assert typed == [b"", b""]


@pytest.mark.parametrize(
    ("layout", "keys", "typed"),
    [
        ("de", (41, 57), "^"),
        ("de", (41, 18), "ê"),
        ("de", (13, 18), "é"),
        ("de", (41, 2), "^1"),
        ("de", (41, 41), "^^"),
        ("de", (29, 56, 10, -56, -29), "]"),  # Ctrl + Alt is AltGr
        ("fr", (26, 18), "ê"),
        ("fr", (100, 6, -100), "["),
        ("uk", (42, 3, -42, 43), '"#'),
    ],
)
def test_dead_keys_and_alt_gr(layout, keys, typed):
    board = Keyboard(layout)
    found = b"".join(board.press(c) if c > 0 else board.release(-c) for c in keys)
    assert found.decode() == typed


def test_no_two_keys_of_a_country_type_the_same_digit():
    for name, layout in LAYOUTS.items():
        typed = layout.plain + layout.shift
        assert all(typed.count(digit) == 1 for digit in "0123456789"), name


@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.lists(st.tuples(st.integers(0, 800), st.booleans()), max_size=60),
)
def test_no_sequence_of_keys_fails(layout, keys):
    board = Keyboard(layout, "gbk" if len(keys) % 2 else "unicode")
    for code, pressed in keys:
        typed = board.press(code) if pressed else board.release(code)
        assert len(typed) <= 8
    board.synchronise((), caps_lock=False)
    assert board.press(2) in (b"1", b"&")


# ---- codes


@pytest.mark.parametrize(
    ("order", "texts"),
    [
        (f"!join {EAN} 12345670", [EAN, "12345670"]),
        (f"!held {EAN}", [EAN]),
        (EAN, [EAN]),
        ("\t12345670", ["12345670"]),
    ],
)
def test_codes_come_out_whole_however_they_are_typed(pair, order, texts):
    peer, codes, _ = pair()
    assert peer.obey(order)
    assert comes(codes, *texts)


def test_a_keypads_enter_ends_a_code(pair):
    peer, codes, _ = pair({"end": ""})
    peer.scan(EAN)
    peer.raw(key(96, 1) + key(96, 0))
    assert comes(codes, EAN)


def test_a_code_that_stops_is_dropped_and_told_and_the_next_is_whole(pair):
    peer, codes, told = pair()
    peer.obey("!bare 690123")
    assert wait_until(lambda: len(told) == 1)
    assert told[0].condition is Condition.GOOD
    assert "without its end" in told[0].cause
    peer.scan(EAN)
    assert comes(codes, EAN)
    assert wait_until(lambda: told[-1] == Health(Condition.GOOD))


def test_ten_thousand_characters_are_refused_by_name_and_the_next_code_is_whole(pair):
    peer, codes, told = pair(gap_s=2.0)
    peer.scan("7" * 10_000)
    peer.scan(EAN)
    assert comes(codes, EAN)
    assert "longer than the limit" in told[0].cause
    assert told[0].mend


def test_half_a_code_around_lost_events_is_thrown_away_and_told(pair):
    peer, codes, told = pair()
    peer.obey(f"!drop {EAN}")
    peer.scan("12345670")
    assert comes(codes, "12345670")
    assert "lost a part" in told[0].cause


def test_events_between_the_loss_and_its_end_are_not_looked_at(pair):
    peer, codes, _ = pair()
    peer.raw(event(0, 3, 0) + event(1, 42, 1) + event(1, 2, 1) + report())
    peer.raw(key(28, 1) + key(28, 0))  # the end of what was lost
    peer.scan("abc")
    assert comes(codes, "abc")


def test_a_code_cut_by_the_plug_leaves_nothing_behind(pair):
    peer, codes, told = pair()
    peer.type("690123")
    peer.raw(event(1, 2, 1)[:10])
    peer.unplug()
    assert wait_until(lambda: any(h.condition is Condition.BAD for h in told))
    peer.plug()
    assert wait_until(lambda: told[-1].condition is Condition.GOOD)
    peer.scan(EAN)
    assert comes(codes, EAN)


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_any_bytes_are_events_and_at_most_one_is_kept_back(parts):
    events = Events()
    found = [one for part in parts for one in events.feed(part)]
    assert len(found) == sum(map(len, parts)) // inputs.EVENT.size


# ---- the kernel's side


class Kernel:
    """ioctl on something that is no input device: remembers, answers, refuses."""

    def __init__(self, *, refuses: int = 0, pressed=(), lamps=()):
        self.asked = []
        self._refuses = refuses
        self._told = {inputs.EVIOCGKEY: pressed, inputs.EVIOCGLED: lamps}

    def __call__(self, fd, request, argument):
        self.asked.append((request, argument))
        if self._refuses and request == inputs.EVIOCGRAB:
            raise OSError(self._refuses, os.strerror(self._refuses))
        if request not in self._told:
            return 0
        bits = sum(1 << bit for bit in self._told[request])
        return bits.to_bytes(len(argument), "little")


def test_the_grab_comes_first_and_the_keys_are_asked_for(tmp_path):
    (tmp_path / "event0").write_bytes(b"")
    kernel = Kernel(pressed=[42, 30], lamps=[1])
    node, transport = open_node("scanner", str(tmp_path / "event0"), kernel)
    # linux/input.h: EVIOCGRAB is _IOW('E', 0x90, int), EVIOCSCLOCKID _IOW('E', 0xa0, int)
    assert kernel.asked == [(0x40044590, 1), (0x400445A0, struct.pack("@I", 1))]
    assert node.pressed() == {42, 30}
    assert node.caps_lock()
    assert kernel.asked[2:] == [(0x80604518, bytes(96)), (0x80024519, bytes(2))]
    transport.close()


@pytest.mark.parametrize(
    ("refuses", "error"), [(errno.EBUSY, Busy), (errno.ENOTTY, NotFound), (errno.ENODEV, NotFound)]
)
def test_a_device_that_cannot_be_grabbed_is_refused(tmp_path, refuses, error):
    (tmp_path / "event0").write_bytes(b"")
    scanner = EvdevScanner(path=str(tmp_path / "event0"), ioctl=Kernel(refuses=refuses))
    with pytest.raises(error) as raised:
        scanner.open(lambda _code: None)
    assert str(tmp_path / "event0") in raised.value.cause
    assert scanner.check_health().condition is Condition.BAD


# ---- finding


KEYBOARD = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
MEDIA = "3f000303ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c000 0"


def plugged(root: Path, event: str, *, vendor="0c2e", product="0b61", uniq="", keys=KEYBOARD):
    device = root / "sys/class/input" / event / "device"
    (device / "id").mkdir(parents=True)
    (device / "capabilities").mkdir()
    (device / "id/vendor").write_text(f"{vendor}\n")
    (device / "id/product").write_text(f"{product}\n")
    (device / "uniq").write_text(f"{uniq}\n")
    (device / "capabilities/key").write_text(f"{keys}\n")
    (root / "dev/input/by-path").mkdir(parents=True, exist_ok=True)
    (root / "dev/input" / event).write_bytes(b"")


def test_a_keyboard_is_found_by_its_usb_numbers_and_by_the_part_that_types(tmp_path):
    plugged(tmp_path, "event3", uniq="A1", keys=MEDIA)
    plugged(tmp_path, "event4", uniq="A1")
    plugged(tmp_path, "event5", vendor="1eab", uniq="B1")
    for sought in (Sought(vendor="0C2E"), Sought(serial="A1"), Sought("", "0c2e", "0b61", "A1")):
        assert find_node("scanner", sought, tmp_path) == str(tmp_path / "dev/input/event4")
    with pytest.raises(NotFound, match="vendor 05f9"):
        find_node("scanner", Sought(vendor="05f9"), tmp_path)


def test_two_with_one_serial_number_are_told_apart_by_their_sockets(tmp_path):
    for n, socket in ((4, "usb-0:1:1.0"), (6, "usb-0:2:1.0")):
        plugged(tmp_path, f"event{n}", uniq="00000000")
        link = tmp_path / "dev/input/by-path" / f"pci-0000:00:14.0-{socket}-event-kbd"
        link.symlink_to(f"../event{n}")
    scanner = EvdevScanner(serial="00000000", root=tmp_path)
    with pytest.raises(NotFound) as raised:
        scanner.open(lambda _code: None)
    assert "2 keyboards have serial 00000000" in raised.value.cause
    for socket in ("usb-0:1:1.0", "usb-0:2:1.0"):
        assert f"/dev/input/by-path/pci-0000:00:14.0-{socket}-event-kbd" in raised.value.cause
    assert "path" in raised.value.mend


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "path"),
        ({"path": "/dev/x", "vendor": "0c2e"}, "path"),
        ({"vendor": "honeywell"}, "vendor"),
        ({"vendor": "0c2e", "product": "0x1"}, "product"),
        ({"path": "/dev/x", "layout": "xx"}, "layout"),
        ({"path": "/dev/x", "alt_codes": "latin"}, "alt_codes"),
        ({"path": "/dev/x", "separator": "F13"}, "separator"),
        ({"path": "/dev/x", "terminator": "dot"}, "terminator"),
    ],
)
def test_a_bad_option_is_refused_with_its_name(options, word):
    with pytest.raises(ValueError, match=word):
        EvdevScanner(**options)
