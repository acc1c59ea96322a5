"""Cash, by the staff's word: taken, not taken, paid out, not paid out.

Each word is one transaction: what it says of the payment or the refund, and how much more or less
the drawer holds (`cash_moved`). Then the drawer opens.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.channels.cash import CASH
from kiosk.config import Config
from kiosk.deliver import Deliveries
from kiosk.domain import cash
from kiosk.domain.money import ZERO, Money
from kiosk.domain.payment import Approved, Declined, Event, Method, Payment, State, Unsent
from kiosk.domain.refund import Refund, RefundClosed, RefundDone, RefundEvent, RefundState
from kiosk.ledger import Ledger
from kiosk.peripherals import DRAWER, Peripherals

NOT_TAKEN, NOT_PAID_OUT = "NOT_TAKEN", "NOT_PAID_OUT"
STAFF, SHOPPER = "staff", "shopper"
"""Who ends a cash payment that was not paid."""


class CashDesk:
    """Used by the checkout's thread only; everything that writes raises LedgerError."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        peripherals: Peripherals,
        deliveries: Deliveries,
        tell: Callable[[Payment], object],
    ) -> None:
        """`tell` lets everybody hear of a payment that took a step."""
        self._config = config
        self._ledger = ledger
        self._peripherals = peripherals
        self._deliveries = deliveries
        self._tell = tell

    def works(self) -> bool:
        """Whether cash can be taken: somebody may, and there is a place to put it."""
        wanted, staff = self._config.cash, self._config.staff
        if not wanted.enabled or not (staff.pin_hash or staff.people):
            return False
        return not wanted.drawer or self._peripherals.works(DRAWER)

    def take(self, payment: Payment, tendered_fen: int) -> Payment:
        """So much was handed over. Raises ValueError for less than is due, or far more."""
        number, due = payment.out_trade_no, payment.amount.fen
        if cash.change_of(due, tendered_fen) is None:
            raise ValueError(f"{number}: {tendered_fen} fen handed over for {due}")
        with self._ledger.together():
            self._ledger.append(cash.MOVED, number, cash.taken(due, tendered_fen))
            after = self._ledger.record(number, Approved("", due))
        self._open(number, cash.SALE)
        self._tell(after)
        return after

    def refuse(self, payment: Payment, who: str) -> Payment:
        """No money was taken."""
        sure = payment.state is State.PAYING
        event: Event = Unsent(who) if sure else Declined(NOT_TAKEN)
        after = self._ledger.record(payment.out_trade_no, event)
        self._tell(after)
        return after

    def pay_out(self, refund: Refund, *, paid: bool) -> Refund:
        """Staff hand the money of a refund back, or will not."""
        number = refund.out_refund_no
        if not paid:
            return self._ledger.record_refund(number, RefundClosed(NOT_PAID_OUT))
        event: RefundEvent = RefundDone("", refund.amount.fen)
        with self._ledger.together():
            self._ledger.append(cash.MOVED, number, cash.paid_out(refund.amount.fen))
            after = self._ledger.record_refund(number, event)
        self._open(number, cash.REFUND)
        return after

    def change(self, payment: Payment) -> Money:
        """What went back of what was handed over for a payment; nothing where it was not cash."""
        if payment.method is not Method.CASH:
            return ZERO
        body = self._ledger.noted(cash.MOVED, payment.out_trade_no) or {}
        return Money(int(body.get("change_fen", 0)), payment.amount.currency)

    def waiting(self) -> list[Refund]:
        """Refunds that are to be paid out of the drawer, oldest first."""
        found = self._ledger.unsettled_refunds()
        return [each for each in found if is_waiting(each)]

    def _open(self, number: str, why: str) -> None:
        if self._config.cash.drawer:
            self._deliveries.open_drawer(number, why)


def is_open(payment: Payment) -> bool:
    """Whether staff still have to say what became of it."""
    return payment.method is Method.CASH and not payment.final


def is_waiting(refund: Refund) -> bool:
    """Whether staff still have to pay it out of the drawer."""
    return refund.channel == CASH and refund.state is RefundState.PROCESSING
