"""Scanner that types its codes on a serial line or a USB serial port.

Driver name in the configuration: ``serial``. Makers ship 9600 8N1 with CR at the end; with the
scanner's AIM identifier switched on, the symbology is known as well.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from hardware.devices import Deliver, Health, Report
from hardware.errors import DeviceError
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop
from hardware.scanners.framing import LONGEST, Format, Framing
from hardware.scanners.orders import Awaited, Orders
from hardware.scanners.outlet import Outlet, of_line
from hardware.transport import check_serial_options, open_serial

WRITE_S = 0.05
ANSWER_S = 1.0


class SerialScanner:
    """One scanner. ``prefix`` and ``suffix`` are what it adds besides the terminator.

    ``terminator``: any (CR, LF or TAB), cr, lf, tab, or none (silence of ``gap_s`` ends a code).
    ``start``, ``stop`` and ``answer``: bytes in hex, see ``orders.py``; sent again after each
    reconnection. Raises ValueError for a bad option.
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
        start: str = "",
        stop: str = "",
        answer: str = "",
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_serial_options(baud, parity, flow)
        if not path:
            raise ValueError("path must name a serial device")
        form = Format(terminator, prefix.encode(), suffix.encode(), aim, longest, gap_s)
        self._orders = Orders.parse(start, stop, answer)
        self._awaited = Awaited()
        self._name = name
        self._clock = clock
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        self._outlet = Outlet(Framing(form), gap_s, self._loop, clock)
        self._link = Link(
            name,
            self._loop,
            lambda: open_serial(name, path, baud=baud, parity=parity, flow=flow),
            self._received,
            on_up=self._up,
            on_down=self._outlet.down,
            backoff=backoff or Backoff(),
        )

    @property
    def name(self) -> str:
        return self._name

    def open(self, deliver: Deliver, report: Report | None = None) -> None:
        self._outlet.open(deliver, report)
        self._loop.start()
        try:
            self._link.open()
        except DeviceError:
            self.close()
            raise
        self._begin()

    def close(self) -> None:
        self._outlet.close()
        self._order(self._orders.stop)
        self._link.close()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        """A silent scanner cannot be asked: GOOD means that its line is up."""
        return of_line(self._name, self._link.last_error, up=self._link.up)

    def _up(self) -> None:
        self._outlet.up()
        self._begin()

    def _begin(self) -> None:
        if self._orders.answer:
            self._awaited.expect(self._orders.answer)
            self._loop.call_later(ANSWER_S, self._unanswered)
        self._order(self._orders.start)

    def _order(self, order: bytes) -> None:
        if order:
            with contextlib.suppress(DeviceError):  # the line's end is told by the link
                self._link.write(order, time.monotonic() + WRITE_S)

    def _received(self, data: bytes) -> None:
        self._outlet.feed(self._awaited.take(data), self._clock())

    def _unanswered(self) -> None:
        if self._awaited.missing and self._link.up:
            self._outlet.feed(self._awaited.give_up(), self._clock())
            self._outlet.tell(
                "the scanner did not answer its start bytes",
                "Check start and answer in the settings against the scanner's manual.",
            )
