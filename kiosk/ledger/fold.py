"""What the entries add up to: tables that are derived, written with each entry, rebuildable.

    payment      where each payment stands            basket      what it was for
    delivery     slips, drops: owed, started, ended   refund_due  money that must go back

`fold` is the one function that changes them, for a new entry and in a rebuild alike, so that the
two cannot differ. The opening entry of a month carries over what the month before left unfinished;
so each file folds by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

import apsw

from kiosk.domain.entry import Entry, canonical
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    FINAL,
    Method,
    Payment,
    State,
    advance,
    event_from_json,
)

TABLES = ("payment", "basket", "delivery", "refund_due")
_FINALS = ", ".join(sorted(f"'{state.value}'" for state in FINAL))

SCHEMA = f"""
CREATE TABLE payment(
    out_trade_no TEXT PRIMARY KEY, visit_id TEXT NOT NULL, channel TEXT NOT NULL,
    method TEXT NOT NULL, fen INTEGER NOT NULL, currency TEXT NOT NULL,
    created_ms INTEGER NOT NULL, state TEXT NOT NULL, submitted_ms INTEGER,
    transaction_id TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    taken_fen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unfinished ON payment(created_ms) WHERE state NOT IN ({_FINALS});
CREATE TABLE basket(out_trade_no TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE delivery(
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
    result TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX undelivered ON delivery(seq) WHERE state <> 'ENDED';
CREATE TABLE refund_due(
    out_trade_no TEXT NOT NULL, transaction_id TEXT NOT NULL, fen INTEGER NOT NULL,
    reason TEXT NOT NULL, PRIMARY KEY(out_trade_no, transaction_id)
) STRICT, WITHOUT ROWID;
"""


class DeliveryState(Enum):
    """OWED: paid for, not begun. STARTED: begun, outcome not known (yet). ENDED: see the result."""

    OWED = "OWED"
    STARTED = "STARTED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something the shopper gets for a payment: the slip (its key is the out_trade_no), a drop."""

    key: str
    kind: str
    state: DeliveryState
    body: Mapping[str, Any]
    result: str = ""


@dataclass(frozen=True, slots=True)
class RefundDue:
    """Money that a channel holds and that must go back to the shopper."""

    out_trade_no: str
    transaction_id: str
    fen: int
    reason: str


def fold(db: apsw.Connection, entry: Entry) -> None:
    """Take `entry` into the derived tables."""
    body = entry.body
    match entry.kind:
        case "month":
            _carry_over(db, entry)
        case "payment_opened":
            _put_payment(db, payment_from_json(body["payment"]))
            _put_basket(db, entry.key, body["basket"])
        case "payment":
            _advance(db, entry)
        case "refund_due":
            due = RefundDue(entry.key, body["transaction_id"], body["fen"], body["reason"])
            _put_refund(db, due)
        case "delivery_started":
            started = Delivery(entry.key, body["kind"], DeliveryState.STARTED, body["body"])
            _put_delivery(db, started, entry.seq)
        case "delivery_ended":
            db.execute(
                "UPDATE delivery SET state = 'ENDED', result = ? WHERE key = ?",
                (body["result"], entry.key),
            )
        case _:
            pass  # entries that are only read: visits, consents, contradictions


def opening(db: apsw.Connection) -> dict[str, object]:
    """What the first entry of the next month carries over: all that is unfinished."""
    return {
        "payments": [
            {**payment_to_json(payment), "basket": basket(db, payment.out_trade_no)}
            for payment in unsettled(db)
        ],
        "deliveries": [
            {"key": each.key, "kind": each.kind, "state": each.state.value, "body": each.body}
            for each in undelivered(db)
        ],
        "refunds_due": [asdict(due) for due in refunds_due(db)],
    }


def payment(db: apsw.Connection, out_trade_no: str) -> Payment | None:
    """The payment with that number, as far as this file knows."""
    row = db.execute("SELECT * FROM payment WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    return None if row is None else _payment(row)


def basket(db: apsw.Connection, out_trade_no: str) -> dict[str, Any] | None:
    """The priced basket of a payment, as far as this file knows."""
    row = db.execute("SELECT body FROM basket WHERE out_trade_no = ?", (out_trade_no,)).fetchone()
    return None if row is None else json.loads(str(row[0]))


def unsettled(db: apsw.Connection) -> list[Payment]:
    """Every payment that is not final, oldest first."""
    query = f"SELECT * FROM payment WHERE state NOT IN ({_FINALS}) ORDER BY created_ms"  # noqa: S608  the states are ours
    return [_payment(row) for row in db.execute(query)]


def delivery(db: apsw.Connection, key: str) -> Delivery | None:
    """The delivery with that key, as far as this file knows."""
    row = db.execute(f"{_DELIVERY} WHERE key = ?", (key,)).fetchone()
    return None if row is None else _delivery(row)


def undelivered(db: apsw.Connection) -> list[Delivery]:
    """Every delivery that is owed or started, oldest first."""
    return [
        _delivery(row) for row in db.execute(f"{_DELIVERY} WHERE state <> 'ENDED' ORDER BY seq")
    ]


def refunds_due(db: apsw.Connection) -> list[RefundDue]:
    """All money that must go back."""
    query = "SELECT out_trade_no, transaction_id, fen, reason FROM refund_due ORDER BY 1, 2"
    return [
        RefundDue(str(number), str(transaction), int(str(fen)), str(reason))
        for number, transaction, fen, reason in db.execute(query)
    ]


def rows(db: apsw.Connection) -> Iterator[tuple[Any, ...]]:
    """All derived rows, to compare two folds."""
    for table in TABLES:
        for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):  # noqa: S608  one of TABLES
            yield (table, *row)


def payment_to_json(payment: Payment) -> dict[str, object]:
    """The payment as the opening entries keep it."""
    return {
        "out_trade_no": payment.out_trade_no,
        "visit_id": payment.visit_id,
        "channel": payment.channel,
        "method": payment.method.value,
        "fen": payment.amount.fen,
        "currency": payment.amount.currency,
        "created_ms": payment.created_ms,
        "state": payment.state.value,
        "submitted_ms": payment.submitted_ms,
        "transaction_id": payment.transaction_id,
        "code": payment.code,
        "message": payment.message,
        "taken_fen": payment.taken_fen,
    }


def payment_from_json(body: Mapping[str, Any]) -> Payment:
    """What `payment_to_json` wrote."""
    fields = {name: body[name] for name in body if name not in ("fen", "currency", "basket")}
    fields["method"] = Method(fields["method"])
    fields["state"] = State(fields["state"])
    return Payment(amount=Money(body["fen"], body["currency"]), **fields)


_DELIVERY = "SELECT key, kind, state, body, result FROM delivery"


def _payment(row: tuple[Any, ...]) -> Payment:
    number, visit, channel, method, fen, currency, created, state, *rest = row
    submitted, transaction, code, message, taken = rest
    return Payment(
        out_trade_no=number,
        visit_id=visit,
        channel=channel,
        method=Method(method),
        amount=Money(fen, currency),
        created_ms=created,
        state=State(state),
        submitted_ms=submitted,
        transaction_id=transaction,
        code=code,
        message=message,
        taken_fen=taken,
    )


def _delivery(row: tuple[Any, ...]) -> Delivery:
    key, kind, state, body, result = row
    return Delivery(key, kind, DeliveryState(state), json.loads(body), result)


def _put_payment(db: apsw.Connection, payment: Payment) -> None:
    db.execute(
        "INSERT OR REPLACE INTO payment VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            payment.out_trade_no,
            payment.visit_id,
            payment.channel,
            payment.method.value,
            payment.amount.fen,
            payment.amount.currency,
            payment.created_ms,
            payment.state.value,
            payment.submitted_ms,
            payment.transaction_id,
            payment.code,
            payment.message,
            payment.taken_fen,
        ),
    )


def _put_basket(db: apsw.Connection, out_trade_no: str, body: Mapping[str, Any]) -> None:
    db.execute("INSERT OR REPLACE INTO basket VALUES(?,?)", (out_trade_no, canonical(body)))


def _put_delivery(db: apsw.Connection, delivery: Delivery, seq: int) -> None:
    db.execute(
        "INSERT OR REPLACE INTO delivery VALUES(?,?,?,?,?,?)",
        (
            delivery.key,
            delivery.kind,
            delivery.state.value,
            canonical(delivery.body),
            delivery.result,
            seq,
        ),
    )


def _put_refund(db: apsw.Connection, due: RefundDue) -> None:
    db.execute(
        "INSERT OR IGNORE INTO refund_due VALUES(?,?,?,?)",
        (due.out_trade_no, due.transaction_id, due.fen, due.reason),
    )


def _advance(db: apsw.Connection, entry: Entry) -> None:
    before = payment(db, entry.key)
    if before is None:
        raise ValueError(f"entry {entry.seq}: no payment {entry.key} was opened")
    after = advance(before, event_from_json(entry.body))
    _put_payment(db, after)
    if after.state is State.PAID and before.state is not State.PAID:
        # Whoever paid is owed a slip from this very entry on, so no crash can lose it.
        _put_delivery(db, Delivery(entry.key, "slip", DeliveryState.OWED, {}), entry.seq)


def _carry_over(db: apsw.Connection, entry: Entry) -> None:
    for each in entry.body["payments"]:
        _put_payment(db, payment_from_json(each))
        _put_basket(db, each["out_trade_no"], each["basket"])
    for each in entry.body["deliveries"]:
        state = DeliveryState(each["state"])
        _put_delivery(db, Delivery(each["key"], each["kind"], state, each["body"]), entry.seq)
    for each in entry.body["refunds_due"]:
        _put_refund(db, RefundDue(**each))
