"""Cuts a scanner's bytes into codes, however they were split on the way.

    [prefix] [ ]E0 ] 6901234567892 [suffix] CR        ]E0 is the AIM identifier, when switched on

CR, LF and TAB end a record; GS (1D) inside belongs to the code. A record is dropped when it grows
past its limit, or when it stays unfinished (unless the scanner sends no terminator at all).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hardware.devices import ScanData, Symbology

LONGEST = 256
TERMINATORS = {"any": b"\r\n\t", "cr": b"\r\n", "lf": b"\r\n", "tab": b"\t", "none": b""}
AIM_IDENTIFIER = re.compile(rb"\](?P<code>[A-Za-z])(?P<modifier>[0-9A-Za-z])")

# AIM code letter, with modifiers where they change the meaning (ISO/IEC 15424; maker lists).
AIM_EXACT = {
    "E4": Symbology.EAN8,
    "C1": Symbology.GS1_128,
    "Q3": Symbology.GS1_QR,
    "Q4": Symbology.GS1_QR,
    "d2": Symbology.GS1_DATA_MATRIX,
}
AIM_LETTER = {
    "E": Symbology.EAN13,
    "C": Symbology.CODE128,
    "A": Symbology.CODE39,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE93,
    "I": Symbology.ITF,
    "L": Symbology.PDF417,
    "Q": Symbology.QR,
    "d": Symbology.DATA_MATRIX,
    "e": Symbology.DATABAR,
    "z": Symbology.AZTEC,
    "h": Symbology.HAN_XIN,
    "H": Symbology.OTHER,
    "M": Symbology.OTHER,
    "R": Symbology.OTHER,
    "S": Symbology.OTHER,
    "U": Symbology.OTHER,
    "X": Symbology.OTHER,
}


@dataclass(frozen=True, slots=True)
class Format:
    """How a scanner is set up. ``gap_s``: silence after which an unfinished record is over."""

    terminator: str = "any"
    prefix: bytes = b""
    suffix: bytes = b""
    aim: bool = True  # strip an AIM identifier and take the symbology from it
    longest: int = LONGEST
    gap_s: float = 0.2

    def __post_init__(self) -> None:
        if self.terminator not in TERMINATORS:
            raise ValueError(
                f"terminator must be one of {sorted(TERMINATORS)}, not {self.terminator!r}"
            )
        if not 1 <= self.longest <= 4096:
            raise ValueError(f"longest must be 1 to 4096 bytes, not {self.longest!r}")
        if not 0.01 <= self.gap_s <= 5:
            raise ValueError(f"gap_s must be 0.01 to 5 seconds, not {self.gap_s!r}")


class Framing:
    """Feed it bytes with their time of arrival; it keeps at most one unfinished record."""

    def __init__(self, form: Format = Format()) -> None:
        self._form = form
        self._ends = TERMINATORS[form.terminator]
        self._record = bytearray()
        self._last = 0.0
        self._too_long = False
        self.dropped = 0

    @property
    def unfinished(self) -> bool:
        return bool(self._record) or self._too_long

    def feed(self, data: bytes, now: float) -> list[ScanData]:
        """The codes that ``data``, arrived at ``now`` (seconds), completes."""
        codes = self.expire(now)
        self._last = now
        for byte in data:
            if byte in self._ends:
                codes += self._finish()
            elif not self._too_long:
                self._record.append(byte)
                self._too_long = len(self._record) > self._form.longest
        return codes

    def expire(self, now: float) -> list[ScanData]:
        """What silence ends: a whole code without terminators, otherwise a torn one, dropped."""
        if not self.unfinished or now - self._last < self._form.gap_s:
            return []
        if self._form.terminator == "none":
            return self._finish()
        self._drop()
        return []

    def _finish(self) -> list[ScanData]:
        if self._too_long:
            self._drop()
            return []
        record = bytes(self._record)
        self._record.clear()
        code = self._strip(record) if record else None
        return [code] if code is not None and code.data else []

    def _drop(self) -> None:
        self.dropped += 1
        self._record.clear()
        self._too_long = False

    def _strip(self, record: bytes) -> ScanData:
        form = self._form
        record = record.removeprefix(form.prefix).removesuffix(form.suffix)
        hit = AIM_IDENTIFIER.match(record) if form.aim else None
        if hit is None or hit["code"].decode() not in AIM_LETTER:
            return ScanData(record)
        return ScanData(record[3:], _symbology(hit["code"].decode(), hit["modifier"].decode()))


def _symbology(letter: str, modifier: str) -> Symbology:
    return AIM_EXACT.get(letter + modifier, AIM_LETTER[letter])
