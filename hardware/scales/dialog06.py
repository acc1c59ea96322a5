"""Dialog 06: price-computing checkout scales (Bizerba, Avery, Ohaus, Mettler; CAS type 12).

Driver name in the configuration: ``dialog06``. 9600 7O1; the host always begins.

    04 02 "01" 1B price 1B 03              ──► 06          record 03 is the same with a tare
    04 05                                  ──► 02 "02" 1B unit 1B weight 1B price 1B amount 03
                                               15, then record 08 ──► 02 "09" 1B status 03
    challenge: 02 "11" 1B "2" ZZ 03        ──► 04, 04 02 "10" 1B CS KW 03 ──► 06
    04 05                                  ──► 02 "11" 1B "1" 03 valid, "0" not; the price again

While nobody weighs, only record 08 is sent: a price would use up the load ("21", unchanged). The
polynomial of the challenge is the maker's secret, so it is an option; ``checksum`` stands for the
checksum of the host's software.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from hardware.devices import ScaleStatus
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scales.dialect import Commands, Heard, Reading, weight
from hardware.scales.scale import Line, Rules, SerialScale

EOT, STX, ETX, ENQ, ACK, NAK = 0x04, 0x02, 0x03, 0x05, 0x06, 0x15
POLL, STATUS, END = b"\x04\x05", b"\x04\x0208\x03", b"\x04"
LONGEST = 48
# Code 0, pounds with eighths of an ounce, is not read.
UNITS = {b"1": ("lb", "0.01"), b"2": ("lb", "0.005"), b"3": ("kg", "0.001")}
_RESULT = re.compile(rb"02\x1b([0-3])\x1b([0-9]{5})\x1b([0-9]{5,6})\x1b([0-9]{6})")
_STATUS = re.compile(rb"09\x1b([0-9]{2})")
_CHALLENGE = re.compile(rb"11\x1b2([0-9A-F]{2})")
_VERDICT = re.compile(rb"11\x1b([01])")
STATUSES = {
    b"20": ScaleStatus.UNSTABLE,
    b"22": ScaleStatus.UNSTABLE,
    b"30": ScaleStatus.ZERO,
    b"31": ScaleStatus.UNDER_ZERO,
    b"32": ScaleStatus.OVERWEIGHT,
}
UNCHANGED = (b"21", b"33", b"34")  # the load that was weighed last still lies there
AGAIN = (b"20", b"22")  # the price stands: only the poll is repeated


class Step(Enum):
    """What the host waits for."""

    IDLE = "idle"
    PRICED = "priced"  # a price was sent
    POLLED = "polled"  # a result was asked for
    PROVING = "proving"  # the answer to the challenge was sent
    JUDGED = "judged"  # the verdict on it was asked for


def remainder(checksum: int, polynomial: int) -> int:
    """Checksum · x^16 modulo a polynomial of 17 bits, most significant bit first."""
    value = checksum << 16
    for bit in range(31, 15, -1):
        if value >> bit & 1:
            value ^= polynomial << (bit - 16)
    return value


def answer(challenge: bytes, checksum: int, polynomial: int) -> bytes:
    """Record 10 for the challenge Z, two hex digits: how far each number is rotated."""
    left, right = (int(digit, 16) for digit in challenge.decode("ascii"))
    key = remainder(checksum, polynomial)
    turned = (checksum << left | checksum >> (16 - left)) & 0xFFFF
    key = (key >> right | key << (16 - right)) & 0xFFFF
    return b"\x04\x0210\x1b%04X%04X\x03" % (turned, key)


class Dialog:
    """The dialect: one conversation, begun anew by each request."""

    def __init__(self, price_digits: int, checksum: int, polynomial: int) -> None:
        self._digits, self._checksum, self._polynomial = price_digits, checksum, polynomial
        self._buffer = bytearray()
        self._step = Step.IDLE
        self._price = 0
        self._tare = 0
        self._last: Reading | None = None
        self.commands = Commands(preset_tare=self._set_tare)

    def request(self, unit_price: int | None) -> bytes:
        self._buffer.clear()
        if unit_price is None:
            self._step, self._price = Step.IDLE, 0
            return STATUS
        price = max(1, unit_price)
        if self._step is Step.POLLED and self._price == price:
            return POLL
        self._price = price
        return self._priced()

    def reset(self) -> None:
        self._buffer.clear()

    def restart(self) -> None:
        self._buffer.clear()
        self._step, self._last = Step.IDLE, None

    def feed(self, data: bytes) -> Heard:
        heard = Heard()
        for byte in data:
            byte &= 0x7F  # noqa: PLW2901 - the parity bit, where the line did not take it off
            if byte == STX:
                heard.wrong += bool(self._buffer)
                self._buffer[:] = b"\x02"
            elif self._buffer and byte == ETX:
                self._record(bytes(self._buffer[1:]), heard)
                self._buffer.clear()
            elif self._buffer:
                self._buffer.append(byte)
                if len(self._buffer) > LONGEST:
                    heard.wrong += 1
                    self._buffer.clear()
            else:
                self._control(byte, heard)
        return heard

    def _priced(self) -> bytes:
        self._step = Step.PRICED
        price = b"%0*d" % (self._digits, self._price)
        if self._tare:
            return b"\x04\x0203\x1b%s\x1b%04d\x03" % (price, self._tare)
        return b"\x04\x0201\x1b%s\x1b\x03" % price

    def _set_tare(self, grams: Decimal) -> bytes:
        self._tare = min(9999, int(grams.quantize(Decimal(1), ROUND_HALF_UP)))
        return b""  # it goes out with the next price

    def _control(self, byte: int, heard: Heard) -> None:
        if byte == ACK and self._step is Step.PRICED:
            self._step, heard.answer = Step.POLLED, POLL
        elif byte == ACK and self._step is Step.PROVING:
            self._step, heard.answer = Step.JUDGED, POLL
        elif byte == NAK and self._step in (Step.PRICED, Step.POLLED, Step.PROVING):
            heard.answer = STATUS
        else:
            heard.wrong += 1

    def _record(self, body: bytes, heard: Heard) -> None:
        heard.answer = END
        if hit := _RESULT.fullmatch(body):
            self._result(hit, heard)
        elif hit := _STATUS.fullmatch(body):
            heard.readings.append(self._status(hit[1]))
        elif hit := _CHALLENGE.fullmatch(body):
            self._step = Step.PROVING
            heard.answer = END + answer(hit[1], self._checksum, self._polynomial)
        elif hit := _VERDICT.fullmatch(body):
            valid = hit[1] == b"1"
            self._step = Step.IDLE
            if valid and self._price:
                heard.answer = END + self._priced()
            elif not valid:
                heard.readings.append(Reading(ScaleStatus.NOT_READY))
        else:
            heard.answer = b""
            heard.wrong += 1

    def _result(self, hit: re.Match[bytes], heard: Heard) -> None:
        """The scale must have computed with the price that it was sent, and as the shop does."""
        self._step = Step.IDLE
        steps, price, amount = (int(hit[at]) for at in (2, 3, 4))
        if hit[1] not in UNITS or price != self._price:
            heard.wrong += 1
            return
        if hit[1] == b"3" and (steps * price + 500) // 1000 != amount:
            heard.wrong += 1
            return
        unit, step = UNITS[hit[1]]
        self._last = weight(steps * Decimal(step), unit, stable=True, net=bool(self._tare))
        assert self._last is not None
        heard.readings.append(self._last)

    def _status(self, code: bytes) -> Reading:
        if code not in AGAIN or self._step is not Step.POLLED:
            self._step = Step.IDLE
        if code in UNCHANGED:
            return self._last or Reading(ScaleStatus.NOT_READY)
        if code in STATUSES:
            self._last = None
            return Reading(STATUSES[code])
        return Reading(ScaleStatus.NOT_READY)


class Dialog06Scale(SerialScale):
    """``polynomial`` and ``checksum`` are hex. One stable result counts: the scale sees to rest.

    Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        path: str,
        name: str = "scale",
        baud: int = 9600,
        parity: str = "O",
        flow: str = "none",
        price_digits: int = 6,
        polynomial: str = "11021",
        checksum: str = "1234",
        unit: str = "kg",
        poll_s: float = 0.25,
        stale_s: float = 1.5,
        reads: int = 1,
        empty_g: float = 2,
        change_g: float = 20,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
    ) -> None:
        rules = Rules(unit, poll_s, stale_s, reads, empty_g, change_g)
        if price_digits not in (5, 6):
            raise ValueError(f"price_digits must be 5 or 6, not {price_digits!r}")
        poly, own = int(polynomial, 16), int(checksum, 16)
        if not 0x10000 <= poly <= 0x1FFFF:
            raise ValueError("polynomial must be 17 bits as hex, 10000 to 1FFFF")
        if not 0 <= own <= 0xFFFF:
            raise ValueError("checksum must be 16 bits as hex, 0000 to FFFF")
        dialect = Dialog(price_digits, own, poly)
        super().__init__(dialect, Line(path, baud, parity, flow), rules, name, loop, backoff)
