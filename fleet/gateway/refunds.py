"""Every refund that went through the gateway: its number stands for its values, whoever asks.

Where the wallet has said that it gives nothing back for a number, the number may be asked for with
other values: the wallet knows whether it is free.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from fleet.database import Database, locked
from fleet.gateway.caller import caller_of
from fleet.gateway.limits import hold, refund_excess
from fleet.gateway.orders import Known
from fleet.gateway.states import RefundState
from fleet.gateway.tables import gateway_refund
from fleet.who import Who
from kiosk.channels.channel import OutcomeUnknown, RefundOrder
from kiosk.domain.refund import RefundClosed

_REFUND_NO = re.compile(r"[A-Za-z0-9_\-|*@]{1,64}")
PAYMENT_UNKNOWN = RefundClosed("PAYMENT_UNKNOWN", "no payment has this number")
PAID_DIFFERS = RefundClosed("PAID_DIFFERS", "another amount was paid under this number")
NUMBER_TAKEN = RefundClosed("NUMBER_TAKEN", "the number is another refund's")
TOO_MUCH = RefundClosed("LIMIT_EXCEEDED", "more than may be given back here")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownRefund:
    """A refund as it is booked; `who` asked for it first."""

    who: Who
    out_trade_no: str
    store_id: str
    fen: int

    def is_of(self, order: RefundOrder) -> bool:
        """Whether it stands for these values."""
        return (self.out_trade_no, self.fen) == (order.out_trade_no, order.amount.fen)


class GatewayRefunds:
    """Safe for threads and for any number of processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bind(
        self, who: Who, channel: str, order: RefundOrder, paid: Known | None, now_ms: int
    ) -> RefundClosed | None:
        """Write a refund of a payment down; None: the wallet may be asked, now and again.

        RefundClosed: nothing was sent, and nothing is given back for these values.
        """
        if not _REFUND_NO.fullmatch(order.out_refund_no) or paid is None:
            return PAYMENT_UNKNOWN
        if order.paid != paid.amount or order.amount.currency != paid.amount.currency:
            return PAID_DIFFERS
        if not 0 < order.amount.fen <= paid.amount.fen:
            return RefundClosed("REFUND_TOO_MUCH", "more than was paid")
        try:
            with self._database.write() as connection:
                return self._bound(connection, (who, channel), order, paid, now_ms)
        except IntegrityError as error:
            raise OutcomeUnknown("another till asks for this refund just now") from error

    def find(self, merchant_id: str, channel: str, out_refund_no: str) -> KnownRefund | None:
        """A refund of the merchant's."""
        if not _REFUND_NO.fullmatch(out_refund_no):
            return None
        with self._database.read() as connection:
            row = connection.execute(
                select(gateway_refund).where(*_key(merchant_id, channel, out_refund_no))
            ).first()
        if row is None:
            return None
        who = Who(merchant_id, row.terminal_id)
        return KnownRefund(who, row.out_trade_no, row.store_id, row.fen)

    def close(self, merchant_id: str, channel: str, out_refund_no: str) -> None:
        """The wallet gives nothing back for it. Never fails, as the wallet is the truth."""
        key = _key(merchant_id, channel, out_refund_no)
        try:
            with self._database.write() as connection:
                connection.execute(
                    update(gateway_refund).where(*key).values(state=RefundState.CLOSED)
                )
        except SQLAlchemyError as error:
            log.error(  # noqa: TRY400 - the trace would hold the values
                "refund not noted out_refund_no=%s cause=%s", out_refund_no, type(error).__name__
            )

    def _bound(
        self,
        connection: Connection,
        at: tuple[Who, str],
        order: RefundOrder,
        paid: Known,
        now_ms: int,
    ) -> RefundClosed | None:
        who, channel = at
        caller = caller_of(connection, who)
        hold(connection, caller)
        key = _key(who.merchant_id, channel, order.out_refund_no)
        known = connection.execute(locked(select(gateway_refund).where(*key))).first()
        values = {
            "out_trade_no": order.out_trade_no,
            "fen": order.amount.fen,
            "paid_fen": order.paid.fen,
        }
        if known is not None and known.state != RefundState.CLOSED:
            same = (known.out_trade_no, known.fen) == (order.out_trade_no, order.amount.fen)
            return None if same else NUMBER_TAKEN
        excess = refund_excess(connection, caller, order.amount.fen, now_ms)
        if excess:
            log.warning("limit who=%s %s", who, excess)
            return TOO_MUCH
        row = {
            **values,
            "terminal_id": who.terminal_id,
            "store_id": caller.store_id,
            "currency": paid.amount.currency,
            "state": RefundState.SENT,
            "created_ms": now_ms,
        }
        if known is not None:
            connection.execute(update(gateway_refund).where(*key).values(row))
            return None
        number = {"channel": channel, "out_refund_no": order.out_refund_no}
        connection.execute(
            insert(gateway_refund).values(merchant_id=who.merchant_id, **number, **row)
        )
        return None


def _key(merchant_id: str, channel: str, out_refund_no: str) -> list[Any]:
    refunds = gateway_refund.c
    return [
        refunds.merchant_id == merchant_id,
        refunds.channel == channel,
        refunds.out_refund_no == out_refund_no,
    ]
