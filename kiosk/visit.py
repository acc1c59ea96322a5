"""One visit, first scan to slip, as a value: what is in the basket and where the shopper is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kiosk.domain.approval import Clearance
from kiosk.domain.bagging import Bagging
from kiosk.domain.banner import Banner
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Product
from kiosk.domain.money import ZERO, Money
from kiosk.domain.order import Totals
from kiosk.domain.payment import Payment
from kiosk.domain.promotion import Terms, priced
from kiosk.domain.serving import NOBODY, Serving
from kiosk.members import TRIES
from kiosk.messages import Screen, Text

CHOOSING = frozenset(
    {Screen.BASKET, Screen.PICK, Screen.HELD, Screen.SERVICE, Screen.TABLE, Screen.MENU}
)
"""Screens on which goods are added to the basket, or a diner orders."""
UNHURRIED = CHOOSING | {Screen.TENDER, Screen.PART, Screen.NOTICE, Screen.CODE, Screen.CARD}
"""Screens on which a shopper who walked away is asked whether he is still there."""
MOST_PARTS = 6  # payments of one basket: friends at a table, not a way to fill a slip


@dataclass(frozen=True, slots=True)
class Visit:
    """What the checkout knows of the shopper in front of it; never who he is.

    `parts` are paid of the basket already, which cannot change any more; `part` is what the next
    payment takes, where he does not want to pay the rest at once; `qr` is what his phone scans.
    `terms` are the campaigns that it has to its end, `member_tries` the numbers that were typed or
    scanned to be known as a member; `fixed` is what the ledger says that the basket costs, after a
    restart and until the basket changes. `ends_at` is when the screen goes on by itself; `asked_at`
    when "are you still there?" came up; `touched_at` when he last did something. Times are seconds
    of the steady clock. `over`: the visit was given up, and only says so. `weighing`: the goods
    that the scale is asked for. `bags_asked`: he said how many bags he wants. `bagging` is what
    is known of the bagging area. `clearance` is what
    staff were asked and said. `serving`: how a diner has his order, once he has said so.
    `banner`: what the shop offers when it is paid.
    """

    visit_id: str
    language: str
    touched_at: float
    screen: Screen = Screen.BASKET
    basket: Basket = field(default_factory=Basket)
    terms: Terms = field(default_factory=Terms)
    fixed: Totals | None = None
    member_tries: int = 0
    payment: Payment | None = None
    parts: tuple[Payment, ...] = ()
    part: Money | None = None
    qr: str = ""
    said: Text | None = None
    detail: Text | None = None
    ends_at: float | None = None
    asked_at: float | None = None
    slip: str = ""
    restored: bool = False
    over: bool = False
    weighing: Product | None = None
    bags_asked: bool = False
    bagging: Bagging = field(default_factory=Bagging)
    clearance: Clearance = field(default_factory=Clearance)
    serving: Serving = NOBODY
    banner: Banner | None = None

    @property
    def priced(self) -> Totals:
        """The basket with what it costs this shopper, and the gifts that come with it."""
        return priced(self.basket, self.terms) if self.fixed is None else self.fixed

    def with_basket(self, basket: Basket) -> Visit:
        """With another basket, which costs what it costs now."""
        return replace(self, basket=basket, fixed=None)

    def with_terms(self, terms: Terms) -> Visit:
        """On other terms, on which the basket costs what it costs now."""
        return replace(self, terms=terms, fixed=None)

    @property
    def due(self) -> Money:
        """What is still to be paid; nothing of a visit that was given up."""
        if self.over:
            return ZERO
        paid = sum((each.amount for each in self.parts), ZERO)
        if self.payment is not None and self.payment.took_money:
            paid += self.payment.amount
        return self.priced.total - paid

    @property
    def asked(self) -> Money:
        """What the next payment takes: the part that was chosen, or all that is due."""
        return self.due if self.part is None else self.part

    @property
    def may_split(self) -> bool:
        """Whether only a part may be paid next."""
        return self.part is None and self.due.fen > 1 and len(self.parts) < MOST_PARTS - 1

    @property
    def given_back(self) -> Money:
        """What goes back when the visit is given up now: the parts of a basket that is not paid."""
        return sum((each.amount for each in self.parts), ZERO) if self.due else ZERO

    @property
    def may_be_a_member(self) -> bool:
        """Whether he may still say that he is one."""
        return self.terms.member is None and self.member_tries < TRIES

    @property
    def waits_for_a_kitchen(self) -> bool:
        """Whether something in it is prepared when it is paid."""
        return bool(self.serving) or any(each.line.product.station for each in self.priced.lines)

    def left_alone(self, now: float) -> float:
        """Seconds without a touch on a screen that nobody hurries, and nobody was asked yet."""
        if self.asked_at is not None or self.screen not in UNHURRIED:
            return 0.0
        return now - self.touched_at

    @property
    def unfinished(self) -> bool:
        """Whether a payment of this visit is not at its end: the basket is locked."""
        return self.payment is not None and not self.payment.final
