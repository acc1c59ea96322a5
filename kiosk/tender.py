"""From the choice of a tender to the end of its payment.

    TENDER ─► NOTICE ─► FACE ─┬─► WAITING ─► DONE | TROUBLE
     │ │└───► CODE ───────────┤      └─────► TENDER   a part is paid, the rest is due
     │ ├────► QR, CARD ───────┤
     │ └────► CASH ───────────┘              staff say what became of it
     └─► PART ─► TENDER                      only so much is paid next

A payment is on disk before a face is looked at, a code is sent or a QR is shown; what the network
says comes back through `payment_changed`, whenever that is.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from kiosk.cash_desk import SHOPPER, is_open
from kiosk.channels.cash import CASH
from kiosk.channels.channel import Presented, Token, TokenKind
from kiosk.channels.codes import Member, PaymentCode, Scan, SpentCodes
from kiosk.counter import NOTICE_VERSION, Counter
from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State
from kiosk.face_rest import ATTACK, UNPROVEN
from kiosk.faces.service import Ended, EndReason, FaceEvent, Guided, RawdataReady, Recognised
from kiosk.ledger import LedgerError
from kiosk.messages import Guiding, Hinting, Screen, Text
from kiosk.till import CARD, CODE, FACE, GIVEN_UP, QR, Till, staff_line
from kiosk.told import QR_EXPIRED, QR_OVER, Told, of_face, of_payment
from kiosk.visit import Visit

FACE_GRACE = 5.0  # seconds beyond the face service's own limit before it is given up

log = logging.getLogger(__name__)


class Tender:
    """How the visit at the counter is paid; used by the checkout's thread only."""

    def __init__(self, counter: Counter, till: Till, spent: SpentCodes) -> None:
        self._counter = counter
        self._till = till
        self._spent = spent
        self._asked = ""
        """The attempt that was asked to move last."""

    # --- what the shopper does ------------------------------------------------------------------

    def begin(self, visit: Visit) -> None:
        """From the basket to the choice of a tender."""
        if not visit.basket.lines:
            self._counter.hint("hint.scan_first")
        elif visit.due.fen <= 0:
            self._counter.hint("hint.unsold")
        else:
            self._counter.set(replace(visit, screen=Screen.TENDER, payment=None))

    def choose(self, visit: Visit, tender: str) -> None:
        """One of the tenders on the screen; it may have gone since it was drawn."""
        if tender not in self._till.tenders():
            self._counter.hint("hint.not_offered")
            self._counter.refresh()
        elif tender == FACE:
            self._till.prepare_face()
            self._counter.set(replace(visit, screen=Screen.NOTICE))
        elif tender == CODE:
            self._counter.set(replace(visit, screen=Screen.CODE))
        elif tender == CARD:
            self._counter.set(replace(visit, screen=Screen.CARD))
        elif tender == CASH:
            self._ask_for_cash(visit)
        elif tender == QR and (opened := self._open(visit, Method.QR)):
            self._counter.set(replace(visit, screen=Screen.QR, payment=opened, qr="", ends_at=None))
            self._till.present(opened)

    def split(self, visit: Visit) -> None:
        """To the screen that asks how much is paid next."""
        if visit.may_split:
            self._counter.set(replace(visit, screen=Screen.PART, part=None))

    def pay_part(self, visit: Visit, fen: int) -> None:
        """So much is paid next, and the rest after it."""
        if 0 < fen < visit.due.fen:
            part = Money(fen, visit.due.currency)
            self._counter.set(replace(visit, screen=Screen.TENDER, part=part))
        else:
            self._counter.hint("hint.part_refused")

    def consent(self, visit: Visit, version: str) -> None:
        """The notice was accepted: from here on the camera may look."""
        if version != NOTICE_VERSION or FACE not in self._till.tenders():
            self._counter.hint("hint.not_offered")
            self._counter.set(replace(visit, screen=Screen.TENDER))
            return
        try:
            looking = self._till.look(visit, version)
        except LedgerError as error:
            log.exception("no payment was opened")
            self._no_ledger(visit, error)
            return
        # On the screen before the service starts, since it may answer at once.
        ends_at = self._till.clock.now() + self._till.config.faces.seconds + FACE_GRACE
        on_face = replace(visit, screen=Screen.FACE, payment=looking, ends_at=ends_at)
        self._counter.set(on_face)
        self._till.start_looking(looking)

    def code(self, visit: Visit, scan: Scan) -> None:
        """Something was scanned where a payment code is awaited."""
        if isinstance(scan, Member):
            self._card(visit, scan.code)
        elif not isinstance(scan, PaymentCode):
            self._counter.hint("hint.not_a_payment_code")
        elif scan.wallet.value not in self._till.channels:
            self._counter.hint("hint.wrong_wallet")
        elif CODE not in self._till.tenders():
            self._counter.hint("hint.not_offered")
        elif not self._spent.spend(scan.value, self._till.clock.now()):
            self._counter.hint("hint.code_already_used")
        elif payment := self._open(visit, Method.CODE, scan.wallet.value):
            self._submit(visit, payment, Token(TokenKind.CODE, scan.value))

    def back(self, visit: Visit) -> None:
        """One step back, or another way to pay; the checkout has seen that it is allowed."""
        payment = visit.payment
        if visit.screen is Screen.TENDER and visit.part is not None:
            self._counter.set(replace(visit, part=None))
        elif visit.screen is Screen.TENDER:
            self._counter.set(replace(visit, screen=Screen.BASKET))
        elif visit.screen in (Screen.WAITING, Screen.QR) and payment is not None:
            self._till.give_up(payment)
        elif visit.screen is Screen.CASH and payment is not None:
            self._till.cash.refuse(payment, SHOPPER)
        else:
            if payment is not None and not payment.final:
                self._till.stop_looking(payment, "another way")
                self._count(payment, EndReason.STOPPED)
            self._choose_again(visit)

    # --- what comes back ------------------------------------------------------------------------

    def face(self, event: FaceEvent) -> None:
        """The face service said something; of another attempt it means nothing."""
        visit = self._counter.visit
        payment = visit.payment if visit else None
        if visit is None or payment is None or payment.out_trade_no != event.attempt:
            return
        if payment.state is not State.AUTHENTICATING:
            return
        match event:
            case Guided(guidance=guidance, progress=progress, asked=asked):
                if asked:
                    self._asked = event.attempt
                self._counter.show(Guiding(event.attempt, guidance, progress, asked))
            case RawdataReady(rawdata=rawdata):
                self._asked = ""  # he did what was asked; what the wallet says is no fault of his
                self._counter.show(Guiding(event.attempt, "hold", 1.0))
                self._till.authorise(payment, rawdata)
            case Recognised(token=token):
                self._submit(visit, payment, token)
            case Ended(reason=reason):
                self.face_ended(visit, payment, reason)

    def face_ended(self, visit: Visit, payment: Payment, reason: EndReason) -> None:
        """There is no token: the payment is cancelled, and another way is one touch away."""
        cancelled = self._till.stop_looking(payment, reason.value)
        self._count(payment, reason)
        self._counter.tell(replace(visit, payment=cancelled), of_face(reason))

    def shown(self, payment: Payment, presented: Presented) -> None:
        """The channel has made the order: here is what the phone scans, and until when."""
        visit = self._counter.visit
        if visit is None or visit.screen is not Screen.QR or not _is_of(payment, visit):
            return
        ends_at = self._till.clock.now() + presented.expires_in
        self._counter.set(replace(visit, qr=presented.code_url, ends_at=ends_at))

    def qr_over(self, visit: Visit) -> None:
        """Nobody can scan it any more; whether somebody did in the last second is found out."""
        self._counter.tell(visit, QR_OVER)

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step; one of another visit concerns nobody here."""
        visit = self._counter.visit
        if visit is None or payment == visit.payment or not _is_of(payment, visit):
            return
        visit = replace(visit, payment=payment)
        if payment.state is State.PAID and visit.due:
            self._part_paid(visit, payment)
        elif payment.method is Method.CASH and payment.state is not State.PAID:
            self._not_in_cash(visit, payment)
        elif payment.state is State.REVERSED and payment.method is Method.QR:
            if payment.code == GIVEN_UP:
                self._choose_again(visit)
            else:
                self._counter.tell(visit, QR_EXPIRED)
        elif payment.state is State.PENDING and payment.method is Method.QR:
            # Nothing waits on a phone that may not have scanned it, also when the code is gone.
            self._counter.set(visit)
        else:
            self._counter.tell_payment(visit, payment)

    def unsent(self, payment: Payment, error: LedgerError) -> None:
        """A payment that could not be written down and therefore never left."""
        visit = self._counter.visit
        if visit and visit.payment and visit.payment.out_trade_no == payment.out_trade_no:
            stopped = self._till.stop_looking(payment, "disk")
            self._no_ledger(replace(visit, payment=stopped), error)

    # --- inside ---------------------------------------------------------------------------------

    def _ask_for_cash(self, visit: Visit) -> None:
        """The payment is on the disk, and staff come."""
        if opened := self._open(visit, Method.CASH, CASH):
            self._counter.set(replace(visit, screen=Screen.CASH, payment=opened, ends_at=None))
            self._counter.call()

    def _not_in_cash(self, visit: Visit, payment: Payment) -> None:
        """Staff have still to say whether it was taken, or it surely was not."""
        if is_open(payment):
            self._counter.set(visit)
            return
        self._counter.seen_to()
        if payment.code != SHOPPER:
            self._counter.hint("hint.no_cash")
        self._choose_again(visit)

    def _count(self, payment: Payment, reason: EndReason) -> None:
        """Whoever was asked to move and did not show that he can has used up one of his tries."""
        asked = self._asked == payment.out_trade_no
        self._asked = ""
        if reason is EndReason.ATTACK:
            self._till.face_rest.count(ATTACK)
        elif asked:
            self._till.face_rest.count(UNPROVEN)

    def _choose_again(self, visit: Visit) -> None:
        """Back to the choice of a tender, with nothing under way."""
        plain = replace(visit, payment=None, said=None, detail=None, ends_at=None, qr="")
        self._counter.set(replace(plain, screen=Screen.TENDER))

    def _part_paid(self, visit: Visit, payment: Payment) -> None:
        """The money is there, and more is due before anything leaves the shop."""
        self._counter.show(Hinting(Text("say.parts_left", {"amount": visit.due.yuan}), "tick"))
        self._choose_again(replace(visit, parts=(*visit.parts, payment), part=None))

    def _card(self, visit: Visit, number: str) -> None:
        """A card of the shop's own, which pays for any number of orders."""
        channel = self._till.card_channel(number)
        if channel is None:
            self._counter.hint("hint.not_offered")
        elif payment := self._open(visit, Method.CARD, channel):
            self._submit(visit, payment, Token(TokenKind.CODE, number))

    def _open(self, visit: Visit, method: Method, channel: str = "") -> Payment | None:
        try:
            return self._till.open(visit, method, channel)
        except LedgerError as error:
            log.exception("no payment was opened")
            self._no_ledger(replace(visit, payment=None), error)
            return None

    def _no_ledger(self, visit: Visit, error: LedgerError) -> None:
        told = Told(Screen.TROUBLE, Text("out.ledger"), Text("money.none_taken"))
        self._counter.tell(visit, told)
        self._counter.show(Hinting(staff_line(error.cause, error.mend), "error"))

    def _submit(self, visit: Visit, payment: Payment, token: Token) -> None:
        confirming = of_payment(replace(payment, state=State.PAYING))
        self._counter.tell(replace(visit, payment=payment), confirming)
        self._till.pay(payment, token)


def _is_of(payment: Payment, visit: Visit) -> bool:
    return visit.payment is not None and payment.out_trade_no == visit.payment.out_trade_no
