"""Money that goes back onto the account of a payment: once a number, never more than was paid."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, func, select

from fleet.accounts.journal import Journal, Kind, Movement, payable
from fleet.accounts.refusals import refund_closed, refused
from fleet.accounts.states import AccountState, PaymentState, RefundState
from fleet.accounts.tables import stored_payment, stored_refund
from kiosk.channels.channel import (
    KnownRefund,
    NotFound,
    NotSent,
    RefundOrder,
    Settled,
)
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundClosed, RefundDone

_REFUND_NO = re.compile(r"[A-Za-z0-9_\-|*@]{1,64}")


class StoredRefunds:
    """The refunds of one merchant's payments by stored value."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def refund(self, order: RefundOrder) -> RefundDone | RefundClosed:
        """Put the money back, or say why it surely stays; either answer stands for the number."""
        if not _REFUND_NO.fullmatch(order.out_refund_no):
            raise NotSent("out_refund_no must be 1 to 64 characters of A-Za-z0-9_-|*@")
        if not payable(order.amount):
            raise NotSent(f"{order.amount} cannot be given back")
        journal, fen = self._journal, order.amount.fen
        key = {"out_refund_no": order.out_refund_no}
        opened = {"out_trade_no": order.out_trade_no, "fen": fen, "code": "", "entry_no": ""}
        at_ms = journal.wall_ms()
        with journal.write() as connection:
            paid = journal.row(
                connection, stored_payment, {"out_trade_no": order.out_trade_no}, hold=True
            )
            if not journal.claim(
                connection, stored_refund, **key, **opened, state=RefundState.OPEN, at_ms=at_ms
            ):
                known = journal.row(connection, stored_refund, key)
                assert known is not None
                return _answer(known, order)
            code, entry_no = self._refusal(connection, paid, order), ""
            if not code:
                assert paid is not None
                entry_no = journal.post(
                    connection, Movement(Kind.REFUND, order.out_refund_no, paid.account_id, fen)
                )
            state = RefundState.CLOSED if code else RefundState.DONE
            journal.change(
                connection, stored_refund, key, state=state, code=code, entry_no=entry_no
            )
        return refund_closed(code) if code else RefundDone(entry_no, fen)

    def query_refund(self, order: RefundOrder) -> RefundDone | RefundClosed | NotFound:
        """What was answered for the number."""
        with self._journal.read() as connection:
            row = self._journal.row(
                connection, stored_refund, {"out_refund_no": order.out_refund_no}
            )
        return NotFound() if row is None else _answer(row, order)

    def settled(self, out_trade_no: str, transaction_id: str) -> Settled | NotFound:
        """What was paid, and every refund of it; Refused where nothing was paid or all undone."""
        if bool(out_trade_no) == bool(transaction_id):
            raise NotSent("a payment is found by one of its two numbers")
        key = {"out_trade_no": out_trade_no} if out_trade_no else {"entry_no": transaction_id}
        with self._journal.read() as connection:
            paid = self._journal.row(connection, stored_payment, key)
            if paid is None:
                return NotFound()
            if paid.state != PaymentState.PAID:
                raise refused(paid.code)
            refunds = connection.execute(
                select(stored_refund)
                .where(*self._refunds_of(paid.out_trade_no))
                .order_by(stored_refund.c.at_ms, stored_refund.c.out_refund_no)
            ).all()
        listed = tuple(
            KnownRefund(row.out_refund_no, Money(row.fen), _ended(row)) for row in refunds
        )
        return Settled(paid.out_trade_no, paid.entry_no, Money(paid.fen), listed)

    def refunded_fen(self, connection: Connection, out_trade_no: str) -> int:
        """What of a payment has gone back; exact while the payment's row is held."""
        return int(
            connection.execute(
                select(func.coalesce(func.sum(stored_refund.c.fen), 0)).where(
                    *self._refunds_of(out_trade_no), stored_refund.c.state == RefundState.DONE
                )
            ).scalar_one()
        )

    def _refusal(self, connection: Connection, paid: Row[Any] | None, order: RefundOrder) -> str:
        """Why nothing goes back; "": the money goes back, and the account is held."""
        if paid is None:
            return "PAYMENT_UNKNOWN"
        if paid.state != PaymentState.PAID:
            return "NOT_PAID"
        if order.paid != Money(paid.fen):
            return "PAID_DIFFERS"
        if self.refunded_fen(connection, paid.out_trade_no) + order.amount.fen > paid.fen:
            return "REFUND_TOO_MUCH"
        owner = self._journal.held(connection, paid.account_id)
        return "ACCOUNT_CLOSED" if owner.state == AccountState.CLOSED else ""

    def _refunds_of(self, out_trade_no: str) -> list[Any]:
        return [
            stored_refund.c.merchant_id == self._journal.merchant_id,
            stored_refund.c.out_trade_no == out_trade_no,
        ]


def _answer(row: Row[Any], order: RefundOrder) -> RefundDone | RefundClosed:
    if row.out_trade_no != order.out_trade_no or row.fen != order.amount.fen:
        return refund_closed("NUMBER_TAKEN")
    return _ended(row)


def _ended(row: Row[Any]) -> RefundDone | RefundClosed:
    if row.state == RefundState.DONE:
        return RefundDone(row.entry_no, row.fen)
    return refund_closed(row.code)
