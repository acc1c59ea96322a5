"""Every table of the fleet, in four groups.

    what kiosks sent     entry (as it came), quarantine, chain, arrival (not yet in the books)
    what it adds up to   payment, refund, device_day; `books.py` writes them, from entries alone
    who there is         merchant, district, store, terminal, terminal_event, serial, joining
    how they are         health

A tenant's table begins its primary key with merchant_id. A branch is a run of a terminal's
entries without a break; `chain.py` says when another begins.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

# Compared byte by byte on every database, so that a prefix is a range.
KEY = Text().with_variant(Text(collation="C"), "postgresql")


def tenant(*more: Column[object]) -> list[Column[object]]:
    """The columns of a tenant's table: its primary key begins with whose it is."""
    return [Column("merchant_id", KEY, primary_key=True), *more]


def _terminals(*more: Column[object]) -> list[Column[object]]:
    return tenant(Column("terminal_id", KEY, primary_key=True), *more)


def text_column(name: str, *, key: bool = False, default: str | None = "") -> Column[object]:
    """Words, compared byte by byte; the default is the database's, and a key has none."""
    return Column(
        name, KEY, primary_key=key, nullable=False, server_default=None if key else default
    )


def number_column(name: str, *, key: bool = False, default: str | None = "0") -> Column[object]:
    """A whole number: milliseconds, fen, a place; the default as for words."""
    return Column(
        name,
        BigInteger,
        primary_key=key,
        autoincrement=False,
        nullable=False,
        server_default=None if key else default,
    )


_text, _number = text_column, number_column


# --- what kiosks sent ---------------------------------------------------------------------------

entry = Table(
    "entry",
    metadata,
    *_terminals(_number("branch", key=True), _number("seq", key=True)),
    _number("at_ms"),
    _text("kind"),
    _text("key"),
    Column("body", Text, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _number("received_ms"),
)
# Everything of one payment is found by its number.
Index("entry_of", entry.c.merchant_id, entry.c.terminal_id, entry.c.key)

quarantine = Table(
    "quarantine",
    metadata,
    *_terminals(_number("branch", key=True), _number("seq", key=True)),
    _text("cause"),
    Column("raw", LargeBinary, nullable=False),
    _number("seen_ms"),
)

chain = Table(
    "chain",
    metadata,
    *_terminals(_number("branch", key=True)),
    _number("parent"),
    _number("first"),
    Column("prev", LargeBinary, nullable=False),
    _number("top"),
    Column("top_hash", LargeBinary, nullable=False),
    _number("begun_ms"),
)

arrival = Table(
    "arrival",
    metadata,
    *_terminals(_number("branch", key=True), _number("first", key=True)),
    _number("last"),
    _number("received_ms"),
)

# --- what it adds up to -------------------------------------------------------------------------

payment = Table(
    "payment",
    metadata,
    *_terminals(_text("out_trade_no", key=True)),
    _text("visit_id"),
    _text("channel"),
    _text("method"),
    _number("fen"),
    _text("currency"),
    _number("created_ms"),
    _text("state"),
    Column("submitted_ms", BigInteger),
    _text("transaction_id"),
    _text("code"),
    _text("message"),
    _number("taken_fen"),
    _number("ended_ms"),
    _number("day"),
    _text("trouble"),
)
Index("payment_by_time", payment.c.merchant_id, payment.c.created_ms)
Index("payment_of_terminal", payment.c.merchant_id, payment.c.terminal_id, payment.c.created_ms)
Index("payment_newest", payment.c.created_ms)
Index("payment_by_number", payment.c.out_trade_no)
Index("payment_by_transaction", payment.c.transaction_id)
# Few are not paid, hardly any is unknown, and those are the ones that are looked for. A question
# finds them by these very words, since no database concludes them from others.
payment_not_paid = text("state <> 'PAID'")
payment_unknown = text("state IN ('PAYING', 'PENDING', 'REVERSING', 'UNKNOWN')")
for _name, _words, _columns in (
    ("payment_not_paid_by_time", payment_not_paid, ("merchant_id", "created_ms")),
    ("payment_not_paid_newest", payment_not_paid, ("created_ms",)),
    ("payment_unknown_newest", payment_unknown, ("created_ms", "merchant_id")),
):
    Index(
        _name,
        *(payment.c[each] for each in _columns),
        sqlite_where=_words,
        postgresql_where=_words,
    )

refund = Table(
    "refund",
    metadata,
    *_terminals(_text("out_refund_no", key=True)),
    _text("out_trade_no"),
    _text("channel"),
    _number("paid_fen"),
    _number("fen"),
    _text("currency"),
    _text("reason"),
    _number("created_ms"),
    _text("state"),
    Column("sent_ms", BigInteger),
    _text("refund_id"),
    _text("code"),
    _number("ended_ms"),
    _number("day"),
    _text("trouble"),
)
Index("refund_of", refund.c.merchant_id, refund.c.out_trade_no)

device_day = Table(
    "device_day",
    metadata,
    *_terminals(
        Column("day", Integer, primary_key=True, autoincrement=False),
        _text("channel", key=True),
        _text("method", key=True),
        _text("currency", key=True),
    ),
    _number("paid"),
    _number("paid_fen"),
    _number("late"),
    _number("late_fen"),
    _number("refunds"),
    _number("refund_fen"),
)
Index("device_day_by_day", device_day.c.day)
Index("device_day_of_merchant", device_day.c.merchant_id, device_day.c.day)

# --- who there is -------------------------------------------------------------------------------

merchant = Table("merchant", metadata, *tenant(), _text("name"), _number("created_ms"))

district = Table(
    "district",
    metadata,
    _text("district_id", key=True),
    _text("kind"),
    _text("name"),
)

store = Table(
    "store",
    metadata,
    *tenant(_text("store_id", key=True)),
    _text("name"),
    _text("address"),
    _text("brand_id"),
    _text("district_id"),
    Column("latitude", Double),
    Column("longitude", Double),
)

terminal = Table(
    "terminal",
    metadata,
    *_terminals(),
    _text("store_id"),
    _text("serial"),
    _text("device_type"),
    _text("network_license"),
    _text("acquirer_no"),
    _text("status"),
    Column("public_key", LargeBinary),
    _number("created_ms"),
    _number("joined_ms"),
    _number("seen_ms"),
)

terminal_event = Table(
    "terminal_event",
    metadata,
    *_terminals(_number("number", key=True)),
    _number("at_ms"),
    _text("what"),
    _text("who"),
)

# The provider's own: one device has one merchant, whoever else would have it.
serial = Table(
    "serial", metadata, _text("serial", key=True), _text("merchant_id"), _text("terminal_id")
)

joining = Table(
    "joining",
    metadata,
    _text("code_hash", key=True),
    Column("public_key", LargeBinary, nullable=False),
    _text("serial"),
    _text("device_type"),
    _text("terminal_id"),
    _text("version"),
    _number("created_ms"),
    _text("merchant_id"),
    _number("approved_ms"),
)

# --- how they are -------------------------------------------------------------------------------

health = Table(
    "health",
    metadata,
    *_terminals(),
    _number("at_ms"),
    _number("received_ms"),
    _text("version"),
    _number("troubles"),
    Column("report", Text, nullable=False),
)

# A signed request is obeyed once.
nonce = Table(
    "nonce",
    metadata,
    *_terminals(_text("nonce", key=True)),
    _number("created_ms"),
)
