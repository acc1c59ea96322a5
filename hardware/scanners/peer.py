"""A scanner made of software: types codes on a pseudo terminal as fast as its baud rate allows.

    python -m hardware.scanners.peer --link PATH [--baud 9600] [--aim]

Each line on standard input or the control pipe is scanned. Lines that begin with ``!`` are orders:
``!join A B`` two codes at once, ``!bare A`` without its end, ``!torn A`` in pieces with pauses,
``!unplug``, ``!plug``.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from hardware.pseudo import PseudoTerminal

BITS_A_BYTE = 10  # 8N1
PIECE = 8
AIM_BY_LENGTH = {13: "]E0", 12: "]E0", 8: "]E4"}


class ScannerPeer:
    """One scanner. ``aim`` sends the AIM identifier that its symbology would have."""

    def __init__(
        self,
        link: Path,
        *,
        baud: int = 9600,
        suffix: bytes = b"\r",
        aim: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._line = PseudoTerminal(link)
        self._baud = baud
        self._suffix = suffix
        self._aim = aim
        self._sleep = sleep
        self._lock = threading.Lock()

    def plug(self) -> None:
        """Make the line; raises OSError when the link cannot be made."""
        with self._lock:
            self._line.plug()

    def unplug(self) -> None:
        with self._lock:
            self._line.unplug()

    def scan(self, code: str | bytes, *, symbology: str = "") -> None:
        """Read one code; ``symbology`` an AIM identifier such as "]Q1"."""
        self.type(self._record(code, symbology))

    def scan_together(self, *codes: str | bytes) -> None:
        """Several codes without a pause, as from a scanner with a memory."""
        self.type(b"".join(self._record(code, "") for code in codes))

    def type(self, data: bytes, pause_s: float = 0.0) -> None:
        """Raw bytes, paced by the baud rate, with ``pause_s`` more after each piece."""
        with self._lock:
            for at in range(0, len(data), PIECE):
                piece = data[at : at + PIECE]
                self._line.write(piece)
                self._sleep(len(piece) * BITS_A_BYTE / self._baud + pause_s)

    def heard(self) -> bytes:
        """What the driver has sent since the last look."""
        with self._lock:
            return self._line.read()

    def obey(self, line: str) -> bool:
        """One line of input; False for an order that is not known."""
        match line.split():
            case ["!join", *codes] if codes:
                self.scan_together(*codes)
            case ["!bare", code]:
                self.type(code.encode())
            case ["!torn", code]:
                self.type(self._record(code, ""), pause_s=0.02)
            case ["!unplug"]:
                self.unplug()
            case ["!plug"]:
                self.plug()
            case [word, *_] if word.startswith("!"):
                return False
            case _:
                self.scan(line)
        return True

    def _record(self, code: str | bytes, symbology: str) -> bytes:
        data = code.encode() if isinstance(code, str) else code
        if self._aim and not symbology:
            symbology = AIM_BY_LENGTH.get(len(data), "]C0") if data.isdigit() else "]Q1"
        return symbology.encode() + data + self._suffix


def lines_of(fds: Sequence[int], stopping: threading.Event) -> Iterator[str]:
    """Lines from descriptors as they come; ends with ``stopping``, not with their end."""
    buffers = dict.fromkeys(fds, b"")
    while not stopping.is_set():
        ready, _, _ = select.select(list(buffers), [], [], 0.2)
        for fd in ready:
            data = os.read(fd, 4096)
            if not data:
                del buffers[fd]
                continue
            *lines, buffers[fd] = (buffers[fd] + data).split(b"\n")
            yield from (line.decode("utf-8", "replace").rstrip("\r") for line in lines if line)


class Obedient(Protocol):
    """A simulated scanner that takes orders."""

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def obey(self, line: str) -> bool: ...


def serve(peer: Obedient, control: Path | None, place: Callable[[], str]) -> int:
    """Obey lines of standard input and of the pipe ``control`` until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    fds = [sys.stdin.fileno()] if sys.stdin is not None else []
    if control is not None:
        control.unlink(missing_ok=True)
        os.mkfifo(control, 0o600)
        fds.append(os.open(control, os.O_RDWR | os.O_NONBLOCK))
    peer.plug()
    print(f"scanner on {place()}", flush=True)
    try:
        for line in lines_of(fds, stopping):
            if not peer.obey(line):
                print(f"not known: {line}", file=sys.stderr, flush=True)
    finally:
        peer.unplug()
        if control is not None:
            control.unlink(missing_ok=True)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The scanner as a process; ends with SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m hardware.scanners.peer", description=__doc__)
    parser.add_argument("--link", type=Path, required=True, help="where the driver finds the line")
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--aim", action="store_true", help="send AIM identifiers")
    parser.add_argument("--control", type=Path, help="named pipe for lines; made when missing")
    options = parser.parse_args(arguments)
    peer = ScannerPeer(options.link, baud=options.baud, aim=options.aim)
    return serve(peer, options.control, lambda: str(options.link))


if __name__ == "__main__":
    raise SystemExit(main())
