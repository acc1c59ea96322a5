"""The scale as the core asks it: waiting is the timer's, news come on the core's own loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from hardware.devices import ScaleStatus, Weighing
from hardware.errors import DeviceError, Overweight, SameWeight, TimedOut, UnderZero
from kiosk.timer import Work

PATIENCE = 30.0  # seconds from the choice of the goods to a stable weight: they are in a bag

Outcome = Weighing | DeviceError


class Weighs(Protocol):
    """What is needed of a scale."""

    def read_weight(self, timeout_s: float, unit_price: int) -> Weighing: ...

    def live_weight(self) -> Weighing: ...

    def clear_input(self) -> None: ...

    def release_load(self, load: int) -> None: ...


@dataclass(slots=True)
class Asked:
    """One weighing that was asked for."""

    unit_price: int
    hear: Callable[[Outcome], object]
    over: bool = False


class ScaleWork:
    """One scale; `ask` and `give_up` are called on the core's loop, and answers come there.

    A weight that nobody waits for any more is not sold, so its load may be read again.
    """

    def __init__(
        self,
        scale: Weighs,
        works: Callable[[], bool],
        put: Callable[[str, Work], object],
        call: Callable[[Callable[[], object]], object],
        patience: float = PATIENCE,
    ) -> None:
        self._scale, self._put, self._call, self._patience = scale, put, call, patience
        self._asked: Asked | None = None
        self._sold = 0
        self.works = works

    def ask(self, unit_price: int, hear: Callable[[Outcome], object]) -> None:
        """Have a load weighed; `hear` is called once with it, unless it is given up before."""
        self.give_up()
        asked = self._asked = Asked(unit_price, hear)
        self._put("scale", lambda _now: self._read(asked))

    def give_up(self) -> None:
        """Nobody waits for the weight any more."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.over = True
            self._scale.clear_input()

    def live(self) -> tuple[Weighing, bool]:
        """What lies on it now, and whether that was sold already."""
        live = self._scale.live_weight()
        return live, live.status is ScaleStatus.STABLE and live.load == self._sold

    def unsold(self, weighing: Weighing) -> None:
        """What was heard last is not sold after all."""
        self._sold = 0
        self._scale.release_load(weighing.load)

    def _read(self, asked: Asked) -> None:
        """On a thread of the timer."""
        if asked.over:
            return
        try:
            outcome: Outcome = self._scale.read_weight(self._patience, asked.unit_price)
        except DeviceError as error:
            outcome = error
        self._call(lambda: self._tell(asked, outcome))

    def _tell(self, asked: Asked, outcome: Outcome) -> None:
        if asked.over:
            if isinstance(outcome, Weighing):
                self._scale.release_load(outcome.load)
            return
        self._asked, asked.over = None, True
        if isinstance(outcome, Weighing):
            self._sold = outcome.load
        asked.hear(outcome)


def whole_grams(grams: Decimal) -> int:
    """Rounded half up; exact for scales that weigh in kilograms with three places."""
    return int(grams.quantize(Decimal(1), ROUND_HALF_UP))


def refusal(error: DeviceError, seen: ScaleStatus) -> str:
    """The key of the sentence for the shopper; `seen`: what the scale tells now."""
    match error:
        case SameWeight():
            return "hint.weighed_already"
        case Overweight():
            return "hint.overweight"
        case UnderZero():
            return "hint.scale_under_zero"
        case TimedOut() if seen is ScaleStatus.ZERO:
            return "hint.scale_empty"
        case TimedOut():
            return "hint.not_settled"
        case _:
            return "hint.scale_missing"
