"""Scanner that types its codes on a serial line or a USB serial port.

Driver name in the configuration: ``serial``. Makers ship 9600 8N1 with CR at the end; with the
scanner's AIM identifier switched on, the symbology is known as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scanners.framing import LONGEST, Format
from hardware.scanners.line import Hands, LineScanner
from hardware.scanners.orders import Awaited, Orders
from hardware.transport import check_serial_options, open_serial

ANSWER_S = 1.0


class SerialScanner(LineScanner):
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
        super().__init__(
            name,
            form,
            lambda: open_serial(name, path, baud=baud, parity=parity, flow=flow),
            self._received,
            Hands(backoff, loop, clock),
            hello=self._orders.start,
            goodbye=self._orders.stop,
        )

    def _begin(self) -> None:
        if self._orders.answer:
            self._awaited.expect(self._orders.answer)
            self._loop.call_later(ANSWER_S, self._unanswered)
        super()._begin()

    def _received(self, data: bytes) -> None:
        self._outlet.feed(self._awaited.take(data), self._clock())

    def _unanswered(self) -> None:
        if self._awaited.missing and self._link.up:
            self._outlet.feed(self._awaited.give_up(), self._clock())
            self._outlet.tell(
                "the scanner did not answer its start bytes",
                "Check start and answer in the settings against the scanner's manual.",
            )
