"""A receipt printer made of software: the same bytes on a pseudo terminal, a TCP port or USB.

    python -m hardware.printers.peer --link PATH --out DIR [--control FIFO]
    python -m hardware.printers.peer --tcp 9100 --out DIR

What reaches the paper is kept as DIR/slip-0001.bin, slip-0002.bin …, a file for each ESC @. Orders,
one a line, come on standard input or the control pipe: ``paper out``, ``cover open``, ``unplug`` …
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hardware.netline import NetLine
from hardware.printers.mechanism import Mechanism
from hardware.pseudo import PseudoTerminal

TICK_S = 0.02
IDLE_S = 0.25


class Wire(Protocol):
    """The printer's end of a line that can be unplugged."""

    @property
    def plugged(self) -> bool: ...
    def plug(self) -> None: ...
    def unplug(self) -> None: ...
    def fileno(self) -> int: ...
    def read(self, size: int = 4096) -> bytes: ...
    def write(self, data: bytes, timeout_s: float = 1.0) -> int: ...


class SlipFiles:
    """The paper: one file a slip, written as it prints, so a half slip is a half file."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.slips: list[bytes] = []

    def add(self, raw: bytes) -> None:
        if raw == b"\x1b\x40" or not self.slips:
            self.slips.append(b"")
        self.slips[-1] += raw
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / f"slip-{len(self.slips):04}.bin").open("ab") as file:
                file.write(raw)

    def clear_old(self) -> None:
        """Slips of an earlier run would be appended to."""
        if self._folder is not None and self._folder.is_dir():
            for old in self._folder.glob("slip-[0-9]*.bin"):
                old.unlink()


class PrinterPeer:
    """The printer in a thread (``start``, ``stop``) or in the foreground (``run``)."""

    def __init__(
        self,
        line: Path | Wire,
        out: Path | None = None,
        *,
        process_id: bool = True,
        mm_per_s: float = 0.0,
        buffer_size: int = 4096,
    ) -> None:
        self.paper = SlipFiles(out)
        self.mechanism = Mechanism(
            self.paper.add, process_id=process_id, mm_per_s=mm_per_s, buffer_size=buffer_size
        )
        self._line: Wire = PseudoTerminal(line) if isinstance(line, Path) else line
        self._unplug_after: int | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Plug in and run in a thread of its own."""
        self.plug_in()
        self._thread = threading.Thread(target=self.run, name="printer peer", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let ``run`` return; may come from a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        self.end()
        if self._thread is not None:
            self._thread.join(5.0)
        self._line.unplug()

    def plug_in(self) -> None:
        """Switch it on: an empty paper folder and a line."""
        self.paper.clear_old()
        self._line.plug()

    def order(self, words: str) -> bool:
        """An order as in the module's text; False when it is not known. From any thread."""
        with self._lock:
            match words.split():
                case ["unplug"]:
                    self._line.unplug()
                case ["plug"]:
                    self._line.plug()
                case ["unplug", "after", count] if count.isdigit():
                    self._unplug_after = int(count)
                case _:
                    return self.mechanism.obey_person(words)
            return True

    def run(self, orders: Sequence[int] = ()) -> None:
        """Work until ``stop``; ``orders`` are descriptors that give orders, one a line."""
        inputs = dict.fromkeys(orders, b"")
        while not self._stopping.is_set():
            with self._lock:
                line = [self._line.fileno()] if self._line.plugged and self.mechanism.room else []
                patience = IDLE_S if orders and not self.mechanism.mm_per_s else TICK_S
            try:
                ready, _, _ = select.select([*line, *inputs], [], [], patience)
            except (OSError, ValueError):
                continue  # unplugged from another thread in between
            for fd in [fd for fd in ready if fd in inputs]:
                self._read_orders(fd, inputs)
            self._step(any(fd in line for fd in ready))

    def _step(self, readable: bool) -> None:  # noqa: FBT001 - one bit of select's answer
        with self._lock:
            if not self._line.plugged:
                return
            answers = b""
            if readable:
                data = self._line.read(max(1, self.mechanism.room))
                answers += self.mechanism.receive(self._until_unplugged(data))
            answers += self.mechanism.work(time.monotonic())
            if answers:
                self._line.write(answers)

    def _until_unplugged(self, data: bytes) -> bytes:
        """The plug comes out in the middle of a job after so many more bytes."""
        if self._unplug_after is None:
            return data
        kept = data[: self._unplug_after]
        self._unplug_after -= len(kept)
        if self._unplug_after <= 0:
            self._unplug_after = None
            self._line.unplug()
        return kept

    def _read_orders(self, fd: int, inputs: dict[int, bytes]) -> None:
        data = os.read(fd, 4096)
        if not data:
            del inputs[fd]
            return
        *lines, inputs[fd] = (inputs[fd] + data).split(b"\n")
        for line in lines:
            words = line.decode("utf-8", "replace").strip()
            if words and not self.order(words):
                print(f"not known: {words}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The printer as a process; ends with SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m hardware.printers.peer", description=__doc__)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--link", type=Path, help="where the driver finds the serial line")
    place.add_argument("--tcp", type=int, help="port on this machine; 0 takes a free one")
    parser.add_argument("--out", type=Path, help="folder for the printed slips")
    parser.add_argument("--control", type=Path, help="named pipe for orders; made when missing")
    parser.add_argument("--speed", type=float, default=0.0, help="mm a second; 0 is at once")
    parser.add_argument("--no-process-id", action="store_true", help="does not know GS ( H")
    options = parser.parse_args(arguments)
    line = NetLine(options.tcp) if options.link is None else options.link
    peer = PrinterPeer(
        line, options.out, process_id=not options.no_process_id, mm_per_s=options.speed
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: peer.end())
    orders = [sys.stdin.fileno()] if sys.stdin is not None else []
    if options.control is not None:
        options.control.unlink(missing_ok=True)
        os.mkfifo(options.control, 0o600)
        orders.append(os.open(options.control, os.O_RDWR | os.O_NONBLOCK))
    peer.plug_in()
    where = f"127.0.0.1:{line.port}" if isinstance(line, NetLine) else line
    print(f"printer on {where}", flush=True)
    try:
        peer.run(orders)
    finally:
        peer.stop()
        if options.control is not None:
            options.control.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
