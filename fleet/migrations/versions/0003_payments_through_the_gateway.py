"""Payments through the gateway."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Compared byte by byte on every database.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0002 to 0003."""
    op.create_table(
        "gateway_ask",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("ask_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, server_default="", nullable=False),
        sa.Column("channel", KEY, server_default="", nullable=False),
        sa.Column("out_trade_no", KEY, server_default="", nullable=False),
        sa.Column("by", KEY, server_default="", nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("taken_ms", sa.BigInteger(), nullable=True),
        sa.Column("answered_ms", sa.BigInteger(), nullable=True),
        sa.Column("state", KEY, server_default="", nullable=False),
        sa.Column("said", KEY, server_default="", nullable=False),
        sa.Column("transaction_id", KEY, server_default="", nullable=False),
        sa.Column("fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "ask_id"),
    )
    with op.batch_alter_table("gateway_ask", schema=None) as batch_op:
        batch_op.create_index("gateway_ask_open", ["answered_ms", "asked_ms"], unique=False)

    op.create_table(
        "gateway_limit",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("store_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("payment_fen", sa.BigInteger(), nullable=True),
        sa.Column("day_fen", sa.BigInteger(), nullable=True),
        sa.Column("refund_fen", sa.BigInteger(), nullable=True),
        sa.Column("refund_day_fen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "store_id", "terminal_id"),
    )
    op.create_table(
        "gateway_order",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("out_trade_no", KEY, nullable=False),
        sa.Column("terminal_id", KEY, server_default="", nullable=False),
        sa.Column("store_id", KEY, server_default="", nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", KEY, server_default="", nullable=False),
        sa.Column("state", KEY, server_default="", nullable=False),
        sa.Column("code", KEY, server_default="", nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "channel", "out_trade_no"),
    )
    with op.batch_alter_table("gateway_order", schema=None) as batch_op:
        batch_op.create_index("gateway_order_by_time", ["merchant_id", "created_ms"], unique=False)

    op.create_table(
        "gateway_refund",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("out_refund_no", KEY, nullable=False),
        sa.Column("out_trade_no", KEY, server_default="", nullable=False),
        sa.Column("terminal_id", KEY, server_default="", nullable=False),
        sa.Column("store_id", KEY, server_default="", nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", KEY, server_default="", nullable=False),
        sa.Column("state", KEY, server_default="", nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "channel", "out_refund_no"),
    )
    with op.batch_alter_table("gateway_refund", schema=None) as batch_op:
        batch_op.create_index("gateway_refund_by_time", ["merchant_id", "created_ms"], unique=False)
