"""The ways through the shop that are cut at every edge; lanes.py says which, crash.py plays them.

    code, face     a shopper pays
    refund, part,  staff give a payment back: whole, a part of it, what an earlier part left
    second
    tills          two tills give back parts of one payment at the same moment
    late           money that was taken by mistake goes back by itself once the core starts
    copy           staff print a slip again
    (and more)     baskets.py: QR, parts, goods

A path makes ready, begins by one act, and is cut in what follows from that. What the people of the
shop want is written down in asked.jsonl before they ask for it: the oracle holds it against what
the wallet did.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.demo.hand import Clerk, Hand, Stuck, consent
from kiosk.messages import Command, Screen
from tests.prove.faults import LOST, REFUSED
from tests.prove.shop import FEN, SPEED, SecondTill, Shop

BETWEEN_PARTS = 60 / SPEED + 0.1  # seconds; the wallet's rule for two refunds of one payment
PATIENCE = 60.0
PAID_LATE = (LOST, ("orderquery", "not-found 9", 9), REFUSED)
ENDS = {"RefundDone", "RefundClosed", "RefundAbnormal", "WithdrawRefund"}


def wait(happened: Callable[[], bool], what: str, pause: float = 0.005) -> None:
    """Until it is so; raises Stuck."""
    end = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > end:
            raise Stuck(f"waited {PATIENCE:g} s for {what}")
        time.sleep(pause)


def nobody_waits_any_more(folder: Path) -> None:
    """The proof was cut in the middle of a cell, perhaps: its people have gone."""
    asked = folder / "asked.jsonl"
    if asked.exists() and (lines := asked.read_text("ascii").splitlines()):
        _write(folder, json.loads(lines[-1])["out_trade_no"], 0, surely=False)


def _write(folder: Path, number: str, fen: int, *, surely: bool) -> None:
    line = json.dumps({"out_trade_no": number, "fen": fen, "surely": surely})
    with (folder / "asked.jsonl").open("a", encoding="ascii") as asked:
        asked.write(line + "\n")


class Way:
    """A payment by code, and what every path has."""

    faces = False
    canteen = False
    moments = 1
    """Kills at a moment that has no name, for each fault."""

    def __init__(self, shop: Shop, hand: Hand) -> None:
        self.shop = shop
        self.hand = hand

    def prepares(self) -> None:
        """Everything up to the act."""
        self.fills_a_basket("code")
        self._code = self.shop.payment_code()

    def begins(self) -> None:
        """The act; what follows from it is cut."""
        self.shop.scan(self._code)

    def goes_along(self) -> None:
        """What people do meanwhile; called again and again, and never waits."""

    def ended(self, seq: int) -> bool:
        """Whether all that followed from the act is over; `seq` is the last entry before it."""
        return self.shop.seq() > seq and self.stands()

    def stands(self) -> bool:
        """Whether the kiosk serves its screen, and nothing is left to settle."""
        return self.hand.looks() is not None and not self.shop.unsettled()

    def goes_on(self, _seq: int) -> None:
        """What people do who found the kiosk cut; nothing goes wrong any more."""
        self.hand.comes_to_an_idle_kiosk(pay_again=True)

    def gives_up(self) -> None:
        """People go away without what they wanted."""

    def close(self) -> None:
        """Nothing more is played."""

    # --- what several of them do ----------------------------------------------------------------

    def fills_a_basket(self, tender: str) -> Command:
        """From whatever the kiosk shows to the last touch before the money moves."""
        self.hand.comes_to_an_idle_kiosk(pay_again=False)
        self.hand.fills_a_basket()
        return consent(self.hand.chooses(tender))

    def sells(self) -> str:
        """A visit that is paid and has its slip; the number of its payment."""
        self.fills_a_basket("code")
        self.shop.scan(self.shop.payment_code())
        self.hand.sees(lambda seen: seen.screen is Screen.DONE, "a paid visit")
        wait(lambda: not self.shop.unsettled(), "the slip")
        return self.shop.newest_payment()[0]

    def wants_back(self, number: str, fen: int) -> None:
        """Write down for the oracle that so much more of a payment is to go back."""
        _write(self.shop.folder, number, fen, surely=True)


class ByFace(Way):
    """A payment by face."""

    faces = True

    def prepares(self) -> None:
        self._accept = self.fills_a_basket("face")

    def begins(self) -> None:
        self.hand.touches(self._accept)

    def ended(self, seq: int) -> bool:
        """Also when it ended before there was a payment: no face."""
        seen = self.hand.looks()
        return super().ended(seq) and seen is not None and seen.screen is not Screen.FACE


class GivesBack(Way):
    """Staff give a payment back, whole."""

    fen = FEN
    earlier = 0
    """Fen that went back before the act."""

    def __init__(self, shop: Shop, hand: Hand) -> None:
        super().__init__(shop, hand)
        self.clerk = Clerk(hand)
        self.number = ""

    def prepares(self) -> None:
        self.number = self.sells()
        if self.earlier:
            self.wants_back(self.number, self.earlier)
            self.brings_back(self.shop, self.clerk, self.earlier)
            time.sleep(BETWEEN_PARTS)
        self.clerk.finds(self.number)
        self.wants_back(self.number, self.fen)

    def begins(self) -> None:
        self.clerk.refunds(self.number, self.fen)

    def ended(self, seq: int) -> bool:
        return self.stands() and not ENDS.isdisjoint(self.shop.words_after(seq))

    def goes_on(self, _seq: int) -> None:
        """Staff ask again for what did not go back."""
        self.brings_back(self.shop, self.clerk, self.earlier + self.fen)
        self.clerk.leaves()

    def gives_up(self) -> None:
        if self.number:
            _write(self.shop.folder, self.number, 0, surely=False)

    def brings_back(self, shop: Shop, clerk: Clerk, fen: int) -> None:
        """Ask until so much of the payment has gone back from this till."""
        end = time.monotonic() + PATIENCE
        while (left := fen - shop.given_back(self.number)) > 0:
            if time.monotonic() > end:
                raise Stuck(f"{left} fen did not go back")
            clerk.finds(self.number)
            seq = shop.seq()
            clerk.refunds(self.number, left)
            wait(lambda seq=seq: shop.seq() > seq or not clerk.waits(), "an answer")
            wait(lambda: not shop.unsettled(), "a refund at its end")


class PartBack(GivesBack):
    """Staff give a part of it back."""

    fen = 200


class SecondPart(GivesBack):
    """Staff give back what an earlier part left."""

    earlier = 200
    fen = FEN - earlier


class TwoTills(GivesBack):
    """Two tills give back parts of it at the same moment; the first one is cut."""

    fen = 200
    other = 300

    def __init__(self, shop: Shop, hand: Hand) -> None:
        super().__init__(shop, hand)
        self._second = SecondTill(shop).__enter__()
        self._second_hand = Hand(self._second)
        self._second_clerk = Clerk(self._second_hand)

    def close(self) -> None:
        self._second_hand.close()
        self._second.stop()

    def prepares(self) -> None:
        super().prepares()
        self._second_clerk.finds(self.number)
        self.wants_back(self.number, self.other)

    def begins(self) -> None:
        self._second_clerk.refunds(self.number, self.other)
        super().begins()

    def ended(self, seq: int) -> bool:
        return super().ended(seq) and self._other_stands()

    def stands(self) -> bool:
        return super().stands() and self._other_stands()

    def goes_on(self, seq: int) -> None:
        self.brings_back(self._second, self._second_clerk, self.other)
        super().goes_on(seq)

    def _other_stands(self) -> bool:
        return not self._second_clerk.waits() and not self._second.unsettled()


class PaidLate(GivesBack):
    """The core starts and finds money that was taken by mistake."""

    def prepares(self) -> None:
        self.fills_a_basket("code")
        for api, words, count in PAID_LATE:
            self.shop.script(api, words, count)
        seq = self.shop.seq()
        self.shop.scan(self.shop.payment_code())
        wait(lambda: "FoundPaid" in self.shop.words_after(seq), "a payment that is paid late")
        self.number = self.shop.newest_payment()[0]
        self.shop.kill_core()
        self.hand.forget()
        self.shop.sandbox("DELETE", "/sandbox/scripts")

    def begins(self) -> None:
        self.shop.start("core")


class CopyOfSlip(GivesBack):
    """Staff print a slip again."""

    def prepares(self) -> None:
        self.number = self.sells()
        self.clerk.finds(self.number)

    def begins(self) -> None:
        self.clerk.copies(self.number)

    def ended(self, seq: int) -> bool:
        return self.stands() and "delivery_ended" in self.shop.words_after(seq)

    def goes_on(self, seq: int) -> None:
        """Staff ask again for a copy of which nothing was begun."""
        if "delivery_started" not in self.shop.words_after(seq):
            self.clerk.finds(self.number)
            self.clerk.copies(self.number)
            wait(lambda: self.ended(seq), "the copy")
        self.clerk.leaves()
