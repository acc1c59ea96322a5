"""The console's own tables: its users, who is signed in, guesses, and what was done.

console_user        the provider's own, as serials are: one name is one person, whoever he works for
console_assignment  the merchants and districts whose terminals a field operator looks after
console_session     who is signed in, by the hash of what his browser holds
console_guess       tries to sign in, by user and by address
console_event       who did what to what, and when; never changed
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from fleet.tables import metadata, number_column, tenant, text_column

_text = text_column
_number = number_column

console_user = Table(
    "console_user",
    metadata,
    _text("name", key=True),
    _text("role"),
    _text("merchant_id"),
    _text("store_id"),
    Column("pass_hash", Text, nullable=False),
    Column("secret", LargeBinary),  # of the second factor, sealed with the console's key
    _number("enrolled_ms"),
    _number("last_step"),  # of the second factor: a code is used once
    _text("language"),
    _number("created_ms"),
)

console_assignment = Table(
    "console_assignment",
    metadata,
    _text("name", key=True),
    _text("kind", key=True),
    _text("id", key=True),
)

console_session = Table(
    "console_session",
    metadata,
    _text("token_hash", key=True),
    _text("name"),
    _text("stage"),
    _number("began_ms"),
    _number("seen_ms"),
)
Index("console_session_of", console_session.c.name)

console_guess = Table(
    "console_guess",
    metadata,
    _text("whose", key=True),
    _number("tries"),
    _number("first_ms"),
)

console_event = Table(
    "console_event",
    metadata,
    *tenant(_text("event_id", key=True)),
    _number("at_ms"),
    _text("name"),
    _text("address"),
    _text("what"),
    _text("about"),
    _text("detail"),
)
Index("console_event_by_time", console_event.c.at_ms)
