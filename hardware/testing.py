"""The contract of each device as tests: subclass one, give it your driver, and run pytest.

    class TestMyScanner(ScannerContract):
        @contextmanager
        def rig(self, folder): ... yield ScannerRig(driver, scan=..., unplug=..., plug=...)

Drivers are tested against something that behaves like the device: a simulated peer, or the device
itself with a person beside it. A driver that passes can be named in the configuration.
"""

from __future__ import annotations

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hardware.devices import (
    Camera,
    CashDrawer,
    Condition,
    DrawerState,
    Health,
    PrintOutcome,
    ReceiptPrinter,
    ScanData,
    Scanner,
)
from hardware.errors import CoverOpen, DeviceError, NotFound, Offline, OutOfPaper, TimedOut

Act = Callable[[], None]


def wait_until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether ``true`` became so in time; for things that other threads bring about."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


@dataclass(frozen=True, slots=True)
class ScannerRig:
    """A scanner, not yet open, and what makes it read, vanish and come back."""

    scanner: Scanner
    scan: Callable[[str], None]
    unplug: Act
    plug: Act


class ScannerContract(ABC):
    """What every Scanner does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[ScannerRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[ScannerRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.scanner.close()

    def test_codes_come_whole_and_in_order(self, ready: ScannerRig) -> None:
        codes: list[ScanData] = []
        ready.scanner.open(codes.append)
        sent = ["6901234567892", "12345670", "https://example.cn/p/1"]
        for code in sent:
            ready.scan(code)
        assert wait_until(lambda: len(codes) == 3)
        assert [code.text for code in codes] == sent

    def test_a_scanner_that_is_not_there_is_not_found(self, ready: ScannerRig) -> None:
        ready.unplug()
        with pytest.raises(NotFound) as raised:
            ready.scanner.open(lambda _code: None)
        assert raised.value.device == ready.scanner.name
        assert raised.value.mend
        assert ready.scanner.check_health().condition is Condition.BAD

    def test_an_unplugged_scanner_is_told_and_taken_up_again(self, ready: ScannerRig) -> None:
        codes: list[ScanData] = []
        told: list[Health] = []
        ready.scanner.open(codes.append, told.append)
        ready.unplug()
        assert wait_until(lambda: [h.condition for h in told] == [Condition.BAD])
        assert ready.scanner.check_health().mend
        ready.plug()
        assert wait_until(lambda: told[-1].condition is Condition.GOOD)
        ready.scan("6901234567892")
        assert wait_until(lambda: [code.text for code in codes] == ["6901234567892"])

    def test_closing_twice_is_fine_and_a_closed_scanner_is_silent(self, ready: ScannerRig) -> None:
        codes: list[ScanData] = []
        ready.scanner.open(codes.append)
        ready.scanner.close()
        ready.scanner.close()
        ready.scan("6901234567892")
        time.sleep(0.05)
        assert codes == []


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


@dataclass(frozen=True, slots=True)
class DrawerRig:
    """A drawer, not yet open, whose ``left_open_s`` is short where that is an option.

    ``switch`` moves its switch (True: open); None when it has none.
    """

    drawer: CashDrawer
    pulses: Callable[[], int]
    switch: Callable[[bool], None] | None = None


class DrawerContract(ABC):
    """What every CashDrawer does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[DrawerRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[DrawerRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.drawer.close()

    def test_opening_the_port_moves_nothing_and_opening_the_drawer_pulses_once(
        self, ready: DrawerRig
    ) -> None:
        ready.drawer.open()
        assert ready.pulses() == 0
        ready.drawer.open_drawer()
        assert wait_until(lambda: ready.pulses() == 1)
        time.sleep(0.05)
        assert ready.pulses() == 1

    def test_the_switch_is_read_and_without_one_the_state_is_unknown(
        self, ready: DrawerRig
    ) -> None:
        ready.drawer.open()
        if ready.switch is None:
            assert ready.drawer.is_open() is DrawerState.UNKNOWN
            return
        ready.switch(True)
        assert ready.drawer.is_open() is DrawerState.OPEN
        ready.switch(False)
        assert ready.drawer.is_open() is DrawerState.CLOSED

    def test_a_drawer_left_open_is_told_until_it_is_closed(self, ready: DrawerRig) -> None:
        told: list[Health] = []
        if ready.switch is not None:
            ready.switch(False)
        ready.drawer.open(told.append)
        if ready.switch is None:
            time.sleep(0.1)
            assert told == [], "nobody knows whether it is open"
            return
        ready.switch(True)
        assert wait_until(lambda: [health.condition for health in told] == [Condition.BAD])
        assert "left open" in told[0].cause
        assert told[0].mend
        assert ready.drawer.check_health() == told[0]
        ready.switch(False)
        assert wait_until(lambda: told[-1].condition is Condition.GOOD)
        assert ready.drawer.check_health().condition is Condition.GOOD

    def test_a_closed_port_refuses(self, ready: DrawerRig) -> None:
        ready.drawer.open()
        ready.drawer.close()
        ready.drawer.close()
        with pytest.raises(Offline):
            ready.drawer.open_drawer()
        assert ready.pulses() == 0
        assert ready.drawer.check_health().condition is Condition.BAD


@dataclass(frozen=True, slots=True)
class CameraRig:
    """A camera, not yet open, and what makes it vanish, come back and hang."""

    camera: Camera
    unplug: Act
    plug: Act
    hang: Act


class CameraContract(ABC):
    """What every Camera does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[CameraRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[CameraRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.camera.close()

    def test_frames_are_pictures_in_order(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.start()
        frames = [ready.camera.read(2.0) for _ in range(4)]
        for frame in frames:
            assert frame.pixels.dtype == np.uint8
            assert frame.pixels.ndim == 3
            assert frame.pixels.shape[2] == 3
            assert not frame.pixels.flags.writeable
        assert all(a.sequence < b.sequence for a, b in itertools.pairwise(frames))
        assert all(a.captured_at < b.captured_at for a, b in itertools.pairwise(frames))

    def test_nothing_streams_before_the_start_and_after_the_stop(self, ready: CameraRig) -> None:
        ready.camera.open()
        with pytest.raises(Offline):
            ready.camera.read(0.1)
        ready.camera.start()
        ready.camera.start()
        ready.camera.read(2.0)
        ready.camera.stop()
        ready.camera.stop()
        with pytest.raises(Offline):
            ready.camera.read(0.1)
        ready.camera.start()
        ready.camera.read(2.0)

    def test_a_vanished_camera_is_off_line_and_comes_back(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.start()
        ready.camera.read(2.0)
        ready.unplug()
        assert wait_until(lambda: self._refusal(ready.camera) is Offline)
        ready.plug()
        assert wait_until(lambda: self._refusal(ready.camera) is None)

    def test_a_camera_that_hangs_is_noticed(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.start()
        ready.camera.read(2.0)
        ready.hang()
        assert wait_until(lambda: self._refusal(ready.camera) is TimedOut)

    def test_closing_twice_is_fine(self, ready: CameraRig) -> None:
        ready.camera.open()
        ready.camera.close()
        ready.camera.close()
        assert ready.camera.check_health().condition is Condition.BAD

    @staticmethod
    def _refusal(camera: Camera) -> type[DeviceError] | None:
        try:
            camera.read(0.2)
        except DeviceError as error:
            return type(error)
        return None
