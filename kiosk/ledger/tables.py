"""The derived tables of a month's file, as SQL: a row a payment, basket, delivery, refund and due.

`fold.py` fills them from the entries; nothing else writes them.
"""

from __future__ import annotations

TABLES = ("payment", "basket", "delivery", "refund", "refund_due")

# What came or changed with version 2.
REFUNDS = """
CREATE TABLE refund(
    out_refund_no TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL, channel TEXT NOT NULL,
    paid_fen INTEGER NOT NULL, fen INTEGER NOT NULL, currency TEXT NOT NULL,
    reason TEXT NOT NULL, created_ms INTEGER NOT NULL, state TEXT NOT NULL, sent_ms INTEGER,
    refund_id TEXT NOT NULL, code TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refund_of ON refund(out_trade_no);
CREATE TABLE refund_due(
    out_trade_no TEXT NOT NULL, transaction_id TEXT NOT NULL, fen INTEGER NOT NULL,
    reason TEXT NOT NULL, back_fen INTEGER NOT NULL, PRIMARY KEY(out_trade_no, transaction_id)
) STRICT, WITHOUT ROWID;
"""

# No index by state: each would be one more page that most commits write, and the few questions
# that need one are asked of memory. Without that, a month is scanned in some milliseconds.
DERIVED = f"""
CREATE TABLE payment(
    out_trade_no TEXT PRIMARY KEY, visit_id TEXT NOT NULL, channel TEXT NOT NULL,
    method TEXT NOT NULL, fen INTEGER NOT NULL, currency TEXT NOT NULL,
    created_ms INTEGER NOT NULL, state TEXT NOT NULL, submitted_ms INTEGER,
    transaction_id TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    taken_fen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE basket(out_trade_no TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE delivery(
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
    result TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
{REFUNDS}
"""
