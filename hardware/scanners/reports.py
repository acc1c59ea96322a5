"""A scanner made of software that speaks USB HID for points of sale, on a named pipe.

    python -m hardware.scanners.reports --link PATH

Each line on standard input or the control pipe is scanned. Lines that begin with ``!`` are orders:
``!bare A`` a first report that nothing follows, ``!alien`` a report of another number, ``!unplug``,
``!plug``.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from pathlib import Path

from hardware.scanners.keyboard import FifoWire
from hardware.scanners.peer import serve

ROOM = 56
IDENTIFIERS = {13: b"]E0", 8: b"]E4"}


class ReportPeer:
    """One scanner; ``identifier`` the AIM identifier it sends, empty for what suits the code."""

    def __init__(self, link: Path) -> None:
        self._wire = FifoWire(link)
        self._lock = threading.Lock()

    def plug(self) -> None:
        self._wire.plug()

    def unplug(self) -> None:
        self._wire.unplug()

    def scan(self, code: str | bytes, identifier: bytes = b"") -> None:
        """Read one code: a report for each 56 bytes."""
        data = code.encode() if isinstance(code, str) else code
        if not identifier:
            identifier = IDENTIFIERS.get(len(data), b"]C0") if data.isdigit() else b"]Q1"
        parts = [data[at : at + ROOM] for at in range(0, len(data), ROOM)]
        for at, part in enumerate(parts):
            self.send(report(part, identifier, more=at + 1 < len(parts)))

    def send(self, raw: bytes) -> None:
        """A report as it is."""
        with self._lock:
            self._wire.write(raw)

    def obey(self, line: str) -> bool:
        """One line of input; False for an order that is not known."""
        match line.split():
            case ["!bare", code]:
                self.send(report(code.encode(), b"]Q1", more=True))
            case ["!alien"]:
                self.send(b"\x07" + bytes(63))
            case ["!unplug"]:
                self.unplug()
            case ["!plug"]:
                self.plug()
            case [word, *_] if word.startswith("!"):
                return False
            case _:
                self.scan(line)
        return True


def report(data: bytes, identifier: bytes, *, more: bool) -> bytes:
    """64 bytes: number, length, identifier, data, the maker's own, reserved, more."""
    head = b"\x02" + bytes([len(data)]) + identifier
    return head + data.ljust(ROOM, b"\0") + b"\0\0" + bytes([more])


def main(arguments: Sequence[str] | None = None) -> int:
    """The scanner as a process; ends with SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m hardware.scanners.reports", description=__doc__
    )
    parser.add_argument("--link", type=Path, required=True, help="where the driver finds the pipe")
    parser.add_argument("--control", type=Path, help="named pipe for lines; made when missing")
    options = parser.parse_args(arguments)
    return serve(ReportPeer(options.link), options.control, lambda: str(options.link))


if __name__ == "__main__":
    raise SystemExit(main())
