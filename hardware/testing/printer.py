"""The contract of a receipt printer as tests."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.devices import (
    Condition,
    PrintOutcome,
    ReceiptPrinter,
)
from hardware.errors import CoverOpen, DeviceError, NotFound, OutOfPaper
from hardware.testing.waiting import Act, wait_until


@dataclass(frozen=True, slots=True)
class PrinterRig:
    """A printer, not yet open; ``person`` takes orders such as "paper out" and "cover open"."""

    printer: ReceiptPrinter
    person: Callable[[str], object]
    printed: Callable[[], list[bytes]]  # what reached the paper, one entry a job
    unplug: Act
    plug: Act


JOB = b"\x1b\x40\x1c\x26" + "苹果  ￥3.69\n".encode("gb18030") + b"\x1d\x56\x42\x00"


class PrinterContract(ABC):
    """What every ReceiptPrinter does."""

    acknowledges = PrintOutcome.DONE  # PROBABLE for makes without a process id

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[PrinterRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[PrinterRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.printer.close()

    def test_a_job_is_printed_once_and_acknowledged(self, ready: PrinterRig) -> None:
        ready.printer.open()
        result = ready.printer.print(JOB, "slip-1")
        assert result.outcome is self.acknowledges
        assert len(ready.printed()) == 1
        assert ready.printed()[0].startswith(JOB)

    def test_without_paper_nothing_is_sent(self, ready: PrinterRig) -> None:
        ready.printer.open()
        ready.person("paper out")
        with pytest.raises(OutOfPaper) as raised:
            ready.printer.print(JOB, "slip-1")
        assert raised.value.mend
        ready.person("paper in")
        time.sleep(0.1)
        assert ready.printed() == []

    def test_with_the_cover_open_nothing_is_sent(self, ready: PrinterRig) -> None:
        ready.printer.open()
        ready.person("cover open")
        with pytest.raises(CoverOpen):
            ready.printer.print(JOB, "slip-1")
        ready.person("cover close")
        assert ready.printer.print(JOB, "slip-2").outcome is self.acknowledges
        assert len(ready.printed()) == 1

    def test_silence_is_unknown_and_never_good(self, ready: PrinterRig) -> None:
        ready.printer.open()
        ready.person("mute")
        status = ready.printer.status()
        assert {status.online, status.paper, status.cover} == {Condition.UNKNOWN}
        assert ready.printer.print(JOB, "slip-1").outcome is PrintOutcome.UNKNOWN
        assert len(ready.printed()) == 1, "a job without an answer is not sent again"

    def test_a_line_lost_in_the_job_is_unknown_and_not_sent_again(self, ready: PrinterRig) -> None:
        ready.printer.open()
        ready.person("unplug after 60")
        result = ready.printer.print(JOB * 40, "slip-1")
        assert result.outcome is PrintOutcome.UNKNOWN
        assert result.mend
        time.sleep(0.1)
        sent = sum(len(part) for part in ready.printed())
        ready.plug()
        assert wait_until(lambda: ready.printer.check_health().condition is Condition.GOOD)
        time.sleep(0.1)
        assert sum(len(part) for part in ready.printed()) == sent

    def test_a_printer_that_is_not_there_is_not_found(self, ready: PrinterRig) -> None:
        ready.unplug()
        with pytest.raises(NotFound):
            ready.printer.open()
        with pytest.raises(DeviceError):
            ready.printer.print(JOB, "slip-1")
