"""CAS scales (PD-II, AP-1, SW, ER) in their own protocols.

Driver name in the configuration: ``cas``, with the type that is set in the scale's menu:

    "6"   05 ──► 06, 11 ──► 01 02 STA SIGN W5…W0 U1 U2 BCC 03 04      9600 8N1, as AP-1
    "0"   05 ──► 06, 12 ──► 02 ID W1…W5 BCC 03     15 not at rest, 07 zero; 9600 7E1; also "1"
    "7"   24 ──► W W . W W W 0D                                         9600

Types 2 and 3 are ``mettler-8217``, 4 and 5 ``nci``, 12 ``dialog06``; the stream of 22 bytes is
``continuous``. BCC is the XOR from STA (or ID) to the byte before it, and may look like a control
byte, so frames are cut by their length.
"""

from __future__ import annotations

from hardware.devices import ScaleStatus
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scales.dialect import (
    MOST_BUFFER,
    Commands,
    Heard,
    Reading,
    check_decimals,
    number,
    unit_of,
    weight,
    xor,
)
from hardware.scales.scale import Line, Rules, SerialScale

ENQ, ACK, BEL, DC1, DC2, NAK = b"\x05", 0x06, 0x07, b"\x11", b"\x12", 0x15
TYPES = ("0", "1", "6", "7")
POUNDS = "DEF"  # capacity letters of scales in pounds; the others weigh in kg


class Ap1:
    """Type 6: a handshake, then a frame of 15 bytes."""

    length, command = 15, DC1
    starts: tuple[int, ...] = (0x01, 0x81)  # 81: the host runs with another parity
    commands = Commands()

    def __init__(self) -> None:
        self._buffer = bytearray()

    def request(self, unit_price: int | None) -> bytes:
        return ENQ

    def reset(self) -> None:
        self._buffer.clear()

    def restart(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Heard:
        heard = Heard()
        self._buffer += data
        while self._buffer:
            first = self._buffer[0]
            if first in self.starts:
                if len(self._buffer) < self.length:
                    break
                reading = self.read(bytes(self._buffer[: self.length]))
                if reading is not None:
                    heard.readings.append(reading)
                    del self._buffer[: self.length]
                    continue
                heard.wrong += 1
            else:
                self.control(first, heard)
            del self._buffer[0]
        del self._buffer[:-MOST_BUFFER]
        return heard

    def control(self, byte: int, heard: Heard) -> None:
        """A byte outside a frame."""
        if byte == ACK:
            heard.answer = self.command
        elif byte != NAK:  # NAK: the next request asks again
            heard.wrong += 1

    def read(self, frame: bytes) -> Reading | None:
        """A frame of the right length; None when it is wrong."""
        if frame[1] != 0x02 or frame[13:] != b"\x03\x04" or xor(frame[2:12]) != frame[12]:
            return None
        state, sign, text, unit = frame[2:3], frame[3:4], frame[4:10], unit_of(frame[10:12])
        return ap1_reading(state, sign, text, unit)


def ap1_reading(state: bytes, sign: bytes, text: bytes, unit: str) -> Reading | None:
    """The fields of type 6, which other makers' frames have as well."""
    if sign == b"F" or state == b"F":
        return Reading(ScaleStatus.OVERWEIGHT, unit=unit)
    amount = number(text)
    if state not in (b"S", b"U") or sign not in (b" ", b"-") or amount is None:
        return None
    if sign == b"-":
        return Reading(ScaleStatus.UNDER_ZERO, unit=unit)
    return weight(amount, unit, stable=state == b"S")


class FiveDigits(Ap1):
    """Types 0 and 1: five digits without a point; only what is at rest is told."""

    length, command = 9, DC2
    starts = (0x02,)

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self._decimals = decimals

    def control(self, byte: int, heard: Heard) -> None:
        if byte == NAK:
            heard.readings.append(Reading(ScaleStatus.UNSTABLE))
        elif byte == BEL:
            heard.readings.append(Reading(ScaleStatus.ZERO))
        else:
            super().control(byte, heard)

    def read(self, frame: bytes) -> Reading | None:
        if frame[8] != 0x03 or xor(frame[1:7]) != frame[7] or not frame[1:2].isupper():
            return None
        unit = "lb" if chr(frame[1]) in POUNDS else "kg"
        return weight(number(frame[2:7], self._decimals), unit, stable=True)


class Dollar(Ap1):
    """Type 7: a bare weight for a dollar sign; two equal ones are one at rest."""

    length = 7
    starts = tuple(b" 0123456789")

    def request(self, unit_price: int | None) -> bytes:
        return b"$"

    def control(self, byte: int, heard: Heard) -> None:
        heard.wrong += 1

    def read(self, frame: bytes) -> Reading | None:
        return weight(number(frame[:6]), "", stable=True) if frame[6:] == b"\r" else None


class CasScale(SerialScale):
    """``type`` as in the scale's menu; ``decimals`` for types 0 and 1. Raises ValueError."""

    def __init__(
        self,
        *,
        path: str,
        name: str = "scale",
        type: str = "6",  # noqa: A002 - the maker's word
        baud: int = 9600,
        parity: str = "N",
        flow: str = "none",
        unit: str = "kg",
        decimals: int = 3,
        poll_s: float = 0.25,
        stale_s: float = 1.5,
        reads: int = 2,
        empty_g: float = 2,
        change_g: float = 20,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
    ) -> None:
        rules = Rules(unit, poll_s, stale_s, reads, empty_g, change_g)
        check_decimals(decimals)
        if type not in TYPES:
            raise ValueError(f"type must be one of {', '.join(TYPES)}, not {type!r}")
        dialect = {"6": Ap1, "7": Dollar}.get(type, lambda: FiveDigits(decimals))()
        super().__init__(dialect, Line(path, baud, parity, flow), rules, name, loop, backoff)
