"""The bagging area in a visit: what the scale there sees becomes what the shopper is told.

    tick ──► basket and weight ──► Bagging ──► `BaggingShown` on the basket's screen
    SayBagged ("bag", "hand", "own") ──► believed; what does not fit is counted with the visit

It never stops anybody: where much did not fit, staff are asked when it is to be paid. With the
scale gone nothing is checked from then on, and what lies there when it is back is accounted for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from kiosk.counter import Counter
from kiosk.domain.approval import found_odd, weighed_out
from kiosk.domain.bagging import (
    Bagging,
    Judged,
    Step,
    awaited,
    first,
    in_bag,
    in_hand,
    own_bag,
    passed,
    settled,
    step,
    weighed,
)
from kiosk.messages import Screen
from kiosk.messages.goods import BaggingShown
from kiosk.till import Till
from kiosk.visit import Visit

MAY: Mapping[Step, tuple[str, ...]] = {
    Step.OFFER: ("own",),
    Step.ASK: ("bag", "hand"),
    Step.EXTRA: ("own",),
}
"""What the shopper may say to each of them."""
WATCHED = frozenset({Screen.BASKET, Screen.PICK})

log = logging.getLogger(__name__)


class Bagger:
    """Used by the checkout's thread only."""

    def __init__(self, counter: Counter, till: Till) -> None:
        self._counter, self._till = counter, till
        self._told: BaggingShown | None = None
        self._rest: int | None = None
        """What lay there before anybody came."""
        counter.bagging = self.shown

    def tick(self) -> None:
        """Look at the scale, and at the clock."""
        visit, area = self._counter.visit, self._till.bagging
        if area is None or not self._till.config.bagging.check:
            return
        if visit is None:
            area.weights.keep()
            self._rest = area.grams() if area.works() else None
        elif visit.screen in WATCHED:
            self._look(visit)

    def say(self, visit: Visit, how: str) -> None:
        """The shopper's answer; one to what is not asked any more is a late touch."""
        shown = self.shown(visit)
        if shown is None or how not in shown.may:
            return
        say = {"bag": in_bag, "hand": in_hand, "own": own_bag}[how]
        self._take(visit, say(visit.bagging))

    def settle(self, visit: Visit) -> Visit:
        """The visit as it goes to pay: staff are asked where too much did not fit."""
        if self._till.bagging is None or not self._till.config.bagging.check:
            return visit
        settle = self._judged(visit, settled(visit.bagging))
        allowed = self._till.config.bagging.deviations_allowed
        return replace(settle, clearance=weighed_out(settle.clearance, allowed))

    def shown(self, visit: Visit) -> BaggingShown | None:
        """What he is told now; None: nothing."""
        now, patience = self._till.clock.now(), self._till.config.bagging.patience
        if visit.screen not in WATCHED:
            return None
        at = step(visit.bagging, now, patience)
        piece = first(visit.bagging) if at in (Step.PUT, Step.ASK, Step.OUT) else None
        if at is Step.QUIET:
            return None
        names = {} if piece is None else dict(piece.product.names)
        return BaggingShown(at.value, names, MAY.get(at, ()))

    def _look(self, visit: Visit) -> None:
        area, now = self._till.bagging, self._till.clock.now()
        assert area is not None
        if not area.works():
            if visit.bagging.base is not None:
                log.info("bagging area is gone")
                blind = Bagging(lines=visit.basket.lines, own=visit.bagging.own)
                self._counter.set(replace(visit, bagging=blind))
            return
        bagging = visit.bagging
        if bagging == Bagging() and self._rest is not None:
            bagging = Bagging(base=self._rest, seen=self._rest)
        seen = awaited(bagging, visit.basket, area.weights.of, now)
        judged, grams = Judged(seen), area.grams()
        if grams is not None:
            judged = weighed(seen, grams, now)
        late = passed(judged.bagging, now, self._till.config.bagging.patience)
        self._take(visit, Judged(late.bagging, judged.taught, (*judged.odd, *late.odd)))

    def _take(self, visit: Visit, judged: Judged) -> None:
        for lesson in judged.taught:
            if self._till.bagging is not None:
                self._till.bagging.weights.teach(lesson)
        changed = self._judged(visit, judged)
        told = self.shown(changed)
        if told != self._told or changed.clearance != visit.clearance:
            self._told = told
            self._counter.set(changed)
        else:
            self._counter.visit = changed  # nobody sees a difference

    def _judged(self, visit: Visit, judged: Judged) -> Visit:
        if judged.odd:
            log.info("weight did not fit lines=%d", len(judged.odd))
        cleared = found_odd(visit.clearance, judged.odd)
        return replace(visit, bagging=judged.bagging, clearance=cleared)
