"""The inside of the simulated printer: head, paper, knife, sensors, drawer socket.

    bytes ─► real-time requests, obeyed at once ─► answers
          └► print buffer ─► token by token, as fast as it prints, while nothing stops it ─► paper

It imports nothing from the driver: both could otherwise be wrong alike.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.printers.stream import Token, TokenStream, find_realtime

LINE_MM = 30 / 8  # ESC 2 on 203 dpi heads
ENDLESS = 10**9


@dataclass(frozen=True, slots=True)
class Pulse:
    """One kick of the drawer as it was commanded."""

    pin: int
    on_ms: int
    off_ms: int


@dataclass(slots=True)
class Mechanism:
    """A printer that prints, stops and answers. ``on_paper`` gets each command when it is done."""

    on_paper: Callable[[bytes], None]
    chinese: bool = True
    process_id: bool = True  # knows GS ( H
    near_end_sensor: bool = True
    mm_per_s: float = 0.0  # 0 is at once
    buffer_size: int = 4096
    paper_lines: int = ENDLESS
    near_end: bool = False
    cover_open: bool = False
    switched_off_line: bool = False
    mute: bool = False
    cutter_jams: bool = False  # at its next cut
    cutter_jammed: bool = False
    drawer_open: bool = False
    drawer_stuck: bool = False
    pulses: list[Pulse] = field(default_factory=list)
    cuts: int = 0
    recoveries: int = 0
    _stream: TokenStream = field(init=False)
    _tail: bytes = b""
    _busy_until: float = 0.0
    _automatic: int = 0
    _last_sent: bytes = b""

    def __post_init__(self) -> None:
        self._stream = TokenStream(chinese=self.chinese)

    @property
    def room(self) -> int:
        """Bytes that the print buffer still takes."""
        return max(0, self.buffer_size - self._stream.pending)

    @property
    def off_line(self) -> bool:
        return (
            self.switched_off_line or self.cover_open or self.cutter_jammed or self.paper_lines <= 0
        )

    def receive(self, data: bytes) -> bytes:
        """Take bytes into the buffer; returns the answers to the real-time requests among them."""
        answers = b""
        text = self._tail + data
        at = 0
        between_jobs = not self._stream.pending and not self._tail
        requests = b""
        while (hit := find_realtime(text, at)) is not None:
            place, request = hit
            answers += self._obey(request)
            requests += request
            at = place + len(request)
        self._tail = text[max(at, len(text) - 9) :]
        if not (between_jobs and requests == data):  # mere questions must not fill the buffer
            self._stream.feed(data)
        return b"" if self.mute else answers

    def work(self, now: float) -> bytes:
        """Print what can be printed by ``now`` (seconds); returns the buffered answers."""
        answers = b""
        while not self.off_line and now >= self._busy_until:
            token = self._stream.take()
            if token is None:
                break
            if token.raw[:1] != b"\x10":
                self.on_paper(token.raw)
            answers += self._execute(token, now)
        answers += self._pushed()
        return b"" if self.mute else answers

    def _obey(self, request: bytes) -> bytes:
        match request[1], request[2]:
            case 0x04, n:
                return self._realtime_answer(n)
            case 0x05, 1:
                self.recoveries += 1
                self.cutter_jammed = False
            case 0x05, 2:
                self.recoveries += 1
                self.cutter_jammed = False
                self._stream.clear()
            case 0x14, 0x01:
                self._kick(request[3] & 1, request[4] * 100, request[4] * 100)
            case _:
                pass
        return b""

    def _realtime_answer(self, n: int) -> bytes:
        ended = self.paper_lines <= 0
        match n:
            case 1:
                bits = 0x04 * self.drawer_open | 0x08 * self.off_line
            case 2:
                bits = 0x04 * self.cover_open | 0x20 * ended | 0x40 * self.cutter_jammed
            case 3:
                bits = 0x08 * self.cutter_jammed
            case 4:
                near = self.near_end_sensor and (self.near_end or ended)
                bits = 0x0C * near | 0x60 * ended
            case _:
                return b""
        return bytes([0x12 | bits])

    def _execute(self, token: Token, now: float) -> bytes:
        match token.op, token.args:
            case b"\x0a", _:
                self._advance(1, now)
            case b"\x1d\x0c", _:  # on to the next label
                self._advance(1, now)
            case b"\x1b\x64", args:
                self._advance(args[0], now)
            case b"\x1b\x70", args:
                self._kick(args[0] & 1, args[1] * 2, max(args[1], args[2]) * 2)
            case b"\x1d\x56", _:
                self._cut()
            case b"\x1d\x61", args:
                self._automatic = args[0]
                self._last_sent = b""
            case b"\x1d\x72", args:
                return self._buffered_answer(args[0])
            case b"\x1d\x49", args:
                return self._identify(args[0])
            case b"\x1d\x28\x48", args if self.process_id and args[2:4] == b"\x30\x30":
                return b"\x37\x22" + args[4:8] + b"\x00"
            case _:
                pass
        return b""

    def _advance(self, lines: int, now: float) -> None:
        self.paper_lines -= lines
        if self.mm_per_s > 0:
            self._busy_until = max(now, self._busy_until) + lines * LINE_MM / self.mm_per_s

    def _cut(self) -> None:
        if self.cutter_jams:
            self.cutter_jams = False
            self.cutter_jammed = True
            return
        self.cuts += 1

    def _kick(self, socket: int, on_ms: int, off_ms: int) -> None:
        self.pulses.append(Pulse(5 if socket else 2, on_ms, off_ms))
        self.drawer_open = self.drawer_open or not self.drawer_stuck

    def _buffered_answer(self, n: int) -> bytes:
        if n in {0x02, 0x32}:
            return bytes([self.drawer_open])
        return bytes([0x03 * (self.near_end_sensor and self.near_end)])

    def _identify(self, n: int) -> bytes:
        names = {0x41: b"1.00", 0x42: b"SIMULATED", 0x43: b"SLIP-80", 0x45: b"CHINA GB18030"}
        numbers = {0x01: b"\x20", 0x02: b"\x03", 0x03: b"\x01"}
        return b"\x5f" + names[n] + b"\x00" if n in names else numbers.get(n, b"")

    def _pushed(self) -> bytes:
        """Automatic status (GS a), when it is on and something has changed."""
        if not self._automatic:
            return b""
        ended = self.paper_lines <= 0
        near = self.near_end_sensor and (self.near_end or ended)
        first = 0x10 | 0x04 * self.drawer_open | 0x08 * self.off_line | 0x20 * self.cover_open
        status = bytes([first, 0x08 * self.cutter_jammed, 0x03 * near | 0x0C * ended, 0])
        if status == self._last_sent:
            return b""
        self._last_sent = status
        return status

    def obey_person(self, order: str) -> bool:
        """What a person does to the printer, in words; False when the words are not known.

        ``paper out``, ``paper in``, ``paper 12`` (lines left), ``near end``, ``near ok``, ``cover
        open``, ``cover close``, ``offline``, ``online``, ``mute``, ``unmute``, ``jam``, ``free``,
        ``drawer open`` (with its key), ``drawer close``, ``drawer stuck``.
        """
        orders: dict[str, dict[str, object]] = {
            "paper out": {"paper_lines": 0},
            "paper in": {"paper_lines": ENDLESS, "near_end": False},
            "near end": {"near_end": True},
            "near ok": {"near_end": False},
            "cover open": {"cover_open": True},
            "cover close": {"cover_open": False},
            "offline": {"switched_off_line": True},
            "online": {"switched_off_line": False},
            "mute": {"mute": True},
            "unmute": {"mute": False},
            "jam": {"cutter_jams": True},
            "free": {"cutter_jammed": False, "cutter_jams": False},
            "drawer open": {"drawer_open": True},
            "drawer close": {"drawer_open": False},
            "drawer stuck": {"drawer_stuck": True},
        }
        words = " ".join(order.split())
        if words.startswith("paper ") and words not in orders:
            with contextlib.suppress(ValueError):
                self.paper_lines = int(words.removeprefix("paper "))
                return True
        for attribute, value in orders.get(words, {}).items():
            setattr(self, attribute, value)
        return words in orders
