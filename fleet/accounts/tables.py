"""The tables of stored value, beside the fleet's others.

    who has an account   account, account_event (what staff did to it), card
    what moved           journal (an entry a movement), posting (its lines); never changed
    what was answered    stored_payment, stored_refund: one row a number, so that an answer stands

`account.balance_fen` is kept beside the postings that it is the sum of, under the account's lock.
The database itself refuses to change or delete an entry (by triggers that the migrations make), and
to let a balance fall below zero.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from fleet.tables import metadata, number_column, tenant, text_column

_text = partial(text_column, default=None)
_number = partial(number_column, default=None)


def _count(name: str) -> Column[object]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


# --- who has an account -------------------------------------------------------------------------

account = Table(
    "account",
    metadata,
    *tenant(_text("account_id", key=True)),
    _text("state"),
    _number("balance_fen"),
    Column("per_payment_fen", BigInteger),  # a limit that is NULL does not bind
    Column("per_day_fen", BigInteger),
    Column("balance_limit_fen", BigInteger),
    _number("created_ms"),
    CheckConstraint("balance_fen >= 0", name="account_not_overdrawn"),
)

account_event = Table(
    "account_event",
    metadata,
    *tenant(_text("account_id", key=True), _count("number")),
    _number("at_ms"),
    _text("what"),
    _text("by"),
)

card = Table(
    "card",
    metadata,
    *tenant(_text("card_id", key=True)),
    _text("account_id"),
    _text("last4"),
    _text("state"),
    _number("created_ms"),
)
Index("card_of", card.c.merchant_id, card.c.account_id)

# --- what moved ---------------------------------------------------------------------------------

journal = Table(
    "journal",
    metadata,
    *tenant(_text("entry_no", key=True)),
    _text("kind"),
    _text("number"),
    _text("by"),
    _number("at_ms"),
    UniqueConstraint("merchant_id", "kind", "number", name="journal_number"),
)

posting = Table(
    "posting",
    metadata,
    *tenant(_text("entry_no", key=True), _count("line")),
    _text("ledger"),
    _text("account_id"),
    _number("fen"),
)
Index("posting_of", posting.c.merchant_id, posting.c.account_id, posting.c.entry_no)

# --- what was answered --------------------------------------------------------------------------

stored_payment = Table(
    "stored_payment",
    metadata,
    *tenant(_text("out_trade_no", key=True)),
    _text("account_id"),
    _number("fen"),
    _text("state"),
    _text("code"),
    _text("entry_no"),
    _number("at_ms"),
)
Index(
    "stored_payment_by_time",
    stored_payment.c.merchant_id,
    stored_payment.c.account_id,
    stored_payment.c.at_ms,
)
Index("stored_payment_entry", stored_payment.c.merchant_id, stored_payment.c.entry_no)

stored_refund = Table(
    "stored_refund",
    metadata,
    *tenant(_text("out_refund_no", key=True)),
    _text("out_trade_no"),
    _number("fen"),
    _text("state"),
    _text("code"),
    _text("entry_no"),
    _number("at_ms"),
)
Index("stored_refund_of", stored_refund.c.merchant_id, stored_refund.c.out_trade_no)
