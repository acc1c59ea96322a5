"""Shoppers without end before one kiosk: mostly a code that pays, sometimes one that cannot.

Of ten visits one is paid from the phone that scans the screen, one meets an empty wallet, one is
left; and now and then staff give something back. What they do depends on the seed alone.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import closing

from fleet.demo.kiosks import SampleKiosk
from kiosk.demo.hand import Clerk, Hand, Stuck
from kiosk.demo.shopper import APPLES, GOODS
from kiosk.messages import Leave, Screen, Showing

PAUSE = (1.0, 4.0)  # seconds between two visits
REFUND_EVERY = 9  # visits

log = logging.getLogger(__name__)


class Shoppers:
    """A thread before one kiosk, until it is stopped."""

    def __init__(self, kiosk: SampleKiosk, seed: int) -> None:
        self._kiosk = kiosk
        # Not on the thread: the settings' reader is not made for several at once.
        self._hand = Hand(kiosk)
        self._random = random.Random(seed)  # noqa: S311 - who buys what is no secret
        self._stopped = threading.Event()
        self._paid: list[str] = []
        self._thread = threading.Thread(target=self._run, name=f"shoppers {kiosk.who}", daemon=True)

    def start(self) -> None:
        """Let the first one come."""
        self._thread.start()

    def stop(self) -> None:
        """Let nobody come any more; who is there ends his visit."""
        self._stopped.set()
        self._thread.join()
        self._hand.close()

    def _run(self) -> None:
        visits, hand = 0, self._hand
        while not self._stopped.wait(self._random.uniform(*PAUSE)):
            visits += 1
            self._try(lambda: self._visit(hand), hand)
            if visits % REFUND_EVERY == 0 and self._paid:
                self._try(lambda: self._refund(hand), hand)

    def _try(self, what: Callable[[], None], hand: Hand) -> None:
        try:
            what()
        except Stuck as error:
            log.warning("a visit stopped terminal=%s cause=%s", self._kiosk.who, error)
            try:
                hand.comes_to_an_idle_kiosk(pay_again=False)
            except Stuck:
                hand.forget()

    def _visit(self, hand: Hand) -> None:
        hand.sees(lambda seen: seen.screen is Screen.ATTRACT, "an idle kiosk", 30)
        hand.fills_a_basket(self._random.choices((*GOODS, APPLES), k=self._random.randint(1, 4)))
        match self._random.randrange(10):
            case 0:
                hand.touches(Leave())
            case 1:
                self._pays_by_code(hand, balance=1)
            case 2:
                self._pays_by_phone(hand)
            case _:
                self._pays_by_code(hand)
        if hand.sees(_ended, "an end", 60).screen is not Screen.ATTRACT:
            hand.comes_to_an_idle_kiosk(pay_again=False)

    def _pays_by_code(self, hand: Hand, balance: int | None = None) -> None:
        seen = pay_by_code(self._kiosk, hand, balance)
        if seen.screen is Screen.DONE:
            self._paid.append(seen.reference)

    def _pays_by_phone(self, hand: Hand) -> None:
        hand.chooses("qr")
        code_url = hand.sees(lambda now: bool(now.qr), "a QR").qr
        scanned = {"code_url": code_url, "openid": "o-phone"}
        number = self._kiosk.sandbox("POST", "/sandbox/scan", scanned)["out_trade_no"]
        self._kiosk.sandbox("POST", f"/sandbox/orders/{number}/confirm", {})
        seen = hand.sees(_ended, "an end", 60)
        if seen.screen is Screen.DONE:
            self._paid.append(number)

    def _refund(self, hand: Hand) -> None:
        clerk, number = Clerk(hand), self._paid.pop()
        clerk.finds(number)
        clerk.refunds(number, 100)
        hand.sees(lambda seen: seen.staff is not None and not seen.staff.busy, "the answer", 30)
        clerk.leaves()


def hand_at(kiosk: SampleKiosk) -> closing[Hand]:
    """A hand at this kiosk, for a block."""
    return closing(Hand(kiosk))


def pay_by_code(kiosk: SampleKiosk, hand: Hand, balance: int | None = None) -> Showing:
    """From the tenders to what the kiosk says of it, with so many fen or enough in the wallet."""
    hand.chooses("code")
    holder = {"name": "shopper"} if balance is None else {"name": "poor", "balance": balance}
    kiosk.scan(kiosk.sandbox("POST", "/sandbox/codes", holder)["code"])
    return hand.sees(_ended, "an end", 60)


def _ended(seen: Showing) -> bool:
    declined = seen.screen is Screen.TENDER and seen.said is not None
    return declined or seen.screen in (Screen.DONE, Screen.TROUBLE, Screen.ATTRACT)
