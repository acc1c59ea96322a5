"""Ways through the shop that are more than one call: a QR, a basket in parts, goods that are owed.

    qr, qr-left,      a phone reads the QR · the shopper pays another way · nobody reads it
    qr-alone
    parts, parts-qr   two parts from the first on; the second by code or by QR
    rest, rest-qr     the first is paid, the act is the second: what goes wrong meets only that
    left              the first is paid and the shopper leaves: it goes back by itself
    goods             a paid basket owes a kitchen ticket and two drops

What a shopper does here he does when the screen asks him for it, also after a restart.
"""

from __future__ import annotations

import contextlib
import time

from kiosk.demo.hand import Hand
from kiosk.demo.phone import Phone
from kiosk.errors import KioskError
from kiosk.messages import Back, ChooseTender, Leave, PayPart, Screen, Showing, Split
from tests.prove.paths import ENDS, GivesBack, Way, wait
from tests.prove.shop import JUICE, NOODLES, WATER, Shop

PART = 300  # fen
AGAIN_AFTER = 2.0  # seconds until a shopper touches once more what did nothing
_PAYING = {Screen.TENDER, Screen.CODE, Screen.QR, Screen.WAITING}


class Shopper(Way):
    """Answers each screen once, and once more where nothing came of it."""

    def __init__(self, shop: Shop, hand: Hand) -> None:
        super().__init__(shop, hand)
        self._answered: Showing | None = None
        self._again = 0.0

    def goes_along(self) -> None:
        seen = self.hand.looks()
        if seen is None or (seen is self._answered and time.monotonic() < self._again):
            return
        self._answered, self._again = seen, time.monotonic() + AGAIN_AFTER
        self.answers(seen)

    def answers(self, seen: Showing) -> None:
        """What he does before this screen."""

    def ended(self, seq: int) -> bool:
        """Also not while he is to choose or to wait."""
        seen = self.hand.looks()
        return super().ended(seq) and seen is not None and seen.screen not in _PAYING


class ByQr(Shopper):
    """A phone reads the QR from the screen and pays."""

    def __init__(self, shop: Shop, hand: Hand) -> None:
        super().__init__(shop, hand)
        self._phone = Phone(shop)

    def prepares(self) -> None:
        self.comes_to_pay()
        self.hand.sees(lambda seen: "qr" in seen.tenders, "a QR on offer", 30)

    def begins(self) -> None:
        self.hand.touches(ChooseTender("qr"))

    def answers(self, seen: Showing) -> None:
        if seen.screen is Screen.QR and seen.qr:
            self.reads(seen.qr)
        elif seen.screen is Screen.WAITING and seen.may_go_back:
            self.hand.touches(Back())  # after a restart: the QR has gone, and nobody had paid

    def comes_to_pay(self) -> None:
        """From whatever the kiosk shows to the choice of a tender."""
        self.hand.comes_to_an_idle_kiosk(pay_again=False)
        self.hand.fills_a_basket()

    def reads(self, code_url: str) -> None:
        """Read it and pay; a wallet that will not have it any more says so to its holder only."""
        with contextlib.suppress(KioskError):
            self._phone.confirms(self._phone.scans(code_url))


class LeavesQr(ByQr):
    """He pays by code instead; his phone comes too late with the QR that he left."""

    def __init__(self, shop: Shop, hand: Hand) -> None:
        super().__init__(shop, hand)
        self._left = ""

    def prepares(self) -> None:
        super().prepares()
        self._left = ""

    def answers(self, seen: Showing) -> None:
        if seen.screen is Screen.QR and seen.may_go_back:
            self._left = seen.qr
            self.hand.touches(Back())
        elif seen.screen is Screen.TENDER and self._left and "code" in seen.tenders:
            self.reads(self._left)
            self.hand.touches(ChooseTender("code"))
        elif seen.screen is Screen.CODE:
            self.shop.scan(self.shop.payment_code())
        else:
            super().answers(seen)


class LeavesQrAlone(ByQr):
    """Nobody reads it: its time runs out."""

    def answers(self, seen: Showing) -> None:
        pass


class InParts(ByQr):
    """Two parts; the act is the scan of the first."""

    second = "code"

    def prepares(self) -> None:
        self.comes_to_pay()
        self.hand.touches(Split())
        self.hand.sees(lambda seen: seen.screen is Screen.PART, "the question for a part")
        self.hand.touches(PayPart(PART))
        self.hand.sees(lambda seen: seen.asked_fen == PART, "a part")
        self.hand.chooses("code")
        self._code = self.shop.payment_code()

    def begins(self) -> None:
        self.shop.scan(self._code)

    def answers(self, seen: Showing) -> None:
        if seen.screen is Screen.TENDER and seen.paid and self.second in seen.tenders:
            self.hand.touches(ChooseTender(self.second))
        elif seen.screen is Screen.TROUBLE:
            self.hand.touches(Leave())  # his part goes back
        elif seen.screen is Screen.CODE and seen.paid:
            self.shop.scan(self.shop.payment_code())
        else:
            super().answers(seen)

    def stands(self) -> bool:
        """A kiosk that came up with the rest still due goes on with it."""
        seen = self.hand.looks()
        return super().stands() and not (seen and seen.paid and seen.screen in _PAYING)

    def goes_on(self, seq: int) -> None:
        """Whoever leaves now has his part back before the next comes."""
        super().goes_on(seq)
        wait(lambda: not self.shop.owed(), "the return of a part")

    def first_part(self) -> str:
        """Pay it; its number."""
        InParts.prepares(self)
        InParts.begins(self)
        self.hand.sees(lambda seen: bool(seen.paid) and seen.screen is Screen.TENDER, "a part paid")
        return self.shop.newest_payment()[0]


class InPartsByQr(InParts):
    """The second by QR."""

    second = "qr"


class Rest(InParts):
    """The act is the second part."""

    def prepares(self) -> None:
        self.first_part()
        if self.second == "code":
            self.hand.chooses("code")
            self._code = self.shop.payment_code()
        else:
            self.hand.sees(lambda seen: "qr" in seen.tenders, "a QR on offer", 30)

    def begins(self) -> None:
        if self.second == "code":
            self._answered, self._again = self.hand.looks(), time.monotonic() + AGAIN_AFTER
            self.shop.scan(self._code)
        else:
            self.hand.touches(ChooseTender("qr"))


class RestByQr(Rest):
    """The same by QR."""

    second = "qr"


class LeavesParts(Shopper, GivesBack):
    """The first part is paid and its shopper leaves: it goes back by itself."""

    fen = PART

    def prepares(self) -> None:
        self.number = InParts(self.shop, self.hand).first_part()

    def begins(self) -> None:
        self.hand.touches(Leave())

    def answers(self, seen: Showing) -> None:
        """A kiosk that came up shows him the rest again."""
        if seen.screen is Screen.TENDER and seen.paid:
            self.hand.touches(Leave())

    def goes_on(self, seq: int) -> None:
        """He leaves, if he has not; staff give back what the wallet refused to."""
        self.hand.comes_to_an_idle_kiosk(pay_again=False)
        wait(lambda: self._over(seq), "the return of a part")
        super().goes_on(seq)

    def _over(self, seq: int) -> bool:
        words = self.shop.words_after(seq)
        return "abandoned" in words and not ENDS.isdisjoint(words) and not self.shop.unsettled()


class Goods(Way):
    """Noodles from the kitchen, and a piece from each of two slots."""

    canteen = True
    moments = 3

    def prepares(self) -> None:
        self.shop.marks_goods("visit")
        self._seq = self.shop.seq()
        self.hand.comes_to_an_idle_kiosk(pay_again=False)
        self.hand.fills_a_basket((NOODLES, WATER, JUICE))
        self.hand.chooses("code")
        self._code = self.shop.payment_code()

    def goes_on(self, seq: int) -> None:
        super().goes_on(seq)
        wait(lambda: not self.shop.unsettled(), "everything given out")
        self.gives_up()

    def gives_up(self) -> None:
        """Write beside what has fallen whose it was."""
        for number in self.shop.payments_after(self._seq):
            self.shop.marks_goods(f"of {number}")
