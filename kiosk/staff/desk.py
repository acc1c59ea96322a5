"""The payments on the staff's screen: today's list, the one that is looked at, and what is done.

Money moves here only by `AskRefund`: the refund is on the disk before it is sent, and from then on
it is the jobs' to bring it to its end, whoever is still looking.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from kiosk.domain.payment import Payment, State
from kiosk.domain.receipt import CHINA
from kiosk.domain.refund import Refund
from kiosk.ledger import LedgerError
from kiosk.messages.staff import (
    AskAgain,
    AskRefund,
    CloseDrop,
    GoodsRow,
    PaymentRow,
    PaymentShown,
    PrintCopy,
    PrintTicket,
)
from kiosk.refunds import FoundPayment
from kiosk.staff import showing
from kiosk.staff.errands import Errands
from kiosk.staff.goods import LACKING, goods
from kiosk.staff.notes import Notes
from kiosk.staff.number import SHORTEST, read_number
from kiosk.till import Till

LISTED = 60  # payments of today
REASON = "门店退款"  # the wallet shows it to the shopper

Deed = AskRefund | AskAgain | PrintCopy | PrintTicket | CloseDrop

log = logging.getLogger(__name__)


class Cashbox(Protocol):
    """Finds payments of any till and gives money back."""

    def find(self, number: str) -> FoundPayment | None:
        """By out_trade_no or transaction_id; may wait for the network.

        Raises ChannelError and LedgerError.
        """

    def request(self, out_trade_no: str, fen: int, reason: str, *, limit_fen: int = 0) -> Refund:
        """On the disk when this returns, and sent from then on; may wait for the network.

        `limit_fen` is what the one who asks may give back, where it is more than others may.

        Raises RefundRefused, ChannelError and LedgerError; then nothing will be sent.
        """

    def again(self, refund: Refund) -> None:
        """Ask now how an open refund stands; returns at once."""


class Desk:
    """Used by the checkout's thread only; `hint` says a sentence by its key, `refresh` shows."""

    def __init__(
        self,
        till: Till,
        cashbox: Cashbox,
        errands: Errands,
        notes: Notes,
        hint: Callable[..., None],
        refresh: Callable[[], None],
    ) -> None:
        self._till = till
        self._cashbox = cashbox
        self._errands = errands
        self._notes = notes
        self._hint = hint
        self._refresh = refresh
        self._today: dict[str, Payment] = {}
        self._lacking: set[str] = set()
        self.found: FoundPayment | None = None
        self.limit_fen = 0
        """What the one who is signed in may give back of a payment, where it is more."""

    def begin(self) -> None:
        """Lay out today's payments, none of them looked at."""
        self._today = {each.out_trade_no: each for each in self._recent()}
        for number in self._today:
            self._see_to(number)
        self.found = None

    def clear(self) -> None:
        """Away with everything."""
        self._today, self._lacking, self.found = {}, set(), None

    def rows(self) -> tuple[PaymentRow, ...]:
        """The list."""
        unsettled = self._till.ledger.unsettled()
        now_ms = self._till.clock.wall_ms()
        return showing.rows(unsettled, self._today.values(), self._lacking, now_ms)

    def shown(self) -> PaymentShown | None:
        """The one that is looked at."""
        found = self.found
        return None if found is None else showing.shown(found, self._goods(found.out_trade_no))

    # --- what the staff do ----------------------------------------------------------------------

    def find(self, text: str) -> None:
        """Look for what was scanned or typed."""
        number = read_number(text)
        if number is None:
            self._hint("staff.not_a_number")
            return
        if len(number) < SHORTEST:
            ends = [each for each in self._today if each.endswith(number)]
            if len(ends) != 1:
                self._hint("staff.not_found")
                return
            number = ends[0]
        self._errands.ask("staff find", lambda: self._cashbox.find(number), self._show)
        self._refresh()

    def act(self, command: Deed, language: str) -> None:
        """Do something with the payment that is looked at; another one was meant a moment ago."""
        found = self.found
        if found is None or command.out_trade_no != found.out_trade_no or self._errands.busy:
            self._refresh()
            return
        payment = found.payment
        match command:
            case AskRefund(fen=fen, left_fen=left):
                self._refund(found, fen, left)
            case AskAgain():
                self._ask_again(found)
            case PrintCopy() if payment is not None and payment.state is State.PAID:
                self.note("copy", found.out_trade_no)
                self._till.print_copy(payment, language)
                self._hint("staff.copying", good=True)
            case PrintTicket(key=key) if payment is not None and self._may(key, "ticket"):
                self.note("ticket", key)
                self._till.print_ticket(payment, key)
                self._hint("staff.copying", good=True)
            case CloseDrop(key=key, handed=handed) if self._may(key, "close"):
                self._till.deliveries.close_drop(key, handed=handed)
                self.given_out(key)
            case _:
                self._refresh()

    def note(self, did: str, number: str = "") -> None:
        """Write down what staff did."""
        self._notes.write(did, number)

    # --- what changes by itself -----------------------------------------------------------------

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step."""
        self._today[payment.out_trade_no] = payment
        self._look_again(payment.out_trade_no)

    def given_out(self, key: str) -> None:
        """A ticket or a drop came to an end."""
        self._see_to(key.partition("/")[0])
        self._refresh()

    def refund_changed(self, refund: Refund) -> None:
        """A refund took a step."""
        self._look_again(refund.out_trade_no)

    # --- inside ---------------------------------------------------------------------------------

    def _recent(self) -> list[Payment]:
        now = datetime.fromtimestamp(self._till.clock.wall_ms() / 1000, UTC).astimezone(CHINA)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            return self._till.ledger.recent(int(midnight.timestamp() * 1000), LISTED)
        except LedgerError:
            log.exception("no payments to list")  # the staff must get in to see why
            return []

    def _goods(self, number: str) -> tuple[GoodsRow, ...]:
        try:
            return goods(self._till.ledger, number)
        except LedgerError:
            log.exception("goods not read out_trade_no=%s", number)
            return ()

    def _may(self, key: str, deed: str) -> bool:
        found = self.found
        rows = self._goods(found.out_trade_no) if found else ()
        return any((row.key, row.may) == (key, deed) for row in rows)

    def _see_to(self, number: str) -> None:
        if any(row.state in LACKING for row in self._goods(number)):
            self._lacking.add(number)
        else:
            self._lacking.discard(number)

    def _show(self, found: FoundPayment | None) -> None:
        if found is None:
            self._hint("staff.not_found")
        else:
            self.found = found
        self._refresh()

    def _look_again(self, out_trade_no: str) -> None:
        """Find anew what is shown, if it is this one."""

        def show(found: FoundPayment | None) -> None:
            if found is not None and self._looks_at(found.out_trade_no):
                self.found = found
                self._refresh()

        if self._looks_at(out_trade_no):
            question = lambda: self._cashbox.find(out_trade_no)  # noqa: E731 - it is a question
            self._errands.ask_aside("staff look", question, show)
        self._refresh()

    def _looks_at(self, out_trade_no: str) -> bool:
        return self.found is not None and self.found.out_trade_no == out_trade_no

    def _refund(self, found: FoundPayment, fen: int, left: int) -> None:
        if fen <= 0 or left != found.left_fen:
            self._hint("refund.changed")
            return
        number, limit = found.out_trade_no, self.limit_fen
        self._errands.ask(
            f"refunds of {number}",
            lambda: self._cashbox.request(number, fen, REASON, limit_fen=limit),
            self.refund_changed,
        )
        self._refresh()

    def _ask_again(self, found: FoundPayment) -> None:
        if found.payment is not None and not found.payment.final:
            self._till.jobs.ask_again(found.payment)
        for refund in found.refunds:
            if not refund.final:
                self._cashbox.again(refund)
        self._hint("staff.asked", good=True)
        self._look_again(found.out_trade_no)
