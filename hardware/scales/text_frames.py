r"""Weights as lines of ASCII, as scales send them by themselves or when they are asked.

st-gs    "ST,GS,+  1.234kg" CR LF        Excell, Gram and most Chinese indicators; widths vary
and      "ST,+00001.234  kg" CR LF       A&D; "OL,+9999999E+19" is an overload
cas22    "ST,GS," id lamp ",   1.234 kg" CR LF
ohaus    "     1.234 kg    ? NET" CR LF  split on spaces; "?" means it moves
aihua    0D 20 "1234"                    grams
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hardware.devices import ScaleStatus
from hardware.scales.dialect import Reading, number, unit_of, weight

Cut = Callable[[bytearray], "tuple[list[Reading], int]"]
"""Takes whole frames off the front of the buffer; the readings, and how many were wrong."""

_ST = re.compile(
    rb"(ST|US|OL|QT),(?:(GS|NT|G|N|TR),)?(?:.[\x80-\xff],)?"
    rb" *([+-]?) *([0-9]{1,8}(?:\.[0-9]{0,5})?)(E\+19)? *([A-Za-z]{0,3}) *"
)
_OVER = re.compile(rb"OL,.{0,24}", re.DOTALL)
_OHAUS = re.compile(
    rb" *(-?) *([0-9]{1,8}(?:\.[0-9]{0,5})?) *([a-z]{1,3}) *(\??) *(N|NET|G|GROSS|T)? *"
)
_AIHUA = re.compile(rb"\r ([0-9 ]{4})")
LONGEST_LINE = 40


def st_line(line: bytes) -> Reading | None:
    """A line that begins with ST, US, QT or OL; None when it is none."""
    hit = _ST.fullmatch(line)
    if line.startswith(b"OL,") and (hit or _OVER.fullmatch(line)):
        return Reading(ScaleStatus.OVERWEIGHT)
    if hit is None or hit[1] == b"QT" or hit[2] == b"TR" or hit[5]:
        return None
    unit = unit_of(hit[6]) if hit[6] else ""
    amount = number(hit[4])
    if hit[3] == b"-" and amount:
        return Reading(ScaleStatus.UNDER_ZERO, unit=unit)
    return weight(amount, unit, stable=hit[1] == b"ST", net=hit[2] in (b"NT", b"N"))


def ohaus_line(line: bytes) -> Reading | None:
    """A line of polarity, weight, unit, "?" while it moves, and a legend; None otherwise."""
    hit = _OHAUS.fullmatch(line)
    if hit is None:
        return None
    unit, amount = unit_of(hit[3]), number(hit[2])
    if hit[1] and amount:
        return Reading(ScaleStatus.UNDER_ZERO, unit=unit)
    return weight(amount, unit, stable=not hit[4], net=(hit[5] or b"").startswith(b"N"))


def lines_of(read: Callable[[bytes], Reading | None]) -> Cut:
    """Cuts at CR and LF; a line without its beginning is none, and neither is an empty one."""

    def cut(buffer: bytearray) -> tuple[list[Reading], int]:
        readings, wrong = [], 0
        while (end := buffer.find(b"\n")) >= 0:
            line = bytes(buffer[:end]).strip(b"\r\n\x02\x03")
            del buffer[: end + 1]
            reading = read(line)
            if reading is not None:
                readings.append(reading)
            else:
                wrong += bool(line)
        if len(buffer) > LONGEST_LINE:
            wrong += 1
            buffer.clear()
        return readings, wrong

    return cut


def cut_aihua(buffer: bytearray) -> tuple[list[Reading], int]:
    """Frames of six bytes without an end."""
    readings, wrong = [], 0
    while len(buffer) >= 6:
        hit = _AIHUA.match(bytes(buffer[:6]))
        amount = None if hit is None else number(hit[1])
        if amount is None:
            wrong += 1
            del buffer[0]
            continue
        reading = weight(amount, "g", stable=True)
        assert reading is not None
        readings.append(reading)
        del buffer[:6]
    return readings, wrong


TEXT: Mapping[str, Cut] = {
    "st-gs": lines_of(st_line),
    "and": lines_of(st_line),
    "cas22": lines_of(st_line),
    "ohaus": lines_of(ohaus_line),
    "aihua": cut_aihua,
}
