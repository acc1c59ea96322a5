"""Scanner that speaks USB HID with the usages of point of sale (page 8Ch), through /dev/hidraw*.

Driver name in the configuration: ``hidpos``. It needs no keyboard layout; bytes come as they are.

    byte  0          1        2-4          5-60   61, 62               63
          report id  length   AIM "]E0"    data   maker's, reserved    bit 0: more of it follows

Sources: USB HID POS Usage Tables 1.02; makers' programming guides. What differs between makers is
an option.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.errors import Busy, NotFound
from hardware.link import Backoff
from hardware.loop import DeviceLoop, Timer
from hardware.scanners.framing import LONGEST, Format, Loss
from hardware.scanners.line import Hands, LineScanner
from hardware.scanners.orders import parse_hex
from hardware.scanners.outlet import MENDS
from hardware.transport import DescriptorTransport, Transport

WRITE_S = 0.05
AIM_BYTES = 3
TRAILER_BYTES = 3


@dataclass(frozen=True, slots=True)
class Scanned:
    """One report: a whole code, or a part of one when ``more`` follows."""

    aim: bytes
    data: bytes
    more: bool


@dataclass(frozen=True, slots=True)
class ReportForm:
    """``number``: the report's id; 0 for a device whose reports have none. ``size`` in bytes."""

    number: int = 2
    size: int = 64

    def __post_init__(self) -> None:
        if not 0 <= self.number <= 255:
            raise ValueError(f"report_id must be 0 to 255, not {self.number!r}")
        if not 16 <= self.size <= 1024:
            raise ValueError(f"report_size must be 16 to 1024 bytes, not {self.size!r}")

    def read(self, report: bytes) -> Scanned | None:
        """What is in a report; None for another one, and for one that contradicts itself."""
        if self.number:
            if report[:1] != bytes([self.number]):
                return None
            report = report[1:]
        if len(report) < 1 + AIM_BYTES + TRAILER_BYTES:
            return None
        room = len(report) - 1 - AIM_BYTES - TRAILER_BYTES
        length = report[0]
        if length > room:
            return None
        data = report[1 + AIM_BYTES : 1 + AIM_BYTES + length]
        return Scanned(report[1 : 1 + AIM_BYTES].strip(b"\0"), data, bool(report[-1] & 1))


class HidposScanner(LineScanner):
    """One scanner. ``start`` and ``stop``: output reports in hex, as "FD 03 16 54 0D".

    The others are a serial scanner's. Raises ValueError for a bad option.
    """

    def __init__(
        self,
        *,
        path: str,
        name: str = "scanner",
        report_id: int = 2,
        report_size: int = 64,
        prefix: str = "",
        suffix: str = "",
        aim: bool = True,
        longest: int = LONGEST,
        gap_s: float = 0.2,
        start: str = "",
        stop: str = "",
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not path:
            raise ValueError("path must name a device such as /dev/kiosk/scanner-hid")
        self._form = ReportForm(report_id, report_size)
        self._path = path
        self._longest = longest
        self._gap_s = gap_s
        self._pipe = False
        self._bytes = b""  # of a report that a pipe has cut
        self._parts = bytearray()
        self._aim = b""
        self._gap: Timer | None = None
        super().__init__(
            name,
            Format("any", prefix.encode(), suffix.encode(), aim, longest, gap_s),
            self._connect,
            self._received,
            Hands(backoff, loop, clock),
            hello=parse_hex("start", start),
            goodbye=parse_hex("stop", stop),
            forget=self._drop,
        )

    def _connect(self) -> Transport:
        ways = os.O_RDWR if self._hello or self._goodbye else os.O_RDONLY
        try:
            fd = os.open(self._path, ways | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError as error:
            mend = "Install the udev rules of the kiosk and plug the scanner in again."
            raise NotFound(self._name, f"{self._path} may not be opened", mend) from error
        except OSError as error:
            cause = f"{self._path} does not open ({error.strerror})"
            raise NotFound(self._name, cause) from error
        transport = DescriptorTransport(fd, self._name, lambda: os.close(fd))
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            transport.close()
            raise Busy(self._name, f"another program holds {self._path}") from error
        self._pipe = stat.S_ISFIFO(os.fstat(fd).st_mode)
        self._bytes = b""
        return transport

    def _received(self, data: bytes) -> None:
        """The kernel gives one report at a time, a pipe whatever has come."""
        if not self._pipe:
            self._report(data)
            return
        self._bytes += data
        while len(self._bytes) >= self._form.size:
            report, self._bytes = self._bytes[: self._form.size], self._bytes[self._form.size :]
            self._report(report)

    def _report(self, report: bytes) -> None:
        scanned = self._form.read(report)
        if scanned is None:
            self._outlet.tell(
                "a report of the scanner was not understood",
                "Check report_id and report_size in the settings against the scanner's manual.",
            )
            return
        self._aim = self._aim or scanned.aim
        self._parts += scanned.data[: self._longest + 1 - len(self._parts)]
        if self._gap is not None:
            self._gap.cancel()
        if scanned.more:
            self._gap = self._loop.call_later(self._gap_s, self._silence)
            return
        record = self._aim + bytes(self._parts)
        self._drop()
        self._outlet.whole(record)

    def _silence(self) -> None:
        self._drop()
        self._outlet.tell(Loss.UNFINISHED.value, MENDS[Loss.GAP])

    def _drop(self) -> None:
        self._parts.clear()
        self._aim = b""
        if self._gap is not None:
            self._gap.cancel()
            self._gap = None
