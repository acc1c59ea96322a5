"""From goods that the shopper chose to a weighed line: asks the scale, tells what it sees.

    PickGoods ──► weighing ──stable weight──► a line, at once or with a remark why not
                      └── StopWeighing, Pay, Leave, time ──► nothing

All of it on the checkout's thread.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from hardware.devices import ScaleStatus, Weighing
from kiosk.counter import Counter
from kiosk.domain.basket import LimitReached, Line
from kiosk.domain.catalogue import Product
from kiosk.messages import Hinting, Screen
from kiosk.messages.goods import LiveWeight
from kiosk.till import Till
from kiosk.visit import CHOOSING, Visit
from kiosk.weighing import Outcome, refusal, whole_grams

SHOWN = frozenset({ScaleStatus.STABLE, ScaleStatus.UNSTABLE})

log = logging.getLogger(__name__)


class Weigher:
    """The weighing of the visit at the counter; at most one."""

    def __init__(self, counter: Counter, till: Till) -> None:
        self._counter, self._till = counter, till
        self._visit_id = ""
        self._live: LiveWeight | None = None

    def begin(self, visit: Visit, product: Product) -> None:
        """Ask the scale for these goods, instead of others that it was asked for."""
        scale = self._till.weighing
        if scale is None:
            self._counter.hint("hint.unsold")
        elif not self._till.weighs():
            self._counter.hint("hint.scale_missing")
        else:
            self._visit_id, self._live = visit.visit_id, None
            scale.ask(product.price.fen, lambda outcome: self._weighed(product, outcome))
            self._counter.set(replace(visit, weighing=product))

    def stop(self) -> None:
        """Nothing is weighed any more."""
        scale, visit = self._till.weighing, self._counter.visit
        self._visit_id = ""
        if scale is not None:
            scale.give_up()
        if visit is not None and visit.weighing is not None:
            self._counter.set(replace(visit, weighing=None))

    def tick(self) -> None:
        """Tell what the scale sees while a weighing is asked for, when that has changed."""
        scale, visit = self._till.weighing, self._counter.visit
        if scale is None or not self._visit_id:
            return
        if visit is None or visit.visit_id != self._visit_id or visit.screen not in CHOOSING:
            self.stop()
        elif visit.weighing is not None:
            seen, again = scale.live()
            live = _live(visit.weighing, seen, again=again)
            if live != self._live:
                self._live = live
                self._counter.show(live)

    def _weighed(self, product: Product, outcome: Outcome) -> None:
        scale, visit = self._till.weighing, self._counter.visit
        assert scale is not None
        here = visit is not None and visit.visit_id == self._visit_id
        self._visit_id = ""
        if visit is None or not here or visit.screen not in CHOOSING:
            if isinstance(outcome, Weighing):
                scale.unsold(outcome)
            return
        visit = replace(visit, weighing=None)
        if not isinstance(outcome, Weighing):
            log.info("not weighed product=%s cause=%s", product.code, outcome.cause)
            self._counter.set(visit)
            self._counter.hint(refusal(outcome, scale.live()[0].status))
            return
        try:
            basket = visit.basket.add_weighed(product, whole_grams(outcome.grams))
        except LimitReached:
            scale.unsold(outcome)
            self._counter.set(visit)
            self._counter.hint("hint.limit_reached")
            return
        now = self._till.clock.now()
        self._counter.set(replace(visit.with_basket(basket), screen=Screen.BASKET, touched_at=now))
        self._counter.show(Hinting(None, "tick"))


def _live(product: Product, seen: Weighing, *, again: bool) -> LiveWeight:
    """The price is the line's own, so that both are rounded alike."""
    grams = whole_grams(seen.grams) if seen.status in SHOWN else 0
    total = Line(0, product, 1, max(0, grams)).total.fen
    return LiveWeight(product.code, seen.status.value, max(0, grams), total, again)
