"""Scanner that speaks Zebra's Simple Serial Interface in packets, each one acknowledged.

Driver name in the configuration: ``ssi``. The scanner repeats a code that is not acknowledged, so
this driver acknowledges at once, and takes a packet that says it is a repetition for no new code.

    length  opcode  source  status  data …  checksum (2, big end first)
    length counts all but the checksum; the checksum makes the sum of all bytes before it zero

    status  bit 0: sent again    bit 1: more of this code follows
    data    of F3: type of code, then its bytes

Source: Simple Serial Interface Programmer's Guide, 72E-40451.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.devices import Symbology
from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scanners.framing import LONGEST, Format
from hardware.scanners.line import Hands, LineScanner
from hardware.transport import check_serial_options, open_serial

DECODE_DATA, ACK, NAK = 0xF3, 0xD0, 0xD1
SCAN_ENABLE, SCAN_DISABLE = 0xE9, 0xEA
HOST = 0x04
RESEND = 1  # why a packet is refused: send it again
SHORTEST = 4
AGAIN, MORE = 1, 2
ANSWERS = frozenset((ACK, NAK))
WRITE_S = 0.05
SECOND_COPY_S = 2.0

# Types of code; those that no shop meets are left out.
TYPES = {
    0x01: Symbology.CODE39,
    0x02: Symbology.CODABAR,
    0x03: Symbology.CODE128,
    0x06: Symbology.ITF,
    0x07: Symbology.CODE93,
    0x08: Symbology.EAN13,
    0x09: Symbology.EAN13,
    0x0A: Symbology.EAN8,
    0x0B: Symbology.EAN13,
    0x0F: Symbology.GS1_128,
    0x11: Symbology.PDF417,
    0x1B: Symbology.DATA_MATRIX,
    0x1C: Symbology.QR,
    0x2D: Symbology.AZTEC,
    0x30: Symbology.DATABAR,
    0x31: Symbology.DATABAR,
    0x32: Symbology.DATABAR,
}


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet whose checksum is right."""

    opcode: int
    status: int
    data: bytes


def packet(opcode: int, data: bytes = b"", *, status: int = 0) -> bytes:
    """What the host sends."""
    body = bytes([SHORTEST + len(data), opcode, HOST, status]) + data
    return body + (-sum(body) & 0xFFFF).to_bytes(2)


class Packets:
    """Cuts bytes into packets; keeps at most one unfinished packet, of 257 bytes at most."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._bytes = b""
        self._last = 0.0

    def feed(self, data: bytes, now: float) -> list[Packet | None]:
        """Packets in their order; None for one that is spoiled, after which all is thrown away."""
        if now - self._last >= self._gap_s:
            self._bytes = b""  # the rest of what was torn
        self._last = now
        self._bytes += data
        found: list[Packet | None] = []
        while self._bytes:
            length = self._bytes[0]
            if length < SHORTEST:
                self._bytes = b""
                return [*found, None]
            if len(self._bytes) < length + 2:
                break
            body, check = self._bytes[:length], self._bytes[length : length + 2]
            if (sum(body) + int.from_bytes(check)) & 0xFFFF:
                self._bytes = b""
                return [*found, None]
            found.append(Packet(body[1], body[3], body[4:]))
            self._bytes = self._bytes[length + 2 :]
        return found


class SsiScanner(LineScanner):
    """One scanner. ``gap_s``: silence after which an unfinished packet is over.

    Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        path: str,
        name: str = "scanner",
        baud: int = 9600,
        parity: str = "N",
        flow: str = "none",
        prefix: str = "",
        suffix: str = "",
        longest: int = LONGEST,
        gap_s: float = 0.2,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_serial_options(baud, parity, flow)
        if not path:
            raise ValueError("path must name a serial device")
        form = Format("any", prefix.encode(), suffix.encode(), True, longest, gap_s)
        self._longest = longest
        self._packets = Packets(gap_s)
        self._parts = b""
        self._newest = (b"", 0.0)
        super().__init__(
            name,
            form,
            lambda: open_serial(name, path, baud=baud, parity=parity, flow=flow),
            self._received,
            Hands(backoff, loop, clock),
            hello=packet(SCAN_ENABLE),
            goodbye=packet(SCAN_DISABLE),
            forget=self._drop,
        )

    def _drop(self) -> None:
        self._parts = b""

    def _received(self, data: bytes) -> None:
        now = self._clock()
        for found in self._packets.feed(data, now):
            if found is None:
                self._order(packet(NAK, bytes([RESEND])))
            elif found.opcode not in ANSWERS:
                self._order(packet(ACK))
                if found.opcode == DECODE_DATA:
                    self._decoded(found, now)

    def _decoded(self, found: Packet, now: float) -> None:
        """A code, a part of one, or the copy of the one before whose acknowledgement was lost."""
        before, at = self._newest
        self._newest = (found.data, now)
        if found.status & AGAIN and found.data == before and now - at < SECOND_COPY_S:
            return
        if now - at >= SECOND_COPY_S:
            self._parts = b""  # of a code whose rest never came
        part = found.data if not self._parts else found.data[1:]
        self._parts += part[: self._longest + 2 - len(self._parts)]
        if found.status & MORE:
            return
        parts, self._parts = self._parts, b""
        if parts:
            self._outlet.whole(parts[1:], TYPES.get(parts[0]))
