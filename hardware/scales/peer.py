"""A scale made of software: a pan with goods on it, and its protocol on a pseudo terminal.

    python -m hardware.scales.peer --link PATH --speaks mettler-8217 [--settle 0.5] [--control FIFO]

Orders, one a line, come on standard input or the control pipe:

    load 1234     empty         over          under         shake         still
    mute          speak         half          noise         quiet         wrong check
    tare          zero          unplug        plug
"""

from __future__ import annotations

import argparse
import os
import random
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from hardware.pseudo import PseudoTerminal
from hardware.scales.pan import Pan
from hardware.scales.voices import VOICES

TICK_S = 0.01


class ScalePeer:
    """The scale in a thread (``start``, ``stop``) or in the foreground (``run``)."""

    def __init__(
        self, link: Path, speaks: str, *, settle_s: float = 0.3, every_s: float = 0.1
    ) -> None:
        """``every_s``: how often a scale that sends by itself does so."""
        self.pan = Pan(settle_s)
        self.voice = VOICES[speaks](self.pan)
        self._line = PseudoTerminal(link)
        self._every_s, self._next = every_s, 0.0
        self._mute = self._half = self._noisy = False
        self._noise = random.Random(7)  # noqa: S311 - not a secret
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Plug in and run in a thread of its own."""
        self.order("plug")
        self._thread = threading.Thread(target=self.run, name="scale peer", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let ``run`` return; may come from a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        self.end()
        if self._thread is not None:
            self._thread.join(5.0)
        self._line.unplug()

    def order(self, words: str) -> bool:
        """An order as in the module's text; False when it is not known. From any thread."""
        with self._lock:
            return self._pan_order(words) or self._line_order(words)

    def run(self, orders: Sequence[int] = ()) -> None:
        """Work until ``end``; ``orders`` are descriptors that give orders, one a line."""
        inputs = dict.fromkeys(orders, b"")
        while not self._stopping.is_set():
            with self._lock:
                line = [self._line.fileno()] if self._line.plugged else []
            try:
                ready, _, _ = select.select([*line, *inputs], [], [], TICK_S)
            except (OSError, ValueError):
                continue  # unplugged from another thread in between
            for fd in [fd for fd in ready if fd in inputs]:
                self._read_orders(fd, inputs)
            self._step()

    def _pan_order(self, words: str) -> bool:
        match words.split():
            case ["load", grams] if grams.lstrip("-").isdigit():
                self.pan.put(int(grams))
            case ["empty"]:
                self.pan.put(0)
            case ["over"]:
                self.pan.put(self.pan.capacity + 500)
            case ["under"]:
                self.pan.put(-120)
            case ["shake"] | ["still"]:
                self.pan.restless = words == "shake"
            case ["tare"]:
                self.pan.tare()
            case ["zero"]:
                self.pan.zero()
            case _:
                return False
        return True

    def _line_order(self, words: str) -> bool:
        match words.split():
            case ["mute"] | ["speak"]:
                self._mute = words == "mute"
            case ["noise"] | ["quiet"]:
                self._noisy = words == "noise"
            case ["half"]:
                self._half = True
            case ["wrong", "check"]:
                self.voice.wrong_check = True
            case ["unplug"]:
                self._line.unplug()
            case ["plug"]:
                self._line.plug()
            case _:
                return False
        return True

    def _step(self) -> None:
        with self._lock:
            if not self._line.plugged:
                return
            said = self.voice.hear(self._line.read())
            now = time.monotonic()
            if now >= self._next:
                self._next = now + self._every_s
                said += self.voice.murmur()
            if not said or self._mute:
                return
            if self._noisy:
                said = self._noise.randbytes(len(said))
            if self._half:
                self._half, said = False, said[: len(said) // 2]
            self._line.write(said, 0.1)

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
    """The scale as a process; ends with SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m hardware.scales.peer", description=__doc__)
    parser.add_argument("--link", type=Path, required=True, help="where the driver finds the line")
    parser.add_argument("--speaks", choices=sorted(VOICES), default="mettler-8217")
    parser.add_argument("--settle", type=float, default=0.5, help="seconds a load swings")
    parser.add_argument("--control", type=Path, help="named pipe for orders; made when missing")
    options = parser.parse_args(arguments)
    peer = ScalePeer(options.link, options.speaks, settle_s=options.settle)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: peer.end())
    orders = [sys.stdin.fileno()] if sys.stdin is not None else []
    if options.control is not None:
        options.control.unlink(missing_ok=True)
        os.mkfifo(options.control, 0o600)
        orders.append(os.open(options.control, os.O_RDWR | os.O_NONBLOCK))
    peer.order("plug")
    print(f"scale on {options.link}", flush=True)
    try:
        peer.run(orders)
    finally:
        peer.stop()
        if options.control is not None:
            options.control.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
