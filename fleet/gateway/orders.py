"""Every number that went through the gateway, bound to its terminal, store and amount.

A number is written down before the wallet is asked, once; it is never sent a second time. Another
store's number is like none at all, and so is one that was undone before it was sent; so nobody
finds numbers out by trying.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from fleet.accounts.journal import payable
from fleet.database import Database, claim
from fleet.gateway.caller import Caller, caller_of
from fleet.gateway.limits import hold, payment_excess
from fleet.gateway.states import OrderState
from fleet.gateway.tables import gateway_order
from fleet.who import Who
from kiosk.channels.channel import NotSent, OutcomeUnknown, PayOrder
from kiosk.domain.money import Money
from kiosk.domain.payment import Declined

GUESSES = 10  # unknown cards of one terminal
GUESSES_MS = 10 * 60_000  # within so long
_TRADE_NO = re.compile(r"[A-Za-z0-9_\-|*]{1,32}")
_MESSAGES = {
    "LIMIT_EXCEEDED": "more than may be paid here",
    "TOO_MANY_TRIES": "too many cards that nobody has",
    "NOT_SENT": "the wallet was not reached",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """An order as it is booked."""

    who: Who
    store_id: str
    out_trade_no: str
    amount: Money
    state: OrderState
    code: str
    created_ms: int

    @property
    def order(self) -> PayOrder:
        """What the wallet is asked about."""
        return PayOrder(self.out_trade_no, self.amount, "order")

    @property
    def refused(self) -> Declined:
        """Why the wallet never heard of it."""
        return Declined(self.code, _MESSAGES.get(self.code, ""))


class Orders:
    """Safe for threads and for any number of processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self, who: Who, channel: str, order: PayOrder, now_ms: int, *, guessable: bool = False
    ) -> Declined | None:
        """Write a new number down; None: the wallet may be asked now, by the caller alone.

        `guessable`: what pays is a card's number, so who tries too many is stopped. Declined: it
        is over a limit or one try too many, and nobody will ever ask. Raises OutcomeUnknown for a
        number that is known, and NotSent for an order that cannot be.
        """
        _demand(order)
        number = order.out_trade_no
        with self._database.write() as connection:
            caller = caller_of(connection, who)
            binding = hold(connection, caller)
            known = _find(connection, caller.merchant_id, channel, number)
            excess = payment_excess(connection, binding, order.amount.fen, now_ms)
            code = "LIMIT_EXCEEDED" if excess else ""
            if guessable and _guesses(connection, caller, channel, now_ms) >= GUESSES:
                code = "TOO_MANY_TRIES"
            state = OrderState.REFUSED if code else OrderState.SENT
            # Where the same number comes twice at once, the first one has it.
            if known or not _claim(connection, caller, channel, order, (state, code), now_ms):
                raise OutcomeUnknown("this number went through the gateway before")
        if not code:
            return None
        said = excess or code
        log.warning("order refused who=%s out_trade_no=%s cause=%s", who, number, said)
        return Declined(code, _MESSAGES[code])

    def find(self, who: Who, channel: str, out_trade_no: str) -> Known | None:
        """An order of the terminal's store, or of its own before it was moved there."""
        with self._database.read() as connection:
            caller = caller_of(connection, who)
            known = _find(connection, caller.merchant_id, channel, out_trade_no)
        near = known is not None and (known.store_id == caller.store_id or known.who == who)
        return known if near else None

    def find_any(self, merchant_id: str, channel: str, out_trade_no: str) -> Known | None:
        """An order of any of the merchant's stores."""
        with self._database.read() as connection:
            return _find(connection, merchant_id, channel, out_trade_no)

    def void(self, who: Who, channel: str, order: PayOrder, now_ms: int) -> bool:
        """Keep a number that nobody knows from ever being sent; False: somebody knows it."""
        _demand(order)
        with self._database.write() as connection:
            caller = caller_of(connection, who)
            return _claim(connection, caller, channel, order, (OrderState.VOID, ""), now_ms)

    def note(
        self, merchant_id: str, channel: str, out_trade_no: str, state: OrderState, code: str = ""
    ) -> None:
        """What the wallet said of it. Never fails: the wallet has been asked, and is the truth."""
        try:
            with self._database.write() as connection:
                key = _key((merchant_id, channel, out_trade_no))
                connection.execute(update(gateway_order).where(*key).values(state=state, code=code))
        except SQLAlchemyError as error:
            log.error(  # noqa: TRY400 - the trace would hold the values
                "order not noted out_trade_no=%s cause=%s", out_trade_no, type(error).__name__
            )


def _demand(order: PayOrder) -> None:
    if not _TRADE_NO.fullmatch(order.out_trade_no):
        raise NotSent("out_trade_no must be 1 to 32 characters of A-Za-z0-9_-|*")
    if not payable(order.amount):
        raise NotSent("not an amount of CNY above zero")


def _claim(
    connection: Connection,
    caller: Caller,
    channel: str,
    order: PayOrder,
    ending: tuple[OrderState, str],
    now_ms: int,
) -> bool:
    """Put a new row in; False: the number is taken."""
    state, code = ending
    row = {
        "merchant_id": caller.merchant_id,
        "channel": channel,
        "out_trade_no": order.out_trade_no,
        "terminal_id": caller.who.terminal_id,
        "store_id": caller.store_id,
        "fen": order.amount.fen,
        "currency": order.amount.currency,
        "state": state,
        "code": code,
        "created_ms": now_ms,
    }
    return claim(connection, gateway_order, row)


def _find(
    connection: Connection, merchant_id: str, channel: str, out_trade_no: str
) -> Known | None:
    if not _TRADE_NO.fullmatch(out_trade_no):
        return None
    key = _key((merchant_id, channel, out_trade_no))
    row = connection.execute(select(gateway_order).where(*key)).first()
    return None if row is None or row.state == OrderState.VOID else _known(row)


def _known(row: Row[Any]) -> Known:
    return Known(
        Who(row.merchant_id, row.terminal_id),
        row.store_id,
        row.out_trade_no,
        Money(row.fen, row.currency),
        OrderState(row.state),
        row.code,
        row.created_ms,
    )


def _guesses(connection: Connection, caller: Caller, channel: str, now_ms: int) -> int:
    """Cards that nobody has, shown at this terminal a short while ago."""
    orders = gateway_order.c
    query = select(func.count()).where(
        orders.merchant_id == caller.merchant_id,
        orders.channel == channel,
        orders.terminal_id == caller.who.terminal_id,
        orders.created_ms > now_ms - GUESSES_MS,
        orders.code == "CARD_UNKNOWN",
    )
    return int(connection.execute(query).scalar_one())


def _key(key: tuple[str, str, str]) -> list[Any]:
    columns = (gateway_order.c.merchant_id, gateway_order.c.channel, gateway_order.c.out_trade_no)
    return [column == value for column, value in zip(columns, key, strict=True)]
