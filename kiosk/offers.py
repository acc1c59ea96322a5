"""Which campaigns a visit has: looked up and drawn once when it begins, kept with it to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.budgets import Budgets, Find
from kiosk.domain.campaign import RandomOff
from kiosk.domain.money import Money
from kiosk.domain.order import Totals
from kiosk.domain.payment import Payment
from kiosk.domain.promotion import Draw, Terms, running, terms_from_json, to_draw
from kiosk.domain.receipt import CHINA
from kiosk.goods import Shelf


class Offers:
    """Used by the checkout's thread only; without budgets nothing is drawn."""

    def __init__(
        self, budgets: Budgets | None = None, random: Callable[[int], int] = lambda _below: 0
    ) -> None:
        self._budgets = budgets
        self._random = random

    def begin(self, shelf: Shelf, now_ms: int, find: Find) -> Terms:
        """The terms of a visit that begins now."""
        at = datetime.fromtimestamp(now_ms / 1000, CHINA)
        terms = running(shelf.campaigns, at, shelf.book.find_code)
        luck = to_draw(terms)
        if luck is None or self._budgets is None:
            return terms
        assert isinstance(luck.effect, RandomOff)
        left = self._budgets.left(luck.id, luck.effect.budget.fen, find)
        drawn = luck.effect.least.fen + self._random(luck.effect.span)
        fen = min(drawn, left)
        return replace(terms, draw=Draw(luck.id, Money(fen)) if fen else None)

    def again(self, shelf: Shelf, kept: Mapping[str, Any]) -> Terms:
        """The terms of a visit that a crash cut short, as they were. Raises ValueError."""
        return terms_from_json(kept, shelf.campaigns, shelf.book.find_code)

    def hold(self, payment: Payment, priced: Totals, terms: Terms) -> None:
        """Reserve what was drawn, before the payment is opened. Raises NotHeld."""
        if self._budgets is None:
            return
        taken: Counter[str] = Counter()
        for line in priced.lines:
            for each in line.discounts:
                taken[each.campaign] += each.amount.fen
        budgets = {
            each.id: each.effect.budget.fen
            for each in terms.campaigns
            if isinstance(each.effect, RandomOff)
        }
        for campaign, fen in taken.items():
            budget = budgets.get(campaign, self._budgets.knows(campaign) if campaign else None)
            if fen and budget is not None:
                self._budgets.hold(campaign, budget, payment, fen)


def offers_of(state: Path, random: Callable[[int], int]) -> Offers:
    """With the budgets that this machine keeps; `random(n)` is from 0 to n - 1."""
    return Offers(Budgets(state / "budgets.json"), random)
