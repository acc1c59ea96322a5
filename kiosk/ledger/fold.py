"""What the entries add up to: tables that are derived, written with each entry, rebuildable.

    payment      where each payment stands            basket      what it was for
    delivery     slips, drops, parts that were paid:  refund      where each refund stands
                 owed, started, ended
    refund_due   money that must go back, and how much of it did

A refund that is DONE counts for what is due of its payment by then, whoever asked for it: what was
taken by mistake goes back first. What comes due later is not cleared by it.

`Fold.take` is the one function that changes them, for a new entry and in a rebuild alike, so that
the two cannot differ. The opening entry of a month carries over what the month before left
unfinished; so each file folds by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import apsw

from kiosk.domain.entry import Entry, canonical
from kiosk.domain.owed import due_after, parts_before
from kiosk.domain.payment import (
    FINAL,
    Payment,
    State,
    advance,
    event_from_json,
    payment_from_json,
    payment_to_json,
)
from kiosk.domain.refund import (
    REFUND_FINAL,
    Refund,
    RefundState,
    advance_refund,
    refund_event_from_json,
    refund_from_json,
    refund_to_json,
)
from kiosk.ledger.owing import PART, goods_of, part_key
from kiosk.ledger.rows import (
    Delivery,
    DeliveryRow,
    DeliveryState,
    RefundDue,
    delivery_from_row,
    payment_from_row,
    payment_to_row,
    refund_from_row,
    refund_to_row,
)
from kiosk.ledger.tables import TABLES
from kiosk.ledger.unfinished import Unfinished

_FINALS = ", ".join(sorted(f"'{state.value}'" for state in FINAL))
_REFUND_FINALS = ", ".join(sorted(f"'{state.value}'" for state in REFUND_FINAL))
_PAYMENT = "SELECT * FROM payment WHERE out_trade_no = ?"
_BY_TRANSACTION = "SELECT * FROM payment WHERE transaction_id = ?"
_UNSETTLED = f"SELECT * FROM payment WHERE state NOT IN ({_FINALS})"  # noqa: S608  the states are ours
_RECENT = (
    "SELECT * FROM payment WHERE created_ms >= ? ORDER BY created_ms DESC, out_trade_no DESC"
    " LIMIT ?"
)
_DELIVERY = "SELECT * FROM delivery WHERE key = ?"
_UNDELIVERED = "SELECT * FROM delivery WHERE state <> 'ENDED'"
_REFUND = "SELECT * FROM refund WHERE out_refund_no = ?"
_REFUNDS_OF = "SELECT * FROM refund WHERE out_trade_no = ?"
_UNSETTLED_REFUNDS = f"SELECT * FROM refund WHERE state NOT IN ({_REFUND_FINALS})"  # noqa: S608  ours
_DUE = "SELECT * FROM refund_due WHERE back_fen < fen ORDER BY 1, 2"
_DUE_OF = "SELECT * FROM refund_due WHERE out_trade_no = ? ORDER BY 2"


class Fold:
    """The derived tables of one file, and what is unfinished of them in memory too.

    The file is the truth: memory is filled from it when first needed, follows each row that is
    written, and is given up by `forget` when a transaction was.
    """

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._memory: Unfinished | None = None

    def forget(self) -> None:
        """Ask the file again: rows that were written are not there any more."""
        self._memory = None

    def take(self, entry: Entry, after: Payment | None = None) -> None:
        """Take `entry` into the tables, inside the caller's transaction.

        `after` is the payment as a payment entry leaves it, where the caller knows it already.
        """
        body = entry.body
        match entry.kind:
            case "payment":
                self._advance(entry, after)
            case "payment_opened":
                self._put_payment(payment_from_json(body["payment"]) if after is None else after)
                self._put_basket(entry.key, body["basket"])
            case "delivery_started" | "delivery_ended" | "abandoned":
                self._deliver(entry)
            case "refund_opened":
                self._put_refund(refund_from_json(body["refund"]))
            case "refund":
                self._advance_refund(entry)
            case "refund_due":
                self._put_due(
                    RefundDue(entry.key, body["transaction_id"], body["fen"], body["reason"])
                )
            case "month":
                self._carry_over(entry)
            case _:
                pass  # entries that are only read: visits, consents, contradictions

    # --- asking ---------------------------------------------------------------------------------

    def opening(self) -> dict[str, object]:
        """What the first entry of the next month carries over: all that is unfinished."""
        return {
            "payments": [
                {**payment_to_json(payment), "basket": self.basket(payment.out_trade_no)}
                for payment in self.unsettled()
            ],
            "deliveries": [
                {"key": each.key, "kind": each.kind, "state": each.state.value, "body": each.body}
                for each in self.undelivered()
            ],
            "refunds": [refund_to_json(refund) for refund in self.unsettled_refunds()],
            "refunds_due": [asdict(due) for due in self.refunds_due()],
        }

    def payment(self, out_trade_no: str) -> Payment | None:
        """The payment with that number, as far as this file knows."""
        if self._memory is not None and out_trade_no in self._memory.payments:
            return self._memory.payments[out_trade_no]
        row = self._db.execute(_PAYMENT, (out_trade_no,)).fetchone()
        return None if row is None else payment_from_row(row)

    def basket(self, out_trade_no: str) -> dict[str, Any] | None:
        """The priced basket of a payment, as far as this file knows."""
        query = "SELECT body FROM basket WHERE out_trade_no = ?"
        row = self._db.execute(query, (out_trade_no,)).fetchone()
        return None if row is None else json.loads(str(row[0]))

    def unsettled(self) -> list[Payment]:
        """Every payment that is not final, oldest first."""
        found = self._unfinished().payments.values()
        return sorted(found, key=lambda payment: (payment.created_ms, payment.out_trade_no))

    def payment_of(self, transaction_id: str) -> Payment | None:
        """The payment that the channel names so, as far as this file knows."""
        row = self._db.execute(_BY_TRANSACTION, (transaction_id,)).fetchone()
        return None if row is None else payment_from_row(row)

    def recent(self, since_ms: int, limit: int) -> list[Payment]:
        """The newest payments of this file made since then, newest first."""
        return [payment_from_row(row) for row in self._db.execute(_RECENT, (since_ms, limit))]

    def delivery(self, key: str) -> Delivery | None:
        """The delivery with that key, as far as this file knows."""
        if self._memory is not None and key in self._memory.deliveries:
            return delivery_from_row(self._memory.deliveries[key])
        row = self._db.execute(_DELIVERY, (key,)).fetchone()
        return None if row is None else delivery_from_row(row)

    def undelivered(self) -> list[Delivery]:
        """Every delivery that is owed or started, oldest first."""
        found = self._unfinished().deliveries.values()
        return [delivery_from_row(row) for row in sorted(found, key=lambda row: (row[-1], row[0]))]

    def refund(self, out_refund_no: str) -> Refund | None:
        """The refund with that number, as far as this file knows."""
        if self._memory is not None and out_refund_no in self._memory.refunds:
            return self._memory.refunds[out_refund_no]
        row = self._db.execute(_REFUND, (out_refund_no,)).fetchone()
        return None if row is None else refund_from_row(row)

    def refunds_of(self, out_trade_no: str) -> list[Refund]:
        """The refunds of a payment, as far as this file knows, in no order."""
        return [refund_from_row(row) for row in self._db.execute(_REFUNDS_OF, (out_trade_no,))]

    def unsettled_refunds(self) -> list[Refund]:
        """Every refund that is not final, oldest first."""
        found = self._unfinished().refunds.values()
        return sorted(found, key=lambda refund: (refund.created_ms, refund.out_refund_no))

    def refunds_due(self) -> list[RefundDue]:
        """All money that must go back and has not, as a whole."""
        return [_due(row) for row in self._db.execute(_DUE)]

    def dues_of(self, out_trade_no: str) -> list[RefundDue]:
        """What ever had to go back of a payment, as far as this file knows."""
        return [_due(row) for row in self._db.execute(_DUE_OF, (out_trade_no,))]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """All derived rows, to compare two folds."""
        for table in TABLES:
            for row in self._db.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):  # noqa: S608  one of TABLES
                yield (table, *row)

    # --- inside ---------------------------------------------------------------------------------

    def _unfinished(self) -> Unfinished:
        if self._memory is None:
            payments = map(payment_from_row, self._db.execute(_UNSETTLED))
            refunds = map(refund_from_row, self._db.execute(_UNSETTLED_REFUNDS))
            self._memory = Unfinished(payments, self._db.execute(_UNDELIVERED), refunds)
        return self._memory

    def _advance(self, entry: Entry, after: Payment | None) -> None:
        if after is None:
            before = self.payment(entry.key)
            if before is None:
                raise ValueError(f"entry {entry.seq}: no payment {entry.key} was opened")
            after = advance(before, event_from_json(entry.body))
            if after is before:
                return
        self._put_payment(after)
        if after.state is State.PAID:
            self._owe(entry, after)

    def _owe(self, entry: Entry, payment: Payment) -> None:
        """Whoever paid is owed something from this very entry on, so that no crash can lose it."""
        basket = self.basket(entry.key) or {}
        if due_after(payment, basket) > 0:
            body = canonical({"visit_id": payment.visit_id, "fen": payment.amount.fen})
            self._put_delivery((part_key(entry.key), PART, "OWED", body, "", entry.seq))
            return
        for number in parts_before(basket):
            self._end_delivery(part_key(number), "complete")
        for key, kind, item in goods_of(entry.key, basket):
            self._put_delivery((key, kind, "OWED", canonical(item), "", entry.seq))

    def _put_payment(self, payment: Payment) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO payment VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
            payment_to_row(payment),
        )
        self._unfinished().put_payment(payment)

    def _put_basket(self, out_trade_no: str, body: Mapping[str, Any]) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO basket VALUES(?,?)", (out_trade_no, canonical(body))
        )

    def _deliver(self, entry: Entry) -> None:
        body = entry.body
        match entry.kind:
            case "delivery_started":
                text = canonical(body["body"])
                self._put_delivery((entry.key, body["kind"], "STARTED", text, "", entry.seq))
            case "delivery_ended":
                self._end_delivery(entry.key, body["result"])
            case _:
                for number in body["parts"]:
                    self._end_delivery(part_key(number), "abandoned")

    def _put_delivery(self, row: DeliveryRow) -> None:
        self._db.execute("INSERT OR REPLACE INTO delivery VALUES(?,?,?,?,?,?)", row)
        self._unfinished().put_delivery(row)

    def _end_delivery(self, key: str, result: str) -> None:
        self._db.execute(
            "UPDATE delivery SET state = 'ENDED', result = ? WHERE key = ?", (result, key)
        )
        self._unfinished().end_delivery(key)

    def _advance_refund(self, entry: Entry) -> None:
        before = self.refund(entry.key)
        if before is None:
            raise ValueError(f"entry {entry.seq}: no refund {entry.key} was opened")
        after = advance_refund(before, refund_event_from_json(entry.body))
        self._put_refund(after)
        if after.state is RefundState.DONE and before.state is not RefundState.DONE:
            self._give_back(after)

    def _put_refund(self, refund: Refund) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO refund VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", refund_to_row(refund)
        )
        self._unfinished().put_refund(refund)

    def _give_back(self, refund: Refund) -> None:
        """Count what went back for what was due by then; what comes due later is not paid yet."""
        left = refund.amount.fen
        for due in self.dues_of(refund.out_trade_no):
            part = min(left, due.left_fen)
            self._db.execute(
                "UPDATE refund_due SET back_fen = ? WHERE out_trade_no = ? AND transaction_id = ?",
                (due.back_fen + part, due.out_trade_no, due.transaction_id),
            )
            left -= part

    def _put_due(self, due: RefundDue) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO refund_due VALUES(?,?,?,?,?)",
            (due.out_trade_no, due.transaction_id, due.fen, due.reason, due.back_fen),
        )

    def _carry_over(self, entry: Entry) -> None:
        for each in entry.body["payments"]:
            self._put_payment(payment_from_json(each))
            self._put_basket(each["out_trade_no"], each["basket"])
        for each in entry.body["deliveries"]:
            state = DeliveryState(each["state"]).value
            text = canonical(each["body"])
            self._put_delivery((each["key"], each["kind"], state, text, "", entry.seq))
        for each in entry.body.get("refunds", ()):  # a file of version 1 began without
            self._put_refund(refund_from_json(each))
        for each in entry.body["refunds_due"]:
            self._put_due(RefundDue(**each))


def _due(row: tuple[Any, ...]) -> RefundDue:
    return RefundDue(*row)
