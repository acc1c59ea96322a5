"""The hands at a kiosk without a window: what shopper and staff touch, and what they then see.

A hand is a ui on the wire. It says what is touched and waits for what the screen would show.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kiosk.config import load
from kiosk.demo.settings import STAFF_PIN
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from kiosk.messages import (
    Back,
    ChooseTender,
    Command,
    Consent,
    Leave,
    Pay,
    Role,
    Screen,
    Showing,
    Start,
)
from kiosk.messages.staff import (
    AskRefund,
    CloseStaff,
    EnterPin,
    FindPayment,
    OpenStaff,
    PrintCopy,
    ShowPayments,
    StaffPage,
)
from kiosk.wire import Client


class Stuck(KioskError):
    """What had to happen did not happen in time."""


class Hand:
    """The shopper's hand and eyes: a ui without a window."""

    def __init__(self, shop: Stage) -> None:
        self._shop = shop
        self._line = Client(load(shop.places.config).paths.socket, Role.UI, retry_after=0.03)
        self._line.start()
        self._seen: Showing | None = None

    def close(self) -> None:
        self._line.stop()

    def sees(self, happened: Callable[[Showing], bool], what: str, seconds: float = 20) -> Showing:
        """Wait until the screen is so; raises Stuck."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in self._line.wait(0.05):
                if isinstance(message, Showing):
                    self._seen = message
            if self._seen is not None and self._line.connected and happened(self._seen):
                return self._seen
        raise Stuck(f"waited {seconds:g} s for {what}; the screen shows {self._seen}")

    def forget(self) -> None:
        """What was seen of an earlier core says nothing of this one."""
        self._line.drain()
        self._seen = None

    def looks(self) -> Showing | None:
        """What the screen shows now; None while no core serves it."""
        for message in self._line.drain():
            if isinstance(message, Showing):
                self._seen = message
        return self._seen if self._line.connected else None

    def touches(self, command: Command) -> None:
        self._line.send(command)

    def fills_a_basket(self, codes: Sequence[str] = GOODS[:1]) -> None:
        """From attract to the choice of a tender, these things in the basket."""
        self.touches(Start())
        self.sees(lambda seen: seen.screen is Screen.BASKET, "an empty basket")
        for count, code in enumerate(codes, 1):
            self._shop.scan(code)
            try:
                self.sees(_counts(count), "the goods", 3)
            except Stuck:  # a core that has just come up may still be opening its scanner
                self._shop.scan(code)
                self.sees(_counts(count), "the goods")
        self.goes_to_pay()

    def goes_to_pay(self) -> None:
        self.touches(Pay())
        self.sees(lambda seen: seen.screen is Screen.TENDER, "the tenders")

    def chooses(self, tender: str) -> Showing:
        self.sees(lambda seen: tender in seen.tenders, f"{tender} on offer", 30)
        self.touches(ChooseTender(tender))
        wanted = {"code": Screen.CODE, "qr": Screen.QR}.get(tender, Screen.NOTICE)
        return self.sees(lambda seen: seen.screen is wanted, wanted.value)

    def comes_to_an_idle_kiosk(self, *, pay_again: bool) -> bool:
        """Leave whatever the last visit left; whether a basket that came back was paid anew."""
        paid = False
        end = time.monotonic() + 40
        while (seen := self.sees(lambda _: True, "a screen")).screen is not Screen.ATTRACT:
            if time.monotonic() > end:
                raise Stuck(f"stuck at {seen}")
            if seen.screen is Screen.BASKET and seen.lines and pay_again and not paid:
                paid = True
                self.goes_to_pay()
                self.chooses("code")
                self._shop.scan(self._shop.payment_code())
                self.sees(lambda now: now.screen in (Screen.DONE, Screen.TROUBLE), "an end")
                continue
            self.touches(Leave() if seen.screen is not Screen.FACE else Back())
            before = seen
            try:
                self.sees(_differs(before), "a change", 0.3)
            except Stuck:
                continue
        return paid


class Clerk:
    """One of the staff, at the same screen, who has the PIN."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def finds(self, number: str) -> None:
        """From whatever the kiosk shows to the payment with that number."""
        hand = self._hand
        seen = hand.sees(lambda _: True, "a screen")
        if seen.screen is not Screen.STAFF:
            hand.touches(OpenStaff())
            hand.sees(lambda now: _page(now) is StaffPage.PIN, "the question for the PIN")
            hand.touches(EnterPin(STAFF_PIN))
            hand.sees(lambda now: _page(now) is StaffPage.HOME, "the staff's first page")
        elif _shown(seen):
            hand.touches(ShowPayments())
            hand.sees(lambda now: _page(now) is StaffPage.PAYMENTS, "the list of payments")
        hand.touches(FindPayment(number))
        hand.sees(lambda now: _shown(now) == number and not _busy(now), "the payment", 30)

    def refunds(self, number: str, fen: int) -> None:
        """Give so much of the payment that is looked at back."""
        seen = self._hand.sees(lambda now: _shown(now) == number, "the payment")
        assert seen.staff is not None
        assert seen.staff.payment is not None
        self._hand.touches(AskRefund(number, fen, seen.staff.payment.left_fen))

    def copies(self, number: str) -> None:
        """Print its slip again."""
        self._hand.touches(PrintCopy(number))

    def waits(self) -> bool:
        """Whether what was asked for is still being asked."""
        seen = self._hand.looks()
        return seen is None or _busy(seen)

    def leaves(self) -> None:
        """Back to selling."""
        if self._hand.sees(lambda _: True, "a screen").screen is Screen.STAFF:
            self._hand.touches(CloseStaff())
            self._hand.sees(lambda now: now.screen is not Screen.STAFF, "the shop")


def _counts(count: int) -> Callable[[Showing], bool]:
    return lambda seen: seen.count == count


def _differs(before: Showing) -> Callable[[Showing], bool]:
    return lambda seen: seen is not before


def _busy(seen: Showing) -> bool:
    return seen.staff is not None and seen.staff.busy


def _page(seen: Showing) -> StaffPage | None:
    return None if seen.staff is None else seen.staff.page


def _shown(seen: Showing) -> str:
    return seen.staff.payment.out_trade_no if seen.staff and seen.staff.payment else ""


def consent(seen: Showing) -> Consent:
    """Accept the notice that is shown."""
    return Consent(seen.notice_version)
