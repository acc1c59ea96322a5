"""A scanner made of software that speaks SSI packets and repeats what is not acknowledged.

    python -m hardware.scanners.packets --link PATH

Each line on standard input or the control pipe is scanned. Lines that begin with ``!`` are orders:
``!deaf N`` loses the next N answers on their way, ``!noise`` sends a spoiled packet, ``!unplug``,
``!plug``.
"""

from __future__ import annotations

import argparse
import select
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from hardware.pseudo import PseudoTerminal
from hardware.scanners.peer import serve

ANSWER_S = 0.15
TRIES = 3
ROOM = 240
TYPES = {13: 0x0B, 8: 0x0A}  # EAN-13, EAN-8
CODE128, QR = 0x03, 0x1C
ACKNOWLEDGED = bytes.fromhex("04 D0 04 00 FF 28")
NOT_ACKNOWLEDGED = bytes.fromhex("05 D1 04 00 01 FF 25")


class PacketPeer:
    """One scanner. ``enabled`` is what the host has ordered last, ``sent`` counts all packets."""

    def __init__(self, link: Path) -> None:
        self._line = PseudoTerminal(link)
        self._lock = threading.Lock()
        self._deaf = 0
        self.enabled = False
        self.sent = 0
        self._begun = b""  # of a packet that is not whole yet

    def plug(self) -> None:
        self._line.plug()

    def unplug(self) -> None:
        self._line.unplug()

    def scan(self, code: str | bytes, kind: int | None = None) -> bool:
        """Send one code, again and again until it is acknowledged; False when it never was."""
        data = code.encode() if isinstance(code, str) else code
        if kind is None:
            kind = TYPES.get(len(data), CODE128) if data.isdigit() else QR
        parts = [data[at : at + ROOM] for at in range(0, len(data), ROOM)]
        with self._lock:
            return all(
                self._delivered(bytes([kind]) + part, more=at + 1 < len(parts))
                for at, part in enumerate(parts)
            )

    def type(self, raw: bytes) -> None:
        """Bytes as they are."""
        with self._lock:
            self._line.write(raw)

    def listen(self, seconds: float = ANSWER_S) -> bytes:
        """One answer or order of the host; empty when none comes."""
        deadline = time.monotonic() + seconds
        while self._line.plugged and (left := deadline - time.monotonic()) > 0:
            if not select.select([self._line], [], [], left)[0]:
                break
            self._begun += self._line.read(1)
            if self._begun and len(self._begun) == self._begun[0] + 2:
                heard, self._begun = self._begun, b""
                return self._obeyed(heard)
        return b""

    def obey(self, line: str) -> bool:
        """One line of input; False for an order that is not known."""
        match line.split():
            case ["!deaf", count] if count.isdigit():
                self._deaf = int(count)
            case ["!noise"]:
                self.type(bytes.fromhex("05 F6 00 00 01 00 00"))
            case ["!unplug"]:
                self.unplug()
            case ["!plug"]:
                self.plug()
            case [word, *_] if word.startswith("!"):
                return False
            case _:
                self.scan(line)
        return True

    def _delivered(self, data: bytes, *, more: bool) -> bool:
        for attempt in range(TRIES):
            self._line.write(framed(0xF3, data, (attempt > 0) | more << 1))
            self.sent += 1
            deadline = time.monotonic() + ANSWER_S
            while (left := deadline - time.monotonic()) > 0:
                answer = self.listen(left)
                if answer == NOT_ACKNOWLEDGED:
                    break
                if answer == ACKNOWLEDGED:
                    if not self._deaf:
                        return True
                    self._deaf -= 1
        return False

    def _obeyed(self, heard: bytes) -> bytes:
        if heard[1] in (0xE9, 0xEA):
            self.enabled = heard[1] == 0xE9
            return self.listen(ANSWER_S)
        return heard


def framed(opcode: int, data: bytes, status: int) -> bytes:
    """Length, opcode, source (the scanner), status, data, checksum."""
    body = bytes([4 + len(data), opcode, 0, status]) + data
    return body + ((0x10000 - sum(body)) & 0xFFFF).to_bytes(2, "big")


def main(arguments: Sequence[str] | None = None) -> int:
    """The scanner as a process; ends with SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m hardware.scanners.packets")
    parser.add_argument("--link", type=Path, required=True, help="where the driver finds the line")
    parser.add_argument("--control", type=Path, help="named pipe for lines; made when missing")
    options = parser.parse_args(arguments)
    return serve(PacketPeer(options.link), options.control, lambda: str(options.link))


if __name__ == "__main__":
    raise SystemExit(main())
