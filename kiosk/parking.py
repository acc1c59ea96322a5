"""The baskets that staff have put aside, so that another shopper can go first: `parked.json`.

    {"next": 43, "baskets": [{"number": "P00010042", "fen": 690, "visit": {…}}]}

A file, replaced whole, so that it outlives a crash. A crash while a basket is put aside or taken
back may leave it in both places: then it counts as the one at the counter (see `forget_visit`). It
is never paid from here: only a visit at the counter can be paid.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kiosk.disk import write_whole
from kiosk.domain.approval import Clearance
from kiosk.domain.basket import Line
from kiosk.domain.catalogue import Product
from kiosk.domain.parked import MOST, parked_number, repriced, same_day
from kiosk.domain.promotion import Terms
from kiosk.snapshot import visit_from_json, visit_to_json
from kiosk.visit import Visit

MOST_PARKED = 50  # far more than a queue; a file that grows for ever is a mistake of somebody's

log = logging.getLogger(__name__)


class Full(Exception):
    """So many baskets wait that no more is put aside."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One basket that waits: when it was put aside, how many things, what they cost then."""

    number: str
    at_ms: int
    count: int
    fen: int
    visit_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A visit to go on with; `anew`: priced anew, and `gone` is what is not sold any more."""

    visit: Visit
    anew: bool = False
    gone: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Prices:
    """What a basket costs that is taken back: the terms of its visit, or those of today.

    `recall` raises ValueError for terms that cannot be read.
    """

    recall: Callable[[Mapping[str, Any]], Terms]
    terms: Callable[[], Terms]
    find: Callable[[str], Product | None]


class Parking:
    """Used by the checkout's thread only."""

    def __init__(self, path: Path, terminal_id: str, prices: Prices) -> None:
        """A file that cannot be read is left aside, and the list begins anew."""
        self._path, self._terminal_id, self._prices = path, terminal_id, prices
        self._next, self._parked = _read(path)

    def all(self) -> tuple[Parked, ...]:
        """Oldest first."""
        return tuple(self._parked.values())

    def put(self, visit: Visit, now_ms: int) -> Parked:
        """Put its basket aside; it is on the disk when this returns. Raises OSError and Full."""
        if len(self._parked) >= MOST_PARKED:
            raise Full
        index = self._next
        while (number := parked_number(self._terminal_id, index)) in self._parked:
            index = index % MOST + 1
        priced, body = visit.priced, visit_to_json(visit, now_ms)
        one = Parked(number, now_ms, priced.count, priced.total.fen, visit.visit_id, body)
        self._write({**self._parked, number: one}, index % MOST + 1)
        return one

    def take(self, number: str, now_ms: int, now: float) -> TakenBack | None:
        """The visit to go on with; it stays here until `drop`. None: no such basket waits."""
        one = self._parked.get(number)
        if one is None:
            return None
        prices = self._prices
        if same_day(one.at_ms, now_ms):
            return TakenBack(_unseen(visit_from_json(one.body, prices.recall, now)))
        visit = _unseen(visit_from_json(one.body, lambda _kept: prices.terms(), now))
        fresh = repriced(visit.basket, prices.find)
        return TakenBack(visit.with_basket(fresh.basket), anew=True, gone=fresh.gone)

    def drop(self, number: str) -> None:
        """It does not wait any more. Raises OSError."""
        left = {each: one for each, one in self._parked.items() if each != number}
        if left != self._parked:
            self._write(left, self._next)

    def forget_visit(self, visit_id: str) -> None:
        """That visit stands at the counter after a crash, so its basket does not wait as well."""
        for one in self.all():
            if one.visit_id == visit_id:
                log.info("basket does not wait any more number=%s", one.number)
                self.drop(one.number)

    def _write(self, parked: dict[str, Parked], following: int) -> None:
        baskets = [
            {"number": one.number, "count": one.count, "fen": one.fen, "visit": one.body}
            for one in parked.values()
        ]
        write_whole(self._path, json.dumps({"next": following, "baskets": baskets}))
        self._parked, self._next = parked, following


def _unseen(visit: Visit) -> Visit:
    """Without what staff approved: they saw another shopper, perhaps."""
    return replace(visit, clearance=Clearance())


def _read(path: Path) -> tuple[int, dict[str, Parked]]:
    try:
        kept = json.loads(path.read_text("utf-8"))
        return int(kept["next"]), {str(one["number"]): _parked(one) for one in kept["baskets"]}
    except FileNotFoundError:
        return 1, {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log.error("baskets that waited cannot be read cause=%s", type(error).__name__)  # noqa: TRY400
        return 1, {}


def _parked(one: Mapping[str, Any]) -> Parked:
    visit = one["visit"]
    at_ms, visit_id = int(visit["at_ms"]), str(visit["visit_id"])
    return Parked(str(one["number"]), at_ms, int(one["count"]), int(one["fen"]), visit_id, visit)
