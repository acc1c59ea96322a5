"""The contract of a cash drawer as tests."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.devices import (
    CashDrawer,
    Condition,
    DrawerState,
    Health,
)
from hardware.errors import Offline
from hardware.testing.waiting import wait_until


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
