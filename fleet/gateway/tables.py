"""The gateway's tables: what went through it, how much may, and what an office wants to know.

gateway_order    a row a number, committed before the wallet is asked
gateway_refund   a row a number, with the values that it stands for
gateway_limit    for a merchant (store and terminal are ""), one of its stores, or one terminal
gateway_ask      questions of an office, and their answers
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import BigInteger, Column, Index, Table

from fleet.tables import metadata, number_column, tenant, text_column

_text = text_column
_number = partial(number_column, default=None)

gateway_order = Table(
    "gateway_order",
    metadata,
    *tenant(_text("channel", key=True), _text("out_trade_no", key=True)),
    _text("terminal_id"),
    _text("store_id"),
    _number("fen"),
    _text("currency"),
    _text("state"),
    _text("code"),
    _number("created_ms"),
)
Index("gateway_order_by_time", gateway_order.c.merchant_id, gateway_order.c.created_ms)

gateway_refund = Table(
    "gateway_refund",
    metadata,
    *tenant(_text("channel", key=True), _text("out_refund_no", key=True)),
    _text("out_trade_no"),
    _text("terminal_id"),
    _text("store_id"),
    _number("paid_fen"),
    _number("fen"),
    _text("currency"),
    _text("state"),
    _number("created_ms"),
)
Index("gateway_refund_by_time", gateway_refund.c.merchant_id, gateway_refund.c.created_ms)

gateway_limit = Table(
    "gateway_limit",
    metadata,
    *tenant(_text("store_id", key=True), _text("terminal_id", key=True)),
    Column("payment_fen", BigInteger),  # a limit that is NULL does not bind
    Column("day_fen", BigInteger),
    Column("refund_fen", BigInteger),
    Column("refund_day_fen", BigInteger),
)

gateway_ask = Table(
    "gateway_ask",
    metadata,
    *tenant(_text("ask_id", key=True)),
    _text("terminal_id"),
    _text("channel"),
    _text("out_trade_no"),
    _text("by"),
    _number("asked_ms"),
    Column("taken_ms", BigInteger),
    Column("answered_ms", BigInteger),
    _text("state"),
    _text("said"),
    _text("transaction_id"),
    Column("fen", BigInteger, nullable=False, server_default="0"),
)
Index("gateway_ask_open", gateway_ask.c.answered_ms, gateway_ask.c.asked_ms)
