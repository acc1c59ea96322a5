"""From the choice of a tender to the end of its payment.

    TENDER ─► NOTICE ─► FACE ─┬─► WAITING ─► DONE | TROUBLE
       └────► CODE ───────────┘

A payment is on disk before a face is looked at or a code is sent; what the network says comes back
through `payment_changed`, whenever that is.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from kiosk.channels.channel import Token, TokenKind
from kiosk.channels.codes import PaymentCode, Scan, SpentCodes
from kiosk.counter import NOTICE_VERSION, Counter
from kiosk.domain.payment import Method, Payment, State
from kiosk.faces.service import Ended, EndReason, FaceEvent, Guided, RawdataReady, Recognised
from kiosk.ledger import LedgerError
from kiosk.messages import Guiding, Hinting, Screen, Text
from kiosk.till import CODE, FACE, Till, staff_line
from kiosk.told import Told, of_face, of_payment
from kiosk.visit import Visit

FACE_GRACE = 5.0  # seconds beyond the face service's own limit before it is given up

log = logging.getLogger(__name__)


class Tender:
    """How the visit at the counter is paid; used by the checkout's thread only."""

    def __init__(self, counter: Counter, till: Till, spent: SpentCodes) -> None:
        self._counter = counter
        self._till = till
        self._spent = spent

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

    def consent(self, visit: Visit, version: str) -> None:
        """The notice was accepted: from here on the camera may look."""
        if version != NOTICE_VERSION or FACE not in self._till.tenders():
            self._counter.hint("hint.not_offered")
            self._counter.set(replace(visit, screen=Screen.TENDER))
            return
        opened = self._open(visit, Method.FACE)
        if opened is None:
            return
        # On the screen before the service starts, since it may answer at once.
        ends_at = self._till.clock.now() + self._till.config.faces.seconds + FACE_GRACE
        on_face = replace(visit, screen=Screen.FACE, payment=opened, ends_at=ends_at)
        self._counter.set(on_face)
        try:
            self._counter.visit = replace(on_face, payment=self._till.look(opened, version))
        except LedgerError as error:
            self.unsent(opened, error)

    def code(self, visit: Visit, scan: Scan) -> None:
        """Something was scanned where a payment code is awaited."""
        if not isinstance(scan, PaymentCode):
            self._counter.hint("hint.not_a_payment_code")
        elif scan.wallet.value not in self._till.channels:
            self._counter.hint("hint.wrong_wallet")
        elif CODE not in self._till.tenders():
            self._counter.hint("hint.not_offered")
        elif not self._spent.spend(scan.value, self._till.clock.now()):
            self._counter.hint("hint.code_already_used")
        elif payment := self._open(visit, Method.CODE):
            self._submit(visit, payment, Token(TokenKind.CODE, scan.value))

    def back(self, visit: Visit) -> None:
        """One step back, or another way to pay; the checkout has seen that it is allowed."""
        payment = visit.payment
        if visit.screen is Screen.TENDER:
            self._counter.set(replace(visit, screen=Screen.BASKET))
        elif visit.screen is Screen.WAITING and payment is not None:
            self._till.give_up(payment)
        else:
            if payment is not None and not payment.final:
                self._till.stop_looking(payment, "another way")
            told = replace(visit, screen=Screen.TENDER, payment=None, said=None, detail=None)
            self._counter.set(replace(told, ends_at=None))

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
            case Guided(guidance=guidance, progress=progress):
                self._counter.show(Guiding(event.attempt, guidance, progress))
            case RawdataReady(rawdata=rawdata):
                self._counter.show(Guiding(event.attempt, "hold", 1.0))
                self._till.authorise(payment, rawdata)
            case Recognised(token=token):
                self._submit(visit, payment, token)
            case Ended(reason=reason):
                self.face_ended(visit, payment, reason)

    def face_ended(self, visit: Visit, payment: Payment, reason: EndReason) -> None:
        """There is no token: the payment is cancelled, and another way is one touch away."""
        cancelled = self._till.stop_looking(payment, reason.value)
        if reason is EndReason.ATTACK:
            self._till.attacked()
        self._counter.tell(replace(visit, payment=cancelled), of_face(reason))

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step; one of another visit concerns nobody here."""
        visit = self._counter.visit
        if visit is None or visit.payment is None or payment == visit.payment:
            return
        if payment.out_trade_no == visit.payment.out_trade_no:
            self._counter.tell_payment(visit, payment)

    def unsent(self, payment: Payment, error: LedgerError) -> None:
        """A payment that could not be written down and therefore never left."""
        visit = self._counter.visit
        if visit and visit.payment and visit.payment.out_trade_no == payment.out_trade_no:
            stopped = self._till.stop_looking(payment, "disk")
            self._no_ledger(replace(visit, payment=stopped), error)

    # --- inside ---------------------------------------------------------------------------------

    def _open(self, visit: Visit, method: Method) -> Payment | None:
        try:
            return self._till.open(visit, method)
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
