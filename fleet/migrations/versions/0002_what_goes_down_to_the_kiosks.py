"""What goes down to the kiosks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Compared byte by byte on every database.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """From 0001 to 0002."""
    op.create_table(
        "applied",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "kind"),
    )
    op.create_table(
        "command",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("command_id", KEY, nullable=False),
        sa.Column("what", KEY, nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("given_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fetched_ms", sa.BigInteger(), nullable=True),
        sa.Column("answered_ms", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id", "command_id"),
    )
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.create_index(
            "command_by_time", ["merchant_id", "terminal_id", "given_ms"], unique=False
        )
        batch_op.create_index(
            "command_open",
            ["merchant_id", "terminal_id"],
            unique=False,
            postgresql_where=sa.text("answered_ms IS NULL"),
            sqlite_where=sa.text("answered_ms IS NULL"),
        )

    op.create_table(
        "desired",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", KEY, nullable=False),
        sa.Column("scope_id", KEY, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "kind", "version"),
    )
    with op.batch_alter_table("desired", schema=None) as batch_op:
        batch_op.create_index(
            "desired_of", ["merchant_id", "scope", "scope_id", "kind", "version"], unique=False
        )

    op.create_table(
        "ring",
        sa.Column("merchant_id", KEY, nullable=False),
        sa.Column("terminal_id", KEY, nullable=False),
        sa.Column("rung", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "terminal_id"),
    )
    with op.batch_alter_table("ring", schema=None) as batch_op:
        batch_op.create_index("ring_by_time", ["at_ms"], unique=False)
