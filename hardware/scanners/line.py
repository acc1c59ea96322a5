"""What scanners on a line have in common: opened and closed, taken up again, asked how they are.

Link ──bytes──► received (the driver's own) ──► Outlet ──► deliver, report
open, line up again ──► hello        close ──► goodbye
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.devices import Deliver, Health, Report
from hardware.errors import DeviceError
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop
from hardware.scanners.framing import Format, Framing
from hardware.scanners.outlet import Outlet, of_line
from hardware.transport import Transport

WRITE_S = 0.05


@dataclass(frozen=True, slots=True)
class Hands:
    """What a scanner works with. Without a ``loop`` it runs one of its own.

    ``clock``: seconds, never going back.
    """

    backoff: Backoff | None = None
    loop: DeviceLoop | None = None
    clock: Callable[[], float] = time.monotonic


class LineScanner:
    """A scanner behind a link; a driver says how it connects and what the bytes mean.

    It cannot be asked how it is: GOOD means that its line is up.
    """

    def __init__(
        self,
        name: str,
        form: Format,
        connect: Callable[[], Transport],
        received: Callable[[bytes], None],
        hands: Hands,
        *,
        hello: bytes = b"",
        goodbye: bytes = b"",
        forget: Callable[[], None] | None = None,
    ) -> None:
        """``received`` has what came, on the loop's thread. ``hello`` is sent whenever the line is
        up, ``goodbye`` before it is closed. ``forget`` is called when it ends: what is half there
        will never be whole.
        """
        self._name = name
        self._clock = hands.clock
        self._hello, self._goodbye = hello, goodbye
        self._forget = forget
        self._own_loop = hands.loop is None
        self._loop = hands.loop or DeviceLoop()
        self._outlet = Outlet(Framing(form), form.gap_s, self._loop, hands.clock)
        self._link = Link(
            name,
            self._loop,
            connect,
            received,
            on_up=self._up,
            on_down=self._down,
            backoff=hands.backoff or Backoff(),
        )

    @property
    def name(self) -> str:
        """As in the settings."""
        return self._name

    def open(self, deliver: Deliver, report: Report | None = None) -> None:
        """Connect; raises what connecting raises."""
        self._outlet.open(deliver, report)
        self._loop.start()
        try:
            self._link.open()
        except DeviceError:
            self.close()
            raise
        self._begin()

    def close(self) -> None:
        """Deliver no more, and let the device go."""
        self._outlet.close()
        self._order(self._goodbye)
        self._link.close()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        """GOOD while the line is up."""
        return of_line(self._name, self._link.last_error, up=self._link.up)

    def _begin(self) -> None:
        """The line is up."""
        self._order(self._hello)

    def _order(self, order: bytes) -> None:
        if order:
            with contextlib.suppress(DeviceError):  # the line's end is told by the link
                self._link.write(order, time.monotonic() + WRITE_S)

    def _up(self) -> None:
        self._outlet.up()
        self._begin()

    def _down(self, error: DeviceError) -> None:
        if self._forget is not None:
            self._forget()
        self._outlet.down(error)
