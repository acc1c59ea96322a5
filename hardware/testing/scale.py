"""The contract of a scale as tests."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from hardware.devices import Condition, Health, Scale, ScaleStatus
from hardware.errors import (
    Busy,
    NotFound,
    NotSupported,
    Offline,
    Overweight,
    SameWeight,
    TimedOut,
    UnderZero,
)
from hardware.testing.waiting import wait_until

PRICE = 1980


@dataclass(frozen=True, slots=True)
class ScaleRig:
    """A scale, not yet open, with an empty pan. ``person`` takes the orders of the peer."""

    scale: Scale
    person: Callable[[str], object]


class ScaleContract(ABC):
    """What every Scale does."""

    weighs_unasked = True  # False: a weight is told only while `read_weight` waits
    tells_range = True  # False: the protocol has no word for too much and too little
    zeroes = True  # False: the protocol has no zero command
    waits = 0.3  # seconds that a refusal may take

    @abstractmethod
    def rig(self, folder: Path) -> AbstractContextManager[ScaleRig]:
        """A fresh rig in an empty ``folder``; cleans up behind the test."""

    @pytest.fixture
    def ready(self, tmp_path: Path) -> Iterator[ScaleRig]:
        with self.rig(tmp_path) as rig:
            yield rig
            rig.scale.close()

    def test_a_load_is_weighed_once_it_is_at_rest_and_never_twice(self, ready: ScaleRig) -> None:
        ready.scale.open()
        ready.person("load 1234")
        first = ready.scale.read_weight(3.0, PRICE)
        assert (first.status, first.grams) == (ScaleStatus.STABLE, Decimal(1234))
        with pytest.raises(SameWeight) as raised:
            ready.scale.read_weight(self.waits, PRICE)
        assert raised.value.mend
        ready.person("load 1500")
        more = ready.scale.read_weight(3.0, PRICE)
        assert (more.grams, more.load) == (Decimal(1500), first.load + 1)
        ready.person("empty")
        assert wait_until(lambda: ready.scale.live_weight().status is ScaleStatus.ZERO)
        ready.person("load 1500")
        again = ready.scale.read_weight(3.0, PRICE)
        assert (again.grams, again.load) == (Decimal(1500), more.load + 1)

    def test_a_load_that_was_not_sold_may_be_read_again(self, ready: ScaleRig) -> None:
        ready.scale.open()
        ready.person("load 640")
        first = ready.scale.read_weight(3.0, PRICE)
        ready.scale.release_load(first.load)
        assert ready.scale.read_weight(3.0, PRICE).load == first.load
        with pytest.raises(SameWeight):
            ready.scale.read_weight(self.waits, PRICE)

    def test_what_does_not_settle_and_what_is_not_there_are_refused_in_time(
        self, ready: ScaleRig
    ) -> None:
        ready.scale.open()
        began = time.monotonic()
        with pytest.raises(TimedOut, match="nothing"):
            ready.scale.read_weight(self.waits, PRICE)
        ready.person("shake")
        ready.person("load 800")
        with pytest.raises(TimedOut, match="settle"):
            ready.scale.read_weight(self.waits, PRICE)
        assert time.monotonic() - began < 2 * self.waits + 2.0
        ready.person("still")
        assert ready.scale.read_weight(3.0, PRICE).grams == Decimal(800)

    def test_too_much_and_too_little_have_names(self, ready: ScaleRig) -> None:
        ready.scale.open()
        for order, error in (("over", Overweight), ("under", UnderZero)):
            ready.person(order)
            with pytest.raises(error if self.tells_range else (TimedOut, error)) as raised:
                ready.scale.read_weight(self.waits, PRICE)
            assert raised.value.mend
        ready.person("load 500")
        assert ready.scale.read_weight(3.0, PRICE).grams == Decimal(500)

    def test_a_silent_scale_is_off_line_and_its_old_weight_is_not_told(
        self, ready: ScaleRig
    ) -> None:
        told: list[Health] = []
        ready.scale.open(told.append)
        ready.person("load 700")
        ready.scale.read_weight(3.0, PRICE)
        ready.person("mute")
        assert wait_until(lambda: bool(told) and told[-1].condition is Condition.BAD)
        live = ready.scale.live_weight()
        assert (live.status, live.grams) == (ScaleStatus.NOT_READY, Decimal(0))
        with pytest.raises(Offline):
            ready.scale.read_weight(self.waits, PRICE)
        ready.person("speak")
        assert wait_until(lambda: told[-1].condition is Condition.GOOD)

    def test_noise_is_told_and_never_a_weight(self, ready: ScaleRig) -> None:
        ready.person("noise")
        ready.scale.open()
        ready.person("load 700")
        with pytest.raises((Offline, TimedOut)):
            ready.scale.read_weight(self.waits, PRICE)
        assert wait_until(lambda: ready.scale.check_health().condition is Condition.BAD)
        assert ready.scale.check_health().mend
        ready.person("quiet")
        assert ready.scale.read_weight(3.0, PRICE).grams == Decimal(700)

    def test_half_a_frame_and_a_wrong_check_are_passed_over(self, ready: ScaleRig) -> None:
        ready.scale.open()
        ready.person("half")
        ready.person("load 700")
        assert ready.scale.read_weight(3.0, PRICE).grams == Decimal(700)
        ready.person("wrong check")
        ready.person("load 900")
        assert ready.scale.read_weight(3.0, PRICE).grams == Decimal(900)

    def test_an_unplugged_scale_refuses_at_once_and_comes_back_with_the_same_load(
        self, ready: ScaleRig
    ) -> None:
        told: list[Health] = []
        ready.scale.open(told.append)
        ready.person("load 700")
        ready.scale.read_weight(3.0, PRICE)
        ready.person("unplug")
        assert wait_until(lambda: bool(told) and told[-1].condition is Condition.BAD)
        began = time.monotonic()
        with pytest.raises(Offline):
            ready.scale.read_weight(5.0, PRICE)
        assert time.monotonic() - began < 3.0
        ready.person("plug")
        assert wait_until(lambda: told[-1].condition is Condition.GOOD)
        with pytest.raises((SameWeight, Offline)):  # Offline: Dialog 06 after power-on
            ready.scale.read_weight(self.waits, PRICE)
        ready.person("load 950")
        assert ready.scale.read_weight(3.0, PRICE).grams == Decimal(950)

    def test_a_waiting_read_can_be_ended_and_there_is_one_at_a_time(self, ready: ScaleRig) -> None:
        ready.scale.open()
        ended: list[Exception] = []

        def wait() -> None:
            try:
                ready.scale.read_weight(10.0, PRICE)
            except TimedOut as error:
                ended.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        assert wait_until(lambda: self._busy(ready.scale))
        ready.scale.clear_input()
        thread.join(2.0)
        assert len(ended) == 1

    def test_the_live_weight_follows_the_pan(self, ready: ScaleRig) -> None:
        told: list[Health] = []
        ready.scale.open(told.append)
        assert wait_until(lambda: [each.condition for each in told] == [Condition.GOOD])
        assert wait_until(lambda: ready.scale.live_weight().status is ScaleStatus.ZERO)
        ready.person("load 700")
        if self.weighs_unasked:
            assert wait_until(lambda: ready.scale.live_weight().grams == Decimal(700))
        assert ready.scale.check_health().condition is Condition.GOOD

    def test_zero_is_the_scales_own_or_refused(self, ready: ScaleRig) -> None:
        ready.scale.open()
        ready.person("load 100")
        time.sleep(0.1)
        if not self.zeroes:
            with pytest.raises(NotSupported) as raised:
                ready.scale.zero_scale()
            assert raised.value.mend
            return
        ready.scale.zero_scale()
        assert wait_until(lambda: ready.scale.live_weight().status is ScaleStatus.ZERO)

    def test_a_scale_that_is_not_there_is_not_found_and_a_closed_one_refuses(
        self, ready: ScaleRig
    ) -> None:
        ready.person("unplug")
        with pytest.raises(NotFound):
            ready.scale.open()
        ready.person("plug")
        ready.scale.open()
        ready.scale.close()
        ready.scale.close()
        with pytest.raises(Offline):
            ready.scale.read_weight(self.waits, PRICE)
        assert ready.scale.check_health().condition is Condition.BAD

    @staticmethod
    def _busy(scale: Scale) -> bool:
        try:
            scale.read_weight(0.0, PRICE)
        except Busy:
            return True
        except TimedOut:
            return False
        return False
