"""Every refund that went through the gateway: its number stands for its values, whoever asks.

Where the wallet has said that it gives nothing back for a number, the number may be asked for with
other values: the wallet knows whether it is free.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import SQLAlchemyError

from fleet.database import Database, claim, locked, put
from fleet.gateway.caller import Caller, caller_of
from fleet.gateway.limits import hold, refund_excess
from fleet.gateway.orders import Known
from fleet.gateway.states import RefundState
from fleet.gateway.tables import gateway_refund
from fleet.who import Who
from kiosk.channels.channel import RefundOrder
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
        number = order.out_refund_no
        with self._database.write() as connection:
            caller = caller_of(connection, who)
            binding = hold(connection, caller)
            known = _held(connection, _key(who.merchant_id, channel, number))
            if known is not None and known.state != RefundState.CLOSED:
                return None if _is_of(known, order) else NUMBER_TAKEN
            excess = refund_excess(connection, binding, order.amount.fen, now_ms)
            if excess:
                log.warning("limit who=%s %s", who, excess)
                return TOO_MUCH
            row = _row(caller, channel, order, now_ms)
            if known is None and not claim(connection, gateway_refund, row):
                known = _held(connection, _key(who.merchant_id, channel, number))
                return None if known is not None and _is_of(known, order) else NUMBER_TAKEN
            if known is not None:
                put(connection, gateway_refund, [row])
            return None

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


def _row(caller: Caller, channel: str, order: RefundOrder, now_ms: int) -> dict[str, Any]:
    return {
        "merchant_id": caller.merchant_id,
        "channel": channel,
        "out_refund_no": order.out_refund_no,
        "out_trade_no": order.out_trade_no,
        "terminal_id": caller.who.terminal_id,
        "store_id": caller.store_id,
        "paid_fen": order.paid.fen,
        "fen": order.amount.fen,
        "currency": order.amount.currency,
        "state": RefundState.SENT,
        "created_ms": now_ms,
    }


def _held(connection: Connection, key: list[Any]) -> Row[Any] | None:
    """The refund's row, which nobody else changes until the transaction ends."""
    return connection.execute(locked(select(gateway_refund).where(*key))).first()


def _is_of(row: Row[Any], order: RefundOrder) -> bool:
    """Whether the number stands for these values."""
    return (row.out_trade_no, row.fen) == (order.out_trade_no, order.amount.fen)


def _key(merchant_id: str, channel: str, out_refund_no: str) -> list[Any]:
    refunds = gateway_refund.c
    return [
        refunds.merchant_id == merchant_id,
        refunds.channel == channel,
        refunds.out_refund_no == out_refund_no,
    ]
