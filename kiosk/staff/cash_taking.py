"""The staff's page for cash: what is to be taken, was it taken, what goes back.

    a payment that is open     TAKE, or ASKED where a crash lies between ─► TAKEN, with the change
    a refund that waits        PAY_OUT

Which of them it is follows from the payment that is looked at; only the change is remembered here,
until the page is left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from kiosk.cash_desk import STAFF, is_open, is_waiting
from kiosk.domain.cash import change_of, quick_amounts
from kiosk.domain.payment import Payment, State
from kiosk.domain.refund import Refund
from kiosk.ledger import LedgerError
from kiosk.messages.staff import (
    CashShown,
    CashStep,
    PaymentRow,
    PayOut,
    RefuseCash,
    TakeCash,
)
from kiosk.refunds import FoundPayment
from kiosk.staff.desk import Desk
from kiosk.till import Till

Word = TakeCash | RefuseCash | PayOut
"""What staff say of cash."""
TO_TAKE, TO_PAY_OUT = "CASH_DUE", "CASH_BACK"
"""How rows of the list stand that wait for staff and their cash."""

log = logging.getLogger(__name__)


class CashTaking:
    """Used by the checkout's thread only; `hint` says a sentence by its key."""

    def __init__(self, till: Till, desk: Desk, hint: Callable[..., None]) -> None:
        self._till = till
        self._desk = desk
        self._hint = hint
        self._taken: CashShown | None = None

    def begin(self, payment: Payment | None) -> None:
        """Staff have come; `payment` is that of the shopper before them."""
        self._taken = None
        if payment is not None and is_open(payment):
            self._desk.find(payment.out_trade_no)

    def shown(self) -> CashShown | None:
        """What is to be done with the payment that is looked at; None: nothing in cash."""
        found = self._desk.found
        taken = self._taken
        if found is None:
            self._taken = None
            return None
        if taken is not None and taken.out_trade_no == found.out_trade_no:
            return taken
        payment, refund = found.payment, _waiting(found)
        if payment is not None and is_open(payment):
            return _to_take(payment)
        if refund is not None:
            fen = refund.amount.fen
            number = found.out_trade_no
            return CashShown(CashStep.PAY_OUT, number, fen, out_refund_no=refund.out_refund_no)
        return None

    def act(self, word: Word) -> None:
        """Write down what staff say; of another payment it was meant a moment ago.

        Raises LedgerError: then nothing was written.
        """
        found = self._desk.found
        if found is None or found.out_trade_no != word.out_trade_no:
            return
        payment = self._till.ledger.payment(word.out_trade_no)  # what is shown may be older
        match word:
            case TakeCash(tendered_fen=fen) if payment is not None and is_open(payment):
                self._take(payment, fen)
            case RefuseCash() if payment is not None and is_open(payment):
                self._desk.note("cash refused", word.out_trade_no)
                self._till.cash.refuse(payment, STAFF)
            case PayOut(out_refund_no=number, paid=paid):
                self._pay_out(number, paid=paid)
            case _:
                log.debug("late touch %s", type(word).__name__)

    def rows(self, rows: tuple[PaymentRow, ...]) -> tuple[PaymentRow, ...]:
        """The list with what waits for cash on top."""
        due = [_named(row, TO_TAKE) for row in rows if _is_due(row)]
        others = [row for row in rows if not _is_due(row)]
        back = self._rows_back(others)
        numbers = {row.out_trade_no for row in back}
        return (*due, *back, *(row for row in others if row.out_trade_no not in numbers))

    def drawer(self, result: str) -> None:
        """The drawer opened ("taken") or did not ("failed")."""
        if result == "failed":
            self._hint("staff.drawer_failed")

    # --- inside ---------------------------------------------------------------------------------

    def _take(self, payment: Payment, fen: int) -> None:
        change = change_of(payment.amount.fen, fen)
        if change is None:
            self._hint("staff.cash.not_that")
            return
        number = payment.out_trade_no
        self._desk.note("cash taken", number)
        self._till.cash.take(payment, fen)
        self._taken = CashShown(
            CashStep.TAKEN, number, payment.amount.fen, tendered_fen=fen, change_fen=change
        )

    def _pay_out(self, out_refund_no: str, *, paid: bool) -> None:
        refund = self._till.ledger.refund(out_refund_no)
        if refund is not None and is_waiting(refund):
            self._desk.note("cash paid out" if paid else "cash not paid out", out_refund_no)
            self._desk.refund_changed(self._till.cash.pay_out(refund, paid=paid))

    def _rows_back(self, rows: Iterable[PaymentRow]) -> list[PaymentRow]:
        try:
            waiting = {each.out_trade_no for each in self._till.cash.waiting()}
        except LedgerError:
            log.exception("no refunds to list")
            return []
        return [_named(row, TO_PAY_OUT) for row in rows if row.out_trade_no in waiting]


def _to_take(payment: Payment) -> CashShown:
    step = CashStep.TAKE if payment.state is State.PAYING else CashStep.ASKED
    due = payment.amount.fen
    return CashShown(step, payment.out_trade_no, due, quick_amounts(due))


def _waiting(found: FoundPayment) -> Refund | None:
    return next((each for each in found.refunds if is_waiting(each)), None)


def _is_due(row: PaymentRow) -> bool:
    return row.method == "CASH" and row.minutes is not None


def _named(row: PaymentRow, state: str) -> PaymentRow:
    return replace(row, state=state, minutes=row.minutes or 0)
