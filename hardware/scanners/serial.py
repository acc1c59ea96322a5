"""Scanner that types its codes on a serial line or a USB serial port.

Driver name in the configuration: ``serial``. Makers ship 9600 8N1 with CR at the end; with the
scanner's AIM identifier switched on, the symbology is known as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.devices import Condition, Deliver, Health, Report
from hardware.errors import DeviceError, Offline
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop, Timer
from hardware.scanners.framing import LONGEST, Format, Framing
from hardware.transport import check_serial_options, open_serial


class SerialScanner:
    """One scanner. ``prefix`` and ``suffix`` are what it adds besides the terminator.

    ``terminator``: any (CR, LF or TAB), cr, lf, tab, or none (silence of ``gap_s`` ends a code).
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
        terminator: str = "any",
        prefix: str = "",
        suffix: str = "",
        aim: bool = True,
        longest: int = LONGEST,
        gap_s: float = 0.2,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_serial_options(baud, parity, flow)
        if not path:
            raise ValueError("path must name a serial device")
        form = Format(terminator, prefix.encode(), suffix.encode(), aim, longest, gap_s)
        self._gap_s = gap_s
        self._framing = Framing(form)
        self._name = name
        self._clock = clock
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        self._link = Link(
            name,
            self._loop,
            lambda: open_serial(name, path, baud=baud, parity=parity, flow=flow),
            self._received,
            on_up=lambda: self._tell(Health(Condition.GOOD)),
            on_down=lambda error: self._tell(_health(error)),
            backoff=backoff or Backoff(),
        )
        self._deliver: Deliver | None = None
        self._report: Report | None = None
        self._gap: Timer | None = None

    @property
    def name(self) -> str:
        return self._name

    def open(self, deliver: Deliver, report: Report | None = None) -> None:
        self._deliver = deliver
        self._report = report
        self._loop.start()
        try:
            self._link.open()
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        self._deliver = None
        self._link.close()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        """A silent scanner cannot be asked: GOOD means that its line is up."""
        if self._link.up:
            return Health(Condition.GOOD)
        return _health(self._link.last_error or Offline(self._name, "the scanner is not open"))

    def _received(self, data: bytes) -> None:
        dropped = self._framing.dropped
        codes = self._framing.feed(data, self._clock())
        for code in codes:
            if self._deliver is not None:
                self._deliver(code)
        if self._gap is not None:
            self._gap.cancel()
            self._gap = None
        if self._framing.unfinished:
            self._gap = self._loop.call_later(self._gap_s * 1.05, self._silence)
        self._tell_dropped(dropped)

    def _silence(self) -> None:
        dropped = self._framing.dropped
        for code in self._framing.expire(self._clock()):
            if self._deliver is not None:
                self._deliver(code)
        self._tell_dropped(dropped)

    def _tell_dropped(self, before: int) -> None:
        """The line is fine, yet someone should know that a code was lost."""
        if self._framing.dropped > before:
            cause = "a code was dropped: too long, or without its end"
            self._tell(Health(Condition.GOOD, cause, "Scan it again; check the scanner's suffix."))

    def _tell(self, health: Health) -> None:
        if self._report is not None:
            self._report(health)


def _health(error: DeviceError) -> Health:
    return Health(Condition.BAD, error.cause, error.mend)
