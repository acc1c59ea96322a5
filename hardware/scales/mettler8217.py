r"""Mettler-Toledo 8217 and the many scales that speak as it does (CAS types 2 and 3, Ohaus …).

Driver name in the configuration: ``mettler-8217``. 9600 7E1; each request is one letter.

    W   ──►  02 "01.234" 0D        gross            02 "01.234N" 0D   net
             02 3F S 0D            no valid weight: S is motion 1, over 2, under 4, zero 10h
    Z, T CR, T "00125" CR, C  ──►  02 3F S 0D

Bit 5 of S says net and bit 6 is always set: neither is an error. Some scales tell a weight once
and then a status without a fault until the load changes: the weight stands until then.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from hardware.devices import ScaleStatus
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scales.dialect import (
    GRAMS,
    MOST_BUFFER,
    Commands,
    Heard,
    Reading,
    check_decimals,
    number,
    weight,
)
from hardware.scales.scale import Line, Rules, SerialScale

STX, CR = 0x02, 0x0D
MOTION, OVER, UNDER, CENTRE, ALWAYS = 1, 2, 4, 0x10, 0x40
LONGEST = 12  # bytes between STX and CR
_WEIGHT = re.compile(rb"([0-9]{1,3}\.[0-9]{1,3}|[0-9]{4,6})(N?)")


class Toledo:
    """The dialect; ``decimals`` counts for scales that send no point."""

    def __init__(self, request: bytes, unit: str, decimals: int) -> None:
        self._request, self._decimals = request, decimals
        self._buffer = bytearray()
        self._last: Reading | None = None
        per_step = GRAMS[unit].scaleb(-decimals)

        def preset(grams: Decimal) -> bytes:
            steps = (grams / per_step).quantize(Decimal(1), ROUND_HALF_UP)
            return b"T%05d\r" % int(steps)

        self.commands = Commands(b"Z", b"T\r", b"C", preset)

    def request(self, unit_price: int | None) -> bytes:
        return self._request

    def reset(self) -> None:
        self._buffer.clear()

    def restart(self) -> None:
        """A weight that was told before must not stand for later answers."""
        self._buffer.clear()
        self._last = None

    def feed(self, data: bytes) -> Heard:
        heard = Heard()
        for byte in data:
            byte &= 0x7F  # noqa: PLW2901 - the parity bit, where the line did not take it off
            if byte == STX:
                heard.wrong += bool(self._buffer)
                self._buffer[:] = b"\x02"
            elif byte == CR and self._buffer:
                self._finish(bytes(self._buffer[1:]), heard)
                self._buffer.clear()
            elif self._buffer:
                self._buffer.append(byte)
                if len(self._buffer) > min(LONGEST, MOST_BUFFER):
                    self._buffer.clear()
                    heard.wrong += 1
            else:
                heard.wrong += 1
        return heard

    def _finish(self, body: bytes, heard: Heard) -> None:
        reading: Reading | None = None
        if len(body) == 2 and body[:1] == b"?" and body[1] & ALWAYS:
            reading = self._status(body[1])
        elif hit := _WEIGHT.fullmatch(body):
            amount = number(hit[1], self._decimals)
            reading = self._last = weight(amount, "", stable=True, net=bool(hit[2]))
        if reading is None:
            heard.wrong += 1
        else:
            heard.readings.append(reading)

    def _status(self, status: int) -> Reading:
        if status & (OVER | UNDER | MOTION | CENTRE):
            self._last = None
        if status & OVER:
            return Reading(ScaleStatus.OVERWEIGHT)
        if status & UNDER:
            return Reading(ScaleStatus.UNDER_ZERO)
        if status & MOTION:
            return Reading(ScaleStatus.UNSTABLE)
        if status & CENTRE:
            return Reading(ScaleStatus.ZERO)
        return self._last or Reading(ScaleStatus.NOT_READY)


class Mettler8217(SerialScale):
    """``request`` is what asks for the weight. Raises ValueError for a bad option."""

    def __init__(
        self,
        *,
        path: str,
        name: str = "scale",
        baud: int = 9600,
        parity: str = "E",
        flow: str = "none",
        request: str = "W",
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
        if not request:
            raise ValueError("request must not be empty")
        dialect = Toledo(request.encode("ascii"), unit, decimals)
        super().__init__(dialect, Line(path, baud, parity, flow), rules, name, loop, backoff)
