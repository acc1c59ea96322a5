r"""NCI and Weigh-Tronix scales (also CAS types 4 and 5, Brecknell, Adam, Fairbanks).

Driver name in the configuration: ``nci``. 9600 7E1, or 8N1 by the scale's menu.

    W CR  ──►  0A "01.234" "KG" 0D 0A "00" 0D 03     weight, unit, status
          ──►  0A "S10" 0D 03                        the ECR variant: no weight while it moves
    unknown    0A 3F 0D 03

Status bytes begin at 30h. First: motion 1, at zero 2, faults 4 and 8. Second: under 1, over 2,
faults 4 and 8, a third follows 40h. Third: net 4. What the status says wins over what stands in
the weight's place ("^^^^^^", "______", "------").
"""

from __future__ import annotations

import re

from hardware.devices import ScaleStatus
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scales.dialect import Commands, Heard, Reading, number, unit_of, weight
from hardware.scales.scale import Line, Rules, SerialScale

LF, ETX = 0x0A, 0x03
LONGEST = 32
_FRAME = re.compile(
    rb"\n(?:([ 0-9.^_-]{1,10}?) *([A-Za-z]{1,2})\r\n)?S?([\x30-\x3f][\x30-\x7f]{1,2})\r\x03"
)
FAULTS = 0x0C


class Nci:
    """The dialect. A frame begins with LF and ends with ETX."""

    commands = Commands(b"Z\r", b"T\r")

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._buffer = bytearray()

    def request(self, unit_price: int | None) -> bytes:
        return self._request

    def reset(self) -> None:
        self._buffer.clear()

    def restart(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> Heard:
        heard = Heard()
        for byte in data:
            byte &= 0x7F  # noqa: PLW2901 - the parity bit, where the line did not take it off
            if not self._buffer and byte != LF:
                heard.wrong += 1
                continue
            self._buffer.append(byte)
            if byte == ETX:
                self._finish(bytes(self._buffer), heard)
                self._buffer.clear()
            elif len(self._buffer) > LONGEST:
                heard.wrong += 1
                self._buffer.clear()
        return heard

    def _finish(self, frame: bytes, heard: Heard) -> None:
        hit = _FRAME.fullmatch(frame)
        # Half a frame before a whole one: the last LF that begins one counts.
        while hit is None and (at := frame.find(b"\n", 1)) > 0:
            frame = frame[at:]
            hit = _FRAME.fullmatch(frame)
        reading = None if hit is None else _reading(hit)
        if reading is None:
            heard.wrong += 1
        else:
            heard.readings.append(reading)


def _reading(hit: re.Match[bytes]) -> Reading | None:
    first, second, *more = hit[3]
    unit = "" if hit[2] is None else unit_of(hit[2])
    if second & 2:
        return Reading(ScaleStatus.OVERWEIGHT, unit=unit)
    if second & 1:
        return Reading(ScaleStatus.UNDER_ZERO, unit=unit)
    if (first | second) & FAULTS:
        return Reading(ScaleStatus.NOT_READY, unit=unit)
    if first & 1:
        return Reading(ScaleStatus.UNSTABLE, unit=unit)
    if first & 2:
        return Reading(ScaleStatus.ZERO, unit=unit)
    if hit[1] is None:
        return Reading(ScaleStatus.NOT_READY)  # a status alone tells no weight
    return weight(number(hit[1]), unit, stable=True, net=bool(more and more[0] & 4))


class NciScale(SerialScale):
    """``request`` is what asks for the weight. Raises ValueError for a bad option."""

    def __init__(
        self,
        *,
        path: str,
        name: str = "scale",
        baud: int = 9600,
        parity: str = "E",
        flow: str = "none",
        request: str = "W\r",
        unit: str = "kg",
        poll_s: float = 0.25,
        stale_s: float = 1.5,
        reads: int = 2,
        empty_g: float = 2,
        change_g: float = 20,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
    ) -> None:
        rules = Rules(unit, poll_s, stale_s, reads, empty_g, change_g)
        if not request:
            raise ValueError("request must not be empty")
        dialect = Nci(request.encode("ascii"))
        super().__init__(dialect, Line(path, baud, parity, flow), rules, name, loop, backoff)
