"""What an office asks a channel directly about a payment, when its kiosk may be dead.

    ask ─► a row ─► a worker of the serving process asks the real channel ─► the answer in the row

The office needs no keys and may be another process. Whoever asks must name a payment that the
gateway or the merchant's books know; what the channel then says changes nothing by itself.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from fleet import tables
from fleet.database import Database, locked
from fleet.gateway.orders import Orders
from fleet.gateway.states import OrderState
from fleet.gateway.tables import gateway_ask
from fleet.gateway.wallets import Wallets
from fleet.who import Who, of
from kiosk.channels.channel import ChannelError, NotFound, PayOrder, QueryAnswer
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Waiting

EVERY = 0.25  # seconds between looks for questions
LOST_MS = 120_000  # after which a question is taken again whose process died

DeskState = Literal["paid", "unpaid", "failed", "unknown"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeskAnswer:
    """What the channel says of a payment; `said` is its code and message, or what went wrong."""

    state: DeskState
    said: str
    transaction_id: str
    fen: int
    at_ms: int


class Desk:
    """Takes questions and hands answers out. Safe for threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, who: Who, channel: str, out_trade_no: str, by: str, now_ms: int) -> str:
        """Put a question; its id."""
        ask_id = secrets.token_hex(12)
        row = {
            "merchant_id": who.merchant_id,
            "terminal_id": who.terminal_id,
            "channel": channel,
            "out_trade_no": out_trade_no,
        }
        with self._database.write() as connection:
            connection.execute(
                insert(gateway_ask).values(**row, ask_id=ask_id, by=by, asked_ms=now_ms)
            )
        return ask_id

    def answer(self, merchant_id: str, ask_id: str) -> DeskAnswer | None:
        """What was found out; None: not yet."""
        with self._database.read() as connection:
            row = connection.execute(select(gateway_ask).where(*_key(merchant_id, ask_id))).first()
        if row is None or row.answered_ms is None:
            return None
        state = cast("DeskState", row.state)
        return DeskAnswer(state, row.said, row.transaction_id, row.fen, row.answered_ms)


class DeskWorker:
    """A thread that asks the channels what offices want to know."""

    def __init__(self, database: Database, wallets: Wallets, now_ms: Callable[[], int]) -> None:
        self._database, self._wallets, self._now_ms = database, wallets, now_ms
        self._orders = Orders(database)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def start(self) -> None:
        """Begin, with what an earlier process left."""
        self._thread.start()

    def stop(self) -> None:
        """End after the question that is being asked."""
        self._stopped.set()
        self._thread.join()

    def work(self) -> bool:
        """Answer one question; False: there is none."""
        row = self._taken()
        if row is None:
            return False
        answer = self._found_out(row)
        with self._database.write() as connection:
            connection.execute(
                update(gateway_ask)
                .where(*_key(row.merchant_id, row.ask_id))
                .values(
                    answered_ms=answer.at_ms,
                    state=answer.state,
                    said=answer.said[:300],
                    transaction_id=answer.transaction_id,
                    fen=answer.fen,
                )
            )
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                more = self.work()
            except SQLAlchemyError as error:
                log.error("desk failed cause=%s", type(error).__name__)  # noqa: TRY400
                more = False
            if not more:
                self._stopped.wait(EVERY)

    def _taken(self) -> Row[Any] | None:
        """The oldest question that no process works on, which this one does now."""
        asks, now = gateway_ask.c, self._now_ms()
        free = or_(asks.taken_ms.is_(None), asks.taken_ms < now - LOST_MS)
        query = select(gateway_ask).where(asks.answered_ms.is_(None), free)
        with self._database.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return None  # without waiting for who writes
        oldest = locked(query.order_by(asks.asked_ms).limit(1), skip=True)
        with self._database.write() as connection:
            row = connection.execute(oldest).first()
            if row is not None:
                key = _key(row.merchant_id, row.ask_id)
                connection.execute(update(gateway_ask).where(*key).values(taken_ms=now))
        return row

    def _found_out(self, row: Row[Any]) -> DeskAnswer:
        served = self._wallets.find(row.merchant_id, row.channel)
        if served is None:
            return self._unknown("the merchant has no such channel here")
        known = self._orders.find_any(row.merchant_id, row.channel, row.out_trade_no)
        if known is not None and known.state is OrderState.REFUSED:
            said = f"{known.code}: the channel was never asked"
            return DeskAnswer("failed", said, "", 0, self._now_ms())
        order = known.order if known else self._booked(row)
        if order is None:
            return self._unknown("no payment of the merchant has this number on this channel")
        try:
            answer: QueryAnswer = served.account.query(order)
        except ChannelError as error:
            return self._unknown(error.cause)
        except Exception as error:  # noqa: BLE001 - one bad question does not block the desk
            return self._unknown(f"the channel's client failed: {type(error).__name__}")
        return self._told(answer)

    def _told(self, answer: QueryAnswer) -> DeskAnswer:
        at_ms = self._now_ms()
        match answer:
            case Approved(transaction_id=number, fen=fen):
                return DeskAnswer("paid", "paid", number, fen, at_ms)
            case Declined(code=code, message=message):
                said = f"{code}: {message}" if message else code
                return DeskAnswer("failed", said, "", 0, at_ms)
            case PayError(code=code):
                return DeskAnswer("failed", f"{code}: it must be reversed", "", 0, at_ms)
            case Waiting(code=code):
                return DeskAnswer("unpaid", f"{code}: it waits for the shopper", "", 0, at_ms)
            case NotFound():
                return DeskAnswer("unpaid", "the channel does not know the number", "", 0, at_ms)

    def _booked(self, row: Row[Any]) -> PayOrder | None:
        """The payment in the merchant's books, which are made from what his kiosks sent."""
        with self._database.read() as connection:
            paid = _payment(connection, row)
        if paid is None:
            return None
        return PayOrder(paid.out_trade_no, Money(paid.fen, paid.currency), "order")

    def _unknown(self, why: str) -> DeskAnswer:
        return DeskAnswer("unknown", why, "", 0, self._now_ms())


def _payment(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    payments = tables.payment
    return connection.execute(
        select(payments).where(
            of(payments, Who(row.merchant_id, row.terminal_id)),
            payments.c.out_trade_no == row.out_trade_no,
            payments.c.channel == row.channel,
        )
    ).first()


def _key(merchant_id: str, ask_id: str) -> list[Any]:
    return [gateway_ask.c.merchant_id == merchant_id, gateway_ask.c.ask_id == ask_id]
