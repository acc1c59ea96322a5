"""People at the console."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Compared byte by byte on every database.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0003 to 0004."""
    op.create_table(
        "console_assignment",
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", "kind", "id"),
    )
    op.create_table(
        "console_event",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("name", KEY, server_default="", nullable=False),
        sa.Column("address", KEY, server_default="", nullable=False),
        sa.Column("what", KEY, server_default="", nullable=False),
        sa.Column("about", KEY, server_default="", nullable=False),
        sa.Column("detail", KEY, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "event_id"),
    )
    with op.batch_alter_table("console_event", schema=None) as batch_op:
        batch_op.create_index("console_event_by_time", ["at_ms"], unique=False)

    op.create_table(
        "console_guess",
        sa.Column("whose", KEY, nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("whose"),
    )
    op.create_table(
        "console_session",
        sa.Column("token_hash", KEY, nullable=False),
        sa.Column("name", KEY, server_default="", nullable=False),
        sa.Column("stage", KEY, server_default="", nullable=False),
        sa.Column("began_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("console_session", schema=None) as batch_op:
        batch_op.create_index("console_session_of", ["name"], unique=False)

    op.create_table(
        "console_user",
        sa.Column("name", KEY, nullable=False),
        sa.Column("role", KEY, server_default="", nullable=False),
        sa.Column("merchant_id", KEY, server_default="", nullable=False),
        sa.Column("store_id", KEY, server_default="", nullable=False),
        sa.Column("pass_hash", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("enrolled_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("language", KEY, server_default="", nullable=False),
        sa.Column("created_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("device_day", schema=None) as batch_op:
        batch_op.create_index("device_day_by_day", ["day"], unique=False)
        batch_op.create_index("device_day_of_merchant", ["merchant_id", "day"], unique=False)

    with op.batch_alter_table("health", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "troubles", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False
            )
        )

    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index("payment_by_number", ["out_trade_no"], unique=False)
        batch_op.create_index("payment_by_transaction", ["transaction_id"], unique=False)
        batch_op.create_index("payment_newest", ["created_ms"], unique=False)
        batch_op.create_index(
            "payment_not_paid_by_time",
            ["merchant_id", "created_ms"],
            unique=False,
            sqlite_where=sa.text("state <> 'PAID'"),
            postgresql_where=sa.text("state <> 'PAID'"),
        )
        batch_op.create_index(
            "payment_not_paid_newest",
            ["created_ms"],
            unique=False,
            sqlite_where=sa.text("state <> 'PAID'"),
            postgresql_where=sa.text("state <> 'PAID'"),
        )
        batch_op.create_index(
            "payment_of_terminal", ["merchant_id", "terminal_id", "created_ms"], unique=False
        )
        batch_op.create_index(
            "payment_unknown_newest",
            ["created_ms", "merchant_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('PAYING', 'PENDING', 'REVERSING', 'UNKNOWN')"),
            postgresql_where=sa.text("state IN ('PAYING', 'PENDING', 'REVERSING', 'UNKNOWN')"),
        )
