"""The contract of lights as tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.devices import Condition, Lights
from hardware.errors import Offline
from hardware.testing.waiting import wait_until


@dataclass(frozen=True, slots=True)
class LightsRig:
    """Lights, not yet open, with one called ``light``; ``shines`` looks at it, ``changes`` counts.

    ``changes``: how often it went on or off since it was made.
    """

    lights: Lights
    light: str
    shines: Callable[[], bool]
    changes: Callable[[], int]


class LightsContract(ABC):
    """What every Lights does."""

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[LightsRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[LightsRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.lights.close()

    def test_a_light_is_off_until_it_is_switched_on(self, ready: LightsRig) -> None:
        ready.lights.open()
        assert not ready.shines()
        ready.lights.switch_on(ready.light)
        assert ready.shines()
        ready.lights.switch_off(ready.light)
        assert not ready.shines()

    def test_the_same_again_changes_nothing(self, ready: LightsRig) -> None:
        ready.lights.open()
        ready.lights.switch_on(ready.light)
        before = ready.changes()
        ready.lights.switch_on(ready.light)
        assert ready.changes() == before

    def test_a_blinking_light_goes_on_and_off_until_it_is_steady(self, ready: LightsRig) -> None:
        ready.lights.open()
        ready.lights.switch_on(ready.light, blink_s=0.04)
        assert wait_until(lambda: ready.changes() >= 4)
        ready.lights.switch_on(ready.light)
        assert ready.shines()
        before = ready.changes()
        assert not wait_until(lambda: ready.changes() != before, 0.1)

    def test_a_light_that_there_is_not_is_no_error(self, ready: LightsRig) -> None:
        ready.lights.open()
        ready.lights.switch_on("a light that nobody has")
        ready.lights.switch_off("a light that nobody has")

    def test_closing_switches_all_off_and_closed_lights_refuse(self, ready: LightsRig) -> None:
        ready.lights.open()
        ready.lights.switch_on(ready.light)
        ready.lights.close()
        ready.lights.close()
        assert not ready.shines()
        with pytest.raises(Offline):
            ready.lights.switch_on(ready.light)
        assert ready.lights.check_health().condition is Condition.BAD
