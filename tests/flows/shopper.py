"""A shopper before the kiosk: what he does, and what he is told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from kiosk.demo.finger import Finger, Seen
from kiosk.demo.phone import Phone
from kiosk.demo.settings import STAFF_PIN
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError

SUGAR, EGGS, JUICE = "6901000000042", "6923000000037", "6912000000048"
APPLES = "2100101012341"
QUICK = {"ui": {"width": 540, "height": 960, "reduce_motion": True}}
"""The same screens, which a processor without a graphics card draws in half of the time; how they
look in full is seen by `make screens`.
"""


class Shopper:
    """Touches, scans and looks; `shop` is the whole stage behind the screen."""

    def __init__(self, shop: Stage) -> None:
        self.shop = shop
        self.finger = Finger(shop.play.display, shop.places.screen)
        self.phone = Phone(shop)

    def sees(self, *screens: str, timeout: float = 20.0) -> Seen:
        return self.finger.wait_for(*screens, timeout=timeout)

    def is_told(self, key: str, timeout: float = 20.0) -> Seen:
        return self.finger.wait_until(lambda seen: seen.said == key, key, timeout)

    def touches(self, widget: str) -> None:
        self.finger.touch(widget)

    def scans(self, *codes: str) -> None:
        for code in codes:
            before = self.sees("ATTRACT", "BASKET").changes
            self.shop.scan(code)
            self.finger.wait_until(
                lambda seen, before=before: seen.changes > before and seen.screen == "BASKET", code
            )

    def fills_a_basket(self) -> None:
        self.comes_to_an_idle_kiosk()
        self.touches("start")
        self.sees("BASKET")
        self.scans(SUGAR)

    def goes_to_pay(self) -> None:
        self.fills_a_basket()
        self.touches("pay")
        self.sees("TENDER")

    def chooses_face(self) -> None:
        self.finger.wait_until(
            lambda seen: seen.can_touch("tender.face"), "face pay on offer", timeout=30
        )
        self.touches("tender.face")
        self.sees("NOTICE")
        self.touches("accept")

    def shows_a_code(self) -> str:
        self.touches("tender.code")
        self.sees("CODE")
        code = self.shop.payment_code()
        self.shop.scan(code)
        return code

    def asks_for_a_qr(self) -> str:
        """What the phone reads from the screen."""
        self.touches("tender.qr")
        self.sees("QR")
        return self.phone.reads()

    def splits(self, digits: str) -> None:
        """Pay only so much next, typed as fen."""
        self.touches("split")
        self.sees("PART")
        self.types(digits, "part.done")
        self.sees("TENDER")

    def types(self, digits: str, done: str = "pad.done") -> None:
        for digit in digits:
            self.touches(f"pad.{digit}")
        self.touches(done)

    def comes_to_an_idle_kiosk(self) -> None:
        """Ends what an earlier test left on the screen."""
        end = time.monotonic() + 60
        while (seen := self.sees(*_ALL)).screen != "ATTRACT":
            assert time.monotonic() < end, f"stuck at {seen.screen}"
            for way_out in WAYS_OUT:
                # DONE goes by itself; a touch that comes too late for it would start a visit.
                if seen.screen != "DONE" and seen.can_touch(way_out):
                    self.touches(way_out)
                    self._waits_for_something_else(seen)
                    break
            else:
                time.sleep(0.1)

    def _waits_for_something_else(self, seen: Seen) -> None:
        """A second touch would hit what lies below; a touch that was lost is made again."""
        was = (seen.screen, set(seen.widgets))
        with contextlib.suppress(KioskError):
            self.finger.wait_until(
                lambda one: (one.screen, set(one.widgets)) != was, "something else", 3.0
            )


class Staff(Shopper):
    """A shopper who has the PIN."""

    def comes_in(self, pin: str = STAFF_PIN) -> None:
        self.touches("staff")
        self.is_told("staff.pin")
        self.types(pin)
        self.is_told("staff.scan")

    def opens_the_list(self) -> None:
        """From the first page to the payments."""
        self.touches("staff.payments")
        self.finger.wait_until(lambda seen: seen.can_touch("staff.type"), "the list")

    def gets_the_hint(self, key: str) -> None:
        self.finger.wait_until(lambda seen: seen.hint == key, key)

    def is_taken_to_the_cash(self) -> Seen:
        """In by the button of the screen that waits for staff."""
        self.touches("cash.staff")
        self.is_told("staff.pin")
        self.types(STAFF_PIN)
        return self.finger.wait_until(lambda seen: seen.can_touch("cash.refuse"), "the cash page")

    def sees_the_refund(self, key: str):
        return self.finger.wait_until(lambda seen: seen.detail == key, key)

    def goes(self) -> None:
        """Back to selling, from wherever on the staff's screen he is."""
        end = time.monotonic() + 20
        while (seen := self.finger.wait_until(lambda one: True, "a screen")).screen == "STAFF":
            assert time.monotonic() < end, "stuck at STAFF"
            for way_out in (
                "sheet.close",
                "pad.back",
                "staff.back",
                "staff.list",
                "staff.home",
                "staff.close",
            ):
                if seen.can_touch(way_out):
                    self.touches(way_out)
                    # A second touch would hit what lies below.
                    went = set(seen.widgets)
                    self.finger.wait_until(lambda one, went=went: set(one.widgets) != went, "more")
                    break


STAFF_OUT = (
    "sheet.close", "pad.back", "staff.back", "staff.list", "staff.home", "staff.close",
)  # fmt: skip
WAYS_OUT = (
    "sheet.accept", "finish", "leave", "weighing.cancel", "back", "other_way", "qr.other",
)  # fmt: skip
_ALL = (
    "ATTRACT", "BASKET", "PICK", "HELD", "TENDER", "PART", "NOTICE", "FACE", "CODE", "QR", "CARD",
    "CASH", "WAITING", "DONE", "TROUBLE", "OUT_OF_ORDER", "SERVICE", "TABLE", "MENU",
)  # fmt: skip


def eventually(happened: Callable[[], bool], what: str, timeout: float = 20.0) -> None:
    end = time.monotonic() + timeout
    while not happened():
        assert time.monotonic() < end, f"waited {timeout} s for {what}"
        time.sleep(0.05)
