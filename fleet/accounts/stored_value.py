"""Stored value as a payment channel: the contract that kiosks know, answered by the journal.

    pay ──► PAID ──► REVERSED       whatever is answered for a number is kept under it, so that the
      └───► DECLINED                same question, late or twice, has the same answer
    reverse of a number never seen ──► REVERSED: a pay that comes after it takes nothing

A card pays for any number of orders; an order is paid once, whoever presents what.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, func, select

from fleet.accounts.journal import Journal, Kind, Movement, payable
from fleet.accounts.numbers import CardNumbers
from fleet.accounts.refunds import StoredRefunds
from fleet.accounts.refusals import declined, refused
from fleet.accounts.states import AccountState, CardState, PaymentState
from fleet.accounts.tables import card, stored_payment
from fleet.days import DAY_MS, day_begin
from kiosk.channels.channel import (
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayAnswer,
    PayOrder,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    Settled,
    Token,
    TokenKind,
)
from kiosk.domain.payment import Approved, Declined, Reversed

_TRADE_NO = re.compile(r"[A-Za-z0-9_\-|*]{1,32}")

# The journal knows at once what became of a payment; only the way to it can fail.
POLICY = QueryPolicy(query_after=1, query_every=2, give_up_after=15, reverse_not_before=0)


class StoredValue:
    """A `Channel` and `RefundChannel` of one merchant's stored value; safe for threads.

    NotSent: nothing was done. OutcomeUnknown: ask again with the same number. Refused NUMBER_TAKEN:
    the number is another order's, of another amount.
    """

    name = "stored_value"
    policy = POLICY
    sandbox = False

    def __init__(self, journal: Journal, numbers: CardNumbers) -> None:
        self._journal = journal
        self._numbers = numbers
        self._refunds = StoredRefunds(journal)

    def pay(self, order: PayOrder, token: Token) -> PayAnswer:
        """Take the money off the account of the card that `token` names, of the kind CODE."""
        _demand_order(order)
        number, fen, at_ms = order.out_trade_no, order.amount.fen, self._journal.wall_ms()
        opened = {"account_id": "", "fen": fen, "code": "", "entry_no": "", "at_ms": at_ms}
        with self._journal.write() as connection:
            if not self._journal.claim(
                connection, stored_payment, out_trade_no=number, state=PaymentState.OPEN, **opened
            ):
                return self._known(connection, order)
            account_id, code = self._payer(connection, fen, at_ms, token)
            entry_no, state = "", PaymentState.DECLINED
            if not code:
                movement = Movement(Kind.PAYMENT, number, account_id, -fen)
                entry_no, state = self._journal.post(connection, movement), PaymentState.PAID
            self._journal.change(
                connection,
                stored_payment,
                {"out_trade_no": number},
                account_id=account_id,
                state=state,
                code=code,
                entry_no=entry_no,
            )
        return declined(code) if code else Approved(entry_no, fen)

    def query(self, order: PayOrder) -> QueryAnswer:
        """What was answered for the number."""
        _demand_order(order)
        with self._journal.read() as connection:
            row = self._journal.row(
                connection, stored_payment, {"out_trade_no": order.out_trade_no}
            )
        return NotFound() if row is None else _answer(row, order)

    def reverse(self, order: PayOrder) -> Reversed:
        """Put the money back and keep the number from ever taking any, also one never seen.

        Refused REFUNDED: money of it has gone back already.
        """
        _demand_order(order)
        journal, number = self._journal, order.out_trade_no
        row = {"account_id": "", "fen": order.amount.fen, "code": "REVERSED", "entry_no": ""}
        at_ms, state = journal.wall_ms(), PaymentState.REVERSED
        key = {"out_trade_no": number}
        with journal.write() as connection:
            if journal.claim(connection, stored_payment, **key, **row, state=state, at_ms=at_ms):
                return Reversed()
            paid = journal.row(connection, stored_payment, key, hold=True)
            assert paid is not None
            _demand_same(paid, order)
            if paid.state == PaymentState.PAID:
                if self._refunds.refunded_fen(connection, number):
                    raise refused("REFUNDED")
                journal.held(connection, paid.account_id)
                journal.post(connection, Movement(Kind.REVERSAL, number, paid.account_id, paid.fen))
                journal.change(connection, stored_payment, key, state=state, code="REVERSED")
        return Reversed()

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Put money of a payment back onto its account, frozen or not; done at once."""
        return self._refunds.refund(order)

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        """What was answered for the number. RefundClosed NUMBER_TAKEN: it is another refund's."""
        return self._refunds.query_refund(order)

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        """What was paid for a payment of any till, and every refund that was asked for."""
        return self._refunds.settled(out_trade_no, transaction_id)

    def check(self) -> None:
        """Look a number up that nobody has: the answer proves the database and its tables."""
        try:
            with self._journal.read() as connection:
                self._journal.row(connection, stored_payment, {"out_trade_no": ""})
        except OutcomeUnknown as error:
            raise NotSent(error.cause, error.mend) from error

    def _known(self, connection: Connection, order: PayOrder) -> Approved | Declined:
        row = self._journal.row(connection, stored_payment, {"out_trade_no": order.out_trade_no})
        assert row is not None
        if row.fen != order.amount.fen:
            # Not Declined: money may be held under this number.
            raise OutcomeUnknown("the number is another order's, of another amount")
        return _answer(row, order)

    def _payer(self, connection: Connection, fen: int, at_ms: int, token: Token) -> tuple[str, str]:
        """The account that a token names, held, and why it does not pay; "": it pays."""
        journal = self._journal
        named = None
        if token.kind is TokenKind.CODE:
            named = self._numbers.read(journal.merchant_id, token.value)
        shown = named and journal.row(connection, card, {"card_id": named.card_id})
        if not shown:
            return "", "CARD_UNKNOWN"
        payer = journal.held(connection, shown.account_id)
        # Once more, since it may have been replaced while the account was waited for.
        shown = journal.row(connection, card, {"card_id": shown.card_id})
        if shown is None or shown.state != CardState.ACTIVE:
            return payer.account_id, "CARD_REPLACED"
        match AccountState(payer.state):
            case AccountState.CLOSED:
                return payer.account_id, "ACCOUNT_CLOSED"
            case AccountState.FROZEN:
                return payer.account_id, "CARD_FROZEN"
            case AccountState.OPEN:
                return payer.account_id, self._too_much(connection, payer, fen, at_ms)

    def _too_much(self, connection: Connection, payer: Row[Any], fen: int, at_ms: int) -> str:
        if payer.per_payment_fen is not None and fen > payer.per_payment_fen:
            return "LIMIT_EXCEEDED"
        if payer.per_day_fen is not None:
            begin = day_begin(at_ms)
            spent = connection.execute(
                select(func.coalesce(func.sum(stored_payment.c.fen), 0)).where(
                    stored_payment.c.merchant_id == self._journal.merchant_id,
                    stored_payment.c.account_id == payer.account_id,
                    stored_payment.c.state == PaymentState.PAID,
                    stored_payment.c.at_ms >= begin,
                    stored_payment.c.at_ms < begin + DAY_MS,
                )
            ).scalar_one()
            if spent + fen > payer.per_day_fen:
                return "DAY_LIMIT_EXCEEDED"
        return "BALANCE_NOT_ENOUGH" if fen > payer.balance_fen else ""


def _answer(row: Row[Any], order: PayOrder) -> Approved | Declined:
    _demand_same(row, order)
    if row.state == PaymentState.PAID:
        return Approved(row.entry_no, row.fen)
    return declined(row.code)


def _demand_same(row: Row[Any], order: PayOrder) -> None:
    if row.fen != order.amount.fen:
        raise refused("NUMBER_TAKEN")


def _demand_order(order: PayOrder) -> None:
    if not _TRADE_NO.fullmatch(order.out_trade_no):
        raise NotSent("out_trade_no must be 1 to 32 characters of A-Za-z0-9_-|*")
    if not payable(order.amount):
        raise NotSent(f"{order.amount} cannot be paid with stored value")
