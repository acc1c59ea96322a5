"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Compared byte by byte on every database.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From nothing to 0001."""
    op.create_table(
        "account",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("per_payment_fen", sa.BigInteger(), nullable=True),
        sa.Column("per_day_fen", sa.BigInteger(), nullable=True),
        sa.Column("balance_limit_fen", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance_fen >= 0", name="account_not_overdrawn"),
        sa.PrimaryKeyConstraint("merchant_id", "account_id"),
    )
    op.create_table(
        "account_event",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("what", KEY, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "account_id", "number"),
    )
    op.create_table(
        "arrival",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("branch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column(
            "received_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "branch", "first"),
    )
    op.create_table(
        "card",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("card_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("last4", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "card_id"),
    )
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.create_index("card_of", ["merchant_id", "account_id"], unique=False)

    op.create_table(
        "chain",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("branch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "parent", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "first", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("top", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("top_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "begun_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "branch"),
    )
    op.create_table(
        "device_day",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("method", KEY, nullable=False),
        sa.Column("currency", KEY, nullable=False),
        sa.Column("paid", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column(
            "paid_fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("late", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column(
            "late_fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "refunds", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "refund_fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint(
            "merchant_id", "terminal_id", "day", "channel", "method", "currency"
        ),
    )
    op.create_table(
        "district",
        sa.Column("district_id", KEY, nullable=False),
        sa.Column("kind", KEY, server_default="", nullable=False),
        sa.Column("name", KEY, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("district_id"),
    )
    op.create_table(
        "entry",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("branch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "at_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("kind", KEY, server_default="", nullable=False),
        sa.Column("key", KEY, server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "received_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "branch", "seq"),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("entry_of", ["merchant_id", "terminal_id", "key"], unique=False)

    op.create_table(
        "health",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column(
            "at_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "received_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("version", KEY, server_default="", nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id"),
    )
    op.create_table(
        "joining",
        sa.Column("code_hash", KEY, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("serial", KEY, server_default="", nullable=False),
        sa.Column("device_type", KEY, server_default="", nullable=False),
        sa.Column("terminal_id", KEY, server_default="", nullable=False),
        sa.Column("version", KEY, server_default="", nullable=False),
        sa.Column(
            "created_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("merchant_id", KEY, server_default="", nullable=False),
        sa.Column(
            "approved_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_table(
        "journal",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("entry_no", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "entry_no"),
        sa.UniqueConstraint("merchant_id", "kind", "number", name="journal_number"),
    )
    op.create_table(
        "merchant",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("name", KEY, server_default="", nullable=False),
        sa.Column(
            "created_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id"),
    )
    op.create_table(
        "nonce",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("nonce", KEY, nullable=False),
        sa.Column(
            "created_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "nonce"),
    )
    op.create_table(
        "payment",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("out_trade_no", KEY, nullable=False),
        sa.Column("visit_id", KEY, server_default="", nullable=False),
        sa.Column("channel", KEY, server_default="", nullable=False),
        sa.Column("method", KEY, server_default="", nullable=False),
        sa.Column("fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("currency", KEY, server_default="", nullable=False),
        sa.Column(
            "created_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("state", KEY, server_default="", nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=True),
        sa.Column("transaction_id", KEY, server_default="", nullable=False),
        sa.Column("code", KEY, server_default="", nullable=False),
        sa.Column("message", KEY, server_default="", nullable=False),
        sa.Column(
            "taken_fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "ended_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("day", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("trouble", KEY, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "out_trade_no"),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("payment_by_time", ["merchant_id", "created_ms"], unique=False)

    op.create_table(
        "posting",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("entry_no", KEY, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ledger", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "entry_no", "line"),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index("posting_of", ["merchant_id", "account_id", "entry_no"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("branch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", KEY, server_default="", nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column(
            "seen_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "branch", "seq"),
    )
    op.create_table(
        "refund",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("out_refund_no", KEY, nullable=False),
        sa.Column("out_trade_no", KEY, server_default="", nullable=False),
        sa.Column("channel", KEY, server_default="", nullable=False),
        sa.Column(
            "paid_fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("fen", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("currency", KEY, server_default="", nullable=False),
        sa.Column("reason", KEY, server_default="", nullable=False),
        sa.Column(
            "created_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("state", KEY, server_default="", nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=True),
        sa.Column("refund_id", KEY, server_default="", nullable=False),
        sa.Column("code", KEY, server_default="", nullable=False),
        sa.Column(
            "ended_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("day", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("trouble", KEY, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "out_refund_no"),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index("refund_of", ["merchant_id", "out_trade_no"], unique=False)

    op.create_table(
        "serial",
        sa.Column("serial", KEY, nullable=False),
        sa.Column("merchant_id", KEY, server_default="", nullable=False),
        sa.Column("terminal_id", KEY, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("serial"),
    )
    op.create_table(
        "store",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("store_id", KEY, nullable=False),
        sa.Column("name", KEY, server_default="", nullable=False),
        sa.Column("address", KEY, server_default="", nullable=False),
        sa.Column("brand_id", KEY, server_default="", nullable=False),
        sa.Column("district_id", KEY, server_default="", nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "store_id"),
    )
    op.create_table(
        "stored_payment",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("out_trade_no", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("code", KEY, nullable=False),
        sa.Column("entry_no", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "out_trade_no"),
    )
    with op.batch_alter_table("stored_payment", schema=None) as batch_op:
        batch_op.create_index(
            "stored_payment_by_time", ["merchant_id", "account_id", "at_ms"], unique=False
        )
        batch_op.create_index("stored_payment_entry", ["merchant_id", "entry_no"], unique=False)

    op.create_table(
        "stored_refund",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("out_refund_no", KEY, nullable=False),
        sa.Column("out_trade_no", KEY, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("code", KEY, nullable=False),
        sa.Column("entry_no", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "out_refund_no"),
    )
    with op.batch_alter_table("stored_refund", schema=None) as batch_op:
        batch_op.create_index("stored_refund_of", ["merchant_id", "out_trade_no"], unique=False)

    op.create_table(
        "terminal",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("store_id", KEY, server_default="", nullable=False),
        sa.Column("serial", KEY, server_default="", nullable=False),
        sa.Column("device_type", KEY, server_default="", nullable=False),
        sa.Column("network_license", KEY, server_default="", nullable=False),
        sa.Column("acquirer_no", KEY, server_default="", nullable=False),
        sa.Column("status", KEY, server_default="", nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "joined_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column(
            "seen_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id"),
    )
    op.create_table(
        "terminal_event",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "at_ms", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
        ),
        sa.Column("what", KEY, server_default="", nullable=False),
        sa.Column("who", KEY, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "number"),
    )
    _refuse_changes("journal")
    _refuse_changes("posting")


def _refuse_changes(name: str) -> None:
    """An entry of the journal stays as it is."""
    said = "the journal is append-only"
    if op.get_context().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{verb} BEFORE {verb.upper()} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
