"""Cuts a scanner's bytes into codes, however they were split on the way.

    [prefix] [ ]E0 ] 6901234567892 [suffix] CR        ]E0 is the AIM identifier, when switched on

CR, LF and TAB end a record; GS (1D) inside belongs to the code, one at its end does not. A record
is dropped when it grows past its limit, when a part of it was lost on the way, or when it stays
unfinished (unless the scanner sends no terminator at all).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from hardware.devices import ScanData, Symbology

LONGEST = 4096  # bytes; the largest QR code holds 2,953
TERMINATORS = {"any": b"\r\n\t", "cr": b"\r\n", "lf": b"\r\n", "tab": b"\t", "none": b""}
GS = b"\x1d"
AIM_IDENTIFIER = re.compile(rb"\](?P<code>[A-Za-z])(?P<modifier>[0-9A-Za-z])")

# AIM code letter, with modifiers where they change the meaning (ISO/IEC 15424; maker lists).
AIM_EXACT = {
    "E4": Symbology.EAN8,
    "C1": Symbology.GS1_128,
    "Q3": Symbology.GS1_QR,
    "Q4": Symbology.GS1_QR,
    "d2": Symbology.GS1_DATA_MATRIX,
    "d5": Symbology.GS1_DATA_MATRIX,
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


class Loss(Enum):
    """Why a code was dropped, as one clause."""

    TOO_LONG = "a code was dropped: longer than the limit"
    UNFINISHED = "a code was dropped: it came without its end"
    GAP = "a code was dropped: the system lost a part of it"


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
        self.last = 0.0  # when the newest byte arrived
        self._spoiled: Loss | None = None  # what is wrong with the record under way
        self.dropped = 0
        self.loss: Loss | None = None  # of the record dropped last

    @property
    def unfinished(self) -> bool:
        return bool(self._record) or self._spoiled is not None

    def feed(self, data: bytes, now: float) -> list[ScanData]:
        """The codes that ``data``, arrived at ``now`` (seconds), completes."""
        codes = self.expire(now)
        self.last = now
        for byte in data:
            if byte in self._ends:
                codes += self._finish()
            elif self._spoiled is None:
                self._record.append(byte)
                if len(self._record) > self._form.longest:
                    self._spoiled = Loss.TOO_LONG
        return codes

    def whole(self, record: bytes) -> list[ScanData]:
        """The code of a record whose limits the device itself told; at most one."""
        if len(record) > self._form.longest:
            self._drop(Loss.TOO_LONG)
            return []
        code = self._strip(record.rstrip(self._ends) if self._ends else record)
        return [code] if code.data else []

    def spoil(self, now: float) -> None:
        """A part was lost at ``now``: what has come and what comes up to the next end is none."""
        self._record.clear()
        self._spoiled = Loss.GAP
        self.last = now

    def expire(self, now: float) -> list[ScanData]:
        """What silence ends: a whole code without terminators, otherwise a torn one, dropped."""
        if not self.unfinished or now - self.last < self._form.gap_s:
            return []
        if self._form.terminator == "none":
            return self._finish()
        self._drop(self._spoiled or Loss.UNFINISHED)
        return []

    def _finish(self) -> list[ScanData]:
        if self._spoiled is not None:
            self._drop(self._spoiled)
            return []
        record = bytes(self._record)
        self._record.clear()
        code = self._strip(record) if record else None
        return [code] if code is not None and code.data else []

    def _drop(self, loss: Loss) -> None:
        self.dropped += 1
        self.loss = loss
        self._record.clear()
        self._spoiled = None

    def _strip(self, record: bytes) -> ScanData:
        form = self._form
        record = record.removeprefix(form.prefix).removesuffix(form.suffix)
        hit = AIM_IDENTIFIER.match(record) if form.aim else None
        symbology = symbology_of(hit[0].decode()) if hit is not None else None
        if symbology is None:
            return ScanData(record.rstrip(GS))
        return ScanData(record[3:].rstrip(GS), symbology)


def symbology_of(identifier: str) -> Symbology | None:
    """What an AIM identifier such as "]C1" names; None for one that the list does not know."""
    return AIM_EXACT.get(identifier[1:], AIM_LETTER.get(identifier[1:2]))
