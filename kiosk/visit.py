"""One visit, first scan to slip, as a value: what is in the basket and where the shopper is."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.basket import Basket
from kiosk.domain.money import ZERO, Money
from kiosk.domain.order import Totals, totals
from kiosk.domain.payment import Payment
from kiosk.messages import Screen, Text

UNHURRIED = frozenset({Screen.BASKET, Screen.TENDER, Screen.NOTICE, Screen.CODE})
"""Screens on which a shopper who walked away is asked whether he is still there."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the checkout knows of the shopper in front of it; never who he is.

    `ends_at` is when the screen goes on by itself; `asked_at` when "are you still there?" came up;
    `touched_at` when he last did something. Times are seconds of the steady clock.
    """

    visit_id: str
    language: str
    touched_at: float
    screen: Screen = Screen.BASKET
    basket: Basket = field(default_factory=Basket)
    payment: Payment | None = None
    said: Text | None = None
    detail: Text | None = None
    ends_at: float | None = None
    asked_at: float | None = None
    slip: str = ""
    restored: bool = False
    attendant_called: bool = False

    @property
    def priced(self) -> Totals:
        """The basket with what it costs now."""
        return totals(self.basket)

    @property
    def due(self) -> Money:
        """What is still to be paid."""
        paid = self.payment is not None and self.payment.took_money
        return ZERO if paid else self.priced.total

    @property
    def waits_for_a_kitchen(self) -> bool:
        """Whether something in it is prepared when it is paid."""
        return any(line.product.station for line in self.basket.lines)

    def left_alone(self, now: float) -> float:
        """Seconds without a touch on a screen that nobody hurries, and nobody was asked yet."""
        if self.asked_at is not None or self.screen not in UNHURRIED:
            return 0.0
        return now - self.touched_at

    @property
    def unfinished(self) -> bool:
        """Whether a payment of this visit is not at its end: the basket is locked."""
        return self.payment is not None and not self.payment.final
