"""Where a visit's money, face and paper are asked for; no call of it waits.

The checkout knows the shopper, the till knows what works: which tenders are offered now, what goes
on disk before anything is sent, who is asked and in which order.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.asking import Asking
from kiosk.bagging_area import BaggingArea
from kiosk.cash_desk import CashDesk
from kiosk.channels.cash import CASH
from kiosk.channels.channel import Account, GoodsLine, PayOrder, Token
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.deliver import Deliveries
from kiosk.domain.approval import word_of_staff
from kiosk.domain.banner import Banner
from kiosk.domain.number import new_trade_no
from kiosk.domain.order import totals_from_json
from kiosk.domain.owed import basket_to_keep
from kiosk.domain.payment import Authenticate, Cancel, Method, Payment, State, Submit
from kiosk.domain.promotion import Terms
from kiosk.domain.slip import SlipElement
from kiosk.face_rest import FaceRest
from kiosk.faces.service import FaceService
from kiosk.goods import Shelf
from kiosk.jobs import Jobs
from kiosk.kitchen import Kitchen
from kiosk.ledger import Ledger, LedgerError, LedgerFull, LedgerReadOnly
from kiosk.members import MemberFile, Members
from kiosk.messages import Text
from kiosk.offers import Offers
from kiosk.peripherals import Peripherals
from kiosk.searching import Searching
from kiosk.standstill import Closing, Suspension, VisitLock
from kiosk.trace import Trace
from kiosk.visit import Visit
from kiosk.weighing import ScaleWork

FACE = "face"
CODE = "code"
QR = "qr"
CARD = "card"
LEAST_ROOM = (
    16 << 20
)  # bytes free; a visit writes a few kilobytes, a full disk shows up long before
BODY_LIMIT = 127  # bytes of WeChat's `body`
LOCKED_FOR = 600.0  # seconds after which an open outcome no longer keeps a reboot away
GIVEN_UP = "shopper"  # why a payment is undone that its shopper did not want to wait for

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Till:
    """The core's parts as one visit needs them; used by the checkout's thread only."""

    config: Config
    clock: Clock
    ledger: Ledger
    channels: Mapping[str, Account]
    jobs: Jobs
    deliveries: Deliveries
    peripherals: Peripherals
    faces: FaceService | None
    random: Callable[[int], int]
    trace: Trace
    lock: VisitLock
    suspension: Suspension
    joining_code: Callable[[], str]
    give_back: Callable[[], None]
    """Have what is due back given back now."""
    face_rest: FaceRest
    offers: Offers = field(default_factory=Offers)
    members: Members = field(default_factory=MemberFile)
    kitchen: Kitchen | None = None
    """A restaurant's."""
    weighing: ScaleWork | None = None
    """The scale, where there is one."""
    bagging: BaggingArea | None = None
    """The scale under the bags, where there is one."""
    searching: Searching | None = None
    """Makes the indexes of price books; without it they are made where they are asked for."""
    asking: Asking = field(default_factory=Asking)
    """Whether a shopper waits for the staff."""
    closing: Closing = field(default_factory=Closing)
    """Whether the staff have closed this till."""

    @property
    def cash(self) -> CashDesk:
        """Where staff's word about cash is written down."""
        return CashDesk(
            self.config,
            self.ledger,
            self.peripherals,
            self.deliveries,
            lambda payment: self.jobs.tell(payment),  # noqa: PLW0108 - most visits need none
        )

    def weighs(self) -> bool:
        """Whether goods can be weighed now."""
        return self.weighing is not None and self.weighing.works()

    def channel(self, method: Method) -> str | None:
        """The name of the channel that takes such payments here: the first that can."""
        asked = "present" if method is Method.QR else "pay"
        return next((name for name, one in self.channels.items() if hasattr(one, asked)), None)

    def card_prefixes(self) -> tuple[str, ...]:
        """How the cards begin that a channel here is paid with."""
        return tuple(prefix for one in self.channels.values() for prefix in _prefixes(one))

    def card_channel(self, number: str) -> str | None:
        """The channel that this card pays with; None: there is none that works now."""
        for name, one in self.channels.items():
            if number.startswith(_prefixes(one)):
                return name if self.jobs.trouble(name) is None else None
        return None

    @property
    def test(self) -> bool:
        """Whether no money moves."""
        return any(channel.sandbox for channel in self.channels.values())

    def tenders(self) -> tuple[str, ...]:
        """The ways to pay that work now, face first."""
        offered = []
        scans = self.peripherals.works("scanner")
        if self._up(Method.CODE):
            if self.faces is not None and self.faces.usable()[0] and not self.face_rest.rests():
                offered.append(FACE)
            if scans:
                offered.append(CODE)
        if self._up(Method.QR):
            offered.append(QR)
        if scans and self._takes_cards():
            offered.append(CARD)
        if self.cash.works():
            offered.append(CASH)
        return tuple(offered)

    def blocked(self) -> tuple[Text, Text] | None:
        """Why nothing can be sold, for the shopper and for staff; None when all is well."""
        trouble = room_trouble(self.config.paths.state)
        if trouble is not None:
            return Text("out.ledger"), staff_line(*trouble)
        if not self.lock.free():
            return Text("out.maintenance"), staff_line("an update or a restart is under way", "")
        if self.suspension.here:
            cause = "The service provider has suspended this kiosk."
            return Text("out.suspended"), staff_line(cause, "Ask for it to be resumed.")
        if why := self.closing.why:
            return Text("out.closed"), Text(f"staff.why.{why}")
        if code := self.joining_code():
            cause = "This kiosk is no terminal yet."
            return Text("out.joining", {"code": code}), staff_line(
                cause, "Have the service provider type the code in."
            )
        return None

    def serve(self, *, visit: bool) -> None:
        """Keep updates and reboots away while there is a visit, or an outcome that is open.

        One that is open for long is not waited for: the next start goes on with it.
        """
        since = self.clock.wall_ms() - round(LOCKED_FOR * 1000)
        if visit or any(x.created_ms > since and x.submitted_ms for x in self.ledger.unsettled()):
            self.lock.take()
        else:
            self.lock.release()

    def terms(self, shelf: Shelf) -> Terms:
        """On which terms a visit buys that begins now."""
        return self.offers.begin(shelf, self.clock.wall_ms(), self.ledger.payment)

    # --- one payment ----------------------------------------------------------------------------

    def open(self, visit: Visit, method: Method, channel: str = "") -> Payment:
        """A new payment of what is asked now, about to be sent, on disk. Raises LedgerError.

        Without a channel the first that can takes it.
        """
        with self.ledger.together():
            payment = self._open(visit, method, channel)
            return self.ledger.record(payment.out_trade_no, Submit(self.clock.wall_ms()))

    def look(self, visit: Visit, notice_version: str) -> Payment:
        """Consent was given: a new payment for which a face is looked for, both on disk.

        `start_looking` comes next. Raises LedgerError.
        """
        with self.ledger.together():
            payment = self._open(visit, Method.FACE)
            self.ledger.append("consent", payment.out_trade_no, {"notice": notice_version})
            return self.ledger.record(payment.out_trade_no, Authenticate())

    def start_looking(self, payment: Payment) -> None:
        """The screen is ready: begin to look for the face."""
        assert self.faces is not None
        self.faces.start(payment.out_trade_no)

    def prepare_face(self) -> None:
        """The notice is being read: make the camera ready."""
        if self.faces is not None:
            self.faces.prepare()

    def authorise(self, payment: Payment, rawdata: str) -> None:
        """Take the face service's rawdata to the channel, and its authinfo back."""
        assert self.faces is not None
        self.trace.mark("sample sealed", out_trade_no=payment.out_trade_no)
        order = self.order_of(payment)
        self.jobs.authorise(self.faces, payment.out_trade_no, rawdata, payment, order)

    def stop_looking(self, payment: Payment, reason: str) -> Payment:
        """End the face attempt and cancel its payment; nothing was sent yet."""
        if self.faces is not None:
            self.faces.stop(payment.out_trade_no)
        if payment.state not in (State.NEW, State.AUTHENTICATING):
            return payment
        try:
            return self.ledger.record(payment.out_trade_no, Cancel(reason))
        except LedgerError:
            # Nothing was sent, so nothing is at stake: the next start cancels it.
            log.exception("cancel not written out_trade_no=%s", payment.out_trade_no)
            return payment

    def pay(self, payment: Payment, token: Token) -> None:
        """Submit the payment, once."""
        self.trace.mark("token", out_trade_no=payment.out_trade_no)
        self.jobs.pay(payment, token)

    def present(self, payment: Payment) -> None:
        """Have the order made that the shopper's phone scans, once."""
        self.jobs.present(payment)

    def give_up(self, payment: Payment) -> None:
        """The shopper ended a wait that he may end."""
        self.jobs.give_up(payment, GIVEN_UP)

    def sweep(self, staying: str = "") -> None:
        """Give back what visits have paid in parts and will not complete.

        Not of the visit that is still `staying`, nor of one with a payment whose outcome is open:
        its turn comes when that has an end.
        """
        try:
            busy = {each.visit_id for each in self.ledger.unsettled()} | {staying}
            for visit_id in {each.visit_id for each in self.ledger.parts()} - busy:
                parts = self.ledger.abandon(visit_id, "left")
                log.info("visit given up visit_id=%s parts=%d", visit_id, len(parts))
                self.give_back()
        except LedgerError:
            log.exception("a visit that was given up was not written")  # the next sweep does it

    def print_slip(self, payment: Payment, language: str, banner: Banner | None = None) -> None:
        """Print the slip of a paid payment, with the coupon that the screen shows beside it."""
        self.trace.mark("paid", out_trade_no=payment.out_trade_no)
        at_ms = self.clock.wall_ms()
        self.deliveries.slip(payment, at_ms, language, test=self.test, banner=banner)

    def print_copy(self, payment: Payment, language: str) -> None:
        """Print the slip of a paid payment again, as a COPY."""
        self.deliveries.copy(payment, self.clock.wall_ms(), language, test=self.test)

    def give_out(self, payment: Payment) -> None:
        """Give out the kitchen tickets and drops of a paid payment, once."""
        self.deliveries.goods(payment, test=self.test)

    def print_paper(self, key: str, elements: Sequence[SlipElement]) -> None:
        """Print something that is no receipt; `key` says what it was when it has come out."""
        self.deliveries.paper(key, elements)

    def print_ticket(self, payment: Payment, key: str) -> None:
        """Print a kitchen ticket again, as a COPY. Raises LedgerError."""
        self.deliveries.ticket_again(payment, key, test=self.test)

    def patience(self, payment: Payment) -> float:
        """Seconds after which a shopper is not kept waiting for an outcome."""
        policy = self.channels[payment.channel].policy
        return policy.give_up_after + policy.reverse_not_before

    def _takes_cards(self) -> bool:
        """Whether a channel that works is paid with cards of the shop's own."""
        return any(
            _prefixes(one) and self.jobs.trouble(name) is None
            for name, one in self.channels.items()
        )

    def _up(self, method: Method) -> bool:
        name = self.channel(method)
        return name is not None and self.jobs.trouble(name) is None

    def _open(self, visit: Visit, method: Method, named: str = "") -> Payment:
        channel = named or self.channel(method)
        assert channel is not None, "a tender without a channel is not offered"
        payment = Payment(
            out_trade_no=new_trade_no(self.config.terminal_id, self.clock.wall_ms(), self.random),
            visit_id=visit.visit_id,
            channel=channel,
            method=method,
            amount=visit.asked,
            created_ms=self.clock.wall_ms(),
        )
        priced = visit.priced
        self.offers.hold(payment, priced, visit.terms)
        basket = basket_to_keep(priced, visit.serving)
        if visit.parts:
            paid = [{"out_trade_no": x.out_trade_no, "fen": x.amount.fen} for x in visit.parts]
            basket["paid"] = paid
        if (approved := word_of_staff(visit.basket, visit.clearance)) is not None:
            basket["approved"] = approved
        return self.ledger.open_payment(payment, basket)

    def order_of(self, payment: Payment) -> PayOrder:
        """What the channel is asked for, from the basket on disk: the same in every call."""
        return order_of(payment, self.ledger.basket_of(payment.out_trade_no) or {}, self.config)


def order_of(payment: Payment, basket: Mapping[str, Any], config: Config) -> PayOrder:
    """The order of a payment whose priced basket is `basket`."""
    lines = totals_from_json(basket).lines
    goods = tuple(
        GoodsLine(
            goods_id=priced.line.product.code,
            goods_name=priced.line.product.name_zh,
            quantity=priced.line.quantity,
            price=priced.line.unit if priced.line.counted else priced.line.total,
        )
        for priced in lines
        if not priced.gift
    )
    body = f"{config.shop.name}-{lines[0].line.product.name_zh}" if lines else config.shop.name
    short = body.encode()[:BODY_LIMIT].decode("utf-8", "ignore")
    return PayOrder(payment.out_trade_no, payment.amount, short, goods)


def _prefixes(channel: Account) -> tuple[str, ...]:
    """How the cards of a channel begin; none where it takes codes of a wallet's own."""
    prefixes: tuple[str, ...] = getattr(channel, "card_prefixes", ())
    return prefixes


def staff_line(cause: str, mend: str) -> Text:
    """A cause and its mend, for the attendant."""
    return Text("staff.line", {"cause": cause, "mend": mend})


def room_trouble(state: Path) -> tuple[str, str] | None:
    """Cause and mend when the ledger could not write its next lines; None when it can."""
    try:
        room = os.statvfs(state)
    except OSError as error:
        return f"{state}: {error.strerror}", "Check the disk that holds the ledger"
    if room.f_flag & os.ST_RDONLY or not os.access(state, os.W_OK):
        return f"{state} does not take writes", LedgerReadOnly.mend
    if room.f_bavail * room.f_frsize < LEAST_ROOM:
        return f"{state} has less than {LEAST_ROOM >> 20} MiB left", LedgerFull.mend
    return None
