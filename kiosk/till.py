"""Where a visit's money, face and paper are asked for; no call of it waits.

The checkout knows the shopper, the till knows what works: which tenders are offered now, what goes
on disk before anything is sent, who is asked and in which order.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.channels.channel import Channel, GoodsLine, PayOrder, Token
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.deliver import Deliveries
from kiosk.domain.number import new_trade_no
from kiosk.domain.order import totals_from_json
from kiosk.domain.owed import basket_to_keep
from kiosk.domain.payment import Authenticate, Cancel, Method, Payment, State
from kiosk.faces.service import FaceService
from kiosk.jobs import Jobs
from kiosk.ledger import Ledger, LedgerError, LedgerFull, LedgerReadOnly
from kiosk.messages import Text
from kiosk.peripherals import Peripherals
from kiosk.trace import Trace
from kiosk.visit import Visit

FACE = "face"
CODE = "code"
LEAST_ROOM = (
    16 << 20
)  # bytes free; a visit writes a few kilobytes, a full disk shows up long before
BODY_LIMIT = 127  # bytes of WeChat's `body`

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Till:
    """The core's parts as one visit needs them; used by the checkout's thread only."""

    config: Config
    clock: Clock
    ledger: Ledger
    channels: Mapping[str, Channel]
    jobs: Jobs
    deliveries: Deliveries
    peripherals: Peripherals
    faces: FaceService | None
    random: Callable[[int], int]
    trace: Trace
    _attacks: list[float] = field(default_factory=list)

    @property
    def channel(self) -> str:
        """The name of the channel that takes face and code payments here."""
        return next(iter(self.channels))

    @property
    def test(self) -> bool:
        """Whether no money moves."""
        return any(channel.sandbox for channel in self.channels.values())

    def tenders(self) -> tuple[str, ...]:
        """The ways to pay that work now, face first."""
        if self.jobs.trouble(self.channel) is not None:
            return ()
        offered = []
        if self.faces is not None and self.faces.usable()[0] and not self.face_locked():
            offered.append(FACE)
        if self.peripherals.works("scanner"):
            offered.append(CODE)
        return tuple(offered)

    def blocked(self) -> tuple[Text, Text] | None:
        """Why nothing can be sold, for the shopper and for staff; None when all is well."""
        trouble = room_trouble(self.config.paths.state)
        return None if trouble is None else (Text("out.ledger"), staff_line(*trouble))

    # --- one payment ----------------------------------------------------------------------------

    def open(self, visit: Visit, method: Method) -> Payment:
        """A new payment of what is due, on disk. Raises LedgerError."""
        priced = visit.priced
        payment = Payment(
            out_trade_no=new_trade_no(self.config.terminal_id, self.clock.wall_ms(), self.random),
            visit_id=visit.visit_id,
            channel=self.channel,
            method=method,
            amount=priced.total,
            created_ms=self.clock.wall_ms(),
        )
        return self.ledger.open_payment(payment, basket_to_keep(priced))

    def look(self, payment: Payment, notice_version: str) -> Payment:
        """Consent was given: begin to look for the face. Raises LedgerError."""
        assert self.faces is not None
        self.ledger.append("consent", payment.out_trade_no, {"notice": notice_version})
        looking = self.ledger.record(payment.out_trade_no, Authenticate())
        self.faces.start(payment.out_trade_no)
        return looking

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

    def give_up(self, payment: Payment) -> None:
        """The shopper ended a wait that he may end."""
        self.jobs.give_up(payment, "shopper")

    def print_slip(self, payment: Payment, language: str) -> None:
        """Print the slip of a paid payment."""
        self.trace.mark("paid", out_trade_no=payment.out_trade_no)
        self.deliveries.slip(payment, self.clock.wall_ms(), language, test=self.test)

    def print_copy(self, payment: Payment, language: str) -> None:
        """Print the slip of a paid payment again, as a COPY."""
        self.deliveries.copy(payment, self.clock.wall_ms(), language, test=self.test)

    def give_out(self, payment: Payment) -> None:
        """Give out the kitchen tickets and drops of a paid payment, once."""
        self.deliveries.goods(payment, test=self.test)

    def print_ticket(self, payment: Payment, key: str) -> None:
        """Print a kitchen ticket again, as a COPY. Raises LedgerError."""
        self.deliveries.ticket_again(payment, key, test=self.test)

    def patience(self, payment: Payment) -> float:
        """Seconds after which a shopper is not kept waiting for an outcome."""
        policy = self.channels[payment.channel].policy
        return policy.give_up_after + policy.reverse_not_before

    def attacked(self) -> None:
        """An attack presentation ended an attempt: count it, without an image."""
        self._attacks.append(self.clock.now())
        try:
            self.ledger.append("attack", self.config.terminal_id, {"tender": FACE})
        except LedgerError:
            log.exception("attack not written")

    def order_of(self, payment: Payment) -> PayOrder:
        """What the channel is asked for, from the basket on disk: the same in every call."""
        return order_of(payment, self.ledger.basket_of(payment.out_trade_no) or {}, self.config)

    def face_locked(self) -> bool:
        """Whether face pay rests after several attack presentations."""
        faces = self.config.faces
        since = self.clock.now() - faces.lockout_seconds
        self._attacks = [at for at in self._attacks if at > since]
        return len(self._attacks) >= faces.attacks_allowed


def order_of(payment: Payment, basket: Mapping[str, Any], config: Config) -> PayOrder:
    """The order of a payment whose priced basket is `basket`."""
    lines = totals_from_json(basket).lines
    goods = tuple(
        GoodsLine(
            goods_id=priced.line.product.code,
            goods_name=priced.line.product.name_zh,
            quantity=priced.line.quantity,
            price=priced.line.total if not priced.line.counted else priced.line.product.price,
        )
        for priced in lines
    )
    body = f"{config.shop.name}-{lines[0].line.product.name_zh}" if lines else config.shop.name
    short = body.encode()[:BODY_LIMIT].decode("utf-8", "ignore")
    return PayOrder(payment.out_trade_no, payment.amount, short, goods)


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
