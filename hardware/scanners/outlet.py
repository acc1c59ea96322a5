"""What every scanner driver hands on: its codes, and in words what became of those it lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hardware.devices import Condition, Deliver, Health, Report, ScanData, Symbology
from hardware.errors import DeviceError, Offline
from hardware.loop import DeviceLoop, Timer
from hardware.scanners.framing import Framing, Loss

MENDS = {
    Loss.TOO_LONG: "Scan the code that is meant; this one is none of a shop's.",
    Loss.UNFINISHED: "Scan it again; check the scanner's suffix.",
    Loss.GAP: "Scan it again.",
}


class Outlet:
    """Codes on their way out. All but ``open`` and ``close`` runs on the loop's thread."""

    def __init__(
        self, framing: Framing, gap_s: float, loop: DeviceLoop, clock: Callable[[], float]
    ) -> None:
        """``gap_s``: silence that ends an unfinished code."""
        self._framing = framing
        self._gap_s = gap_s
        self._loop = loop
        self._clock = clock
        self._deliver: Deliver | None = None
        self._report: Report | None = None
        self._gap: Timer | None = None
        self._lossy = False

    def open(self, deliver: Deliver, report: Report | None) -> None:
        self._deliver = deliver
        self._report = report

    def close(self) -> None:
        self._deliver = None
        self._report = None

    def feed(self, data: bytes, now: float) -> None:
        """Bytes that were typed at ``now`` (seconds of the clock)."""
        dropped = self._framing.dropped
        self._out(self._framing.feed(data, now), dropped)

    def whole(self, record: bytes, symbology: Symbology | None = None) -> None:
        """A record whose limits the device told, and perhaps its kind, if no identifier does."""
        dropped = self._framing.dropped
        codes = [
            replace(code, symbology=symbology)
            if symbology is not None and code.symbology is Symbology.UNKNOWN
            else code
            for code in self._framing.whole(record)
        ]
        self._out(codes, dropped)

    def spoil(self, now: float) -> None:
        """A part of the code under way was lost."""
        self._framing.spoil(now)
        self._watch()

    def interrupt(self) -> None:
        """The line ended: what is half there will never be whole."""
        dropped = self._framing.dropped
        self._framing.expire(float("inf"))
        self._tell_dropped(dropped)

    def up(self) -> None:
        """The device is there."""
        self._tell(Health(Condition.GOOD))

    def down(self, error: DeviceError) -> None:
        """The device has gone."""
        self.interrupt()
        self._tell(of_error(error))

    def tell(self, cause: str, mend: str) -> None:
        """The device works, yet someone should know this."""
        self._lossy = True
        self._tell(Health(Condition.GOOD, cause, mend))

    def _out(self, codes: list[ScanData], dropped: int) -> None:
        self._tell_dropped(dropped)
        if codes and self._lossy:
            self._lossy = False
            self._tell(Health(Condition.GOOD))
        for code in codes:
            if self._deliver is not None:
                self._deliver(code)
        self._watch()

    def _watch(self) -> None:
        """One timer at a time, however fast the bytes come."""
        if self._framing.unfinished and self._gap is None:
            silent = self._clock() - self._framing.last
            left = max(0.001, self._gap_s - silent)
            self._gap = self._loop.call_later(min(left, self._gap_s) * 1.05, self._silence)

    def _silence(self) -> None:
        self._gap = None
        dropped = self._framing.dropped
        self._out(self._framing.expire(self._clock()), dropped)

    def _tell_dropped(self, before: int) -> None:
        loss = self._framing.loss
        if self._framing.dropped > before and loss is not None:
            self.tell(loss.value, MENDS[loss])

    def _tell(self, health: Health) -> None:
        if self._report is not None:
            self._report(health)


def of_error(error: DeviceError) -> Health:
    """What an error says of the device that raised it."""
    return Health(Condition.BAD, error.cause, error.mend)


def of_line(name: str, error: DeviceError | None, *, up: bool) -> Health:
    """Of a scanner that cannot be asked: GOOD means that its line is up."""
    if up:
        return Health(Condition.GOOD)
    return of_error(error or Offline(name, "the scanner is not open"))
