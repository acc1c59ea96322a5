"""The scale under the bags as the checkout sees it, and what it has learnt of each product.

    {"6901000000042": [12, 508.5, 40.25], …}        how many, their mean in grams, squared distances

The file stands among what is kept; of a power cut it survives old or new. It knows products and
weights, never a visit. Without the scale, or with one that is gone, nothing is checked.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hardware.devices import ScaleStatus, Weighing
from kiosk.disk import write_whole
from kiosk.domain.bagging import Expected, Learnt, Taught, expected, taught
from kiosk.domain.basket import Line
from kiosk.timer import Work
from kiosk.weighing import whole_grams

MOST_PRODUCTS = 20_000  # what was taught longest ago goes first
WEIGHED_SHARE = 0.03  # of goods whose weight stands on their line
WEIGHED_FLOOR = 20.0

log = logging.getLogger(__name__)


class Sees(Protocol):
    """What is needed of a scale."""

    def live_weight(self) -> Weighing: ...


class Weights:
    """What was learnt, by the number of the product; used by the checkout's thread only."""

    def __init__(self, path: Path, put: Callable[[str, Work], object]) -> None:
        """What an earlier run kept goes on; a file that cannot be read begins anew."""
        self._path, self._put = path, put
        self._learnt = _kept(path)
        self._changed = False

    def of(self, line: Line) -> Expected | None:
        """What a piece of this line weighs; None: nobody knows."""
        if line.grams is not None:
            return Expected(line.grams, max(WEIGHED_FLOOR, WEIGHED_SHARE * line.grams))
        if not line.counted:
            return None  # its label says a price and no weight
        return expected(line.product.grams, self._learnt.get(line.product.code, Learnt()))

    def teach(self, lesson: Taught) -> None:
        """A piece was accepted with this weight."""
        code = lesson.product.code
        self._learnt[code] = taught(self._learnt.pop(code, Learnt()), lesson.grams)
        while len(self._learnt) > MOST_PRODUCTS:
            self._learnt.pop(next(iter(self._learnt)))
        self._changed = True

    def keep(self) -> None:
        """Have it written, where anything was learnt; nobody waits for it."""
        if self._changed:
            self._changed = False
            text = json.dumps(
                {code: [x.count, x.mean, x.squares] for code, x in self._learnt.items()}
            )
            self._put("weights", lambda _now: self._write(text))

    def _write(self, text: str) -> None:
        """On a thread of the timer."""
        try:
            write_whole(self._path, text)
        except OSError as error:
            log.warning("weights not kept cause=%s", error.strerror)


class BaggingArea:
    """The scale under the bags."""

    def __init__(self, scale: Sees, works: Callable[[], bool], weights: Weights) -> None:
        self._scale, self.works, self.weights = scale, works, weights

    def grams(self) -> int | None:
        """What lies still there now; None while it moves, or where nothing is known."""
        seen = self._scale.live_weight()
        match seen.status:
            case ScaleStatus.STABLE:
                return whole_grams(seen.grams)
            case ScaleStatus.ZERO:
                return 0
            case _:
                return None


def _kept(path: Path) -> dict[str, Learnt]:
    try:
        told = json.loads(path.read_text("utf-8"))
        return {str(code): _learnt(*numbers) for code, numbers in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        log.warning("weights begin anew cause=%s", type(error).__name__)
        return {}


def _learnt(count: float, mean: float, squares: float) -> Learnt:
    if not (count >= 0 and 0 < mean < 1e6 and 0 <= squares < 1e12):
        raise ValueError("not a weight")
    return Learnt(int(count), float(mean), float(squares))
