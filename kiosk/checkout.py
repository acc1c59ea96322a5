"""One visit at a time, first scan to slip: what the shopper does, and what becomes of it.

    ATTRACT ─► BASKET ─► TENDER … ─► WAITING ─► DONE ─► ATTRACT
                ▲ ▼        ▲             └────► TROUBLE ─► TENDER | ATTRACT
               PICK        └────────────────────────┘

In a restaurant SERVICE, TABLE and MENU come before the basket (`ordering.py`).
Whoever leaves after he paid a part of his basket gets it back.

Everything here runs on one thread and never waits: the till asks the network and answers later. A
command that does not fit the screen is a late touch and is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kiosk.attendant import Attendant
from kiosk.cash_desk import is_open
from kiosk.channels.codes import Goods, WeighedLabel, classify
from kiosk.counter import Counter, served
from kiosk.domain.catalogue import Product
from kiosk.domain.gs1 import TradeItem
from kiosk.domain.owed import DROP, KITCHEN
from kiosk.domain.parked import is_parked_number
from kiosk.domain.payment import Payment, State
from kiosk.domain.promotion import Terms
from kiosk.faces.service import EndReason
from kiosk.goods import Shelf
from kiosk.messages import (
    Back,
    CallAttendant,
    ChooseReceipt,
    ChooseTender,
    Command,
    Consent,
    Leave,
    PayPart,
    Screen,
    SetLanguage,
    Split,
    Start,
)
from kiosk.messages.access import Key, NavKey, SetAids
from kiosk.messages.staff import OpenStaff, StaffCommand
from kiosk.ordering import ORDER_FIRST, Ordering
from kiosk.peripherals import DRAWER
from kiosk.shopping import Shopping
from kiosk.showing import may_go_back
from kiosk.tender import Tender
from kiosk.till import Till
from kiosk.told import LAST_PAYMENT, OUT_OF_PATIENCE
from kiosk.visit import CHOOSING, Visit

SWEEP_EVERY = 30.0  # seconds between looks for visits that a crash left half paid
GOODS = (f"{KITCHEN}-", f"{DROP}-")
DRAWER_OPENED = f"{DRAWER}-"

log = logging.getLogger(__name__)


class Checkout:
    """Routes what comes in to the visit at the counter; all methods are called on one thread."""

    def __init__(
        self,
        counter: Counter,
        tender: Tender,
        attendant: Attendant,
        till: Till,
        shelf: Shelf,
        new_visit_id: Callable[[], str],
    ) -> None:
        self._counter = counter
        self._tender = tender
        self._attendant = attendant
        self._till = till
        self._shelf = shelf
        self._shopping = Shopping(counter, tender, till, shelf)
        self._ordering = (
            None
            if till.kitchen is None
            else Ordering(counter, tender, till, self._shopping, till.kitchen)
        )
        self._choosing: Shopping | Ordering = self._ordering or self._shopping
        self._new_visit_id = new_visit_id
        self._swept = self._last_touch = till.clock.now()
        self._next: tuple[Shelf, Callable[[], object]] | None = None

    # --- what comes in --------------------------------------------------------------------------

    def command(self, command: Command) -> None:
        """The shopper touched something, or the staff did."""
        self._touched()
        match command:
            case OpenStaff():
                self._open_staff()
            case SetLanguage(language=language) if language in self._till.config.shop.languages:
                self._speak(language)
            case SetAids(aids=aids):
                self._counter.aid(aids)
            case _ if self._attendant.here or isinstance(command, StaffCommand):
                self._attendant.command(command)
            case Start():
                self._start()
            case CallAttendant():
                self._call_attendant()
            case _ if self._counter.visit is not None:
                self._in_visit(self._counter.visit, command)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def key(self, key: Key) -> None:
        """A key of the navigator; one that answers "are you still there?" does nothing else."""
        visit = self._counter.visit
        asked = visit is not None and visit.asked_at is not None
        self._touched()
        if not asked:
            self._counter.show(NavKey(key))

    def scanned(self, text: str, *, gs1: bool = False) -> None:
        """The scanner read a code; `gs1`: of a kind of symbol that holds element strings."""
        if self._attendant.here:
            self._attendant.scanned(text)
            return
        self._till.trace.mark("scanned")
        self._touched()
        prefixes = (*self._till.card_prefixes(), *self._till.members.prefixes)
        scan = classify(text, prefixes, gs1=gs1)
        goods = self._ordering is None and isinstance(scan, Goods | TradeItem | WeighedLabel)
        visit = self._counter.visit
        if is_parked_number(text):
            self._counter.hint("hint.parked")
            return
        if visit is not None and visit.screen is Screen.DONE and goods:
            self._counter.end()  # the next shopper has begun
            visit = None
        if visit is None and goods:
            self._start()
            visit = self._counter.visit
        if visit is None:
            if self._till.blocked() is None:
                self._counter.hint("hint.scan_first" if self._ordering is None else ORDER_FIRST)
        elif visit.screen in CHOOSING:
            self._choosing.scanned(visit, scan)
        elif visit.screen in (Screen.TENDER, Screen.NOTICE, Screen.CODE, Screen.CARD):
            self._tender.code(visit, scan)

    def delivered(self, key: str, result: str) -> None:
        """A slip, ticket or drop came out ("taken") or did not ("failed")."""
        number, _, rest = key.partition("/")
        if rest.startswith(DRAWER_OPENED):
            self._attendant.drawer(result)
            return
        if not rest.startswith(GOODS):
            self.slip(key, result)
            return
        if result == "failed" and "/copy-" not in rest:
            self._counter.not_given_out(number)
        self._attendant.given_out(key, result)

    def slip(self, key: str, result: str) -> None:
        """The slip of a payment was printed ("taken") or was not ("failed")."""
        visit = self._counter.visit
        if visit and visit.payment and visit.payment.out_trade_no == key:
            self._counter.set(replace(visit, slip=result))
        self._attendant.printed(key, result)

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step."""
        self._tender.payment_changed(payment)
        if self._ordering is not None:
            self._ordering.payment_changed(payment)
        self._attendant.payment_changed(payment)
        if payment.final:
            self._sweep()
        if payment.state is State.PAID:
            self._till.give_out(payment)

    def restore(self, visit: Visit, *, slip_owed: bool) -> None:
        """After a restart: the last visit's payment is still being checked, or was just paid."""
        self._attendant.restored(visit.visit_id)
        payment = visit.payment
        if payment is None:
            self._counter.set(visit)
        elif is_open(payment):
            # Whether it was taken only staff can say, however long that takes.
            self._counter.set(replace(visit, screen=Screen.CASH, restored=True))
            self._counter.call()
        elif payment.final and (slip_owed or payment.state is not State.PAID):
            self._counter.tell_payment(visit, payment)
        elif payment.final:
            # Its slip was begun before the crash, so it is not printed again by itself.
            detail = served(visit, payment)
            self._counter.visit = replace(visit, screen=Screen.DONE, payment=payment, detail=detail)
            self.slip(payment.out_trade_no, "failed")
        else:
            self._counter.tell(replace(visit, restored=True), LAST_PAYMENT)

    def greet(self) -> None:
        """A visit begins, or a ui came up: give the screen what it keeps."""
        if self._ordering is not None:
            self._ordering.tell()

    def terms(self) -> Terms:
        """On which terms a visit buys that begins now."""
        return self._till.terms(self._shelf)

    def recall(self, kept: Mapping[str, Any]) -> Terms:
        """The terms of a visit that a crash cut short. Raises ValueError."""
        return self._till.offers.again(self._shelf, kept)

    def find(self, code: str) -> Product | None:
        """What the price book that is sold from has for this code."""
        return self._shelf.book.find_code(code)

    def restock(self, shelf: Shelf, stocked: Callable[[], object]) -> None:
        """Sell from this shelf from the next visit on; `stocked` hears when that is so."""
        self._next = shelf, stocked

    def tick(self) -> None:
        """Time has passed: countdowns, and people who walked away."""
        if self._ordering is not None:
            self._ordering.tick()
        if self._attendant.here:
            self._attendant.tick()
            return
        self._shopping.tick()
        visit, now = self._counter.visit, self._till.clock.now()
        self._till.serve(visit=visit is not None)
        if now - self._swept >= SWEEP_EVERY:
            self._sweep()
        if visit is None:
            self._stock()
            self._counter.watch()
            if now - self._last_touch >= self._till.config.visit.idle * self._counter.unhurried:
                self._counter.forget_wishes()
            return
        times, longer = self._till.config.visit, self._counter.unhurried
        if visit.ends_at is not None and now >= visit.ends_at:
            self._time_is_up(visit)
        elif visit.left_alone(now) >= times.idle * longer:
            ends_at = now + times.idle_answer * longer
            self._counter.set(replace(visit, asked_at=now, ends_at=ends_at))

    # --- a visit --------------------------------------------------------------------------------

    def _in_visit(self, visit: Visit, command: Command) -> None:
        match command:
            case _ if visit.screen in CHOOSING and not isinstance(command, Back | Leave):
                self._choosing.command(visit, command)
            case ChooseTender(tender=tender) if visit.screen is Screen.TENDER:
                self._tender.choose(visit, tender)
            case Split() if visit.screen is Screen.TENDER:
                self._tender.split(visit)
            case PayPart(fen=fen) if visit.screen is Screen.PART:
                self._tender.pay_part(visit, fen)
            case Consent(notice_version=version) if visit.screen is Screen.NOTICE:
                self._tender.consent(visit, version)
            case ChooseReceipt(kind=kind) if visit.screen is Screen.DONE:
                self._counter.choose_receipt(visit, kind)
            case Back() if may_go_back(visit):
                self._back(visit)
            case Leave() if not visit.unfinished:
                self._counter.leave(visit)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def _back(self, visit: Visit) -> None:
        if visit.screen not in CHOOSING:
            self._tender.back(visit)
        elif not self._choosing.back(visit):
            self._counter.leave(visit)

    def _start(self) -> None:
        if self._counter.visit is not None or self._till.blocked() is not None:
            self._counter.refresh()
            return
        self._stock()
        now = self._till.clock.now()
        self._till.serve(visit=True)
        visit_id, language = self._new_visit_id(), self._counter.language
        visit = Visit(visit_id, language, now, terms=self.terms())
        self._counter.set(self._choosing.begin(visit))
        self.greet()

    def _stock(self) -> None:
        """Between two visits: take the next price book, if there is one."""
        if self._next is not None:
            self._shelf, stocked = self._next
            self._next = None
            self._choosing.stock(self._shelf)
            stocked()

    def _speak(self, language: str) -> None:
        self._counter.language = language
        visit = self._counter.visit
        if visit is None:
            self._counter.refresh()
        else:
            self._counter.set(replace(visit, language=language))

    def _open_staff(self) -> None:
        visit = self._counter.visit
        if visit is not None and visit.screen is Screen.FACE:
            self._tender.back(visit)  # else the camera would take the staff's face for his
        self._attendant.command(OpenStaff())

    def _call_attendant(self) -> None:
        log.info("attendant called")
        self._counter.hint("hint.attendant_called", sound="tick")
        self._counter.call()

    def _touched(self) -> None:
        visit, now = self._counter.visit, self._till.clock.now()
        self._last_touch = now
        if visit is None:
            return
        if visit.asked_at is not None:
            self._counter.set(replace(visit, touched_at=now, asked_at=None, ends_at=None))
        else:
            self._counter.visit = replace(visit, touched_at=now)

    def _sweep(self) -> None:
        visit = self._counter.visit
        self._till.sweep(visit.visit_id if visit else "")
        self._swept = self._till.clock.now()

    def _time_is_up(self, visit: Visit) -> None:
        if visit.screen is Screen.FACE and visit.payment is not None:
            self._tender.face_ended(visit, visit.payment, EndReason.TIMED_OUT)
        elif visit.screen is Screen.QR:
            self._tender.qr_over(visit)
        elif visit.screen is Screen.WAITING and not visit.restored:
            self._counter.tell(visit, OUT_OF_PATIENCE)
        elif visit.screen is Screen.DONE and self._counter.receipt_by_default(visit):
            pass  # it ends a while later
        else:
            # Also after a restart: whoever it was has left, jobs goes on with the payment.
            self._counter.leave(visit)
