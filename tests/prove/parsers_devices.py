"""The parsers of scales, keyboards, HID reports and packets, for fuzz.py: a part of parsers.py."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hardware.scales import block_frames
from hardware.scales.cas import Ap1, Dollar, FiveDigits
from hardware.scales.continuous import Commands, Stream
from hardware.scales.dialect import MOST_BUFFER, Dialect
from hardware.scales.dialog06 import Dialog
from hardware.scales.mettler8217 import Toledo
from hardware.scales.nci import Nci
from hardware.scales.text_frames import TEXT
from hardware.scanners.framing import Framing
from hardware.scanners.hidpos import ReportForm
from hardware.scanners.inputs import EV_KEY, Events
from hardware.scanners.keyboard import key, report
from hardware.scanners.keys import LAYOUTS, Keyboard
from hardware.scanners.ssi import Packets, packet
from kiosk.domain.catalogue import WrongCheckDigit
from kiosk.domain.gs1 import NotElements, read_elements, read_link, read_trade_item
from tests.prove.fuzz import Parser

CHUNK = 4096  # bytes; more does not come from a line in the time of one reading
PIECE = 7


def parsers_devices() -> tuple[Parser, ...]:
    """Every parser of what scales send and scanners type."""
    cuts = {"toledo": block_frames.toledo(checksum=True), "yousheng": block_frames.yousheng(0)}
    cuts |= {"weighbridge": block_frames.cut_weighbridge(), "os2x": block_frames.cut_os2x(), **TEXT}
    weighed = [b"\x0201.234\r", b"\x02?A\r", b"ST,NT,+  1.234kg\r\n", b"S S      1.234 kg\r\n"]
    framed = [bytes.fromhex("01025320 30312E32 33346B67 650304"), b"\x02  1234\x03", b"US,GS,-1\r"]
    talk = [b"\x0202\x1b3\x1b00123\x1b000640\x1b000790\x03", b"\x0209\x1b20\x03", b"\x06", b"\x15"]
    one, other = packet(0xF3, b"\x0b6901234567892"), packet(0xD0)
    typed = b"".join(key(code, value) for code in (2, 3, 4, 42, 28) for value in (1, 0)) + report()
    scanned = bytes([2, 13]) + b"]E0" + b"6901234567892".ljust(58, b"\0") + b"\0"
    symbols = ["010690123456789210A1\x1d17261231", "https://id.gs1.org/01/06901234567892?17=261231"]
    return (
        Parser("scale frames", [*weighed, *framed], _scales(cuts), (), [b"\x02", b"\r"], CHUNK),
        Parser("scale dialogue", talk, _dialogue, (), [b"\x02", b"\x03", b"\x1b"], CHUNK),
        Parser("typing scanner", [typed], _typing, (), [key(2, 1), key(56, 1)], CHUNK),
        Parser("HID report", [scanned], _hid, (), [b"\x02", b"]E0"], CHUNK),
        Parser("scanner packets", [one, other, one + other], _packets, (), [b"\x05\xd0"], CHUNK),
        Parser("GS1", [each.encode() for each in symbols], _gs1, (), [b"\x1d", b"310"]),
    )


def _scales(cuts: dict[str, Callable[..., object]]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        streams = [Stream(cut, b"", Commands()) for cut in cuts.values()]
        plain = [Toledo(b"W", "kg", 3), Ap1(), FiveDigits(3), Dollar(), Nci(b"W\r")]
        for spoken in (*streams, *plain):
            _hear(spoken, data)

    return read


def _dialogue(data: bytes) -> None:
    spoken = Dialog(6, 0x1234, 0x11021)
    spoken.request(640)
    _hear(spoken, data)


def _hear(spoken: Dialect, data: bytes) -> None:
    for at in range(0, len(data), PIECE):
        for reading in spoken.feed(data[at : at + PIECE]).readings:
            assert reading.amount >= 0
    assert len(getattr(spoken, "_buffer")) <= MOST_BUFFER  # noqa: B009 - no part of the contract


def _typing(data: bytes) -> None:
    for layout in LAYOUTS:
        events, keyboard, framing = Events(), Keyboard(layout), Framing()
        for at in range(0, len(data), PIECE):
            for event in events.feed(data[at : at + PIECE]):
                if event.kind == EV_KEY:
                    move = keyboard.press if event.value == 1 else keyboard.release
                    framing.feed(move(event.code), at / 1000)


def _hid(data: bytes) -> None:
    for form in (ReportForm(), ReportForm(number=0)):
        for at in range(0, len(data), form.size):
            form.read(data[at : at + form.size])


def _packets(data: bytes) -> None:
    cutter = Packets(0.2)
    for at in range(0, len(data), PIECE):
        cutter.feed(data[at : at + PIECE], at / 1000)


def _gs1(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for read in (read_elements, read_link, read_trade_item):
        with suppress(WrongCheckDigit, NotElements):
            read(text)
