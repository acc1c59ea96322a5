"""The printer's status bits as facts, and facts as a sentence for the attendant.

Bits are read one by one, since makes differ in the reserved ones and in which they combine.
Sources: Epson and Citizen command manuals, DLE EOT and GS a.
"""

from __future__ import annotations

from dataclasses import replace

from hardware.devices import Condition, Health, PrinterStatus
from hardware.errors import CoverOpen, Offline, OutOfPaper

FREE_THE_KNIFE = "Open the cover, free the knife, close it."


def with_realtime(status: PrinterStatus, request: int, byte: int) -> PrinterStatus:
    """``status`` with what the answer to DLE EOT ``request`` (1 to 4) tells."""
    match request:
        case 1:
            return replace(status, online=_condition(bad=bool(byte & 0x08)))
        case 2:
            status = replace(status, cover=_condition(bad=bool(byte & 0x04)))
            return replace(status, paper=Condition.BAD) if byte & 0x20 else status
        case 3:
            return replace(status, cutter=_condition(bad=bool(byte & 0x08)))
        case 4:
            ended = bool(byte & 0x60) or status.paper is Condition.BAD
            return replace(
                status, paper=_condition(bad=ended), near_end=_condition(bad=bool(byte & 0x0C))
            )
        case _:
            raise ValueError(f"DLE EOT has requests 1 to 4, not {request}")


def from_automatic(data: bytes) -> PrinterStatus:
    """The four bytes of automatic status as facts."""
    first, second, third = data[0], data[1], data[2]
    return PrinterStatus(
        online=_condition(bad=bool(first & 0x08)),
        cover=_condition(bad=bool(first & 0x20)),
        cutter=_condition(bad=bool(second & 0x08)),
        paper=_condition(bad=bool(third & 0x0C)),
        near_end=_condition(bad=bool(third & 0x03)),
    )


def health_of(status: PrinterStatus) -> Health:
    """The worst fact first; UNKNOWN only when nothing at all was answered."""
    if status.paper is Condition.BAD:
        return Health(Condition.BAD, "the paper has run out", OutOfPaper.default_mend)
    if status.cover is Condition.BAD:
        return Health(Condition.BAD, "the cover is open", CoverOpen.default_mend)
    if status.cutter is Condition.BAD:
        return Health(Condition.BAD, "the cutter is jammed", FREE_THE_KNIFE)
    if status.online is Condition.BAD:
        return Health(Condition.BAD, "the printer is off line", Offline.default_mend)
    if status == PrinterStatus():
        return Health(Condition.UNKNOWN, "the printer does not tell its status", "")
    if status.near_end is Condition.BAD:
        return Health(Condition.GOOD, "the paper is nearly at its end", "Have a new roll at hand.")
    return Health(Condition.GOOD)


def stops(status: PrinterStatus) -> bool:
    """Whether a fact ends printing until a person has come."""
    return Condition.BAD in {status.paper, status.cover, status.cutter}


def _condition(*, bad: bool) -> Condition:
    return Condition.BAD if bad else Condition.GOOD
