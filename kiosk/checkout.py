"""One visit at a time, first scan to slip: what the shopper does, and what he sees of it.

    ATTRACT ─► BASKET ─► TENDER ─► NOTICE ─► FACE ─┬─► WAITING ─► DONE ─► ATTRACT
                            └────► CODE ───────────┘       └────► TROUBLE ─► TENDER | ATTRACT

Everything here runs on one thread and never waits: the till asks the network and answers through
`payment_changed`. A command that does not fit the screen is a late touch and is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from kiosk.channels.channel import Token, TokenKind
from kiosk.channels.codes import Goods, PaymentCode, Scan, SpentCodes, WeighedLabel, classify
from kiosk.domain.basket import Basket, LimitReached
from kiosk.domain.payment import Method, Payment, State
from kiosk.faces.service import Ended, EndReason, FaceEvent, Guided, RawdataReady, Recognised
from kiosk.goods import Shelf
from kiosk.ledger import LedgerError
from kiosk.messages import (
    Back,
    CallAttendant,
    ChooseTender,
    Command,
    Consent,
    Guiding,
    Hinting,
    Leave,
    Message,
    Pay,
    RemoveLine,
    Screen,
    SetLanguage,
    SetQuantity,
    Start,
    StillThere,
    Text,
)
from kiosk.showing import attract, may_go_back, of_visit, out_of_order
from kiosk.till import CODE, FACE, Till, staff_line
from kiosk.told import LAST_PAYMENT, OUT_OF_PATIENCE, Told, of_face, of_payment
from kiosk.visit import UNHURRIED, Visit

NOTICE_VERSION = "2026-11"
FACE_GRACE = 5.0  # seconds beyond the face service's own limit before it is given up

log = logging.getLogger(__name__)


class Checkout:
    """The visit in front of the kiosk; all methods are called on one thread."""

    def __init__(
        self,
        till: Till,
        shelf: Shelf,
        spent: SpentCodes,
        show: Callable[[Message], object],
        new_visit_id: Callable[[], str],
    ) -> None:
        self._till = till
        self._shelf = shelf
        self._spent = spent
        self._show = show
        self._new_visit_id = new_visit_id
        self._language = till.config.shop.language
        self._visit: Visit | None = None

    # --- what comes in --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the whole screen: a ui came up, or a tender came or went."""
        till, shop = self._till, self._till.config.shop
        blocked = till.blocked() if self._visit is None else None
        if blocked is not None:
            self._show(out_of_order(shop, *blocked, test=till.test))
        elif self._visit is None:
            self._show(replace(attract(shop, test=till.test), language=self._language))
        else:
            self._show(
                of_visit(
                    self._visit,
                    shop,
                    till.tenders(),
                    till.clock.now(),
                    test=till.test,
                    notice_version=NOTICE_VERSION,
                )
            )

    def command(self, command: Command) -> None:
        """The shopper touched something."""
        self._touched()
        visit = self._visit
        match command:
            case Start():
                self._start()
            case SetLanguage(language=language):
                self._set_language(language)
            case SetQuantity(line_id=line_id, quantity=quantity):
                self._change(lambda basket: basket.set_quantity(line_id, quantity))
            case RemoveLine(line_id=line_id):
                self._change(lambda basket: basket.remove(line_id))
            case Pay() if visit and visit.screen is Screen.BASKET:
                self._to_tender(visit)
            case ChooseTender(tender=tender) if visit and visit.screen is Screen.TENDER:
                self._choose(visit, tender)
            case Consent(notice_version=version) if visit and visit.screen is Screen.NOTICE:
                self._consent(visit, version)
            case Back() if visit and may_go_back(visit):
                self._back(visit)
            case Leave() if visit and not visit.unfinished:
                self._end()
            case StillThere() | CallAttendant():
                self._call(visit, isinstance(command, CallAttendant))
            case _:
                log.debug("late touch %s", type(command).__name__)

    def scanned(self, text: str) -> None:
        """The scanner read a code."""
        self._touched()
        scan = classify(text)
        if self._visit is None and self._till.blocked() is None:
            if isinstance(scan, Goods | WeighedLabel):
                self._start()
            else:
                self._hint("hint.scan_first")
                return
        visit = self._visit
        if visit is None or visit.screen is Screen.WAITING:
            return
        if visit.screen is Screen.DONE and isinstance(scan, Goods | WeighedLabel):
            self._end()
            self._start()
            visit = self._visit
            assert visit is not None
        if visit.screen is Screen.BASKET:
            self._put(visit, scan)
        elif visit.screen in (Screen.TENDER, Screen.NOTICE, Screen.CODE):
            self._pay_by_code(visit, scan)

    def face(self, event: FaceEvent) -> None:
        """The face service said something; of another attempt it means nothing."""
        visit = self._visit
        payment = visit.payment if visit else None
        if visit is None or payment is None or payment.out_trade_no != event.attempt:
            return
        if payment.state is not State.AUTHENTICATING:
            return
        match event:
            case Guided(guidance=guidance, progress=progress):
                self._show(Guiding(event.attempt, guidance, progress))
            case RawdataReady(rawdata=rawdata):
                self._show(Guiding(event.attempt, "hold", 1.0))
                self._till.authorise(payment, rawdata)
            case Recognised(token=token):
                self._submit(visit, payment, token)
            case Ended(reason=reason):
                self._face_ended(visit, payment, reason)

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step; one of another visit concerns nobody here."""
        visit = self._visit
        if visit is None or visit.payment is None:
            return
        if payment.out_trade_no != visit.payment.out_trade_no or payment == visit.payment:
            return
        self._tell(replace(visit, payment=payment), of_payment(payment))
        if payment.state is State.PAID:
            self._hint("", sound="paid")
            self._till.print_slip(payment, visit.language)

    def unsent(self, payment: Payment, error: LedgerError) -> None:
        """A payment that could not be written down and therefore never left."""
        visit = self._visit
        if visit and visit.payment and visit.payment.out_trade_no == payment.out_trade_no:
            self._no_ledger(replace(visit, payment=self._till.stop_looking(payment, "disk")), error)

    def slip(self, out_trade_no: str, result: str) -> None:
        """The slip of a payment was printed ("taken") or was not ("failed")."""
        visit = self._visit
        if visit and visit.payment and visit.payment.out_trade_no == out_trade_no:
            self._set(replace(visit, slip=result))

    def restore(self, visit: Visit, *, slip_owed: bool) -> None:
        """After a restart: the last visit's payment is still being checked, or was just paid."""
        payment = visit.payment
        if payment is None:
            return
        if payment.final:
            self._tell(visit, of_payment(payment))
            if slip_owed:
                self._till.print_slip(payment, visit.language)
            elif payment.state is State.PAID:
                self.slip(payment.out_trade_no, "failed")
            return
        ends_at = self._till.clock.now() + self._till.patience(payment)
        self._set(_told(replace(visit, ends_at=ends_at, restored=True), LAST_PAYMENT))

    def tick(self) -> None:
        """Time has passed: countdowns and people who walked away."""
        visit, now = self._visit, self._till.clock.now()
        if visit is None:
            return
        times = self._till.config.visit
        if visit.ends_at is not None and now >= visit.ends_at:
            self._time_is_up(visit)
        elif visit.asked_at is None and visit.screen in UNHURRIED:
            if now - visit.touched_at >= times.idle:
                self._set(replace(visit, asked_at=now, ends_at=now + times.idle_answer))

    # --- the basket -----------------------------------------------------------------------------

    def _start(self) -> None:
        if self._visit is not None or self._till.blocked() is not None:
            self.refresh()
            return
        self._set(Visit(self._new_visit_id(), self._language, self._till.clock.now()))

    def _put(self, visit: Visit, scan: Scan) -> None:
        changed = self._shelf.put(visit.basket, scan)
        if isinstance(changed, Text):
            self._show(Hinting(changed, "error"))
            return
        self._set(replace(visit, basket=changed))
        self._show(Hinting(None, "tick"))

    def _change(self, change: Callable[[Basket], Basket]) -> None:
        visit = self._visit
        if visit is None or visit.screen is not Screen.BASKET:
            return
        try:
            self._set(replace(visit, basket=change(visit.basket)))
        except LimitReached:
            self._hint("hint.limit_reached")
        except ValueError:
            log.debug("a change that the basket does not allow")

    def _set_language(self, language: str) -> None:
        if language not in ("zh", "en"):
            return
        self._language = language
        if self._visit is None:
            self.refresh()
        else:
            self._set(replace(self._visit, language=language))

    # --- paying ---------------------------------------------------------------------------------

    def _to_tender(self, visit: Visit) -> None:
        if not visit.basket.lines:
            self._hint("hint.scan_first")
        elif visit.due.fen <= 0:
            self._hint("hint.unsold")
        else:
            self._set(replace(visit, screen=Screen.TENDER, payment=None))

    def _choose(self, visit: Visit, tender: str) -> None:
        if tender not in self._till.tenders():
            self._hint("hint.not_offered")
            self.refresh()
        elif tender == FACE:
            self._till.prepare_face()
            self._set(replace(visit, screen=Screen.NOTICE))
        elif tender == CODE:
            self._set(replace(visit, screen=Screen.CODE))

    def _consent(self, visit: Visit, version: str) -> None:
        if version != NOTICE_VERSION or FACE not in self._till.tenders():
            self._hint("hint.not_offered")
            self._set(replace(visit, screen=Screen.TENDER))
            return
        opened = self._open(visit, Method.FACE)
        if opened is not None:
            # On the screen before the service starts: it may answer at once.
            times_out = self._till.clock.now() + self._till.config.faces.seconds + FACE_GRACE
            self._set(replace(visit, screen=Screen.FACE, payment=opened, ends_at=times_out))
            looking = self._till.look(opened, version)
            if self._visit is not None and self._visit.payment == opened:
                self._visit = replace(self._visit, payment=looking)

    def _pay_by_code(self, visit: Visit, scan: Scan) -> None:
        if not isinstance(scan, PaymentCode):
            self._hint("hint.not_a_payment_code")
        elif scan.wallet.value not in self._till.channels:
            self._hint("hint.wrong_wallet")
        elif CODE not in self._till.tenders():
            self._hint("hint.not_offered")
        elif not self._spent.spend(scan.value, self._till.clock.now()):
            self._hint("hint.code_already_used")
        else:
            payment = self._open(visit, Method.CODE)
            if payment is not None:
                self._submit(visit, payment, Token(TokenKind.CODE, scan.value))

    def _open(self, visit: Visit, method: Method) -> Payment | None:
        try:
            return self._till.open(visit, method)
        except LedgerError as error:
            log.exception("no payment was opened")
            self._no_ledger(replace(visit, payment=None), error)
            return None

    def _no_ledger(self, visit: Visit, error: LedgerError) -> None:
        self._tell(visit, Told(Screen.TROUBLE, Text("out.ledger"), Text("money.none_taken")))
        self._show(Hinting(staff_line(error.cause, error.mend), "error"))

    def _submit(self, visit: Visit, payment: Payment, token: Token) -> None:
        confirming = of_payment(replace(payment, state=State.PAYING))
        self._tell(replace(visit, payment=payment), confirming)
        self._till.pay(payment, token)

    def _face_ended(self, visit: Visit, payment: Payment, reason: EndReason) -> None:
        cancelled = self._till.stop_looking(payment, reason.value)
        if reason is EndReason.ATTACK:
            self._till.attacked()
        self._tell(replace(visit, payment=cancelled), of_face(reason))

    def _back(self, visit: Visit) -> None:
        payment = visit.payment
        if visit.screen is Screen.TENDER:
            self._set(replace(visit, screen=Screen.BASKET))
        elif visit.screen is Screen.WAITING and payment is not None:
            self._till.give_up(payment)
        else:
            if payment is not None and not payment.final:
                payment = self._till.stop_looking(payment, "another way")
            self._set(
                replace(
                    visit, screen=Screen.TENDER, payment=None, said=None, detail=None, ends_at=None
                )
            )

    # --- the end of things ----------------------------------------------------------------------

    def _tell(self, visit: Visit, told: Told) -> None:
        now, times = self._till.clock.now(), self._till.config.visit
        ends_at: float | None = now + times.trouble
        slip = visit.slip
        if told.screen is Screen.WAITING:
            waiting = visit.screen is Screen.WAITING and visit.ends_at is not None
            ends_at = visit.ends_at if waiting else None
            if ends_at is None and visit.payment is not None:
                ends_at = now + self._till.patience(visit.payment)
        elif told.screen is Screen.DONE:
            ends_at, slip = now + times.done, "printing"
        self._set(_told(replace(visit, ends_at=ends_at, slip=slip), told))

    def _time_is_up(self, visit: Visit) -> None:
        if visit.screen is Screen.FACE and visit.payment is not None:
            self._face_ended(visit, visit.payment, EndReason.TIMED_OUT)
        elif visit.screen is not Screen.WAITING:
            self._end()
        elif visit.restored:
            # Whoever it was has left; jobs goes on with the payment, staff see it listed.
            self._end()
        else:
            self._tell(visit, OUT_OF_PATIENCE)

    def _end(self) -> None:
        visit = self._visit
        if visit is not None and visit.payment is not None and not visit.payment.final:
            self._till.stop_looking(visit.payment, "left")
        self._visit = None
        self._language = self._till.config.shop.language
        self.refresh()

    def _call(self, visit: Visit | None, attendant: bool) -> None:  # noqa: FBT001
        if attendant:
            log.info("attendant called")
            self._hint("hint.attendant_called", sound="tick")
            if visit is not None:
                self._set(replace(visit, attendant_called=True))

    def _touched(self) -> None:
        visit = self._visit
        if visit is None:
            return
        now = self._till.clock.now()
        if visit.asked_at is not None:
            self._set(replace(visit, touched_at=now, asked_at=None, ends_at=None))
        else:
            self._visit = replace(visit, touched_at=now)

    def _set(self, visit: Visit) -> None:
        self._visit = visit
        self.refresh()

    def _hint(self, key: str, sound: str = "error") -> None:
        self._show(Hinting(Text(key) if key else None, sound))


def _told(visit: Visit, told: Told) -> Visit:
    return replace(visit, screen=told.screen, said=told.said, detail=told.detail, asked_at=None)
