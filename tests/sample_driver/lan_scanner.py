"""Scanner of a tunnel or a conveyor that sends each code as a line over TCP. Driver ``lan``.

The driver is this class and a line in pyproject.toml; the table of settings is its keywords.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from hardware.devices import Deliver, Health, Report
from hardware.errors import DeviceError
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop
from hardware.plugged.found import Found, Offer, Roots
from hardware.scanners.framing import LONGEST, Format, Framing
from hardware.scanners.outlet import Outlet, of_line
from hardware.transport import open_tcp


class LanScanner:
    """One scanner at ``host`` and ``port``. Raises ValueError for a bad option."""

    def __init__(
        self,
        *,
        host: str,
        port: int = 2111,
        name: str = "scanner",
        gap_s: float = 0.2,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
    ) -> None:
        if not host or not 1 <= port <= 65535:
            raise ValueError("host must be an address, and port 1 to 65535")
        self._name = name
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        form = Format("any", b"", b"", True, LONGEST, gap_s)
        self._outlet = Outlet(Framing(form), gap_s, self._loop, time.monotonic)
        self._link = Link(
            name,
            self._loop,
            lambda: open_tcp(name, host, port),
            lambda data: self._outlet.feed(data, time.monotonic()),
            on_up=self._outlet.up,
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

    def close(self) -> None:
        self._outlet.close()
        self._link.close()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        return of_line(self._name, self._link.last_error, up=self._link.up)


def find(roots: Roots) -> Iterator[Found]:
    """Where the maker's program has noted its address: `kiosk doctor --find` proposes it."""
    note = roots.dev.parent / "etc/lan-scanner"
    if note.is_file():
        host = note.read_text("utf-8").strip()
        offer = Offer("scanner", "lan", {"host": host})
        yield Found(f"a scanner on the network at {host}", note, (offer,), sure=True)
