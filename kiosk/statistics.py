"""What the devices have done since they were installed, by UnifiedPOS's names of statistics.

    scanner     GoodScanCount; M_DroppedScanCount, of codes that were told as lost
    printer     PaperCutCount, of jobs that came out; PrinterFaultCount, of jobs that did not
    scale       GoodWeightReadCount, FailedReadCount
    every one   CommunicationErrorCount: how often it went out of order or was gone

The counts are kept over restarts; a power cut loses those of the last minute.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hardware.devices import (
    Health,
    PrinterStatus,
    PrintOutcome,
    PrintResult,
    ReceiptPrinter,
    Report,
    Scale,
    Weighing,
)
from hardware.errors import DeviceError
from hardware.printers.profile import Profile
from kiosk.disk import write_whole

CAME_OUT = frozenset({PrintOutcome.DONE, PrintOutcome.PROBABLE})

log = logging.getLogger(__name__)


class SlipPrinter(ReceiptPrinter, Protocol):
    """A receipt printer that tells what its slips must be encoded for."""

    @property
    def profile(self) -> Profile: ...


class Statistics:
    """Safe for threads."""

    def __init__(self, path: Path) -> None:
        """What an earlier run kept in the file goes on; one that cannot be read begins anew."""
        self._path = path
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = _kept(path)
        self._changed = False

    def count(self, device: str, statistic: str) -> None:
        """One more."""
        with self._lock:
            self._counts.setdefault(device, Counter())[statistic] += 1
            self._changed = True

    def summary(self) -> dict[str, dict[str, int]]:
        """By device and statistic; it is on the disk as well when this returns."""
        with self._lock:
            told = {device: dict(counts) for device, counts in sorted(self._counts.items())}
            changed, self._changed = self._changed, False
        if changed:
            try:
                write_whole(self._path, json.dumps(told))
            except OSError as error:
                log.warning("statistics not kept cause=%s", error.strerror)
        return told


class CountedPrinter:
    """A printer whose jobs are counted."""

    def __init__(self, printer: SlipPrinter, count: Callable[[str], None]) -> None:
        self._printer, self._count = printer, count
        self.name = printer.name
        self.profile = printer.profile

    def open(self, report: Report | None = None) -> None:
        self._printer.open(report)

    def close(self) -> None:
        self._printer.close()

    def check_health(self) -> Health:
        return self._printer.check_health()

    def status(self) -> PrinterStatus:
        return self._printer.status()

    def print(self, job: bytes, job_id: str) -> PrintResult:
        result = self._printer.print(job, job_id)
        good = result.outcome in CAME_OUT
        self._count("PaperCutCount" if good else "PrinterFaultCount")
        return result


class CountedScale:
    """A scale whose weighings are counted."""

    def __init__(self, scale: Scale, count: Callable[[str], None]) -> None:
        self._scale, self._count = scale, count
        self.live_weight = scale.live_weight
        self.clear_input = scale.clear_input
        self.release_load = scale.release_load

    def read_weight(self, timeout_s: float, unit_price: int) -> Weighing:
        """As the scale does. Raises what it raises."""
        try:
            weighing = self._scale.read_weight(timeout_s, unit_price)
        except DeviceError:
            self._count("FailedReadCount")
            raise
        self._count("GoodWeightReadCount")
        return weighing


def _kept(path: Path) -> dict[str, Counter[str]]:
    try:
        told = json.loads(path.read_text("utf-8"))
        return {
            str(device): Counter({str(name): int(count) for name, count in counts.items()})
            for device, counts in told.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        log.warning("statistics begin anew cause=%s", type(error).__name__)
        return {}
