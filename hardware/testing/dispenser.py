"""The contract of a dispenser as tests."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.devices import Condition, DropOutcome, ItemDispenser
from hardware.errors import NotFound, Offline
from hardware.testing.waiting import wait_until


@dataclass(frozen=True, slots=True)
class DispenserRig:
    """A dispenser, not yet open, with one item in ``slot``.

    ``machine`` takes orders: "jam" (the slot does not move), "late" (the item falls after the
    motor has stopped), "cover" (something lies before the sensor), "dead" (the sensor sees nothing
    any more). ``fallen`` counts what fell.
    """

    dispenser: ItemDispenser
    slot: int
    machine: Callable[[str], object]
    fallen: Callable[[], int]


class DispenserContract(ABC):
    """What every ItemDispenser does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[DispenserRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[DispenserRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.dispenser.close()

    def test_opening_moves_nothing_and_a_drop_is_one_item(self, ready: DispenserRig) -> None:
        ready.dispenser.open()
        time.sleep(0.05)
        assert ready.fallen() == 0
        assert ready.dispenser.dispense_item(ready.slot).outcome is DropOutcome.DROPPED
        time.sleep(0.05)
        assert ready.fallen() == 1
        assert ready.dispenser.check_health().condition is Condition.GOOD

    def test_what_falls_late_is_waited_for(self, ready: DispenserRig) -> None:
        ready.dispenser.open()
        ready.machine("late")
        assert ready.dispenser.dispense_item(ready.slot).outcome is DropOutcome.DROPPED
        assert ready.fallen() == 1

    def test_a_jam_is_a_failure_and_is_not_tried_again(self, ready: DispenserRig) -> None:
        ready.dispenser.open()
        ready.machine("jam")
        result = ready.dispenser.dispense_item(ready.slot)
        assert result.outcome is DropOutcome.FAILED
        assert result.reason
        assert result.mend
        time.sleep(0.05)
        assert ready.fallen() == 0

    def test_before_a_covered_sensor_nothing_is_moved(self, ready: DispenserRig) -> None:
        ready.dispenser.open()
        ready.machine("cover")
        assert wait_until(lambda: ready.dispenser.check_health().condition is Condition.BAD)
        assert ready.dispenser.dispense_item(ready.slot).outcome is DropOutcome.FAILED
        assert ready.fallen() == 0

    def test_a_sensor_that_sees_nothing_never_makes_a_failure_of_a_drop(
        self, ready: DispenserRig
    ) -> None:
        ready.dispenser.open()
        ready.machine("dead")
        outcome = ready.dispenser.dispense_item(ready.slot).outcome
        time.sleep(0.05)
        assert outcome is (DropOutcome.UNKNOWN if ready.fallen() else DropOutcome.FAILED)

    def test_a_slot_that_there_is_not_and_a_closed_dispenser_refuse(
        self, ready: DispenserRig
    ) -> None:
        ready.dispenser.open()
        with pytest.raises(NotFound):
            ready.dispenser.dispense_item(ready.slot + 100)
        ready.dispenser.close()
        ready.dispenser.close()
        with pytest.raises(Offline):
            ready.dispenser.dispense_item(ready.slot)
        assert ready.dispenser.check_health().condition is Condition.BAD
        assert ready.fallen() == 0
