"""The contract of a scanner as tests."""

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
    Health,
    ScanData,
    Scanner,
)
from hardware.errors import NotFound
from hardware.testing.waiting import Act, wait_until


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
